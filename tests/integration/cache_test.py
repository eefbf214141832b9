"""Results that other jobs may use, through the whole program."""
import unittest

from support.program import until
from support.whole import SEGMENTS, the_clip, whole_test

ASR, TRANSLATE, TTS = "POST /transcribe", "POST /translate", "POST /synthesize"


class cache_test(whole_test):
    def add_video(self, where, *jobs):
        """Jobs about one video under several names: (id, language), ..."""
        for number, _ in jobs:
            the_clip().write(where.store / f"{number}_clip.mov", 1)
        self.told.control({"jobs": [
            {"id": number, "sourceObjectKey": f"{number}_clip.mov",
             "targetLanguage": language} for number, language in jobs]})

    def cached(self, where, number):
        return {s["name"]: s["items"]["cached"]
                for s in where.job(number)["stages"] if s["items"]["cached"]}

    def test_a_second_language_costs_its_own_work_only(self):
        where = self.make_program().start()
        self.add_video(where, (1, "hi"), (2, "fr"), (3, "hi"))
        where.orchestrate(1)
        self.wait_for_end(where, 1)
        self.assertEqual(self.cached(where, 1), {})
        where.orchestrate(2)
        self.wait_for_end(where, 2)
        self.assertEqual(self.calls(ASR), 1)
        self.assertEqual(self.cached(where, 2), {"extract": 1, "asr": 1})
        self.assertEqual(self.calls(TRANSLATE), 2 * SEGMENTS)
        # Also after a crash, and for what was done in another life.
        where.kill()
        where.start()
        where.orchestrate(3)
        self.wait_for_end(where, 3)
        self.assert_completed([1, 2, 3])
        self.assertEqual(self.calls(ASR), 1)
        self.assertEqual(self.calls(TRANSLATE), 2 * SEGMENTS)
        self.assertEqual(self.calls(TTS), 2 * SEGMENTS)
        self.assertEqual(self.cached(where, 3),
                         {"extract": 1, "asr": 1, "translate": SEGMENTS,
                          "tts": SEGMENTS})
        self.assertIn('dubber_cache_asks_total{outcome="hit"}',
                      where.metrics())
        self.assertEqual(where.stop()[0], 0)
        self.assert_results(where)

    def test_at_the_same_time_one_call_serves_all(self):
        where = self.make_program().start()
        self.told.control({"rules": [{"path": ASR, "delay": 2}]})
        numbers = range(1, 9)
        self.add_video(where, *((n, "hi") for n in numbers))
        self.orchestrate_all(where, numbers)
        until(lambda: any((where.job(n)["waiting_for"] or {}).get("kind")
                          == "result" for n in numbers), 20,
              "some wait for another's result")
        self.wait_for_end(where, 8)
        self.assert_completed(numbers)
        for path, usual in ((ASR, 1), (TRANSLATE, SEGMENTS), (TTS, SEGMENTS)):
            self.assertEqual(self.calls(path), usual, path)

    def test_turned_off_and_bounded(self):
        where = self.make_program(env={"CACHE_MAX_BYTES": "0"}).start()
        self.add_video(where, (1, "hi"), (2, "hi"))
        for number in (1, 2):
            where.orchestrate(number)
            self.wait_for_end(where, number)
        self.assertEqual(self.calls(ASR), 2)
        self.assertEqual(self.cached(where, 2), {})


if __name__ == "__main__":
    unittest.main()
