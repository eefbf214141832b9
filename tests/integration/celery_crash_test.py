"""MEDIA_WORKER=celery while everything around the worker dies: Redis, RabbitMQ,
and the orchestrator itself, in the middle of tasks."""
import unittest

from support.celery_case import EXTRACT, MERGE, celery_test
from support.kills import fail_points
from support.program import until

SHORT = {"media": {
    "attempt_timeout": {"base": "5s", "per_media_second": "0s"},
    "retry": {"max_attempts": 8}}}


class crash_test(celery_test):
    """One class: the broker takes a while to start."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.restore)

    def restore(self):
        self.redis.thaw()
        if not self.redis.answers():
            self.redis.kill()
            self.redis.start()
        self.mq.thaw()
        if not self.mq.answers():
            self.mq.start()

    # -- the orchestrator --------------------------------------------------

    def in_the_middle(self):
        where, worker = self.both()
        worker.hold()
        jobs = self.begin(where, [1, 2])
        worker.in_the_middle(2)
        return where, worker, jobs

    def assert_taken_up(self, where, worker, jobs):
        """Each task was sent once."""
        until(lambda: self.outcomes(where, EXTRACT).count("taken_up") == 2, 60,
              lambda: where.events("celery.task"))
        worker.go_on()
        self.assert_dubbed(where, jobs)
        self.assertEqual(len(worker.received(EXTRACT)), 2)
        self.assertEqual(len(worker.received(MERGE)), 2)

    def test_killed_in_the_middle(self):
        where, worker, jobs = self.in_the_middle()
        where.kill()
        where.start()
        self.assert_taken_up(where, worker, jobs)

    def test_stopped_in_the_middle(self):
        """It ends in time, and takes nothing back."""
        where, worker, jobs = self.in_the_middle()
        code, took = where.stop()
        self.assertEqual(code, 0)
        self.assertLess(took, 6)
        where.start()
        self.assert_taken_up(where, worker, jobs)
        self.assertNotIn("revoked", self.outcomes(where, EXTRACT))

    def test_a_failure_that_came_meanwhile_is_the_attempts(self):
        where, worker = self.both()
        worker.freeze()
        (self.store / "bad.mov").write_text("no film")
        self.told.control({"jobs": [{"id": 1, "sourceObjectKey": "bad.mov"}]})
        where.orchestrate(1)
        until(lambda: "sent" in self.outcomes(where, EXTRACT), 60, where.tail)
        where.kill()
        worker.thaw()
        until(lambda: "InvalidInput" in worker.said(), 60, worker.said)
        where.start()
        self.wait_for_end(where, 1)
        self.assertEqual(where.job(1)["error"]["code"], "invalid_input")
        self.assertEqual(len(worker.received(EXTRACT)), 1)

    def test_killed_at_each_point(self):
        points = [x for x in fail_points() if x.startswith("celery.")]
        self.assertEqual(len(points), 2)
        where = self.make()
        worker = self.make_worker().start()
        for number, point in enumerate(points, 1):
            where.spawn(DUBBER_FAIL_AT=point)
            self.assertTrue(where.listens())
            self.begin(where, [number])
            until(lambda: where.process.poll() is not None, 30, point)
            self.assertEqual(where.gone(5), -9)
        where.start()
        self.assert_dubbed(where, [1, 2])
        # What was not surely sent was taken back, and sent anew: no more.
        self.assertLessEqual(len(worker.received(EXTRACT)), 4)

    # -- Redis -------------------------------------------------------------

    def test_redis_frozen_then_dead_in_the_middle(self):
        where, worker = self.both(SHORT)
        worker.hold()
        jobs = self.begin(where, [1])
        worker.in_the_middle()
        self.redis.freeze()
        until(lambda: "no answer" in self.health(where, "results"), 60,
              lambda: self.health(where, "results"))
        self.assertIn('dubber_broker_up{role="results"} 0', where.metrics())
        self.redis.thaw()
        self.redis.kill()
        until(lambda: "refused" in self.health(where, "results").lower(), 60,
              lambda: self.health(where, "results"))
        self.redis.start()
        worker.go_on()
        self.assert_dubbed(where, jobs)

    def test_redis_away_at_the_start(self):
        self.redis.kill()
        where = self.make({"media": {"breaker": {"consecutive": 2}}}).start()
        jobs = self.begin(where, [1])
        until(lambda: self.media(where)["breaker"] != "closed", 60,
              lambda: self.media(where))
        self.assertEqual(where.call("GET", "/readyz")[2]["status"], "ready")
        self.redis.start()
        self.make_worker().start()
        self.assert_dubbed(where, jobs)

    # -- RabbitMQ ----------------------------------------------------------

    def test_broker_dies_in_the_middle(self):
        """What runs goes on, what is to be sent is held."""
        where, worker = self.both({"media": {"breaker": {"consecutive": 2}}})
        worker.hold()
        jobs = self.begin(where, [1])
        worker.in_the_middle()
        self.mq.kill()
        until(lambda: self.health(where, "tasks") != "ok", 60, "it is noticed")
        jobs += self.begin(where, [2])
        until(lambda: self.media(where)["breaker"] != "closed", 60,
              lambda: self.media(where))
        worker.go_on()
        self.mq.start()
        self.assert_dubbed(where, jobs, 90)

    def test_frozen_broker_does_not_keep_us_from_stopping(self):
        where, _ = self.both()
        self.mq.freeze()
        jobs = self.begin(where, [1])
        until(lambda: self.health(where, "tasks") != "ok", 60,
              lambda: self.health(where, "tasks"))
        code, took = where.stop(9)
        self.assertEqual(code, 0)
        self.assertLess(took, 9)
        self.mq.thaw()
        where.start()
        self.assert_dubbed(where, jobs)


if __name__ == "__main__":
    unittest.main()
