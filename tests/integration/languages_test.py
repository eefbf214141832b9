"""One job, several languages: one ASR and a dub for each, through kills, edits
and a language that nobody can speak."""
import hashlib
import json
import unittest

from support.journal_file import journal_file
from support.program import until
from support.whole import SEGMENTS, the_clip, whole_test

ASR, TRANSLATE, TTS = "POST /transcribe", "POST /translate", "POST /synthesize"


class languages_test(whole_test):
    def add(self, where, number=1, language="hi", **options):
        self.add_jobs(where, [number], targetLanguage=language,
                      optionsJson=json.dumps(options))

    def begin(self, **options):
        where = self.make_program().start()
        self.add(where, **options)
        self.assertEqual(where.orchestrate(1)[0], 202)
        return where

    def counts(self):
        return {path: self.calls(path) for path in (ASR, TRANSLATE, TTS)}

    def files(self, where):
        """{name: SHA-256} of the results."""
        return {x.name: hashlib.sha256(x.read_bytes()).hexdigest()
                for x in where.store.glob("dubbed_*")}

    def stages(self, where):
        return {s["name"]: s for s in where.job(1)["stages"]}

    def wait_for(self, where, state, run=1, limit=60):
        def there():
            job = where.job(1)
            return job.get("state") == state and job["run"] == run and job
        return until(there, limit, lambda: f"{state}: {where.job(1)}")


class two_languages_test(languages_test):
    def test_one_asr_and_a_dub_for_each(self):
        where = self.begin(target_languages=["de", "hi", "DE"],
                           voice={"de": "bruno", "hi": "asha"})
        job = self.wait_for(where, "completed")
        self.assert_completed([1])
        self.assertEqual(self.counts(), {
            ASR: 1, TRANSLATE: 2 * SEGMENTS, TTS: 2 * SEGMENTS})
        self.assertEqual(
            [(x["language"], x["state"], x["output_object_key"])
             for x in job["results"]],
            [("hi", "done", "dubbed_1.mp4"), ("de", "done", "dubbed_1.de.mp4")])
        self.assertEqual(job["output_object_key"], "dubbed_1.mp4")
        self.assertEqual(self.row(1)["activity"],
                         "Dubbing complete in 2 languages")
        self.check_reading(where, job)
        chosen = [e for e in where.history(1)
                  if e["type"] == "languages.chosen"]
        self.assertEqual([e["languages"] for e in chosen], [["hi", "de"]])
        self.assertNotIn("tts:de", where.metrics())
        self.check_journal(where)

    def check_reading(self, where, job):
        """Segments, files and report of each language; none of others."""
        for query, language in (("", "hi"), ("?language=de", "de"),
                                ("?language=HI", "hi")):
            items = where.call("GET", f"/jobs/1/segments{query}")[2]["items"]
            self.assertEqual(len(items), SEGMENTS)
            for segment in items:
                self.assertEqual(segment["translation"],
                                 f"{language}: {segment['text']}")
            report = where.call("GET", f"/jobs/1/report{query}")[2]
            self.assertEqual(report["target_language"], language)
            self.assertEqual({s["stage"] for s in report["stages"]},
                             {"fetch", "extract", "asr", "translate", "tts",
                              "merge"})
        for result in job["results"]:
            link = result["artifacts"]["report"]
            self.assertEqual(where.call("GET", link)[2]["target_language"],
                             result["language"])
        for path in ("segments", "report", "artifacts/srt"):
            status, _, why = where.call("GET", f"/jobs/1/{path}?language=fr")
            self.assertEqual((status, why["detail"]), (
                404, "the job is not dubbed into fr, but hi, de"))
        self.assertEqual(set(self.files(where)), {
            f"dubbed_1{language}{ending}" for language in ("", ".de")
            for ending in (".mp4", ".srt", ".vtt", ".report.json",
                           ".report.html")})

    def check_journal(self, where):
        """What was read is on disk, and read again by the next process."""
        before = where.job(1)
        where.stop()
        there = journal_file(where.data / "journal.db")
        self.assertFalse(there.has_gaps())
        where.start()
        self.assertEqual(where.job(1), before)

    def test_killed_in_the_middle_nothing_finished_is_repeated(self):
        self.told.control({"rules": [{"path": TTS, "times": -1,
                                      "delay": 0.2}]})
        where = self.begin(target_languages=["de", "fr"])
        until(lambda: self.calls(TTS) > SEGMENTS, 60, "half is spoken")
        where.kill()
        before = self.counts()
        there = journal_file(where.data / "journal.db")
        (events,) = there.events.values()
        done = {path: sum(kind == name for _, kind, _ in events)
                for path, name in ((ASR, "chunk.transcribed"),
                                   (TRANSLATE, "segment.translated"),
                                   (TTS, "segment.spoken"))}
        self.assertLess(done[TTS], 3 * SEGMENTS)
        self.told.control({"clear_rules": True})
        where.start()
        self.wait_for(where, "completed")
        self.assert_completed([1])
        after = self.counts()
        for path, all_of_them in ((ASR, 1), (TRANSLATE, 3 * SEGMENTS),
                                  (TTS, 3 * SEGMENTS)):
            self.assertEqual(after[path] - before[path],
                             all_of_them - done[path], path)
        self.assertEqual(sum("stage" in e and e["stage"] == "asr"
                             and e["type"] == "stage.completed"
                             for e in where.history(1)), 1)

    def test_an_edit_of_one_language_touches_that_one(self):
        where = self.begin(target_languages=["de"])
        self.wait_for(where, "completed")
        before, files = self.counts(), self.files(where)
        edit = {"translation": "Ganz anders.", "language": "de"}
        status, _, answer = where.call("PATCH", "/jobs/1/segments/4", edit)
        self.assertEqual((status, answer["repeats"]), (202, {
            "tts:de": 1, "merge:de": 1, "upload:de": 1, "report": 1}))
        self.assertEqual(answer["segment"]["translation"], "Ganz anders.")
        self.wait_for(where, "completed", run=2)
        after = self.counts()
        self.assertEqual((after[ASR], after[TRANSLATE]),
                         (before[ASR], before[TRANSLATE]))
        self.assertEqual(after[TTS] - before[TTS], 1)
        changed = {name for name, sha in self.files(where).items()
                   if files[name] != sha}
        self.assertIn("dubbed_1.de.srt", changed)
        self.assertTrue(all(".de." in name for name in changed), changed)
        status, _, why = where.call("PATCH", "/jobs/1/segments/4",
                                    {**edit, "language": "fr"})
        self.assertEqual((status, why["detail"]), (
            404, "the job is not dubbed into fr, but hi, de"))

        status, _, answer = where.call("PATCH", "/jobs/1/segments/4",
                                       {"text": "Other words."})
        self.assertEqual((status, answer["repeats"]["translate"],
                          answer["repeats"]["translate:de"]), (202, 1, 1))
        self.wait_for(where, "completed", run=3)
        self.assertEqual(self.calls(TRANSLATE) - before[TRANSLATE], 2)

        status, _, answer = where.call("POST", "/jobs/1/redo",
                                       {"stage": "merge:de"})
        self.assertEqual((status, answer["repeats"]), (202, {
            "merge:de": 1, "upload:de": 1, "report": 1}))
        self.wait_for(where, "completed", run=4)


class trouble_test(languages_test):
    def test_a_language_that_nobody_speaks(self):
        self.told.control({"rules": [
            {"path": TRANSLATE, "times": -1, "contains": '"target_lang":"xx"',
             "status": 422, "body": '{"detail": "Unsupported language"}'}]})
        where = self.begin(target_languages=["xx", "de"])
        job = self.wait_for(where, "parked")
        self.assertEqual([(x["language"], x["state"]) for x in job["results"]],
                         [("hi", "done"), ("xx", "stopped"), ("de", "done")])
        self.assertIn("not dubbed into xx: ", job["error"]["message"])
        self.assertEqual(job["error"]["stage"], "translate:xx")
        self.assertIn("dubbed_1.de.mp4", self.files(where))
        until(lambda: "not dubbed into xx" in (self.row(1)["activity"] or ""),
              10, "the gateway is told")
        before = self.counts()
        self.told.control({"clear_rules": True})
        where.kill()
        where.start()
        self.assertEqual(where.call("POST", "/jobs/1/retry", {})[0], 202)
        self.wait_for(where, "completed")
        self.assert_completed([1])
        after = self.counts()
        self.assertEqual((after[ASR] - before[ASR],
                          after[TRANSLATE] - before[TRANSLATE]), (0, SEGMENTS))

    def test_bad_lists_say_what_is_wrong(self):
        where = self.make_program().start()
        cases = [("de", "'target_languages' has the wrong type"),
                 (["de", 7], "'target_languages' has the wrong type"),
                 (["de", "no tag"], 'target_languages holds "no tag"'),
                 ([f"x{n}" for n in range(20)], "more than 20 languages")]
        for number, (listed, why) in enumerate(cases, 1):
            self.add(where, number, target_languages=listed)
            where.orchestrate(number)
            row = self.final_row(number)
            self.assertEqual(row["status"], "FAILED")
            self.assertIn(why, row["activity"])
        self.assertEqual(self.calls(ASR), 0)

    def test_one_language_in_the_list_is_a_job_as_ever(self):
        where = self.begin(target_languages=["hi"])
        job = self.wait_for(where, "completed")
        self.assertEqual(len(job["stages"]), 8)
        self.assertEqual([x["output_object_key"] for x in job["results"]],
                         ["dubbed_1.mp4"])
        self.assertNotIn("languages.chosen",
                         [e["type"] for e in where.history(1)])


if __name__ == "__main__":
    unittest.main()
