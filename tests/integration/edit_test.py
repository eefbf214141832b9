"""One line of a dub is edited: which calls at the neighbour that costs, which
stored sounds stay as they are, also after they have been removed."""
import unittest

from support import film
from support.program import until
from support.whole import whole_test

TRANSLATE, TTS, ASR = "POST /translate", "POST /synthesize", "POST /transcribe"
MANY = 500
SECONDS = 250


class edit_test(whole_test):
    def begin(self, segments, seconds, env=None):
        self.told.control({"segments": segments})
        self.where = self.make_program(env=env)
        self.where.start()
        film.write(self.where.store / "1_film.mov", film.sound(seconds))
        self.told.control({"jobs": [
            {"id": 1, "sourceObjectKey": "1_film.mov"}]})
        self.assertEqual(self.where.orchestrate(1)[0], 202)
        self.wait_for_end(self.where, 1, 240)
        self.assert_completed([1])

    def patch(self, segment, body, query="", head=None):
        status, _, answer = self.where.call(
            "PATCH", f"/jobs/1/segments/{segment}{query}", body, head=head)
        return status, answer

    def counts(self):
        return {path: self.calls(path) for path in (ASR, TRANSLATE, TTS)}

    def cost_since(self, before):
        after = self.counts()
        return {path: after[path] - before[path] for path in after}

    def merges(self):
        return sum(e["type"] == "stage.completed" and e["stage"] == "merge"
                   for e in self.where.history(1))

    def segments(self):
        """{n: segment}"""
        return {s["n"]: s for s in self.where.call(
            "GET", "/jobs/1/segments?limit=1000")[2]["items"]}

    def wait_for_run(self, run, limit=120):
        def there():
            job = self.where.job(1)
            self.assertIn(job["state"], ("running", "completed"), job)
            return job["run"] == run and job["state"] == "completed"
        until(there, limit, f"run {run} is done")
        until(lambda: self.row(1)["status"] == "COMPLETED", 10, "it is told")

    def sounds(self):
        """{key: bytes} of the stored artifacts."""
        return {f"artifacts/{x.name}": x.read_bytes()
                for x in (self.where.store / "artifacts").iterdir()}


class cost_test(edit_test):
    def test_one_of_500_costs_one_call_of_each_and_a_merge(self):
        self.begin(MANY, SECONDS)
        before, spoken, stored = self.counts(), self.segments(), self.sounds()
        self.assertEqual(len(spoken), MANY)
        self.assertEqual(self.merges(), 1)
        edit = {"text": "Something else is said here.", "reason": "misheard"}

        status, foretold = self.patch(317, edit, "?dry_run=true")
        self.assertEqual(status, 200)
        self.assertEqual(foretold["repeats"], {
            "translate": 1, "tts": 1, "merge": 1, "upload": 1, "report": 1})
        self.assertEqual(self.segments(), spoken)
        self.assertEqual(self.where.job(1)["run"], 1)

        status, answer = self.patch(317, edit, head={"Idempotency-Key": "a"})
        self.assertEqual(status, 202)
        self.assertEqual(answer["repeats"], foretold["repeats"])
        self.assertEqual(answer["segment"]["text"], edit["text"])
        again = self.patch(317, edit, head={"Idempotency-Key": "a"})
        self.assertEqual(again, (status, answer))
        self.wait_for_run(2)

        cost = self.cost_since(before)
        self.assertEqual((cost[ASR], cost[TRANSLATE]), (0, 1))
        self.assertIn(cost[TTS], (1, 2))  # once more, faster, if it is too long
        self.assertEqual(self.merges(), 2)
        self.check_others(spoken, stored)
        self.check_said(edit)
        self.assertEqual(self.patch(317, edit)[0], 200)  # it is so already
        self.assertEqual(self.cost_since(before), cost)

        translation = {"translation": "Otra cosa."}
        self.assertEqual(self.patch(317, translation)[0], 202)
        self.wait_for_run(3)
        more = self.cost_since(before)
        self.assertEqual((more[ASR], more[TRANSLATE]), (0, 1))
        self.assertIn(more[TTS] - cost[TTS], (1, 2))
        self.assertEqual(self.segments()[317]["translation"], "Otra cosa.")
        self.check_others(spoken, stored)
        self.where.stop()
        self.assert_no_leftovers(self.where)

    def check_others(self, spoken, stored):
        """The other segments have the same sounds, bit for bit."""
        now, files = self.segments(), self.sounds()
        for n, segment in spoken.items():
            if n == 317:
                continue
            self.assertEqual(now[n], segment)
            key = segment["speech"]["artifact"]
            self.assertEqual(files[key], stored[key])

    def check_said(self, edit):
        (event,) = [e for e in self.where.history(1)
                    if e["type"] == "segment.edited"]
        self.assertEqual((event["segment"], event["text"], event["by"],
                          event["reason"]),
                         (317, edit["text"], "local", "misheard"))
        (line,) = self.where.events("segment.edited")
        self.assertEqual((line["segment"], line["from"], line["reason"]),
                         ("317", "translate", "misheard"))
        self.assertIn("dubber_segments_edited_total 1", self.where.metrics())
        report = self.where.call("GET", "/jobs/1/report")[2]
        self.assertEqual(report["segments"][317]["text"], edit["text"])


class many_edits_test(edit_test):
    def test_ten_lines_at_once_join_one_run(self):
        self.begin(20, 40)
        before = self.counts()
        # Nothing ends before all are in.
        self.told.control({"rules": [
            {"path": TTS, "times": -1, "delay": 1}]})
        for n in range(10):
            status, answer = self.patch(n, {"translation": f"Línea {n}."})
            self.assertEqual((status, answer["run"]), (202, 2))
        self.told.control({"clear_rules": True})
        self.wait_for_run(2)
        cost = self.cost_since(before)
        self.assertEqual(cost[TRANSLATE], 0)
        self.assertEqual(self.merges(), 2)
        self.assertEqual([self.segments()[n]["translation"]
                          for n in range(10)],
                         [f"Línea {n}." for n in range(10)])

    def test_killed_in_the_middle_the_edit_stays(self):
        self.begin(20, 40)
        before = self.counts()
        self.told.control({"rules": [
            {"path": TTS, "times": 1, "delay": 5}]})
        self.assertEqual(self.patch(4, {"translation": "Mejor así."})[0], 202)
        until(lambda: self.calls(TTS) > before[TTS], 10, "it is spoken")
        self.where.kill()
        self.told.control({"clear_rules": True})
        self.where.start()
        self.wait_for_run(2)
        self.assertEqual(self.segments()[4]["translation"], "Mejor así.")
        self.assertEqual(self.calls(TRANSLATE), before[TRANSLATE])
        self.assertEqual(self.merges(), 2)


class pruned_test(edit_test):
    def test_sounds_that_were_removed_are_made_again_as_foretold(self):
        self.begin(20, 40)
        for file in (self.where.store / "artifacts").iterdir():
            file.unlink()
        before = self.counts()
        edit = {"translation": "Mejor así."}
        repeats = {"tts": 20, "merge": 1, "upload": 1, "report": 1}
        self.assertEqual(self.patch(4, edit, "?dry_run=true")[1]["repeats"],
                         repeats)
        status, _, redo = self.where.call(
            "POST", "/jobs/1/redo?dry_run=true", {"stage": "merge"})
        self.assertEqual((status, redo["repeats"]), (200, repeats))
        self.assertEqual(self.counts(), before)
        status, answer = self.patch(4, edit)
        self.assertEqual((status, answer["repeats"]), (202, repeats))
        self.wait_for_run(2)
        cost = self.cost_since(before)
        self.assertEqual((cost[ASR], cost[TRANSLATE]), (0, 0))
        self.assertGreaterEqual(cost[TTS], 20)
        self.assertEqual(self.merges(), 2)
        lost = [e for e in self.where.history(1) if e["type"] == "artifact.lost"]
        self.assertEqual(lost, [])

    def test_all_files_go_after_the_retention_and_are_made_again(self):
        """Speech, and what is not called by its hash: sound and video."""
        self.begin(4, 8, {"ARTIFACT_RETENTION": "5s", "CACHE_MAX_BYTES": "0"})
        kept = self.where.store / "artifacts"
        until(lambda: not list(kept.iterdir()), 60, "no artifact is left")
        before = self.counts()
        status, _, answer = self.where.call(
            "POST", "/jobs/1/redo", {"stage": "asr"})
        self.assertEqual(status, 202, answer)
        self.wait_for_run(2)
        self.assertEqual(self.cost_since(before)[ASR], 1)
        self.assertEqual(self.merges(), 2)

    def test_a_history_that_was_removed_says_so(self):
        self.begin(2, 4, {"ARTIFACT_RETENTION": "20s",
                          "HISTORY_RETENTION": "20s"})
        until(lambda: not self.where.history(1), 120, "the history is removed")
        status, answer = self.patch(0, {"text": "x"})
        self.assertEqual(status, 409)
        self.assertIn("HISTORY_RETENTION", answer["detail"])


if __name__ == "__main__":
    unittest.main()
