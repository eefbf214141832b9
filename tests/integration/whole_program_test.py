"""The real program dubs 200 videos of 20 segments, and counts its calls."""
import json
import subprocess
import unittest

from support.kills import kill_ledger
from support.program import until
from support.whole import SEGMENTS, whole_test

JOBS = 200
KILLED_JOBS = 40


def streams_of(path):
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format",
         "-show_streams", path], capture_output=True, check=True, timeout=30)
    return json.loads(told.stdout)


class whole_program_test(whole_test):
    def assert_called_once_each(self, jobs):
        for path, each in (("POST /transcribe", 1),
                           ("POST /translate", SEGMENTS),
                           ("POST /synthesize", SEGMENTS)):
            keys = self.keys(path)
            self.assertEqual(len(keys), each * jobs, path)
            self.assertEqual(set(keys.values()), {1}, path)
            self.assertEqual(self.calls(path), each * jobs, path)
        self.assertEqual(self.calls("GET /audio"), SEGMENTS * jobs)

    def test_200_jobs_of_20_segments(self):
        where = self.make_program({"media": {"max_concurrent": 4}}).start()
        jobs = self.add_jobs(where, range(1, JOBS + 1))
        self.assertEqual(set(self.orchestrate_all(where, jobs)), {202})
        self.assertEqual(self.wait_for_end(where, JOBS, 900),
                         {"completed": JOBS})
        self.assert_called_once_each(JOBS)
        most = self.told.counts()["most_open"]
        for path, limit in (("POST /transcribe", 4), ("POST /translate", 16),
                            ("POST /synthesize", 8), ("GET /audio", 8)):
            self.assertLessEqual(most[path], limit, path)
        self.assert_completed(jobs)
        self.assert_progress_never_falls(jobs)
        self.assertEqual(where.stop()[0], 0)
        self.assert_results(where)
        self.assert_no_leftovers(where)
        for number in jobs[::50]:
            self.assert_plays(where.store / f"dubbed_{number}.mp4")

    def test_kill_in_the_middle(self):
        where = self.make_program({"media": {"max_concurrent": 4}}).start()
        ledger = kill_ledger(self, where)
        jobs = self.add_jobs(where, range(1, KILLED_JOBS + 1))
        self.orchestrate_all(where, jobs)
        until(lambda: self.calls("GET /audio") > KILLED_JOBS * SEGMENTS / 2,
              60, "half of the speech")
        there = ledger.kill()
        self.assertEqual(there.accepted(), set(jobs))
        self.assertEqual(len(there.open), KILLED_JOBS)
        self.assertTrue(ledger.open, "no call was open: nothing was tried")
        where.start()
        self.assertEqual(self.wait_for_end(where, KILLED_JOBS),
                         {"completed": KILLED_JOBS})
        self.assert_completed(jobs)
        self.assertEqual(where.stop()[0], 0)
        ledger.check()
        self.assertGreater(ledger.repeated, 0)
        self.assert_results(where)
        self.assert_no_leftovers(where)

    def assert_plays(self, path):
        found = streams_of(path)
        kinds = sorted(s["codec_type"] for s in found["streams"])
        self.assertEqual(kinds, ["audio", "subtitle", "video"])
        self.assertAlmostEqual(float(found["format"]["duration"]), 2, delta=0.1)

    def assert_progress_never_falls(self, jobs):
        for job in self.told.all_jobs():
            told = [p["progress"] for p in job["patches"] if "progress" in p]
            self.assertEqual(told, sorted(told))
            self.assertEqual(told[-1], 100)
            states = [p["status"] for p in job["patches"] if "status" in p]
            self.assertEqual(states.count("COMPLETED"), 1, states)
            self.assertEqual(states[-1], "COMPLETED")


if __name__ == "__main__":
    unittest.main()
