"""MEDIA_WORKER=celery with a real worker, Redis and RabbitMQ: jobs, and what
goes wrong with the worker."""
import datetime
import unittest

from support.celery_case import EXTRACT, MERGE, celery_test
from support.program import until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
# Deadlines that a test can wait for.
SHORT = {"media": {
    "attempt_timeout": {"base": "4s", "per_media_second": "0s"},
    "retry": {"max_attempts": 8}}}


class worker_test(celery_test):
    def test_jobs_are_dubbed(self):
        where, worker = self.both()
        jobs = self.add_jobs(where, [1, 2, 3])
        for number in jobs:
            where.call("POST", "/orchestrate", {"job_id": number},
                       head={"traceparent": TRACE})
        self.wait_for_end(where, 3)
        self.assertTrue(self.is_up(where))
        text = where.metrics()
        for task in (EXTRACT, MERGE):
            for outcome in ("sent", "done"):
                self.assertIn(
                    'dubber_celery_tasks_total{outcome="%s",'
                    'task="worker_audio.%s"} 3' % (outcome, task), text)
            self.assertEqual(len(worker.received(task)), 3)
        self.assertIn('dubber_broker_up{role="tasks"} 1', text)
        self.assertIn('dubber_broker_up{role="results"} 1', text)
        self.assertEqual(worker.said().count(TRACE[3:35]), 6)
        self.assert_dubbed(where, jobs)
        self.assert_silent(worker)

    def test_results_by_a_queue(self):
        """Without Redis; a result that comes while nobody is there is kept."""
        where, worker = self.both(
            env={"REDIS_URL": "", "CELERY_REPLY_QUEUE": "dubber.results"},
            REDIS_URL="")
        worker.hold()
        jobs = self.begin(where, [1])
        worker.in_the_middle()
        where.kill()
        worker.go_on()
        until(lambda: "succeeded" in worker.said(), 60, worker.said)
        where.start()
        self.assert_dubbed(where, jobs)
        self.assertEqual(len(worker.received(EXTRACT)), 1)
        self.assertEqual(len(worker.received(MERGE)), 1)

    def test_other_names(self):
        names = {"CELERY_QUEUE": "audio", "CELERY_EXTRACT_TASK": "x.extract",
                 "CELERY_MERGE_TASK": "x.merge"}
        where, worker = self.both(env=names, **names)
        self.assert_dubbed(where, self.begin(where, [1]))
        self.assertIn("Task x.merge[", worker.said())

    def test_a_source_that_is_none_fails_its_job_at_once(self):
        where, worker = self.both()
        (self.store / "bad.mov").write_text("no film")
        self.told.control({"jobs": [{"id": 1, "sourceObjectKey": "bad.mov"}]})
        where.orchestrate(1)
        self.wait_for_end(where, 1)
        error = where.job(1)["error"]
        self.assertEqual(error["code"], "invalid_input")
        self.assertEqual(error["message"],
                         "the source is not a video: ffmpeg cannot read it")
        self.assertEqual(len(worker.received(EXTRACT)), 1)

    def test_a_worker_without_the_task(self):
        where, worker = self.both(env={"CELERY_EXTRACT_TASK": "no.such.task"})
        self.begin(where, [1])
        self.wait_for_end(where, 1)
        self.assertEqual(where.job(1)["error"]["code"], "refused")
        self.assertIn("no.such.task", where.job(1)["error"]["message"])
        self.assertIsNone(worker.process.poll())

    def test_a_worker_over_another_store(self):
        """It says that it is done, and nothing is there."""
        other = self.folder / "other"
        other.mkdir()
        where, worker = self.both({"media": {"retry": {"max_attempts": 2}}},
                                  STORE_URL=f"file:{other}")
        jobs = self.add_jobs(where, [1])
        (other / "1_clip.mov").write_bytes(
            (self.store / "1_clip.mov").read_bytes())
        self.orchestrate_all(where, jobs)
        until(lambda: where.job(1)["state"] in ("parked", "failed"), 60,
              lambda: where.job(1))
        self.assertEqual(where.job(1)["error"]["code"], "bad_answer")
        self.assertIn("same store", where.job(1)["error"]["message"])
        self.assertEqual(len(worker.received(EXTRACT)), 2)

    def test_cancel_ends_the_task(self):
        where, worker = self.both()
        worker.hold()
        self.begin(where, [1])
        worker.in_the_middle()
        self.assertEqual(where.call("POST", "/jobs/1/cancel", {})[0], 202)
        self.assert_silent(worker)  # its ffmpeg too, which would wait for ever
        self.assertIn("revoked", self.outcomes(where, EXTRACT))
        worker.go_on()
        # The worker is as good as before.
        self.assert_dubbed(where, [*self.begin(where, [2])], 60)

    # -- a worker that is broken, or not there -----------------------------

    def test_killed_in_the_middle(self):
        """Its task goes to the next worker, by the broker."""
        where, worker = self.both()
        worker.hold()
        jobs = self.begin(where, [1])
        worker.in_the_middle()
        worker.kill()
        worker.go_on()
        worker.start()
        self.assert_dubbed(where, jobs)
        self.assertEqual(self.outcomes(where, EXTRACT), ["sent", "done"])
        self.assertEqual(len(set(worker.received(EXTRACT))), 1)

    def test_a_lost_task_is_sent_again_at_its_deadline(self):
        """This worker acknowledges before it works."""
        where, worker = self.both(SHORT, early=True)
        worker.hold()
        jobs = self.begin(where, [1])
        worker.in_the_middle()
        worker.kill()
        worker.go_on()
        worker.start()
        self.assert_dubbed(where, jobs)
        self.assertEqual(self.outcomes(where, EXTRACT)[:3],
                         ["sent", "overdue", "sent"])
        first, second = self.sent_at(where, EXTRACT)[:2]
        self.assertGreaterEqual(second - first, 3.9)
        self.assertEqual(len(set(worker.received(EXTRACT))), 2)

    def sent_at(self, where, name):
        return [datetime.datetime.fromisoformat(
                    x["time"].replace("Z", "+00:00")).timestamp()
                for x in where.events("celery.task")
                if x["outcome"] == "sent" and x["name"].endswith(name)]

    def test_frozen_in_the_middle_its_late_result_is_used(self):
        where, worker = self.both(SHORT, concurrency=1)
        worker.hold()
        jobs = self.begin(where, [1])
        worker.in_the_middle()
        worker.freeze()
        until(lambda: self.outcomes(where, EXTRACT).count("sent") == 2, 60,
              lambda: self.outcomes(where, EXTRACT))
        worker.go_on()
        worker.thaw()
        self.assert_dubbed(where, jobs)
        self.assertIn("late", self.outcomes(where, EXTRACT))
        self.assertEqual(self.outcomes(where, EXTRACT).count("done"), 1)

    def test_no_worker_yet(self):
        """Without a queue nothing is sent, and the work is held."""
        where = self.make({"media": {"breaker": {"consecutive": 2}}}).start()
        jobs = self.begin(where, [1])
        until(lambda: self.media(where)["breaker"] != "closed", 60,
              lambda: self.media(where))
        self.assertEqual(where.job(1)["waiting_for"]["kind"], "hold")
        self.make_worker().start()
        self.assert_dubbed(where, jobs)
        self.assertIn("no worker has ever been there",
                      where.events("celery.task")[0]["reason"])


if __name__ == "__main__":
    unittest.main()
