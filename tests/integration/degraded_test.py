"""Texts that a service fails at for ever, sound that is too long for ASR: the
job goes on without them, or in smaller parts, and says so."""
import json
import unittest

from support import film
from support.program import policy, until
from support.whole import SEGMENTS, whole_test

ASR, TTS = "POST /transcribe", "POST /synthesize"
SECONDS = 40  # two a segment, nine tenths of it spoken
FEW = {"max_attempts": 2}
# Each test wants its own faults only: the breaker stays out of it.
CALM = {"consecutive": 1000, "min_calls": 1000}


class film_test(whole_test):
    services = {}
    more = {}

    def setUp(self):
        super().setUp()
        self.where = self.make_program(self.services)
        file = self.where.folder / "policy.json"
        file.write_text(json.dumps({**policy(self.services), **self.more}))
        self.where.start()

    def add_film(self, samples, **more):
        film.write(self.where.store / "1_film.mov", samples)
        self.told.control({"jobs": [
            {"id": 1, "sourceObjectKey": "1_film.mov", **more}]})
        self.assertEqual(self.where.orchestrate(1)[0], 202)

    def fail_at(self, *segments, status=500):
        self.told.control({"rules": [
            {"path": TTS, "times": -1, "status": status,
             "contains": f'number {n}"'} for n in segments]})

    def no_audio_at(self, *segments):
        """Fails always, and is always charged: with 5xx the service would count
        as down when nothing but these is left to call."""
        self.fail_at(*segments, status=200)

    def report(self):
        return self.where.call("GET", "/jobs/1/report")[2]

    def pages(self, path):
        return self.where.call("GET", f"{path}?limit=1000")[2]["items"]


class kept_test(film_test):
    services = {"tts": {"retry": FEW, "breaker": CALM,
                        "on_exhausted": "keep_original"}}

    def test_one_text_costs_its_segment_and_no_job(self):
        source = film.sound(SECONDS)
        self.no_audio_at(7)
        self.add_film(source)
        self.wait_for_end(self.where, 1)
        self.assert_completed([1])
        sentence = "Dubbing complete, 1 of 20 segments kept the original sound"
        until(lambda: self.row(1)["activity"] == sentence, 5, "the sentence")
        job = self.where.job(1)
        (lost,) = job["degraded"]
        self.assertEqual((lost["segment"], lost["stage"], lost["how"],
                          lost["error"]["code"], job["degraded_count"]),
                         (7, "tts", "keep_original", "bad_answer", 1))
        items = {s["name"]: s["items"] for s in job["stages"]}
        self.assertEqual(items["tts"], {"total": 20, "done": 19, "failed": 1,
                                        "cached": 0})
        listed = self.pages("/jobs/1/segments")
        self.assertEqual([s["n"] for s in listed if s["degraded"]], [7])
        self.assertIsNotNone(listed[7]["translation"])
        self.assertIsNone(listed[7]["speech"])
        # Both attempts were made, with one key.
        self.assertEqual(sorted(self.keys(TTS).values()),
                         [1] * (SEGMENTS - 1) + [2])
        self.check_report(self.report())
        self.check_said()
        self.check_sound(source)

    def check_report(self, report):
        self.assertEqual(report["summary"]["kept_original"], 1)
        self.assertEqual(report["segments"][7]["outcome"], "kept_original")
        self.assertEqual(report["segments"][7]["degraded"]["stage"], "tts")
        self.assertIn(
            "1 segment could not be dubbed and keeps the original sound",
            report["notes"])

    def check_said(self):
        (line,) = self.where.events("segment.degraded")
        self.assertEqual((line["level"], line["segment"], line["how"],
                          line["code"]),
                         ("warn", "7", "keep_original", "bad_answer"))
        (event,) = [e for e in self.where.history(1)
                    if e["type"] == "segment.degraded"]
        self.assertEqual((event["segment"], event["how"]),
                         (7, "keep_original"))
        self.assertIn('dubber_segments_degraded_total{how="keep_original",'
                      'stage="tts"} 1', self.where.metrics())

    def check_sound(self, source):
        dub = film.listen(self.where.store / "dubbed_1.mp4")
        kept = (14.05, 15.75)
        self.assertGreater(film.likeness(film.between(dub, *kept),
                                         film.between(source, *kept)), 0.95)
        # The neighbour's words are short: then nothing, up to the next ones.
        others = film.between(dub, 4.4, 5.8)
        self.assertLess(max(map(abs, others)), 8)

    def test_beyond_the_ratio_it_parks_and_a_retry_mends_it(self):
        self.no_audio_at(7, 12, 13)
        self.add_film(film.sound(SECONDS))
        until(lambda: self.where.job(1)["state"] == "parked", 60, "parked")
        job = self.where.job(1)
        self.assertTrue(job["error"]["message"].startswith(
            "3 of 20 segments could not be dubbed, more than the 10 % that "
            "max_degraded_ratio allows"), job["error"])
        until(lambda: self.row(1)["activity"].startswith(
            "Needs attention: 3 of 20"), 5, "the gateway is told")
        self.told.control({"clear_rules": True})
        self.assertEqual(self.where.call("POST", "/jobs/1/retry", {})[0], 202)
        self.wait_for_end(self.where, 1)
        self.assert_completed([1])
        self.assertEqual(self.where.job(1)["degraded"], [])
        until(lambda: self.row(1)["activity"] == "Dubbing complete", 5, "told")
        progress = [p["progress"] for p in self.told.all_jobs()[0]["patches"]
                    if "progress" in p]
        self.assertEqual(progress, sorted(progress))


class silent_test(film_test):
    services = {"tts": {"breaker": CALM, "on_exhausted": "silence"}}
    more = {"max_degraded_ratio": 0.05}

    def test_a_refused_text_is_silent_even_over_the_kept_original(self):
        source = film.sound(SECONDS)
        self.fail_at(7, status=422)
        self.add_film(source, optionsJson='{"keep_original": true}')
        self.wait_for_end(self.where, 1)
        self.assert_completed([1])
        dub = film.listen(self.where.store / "dubbed_1.mp4")
        self.assertLess(max(map(abs, film.between(dub, 14.05, 15.75))), 8)
        bed = (4.6, 5.8)
        self.assertGreater(film.likeness(film.between(dub, *bed),
                                         film.between(source, *bed)), 0.95)


class halved_test(film_test):
    services = {"asr": {"retry": FEW, "breaker": CALM}}

    def test_an_asr_that_fails_above_some_length_hears_the_whole_film(self):
        pauses = [(at, at + 0.6) for at in range(9, 100, 10)]
        self.told.control({"segments": 5, "rules": [
            {"path": ASR, "times": -1, "longer": 40, "status": 500}]})
        self.add_film(film.sound(100, pauses))
        self.wait_for_end(self.where, 1, 90)
        self.assert_completed([1])
        halved = [e for e in self.where.history(1)
                  if e["type"] == "chunk.halved"]
        self.assertEqual(len(halved), 3)  # 100 s: 50 and 50: four of 25
        for each in halved:
            self.assertTrue(any(begin < each["at_seconds"] < end
                                for begin, end in pauses), each)
        job = self.where.job(1)
        items = {s["name"]: s["items"] for s in job["stages"]}
        self.assertEqual(items["asr"], {"total": 4, "done": 4, "failed": 0,
                                        "cached": 0})
        # Another length is another piece of work: seven keys.
        self.assertEqual(sorted(self.keys(ASR).values()),
                         [1, 1, 1, 1, 2, 2, 2])
        segments = self.pages("/jobs/1/segments")
        self.assertEqual(len(segments), 20)
        starts = [s["start"] for s in segments]
        self.assertEqual(starts, sorted(starts))
        self.assertGreater(starts[-1], 90)
        self.assertIn("dubber_chunks_halved_total 3", self.where.metrics())
        self.assertEqual(len(self.where.events("chunk.halved")), 3)


if __name__ == "__main__":
    unittest.main()
