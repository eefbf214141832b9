"""POST /orchestrate of the real program: once, twice, too early, for nothing."""
import concurrent.futures
import json
import unittest

from support.program import until
from support.whole import whole_test


class intake_test(whole_test):
    def test_duplicates_start_nothing_twice(self):
        """Eight callers at once for each job, and more when it has ended."""
        where = self.make_program().start()
        jobs = self.add_jobs(where, range(1, 9))
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(where.orchestrate, jobs * 8))
        self.assertLessEqual({a[0] for a in answers}, {200, 202})
        # Only one a job was told that it started it.
        started = [a[2]["job"]["id"] for a in answers if a[0] == 202]
        self.assertEqual(sorted(started), jobs)
        self.wait_for_end(where, len(jobs))
        for _, _, body in map(where.orchestrate, jobs):
            self.assertEqual((body["state"], body["run"]), ("completed", 1))
        self.assertEqual(where.states(), {"completed": len(jobs)})
        for path, each in (("POST /transcribe", 1), ("POST /translate", 20),
                           ("POST /synthesize", 20)):
            keys = self.keys(path)
            self.assertEqual(len(keys), each * len(jobs), path)
            self.assertEqual(set(keys.values()), {1}, path)
        # A restart does not make it forget.
        self.assertEqual(where.stop()[0], 0)
        where.start()
        self.assertEqual({where.orchestrate(n)[0] for n in jobs}, {200})
        self.assertEqual(self.calls("POST /transcribe"), len(jobs))

    def test_a_job_that_the_gateway_does_not_know(self):
        where = self.make_program().start()
        status, head, problem = where.orchestrate(7)
        self.assertEqual(status, 404)
        self.assertEqual(head["Content-Type"], "application/problem+json")
        self.assertEqual(problem["code"], "job_not_found")
        self.assertEqual(where.job(7)["state"], "rejected")
        self.assertEqual(self.calls("GET /api/v1/job"), 1)
        self.assertEqual(self.calls("PATCH /api/v1/job"), 0)
        # What it once did not have, it may have now.
        self.add_jobs(where, [7])
        until(lambda: where.orchestrate(7)[0] == 202, 5, "it is asked again")
        self.wait_for_end(where, 2)
        self.assert_completed([7])
        self.assertEqual(where.job(7)["state"], "completed")

    def test_a_slow_gateway(self):
        where = self.make_program().start()
        self.told.control({"rules": [{"path": "GET /api/v1/job",
                                      "delay": 2.5}]})
        self.add_jobs(where, [1])
        status, head, body = where.orchestrate(1)
        self.assertEqual((status, body["job"]),
                         (202, {"id": 1, "status": "QUEUED"}))
        self.assertEqual(head["Location"], "/jobs/1")
        self.wait_for_end(where, 1)
        self.assert_completed([1])
        self.assertEqual(where.orchestrate(1)[2]["job"]["targetLanguage"], "es")

    def test_a_gateway_that_is_away_for_a_while(self):
        where = self.make_program().start()
        self.add_jobs(where, [1])
        self.told.control({"rules": [{"path": "GET /api/v1/job", "times": 3,
                                      "drop": True}]})
        self.assertEqual(where.orchestrate(1)[0], 202)
        self.wait_for_end(where, 1)
        self.assert_completed([1])
        failed = [e["attempt"] for e in where.history(1)
                  if e["type"] == "attempt.failed"]
        self.assertEqual(failed, [1, 2, 3])

    def test_the_gateway_began_anew(self):
        """The same id with another source is another job."""
        where = self.make_program().start()
        self.add_jobs(where, [1])
        where.orchestrate(1)
        self.wait_for_end(where, 1)
        until(lambda: where.history(1)[-1]["type"] == "report.delivered", 20,
              "the gateway was seen to have it")
        self.add_jobs(where, [2])
        self.told.control({"jobs": [{"id": 1, "sourceObjectKey":
                                     "2_clip.mov"}]})
        self.assertEqual(where.orchestrate(1)[0], 202)
        self.wait_for_end(where, 2)
        self.assertEqual(where.job(1)["source_object_key"], "2_clip.mov")
        self.assertEqual(self.calls("POST /transcribe"), 2)

    def test_more_jobs_than_may_be_open(self):
        where = self.make_program(env={"MAX_OPEN_JOBS": "2"}).start()
        self.told.control({"segments": 2})
        where.call("POST", "/services/asr/open", {})
        self.add_jobs(where, [1, 2, 3])
        self.assertEqual([where.orchestrate(n)[0] for n in (1, 2)], [202, 202])

        def refused(number):
            status, head, problem = where.call(
                "POST", "/orchestrate", {"job_id": number},
                head={"Idempotency-Key": f"start-{number}"})
            self.assertEqual((status, problem["code"], problem["retryable"]),
                             (429, "too_many_jobs", True))
            self.assertIn("MAX_OPEN_JOBS", problem["detail"])
            self.assertGreater(int(head["Retry-After"]), 0)
        refused(3)
        # What is open already is not refused, and is not another one.
        self.assertEqual(where.orchestrate(1)[0], 200)
        self.assertEqual(where.call("GET", "/jobs/3")[0], 404)
        self.assertEqual(where.call("GET", "/readyz")[0], 200)
        # Paused jobs are open, and after a death they are again.
        self.assertEqual(where.call("POST", "/jobs/2/pause", {})[0], 202)
        where.kill()
        where.start()
        until(lambda: where.job(1)["waiting_for"], 10, "they are taken up")
        refused(3)
        # One ends: there is room for one, under the same key.
        self.assertEqual(where.call("POST", "/jobs/2/cancel", {})[0], 202)
        until(lambda: where.history(2)[-1]["type"] == "report.delivered", 20,
              "the gateway knows that it has ended")
        status, _, body = where.call("POST", "/orchestrate", {"job_id": 3},
                                     head={"Idempotency-Key": "start-3"})
        self.assertEqual((status, body["job"]["id"]), (202, 3))
        where.call("POST", "/services/asr/auto", {})
        self.assertEqual(self.wait_for_end(where, 3),
                         {"completed": 2, "cancelled": 1})

    def test_options_reach_the_neighbours(self):
        where = self.make_program().start()
        self.add_jobs(where, [1], targetLanguage="hi", optionsJson=json.dumps(
            {"source_language": "fr", "voice": "anna", "colour": "red"}))
        self.told.control({"rules": [
            {"path": "POST /translate", "times": -1, "status": 418,
             "contains": '"source_lang":"en"'},
            {"path": "POST /synthesize", "times": -1, "status": 418,
             "contains": '"lang":"es"'}]})
        where.orchestrate(1)
        self.wait_for_end(where, 1)
        self.assert_completed([1])


if __name__ == "__main__":
    unittest.main()
