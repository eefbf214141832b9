"""Jobs by RabbitMQ: the real program and a real broker that dies and freezes."""
import unittest

from support.broker_case import DEAD, QUEUE, broker_test, created
from support.program import until


class intake_test(broker_test):
    def test_jobs_come_by_message_once(self):
        """Duplicates, also by HTTP at the same time, start nothing twice."""
        where = self.started(self.make())
        jobs = self.add_jobs(where, range(1, 5))
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for number in jobs * 2:
            self.mq.publish(created(number), headers={
                "__TypeId__": "com.example.JobCreated", "traceparent": trace})
        self.orchestrate_all(where, jobs)
        self.wait_for_end(where, len(jobs))
        self.assert_completed(jobs)
        self.assertEqual(self.calls("POST /transcribe"), len(jobs))
        for number in jobs:
            accepted = where.history(number)[0]
            self.assertIn(accepted["by"], ("amqp", "http"))
        self.assertIn("amqp", {where.history(n)[0]["by"] for n in jobs})
        self.drained(where)

    def test_what_is_on_no_record_is_not_acknowledged(self):
        """The gateway has no such job: that is on record, and acknowledged."""
        where = self.started(self.make())
        self.mq.publish(created(77))
        until(lambda: self.messages(where, "rejected") == 1, 20, "a rejection")
        self.assertEqual(where.job(77)["state"], "rejected")
        self.drained(where)

    def test_what_cannot_be_understood_goes_to_the_dead_letters(self):
        where = self.started(self.make())
        self.add_jobs(where, [1])
        odd = {"no json": "not JSON", "[1]": "not a JSON object",
               "{}": "no jobId", '{"jobId": "1"}': "not an integer",
               "[" * 1000: "nested", '{"x": "%s"}' % ("x" * 70000): "longer",
               "": "not JSON"}
        for body in odd:
            self.mq.publish(body)
        self.mq.publish(created(1))  # none of them holds it up
        self.wait_for_end(where, 1)
        until(lambda: self.mq.depth(DEAD) == len(odd), 20, "the dead letters")
        for body, why in odd.items():
            properties, kept = self.mq.take(DEAD)
            self.assertEqual(kept.decode(), body)
            self.assertIn(why, properties.headers["x-dubber-reason"])
        self.assertEqual(self.messages(where, "dead"), len(odd))
        self.drained(where)

    def test_full_is_no_reason_to_lose_a_message(self):
        where = self.started(self.make(env={"MAX_OPEN_JOBS": "1"}))
        where.call("POST", "/services/asr/open", {})
        self.add_jobs(where, [1, 2])
        self.mq.publish(created(1))
        until(lambda: where.states().get("running") == 1, 20, "a running job")
        self.mq.publish(created(2))
        until(lambda: "MAX_OPEN_JOBS" in self.broker(where)["intake"], 20,
              lambda: self.broker(where))
        # It is the broker's again; so may the first one be for a while, if its
        # acknowledgement was still to be sent.
        until(lambda: self.mq.depth() == 1, 20, "one message waits")
        # A stop does not wait for that, and loses nothing.
        self.assertEqual(where.stop()[0], 0)
        where.start(MAX_OPEN_JOBS="2")
        where.call("POST", "/services/asr/auto", {})
        self.wait_for_end(where, 2)
        self.assert_completed([1, 2])
        self.drained(where)

    def test_killed_with_messages_under_way(self):
        """What it has not acknowledged comes again, and starts nothing twice."""
        where = self.started(self.make())
        jobs = self.add_jobs(where, range(1, 31))
        for number in jobs:
            self.mq.publish(created(number))
        until(lambda: sum(where.states().values()) >= 5, 20, "some jobs")
        where.kill()
        where.start()
        self.wait_for_end(where, len(jobs))
        self.assert_completed(jobs)
        self.assertEqual(len(self.keys("POST /transcribe")), len(jobs))
        self.drained(where)


class trouble_test(broker_test):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.restore)

    def restore(self):
        if not self.mq.answers():
            self.mq.start()

    def test_away_at_the_start_then_dying_and_back(self):
        self.mq.stop()
        where = self.make().start()
        until(lambda: "connect" in self.broker(where)["intake"], 20,
              lambda: self.broker(where))
        status, _, ready = where.call("GET", "/readyz")
        self.assertEqual((status, ready["status"]), (200, "ready"))
        self.add_jobs(where, [1, 2, 3])
        self.assertEqual(where.orchestrate(1)[0], 202)  # HTTP needs no broker
        self.mq.start()
        until(lambda: self.is_up(where), 60, lambda: self.broker(where))
        self.mq.publish(created(2))
        until(lambda: self.messages(where, "taken") == 1, 20, "a message")
        self.mq.kill()
        until(lambda: self.broker(where)["intake"] != "ok", 20, "it is noticed")
        self.assertIn('dubber_broker_up{role="intake"} 0', where.metrics())
        self.mq.start()
        until(lambda: self.is_up(where), 60, lambda: self.broker(where))
        self.mq.publish(created(3))
        self.wait_for_end(where, 3)
        self.assert_completed([1, 2, 3])
        self.assertGreaterEqual(len(where.events("broker.down")), 2)
        self.drained(where)

    def test_frozen(self):
        where = self.started(self.make())
        self.add_jobs(where, [1])
        self.mq.publish(created(1))
        self.wait_for_end(where, 1)
        self.mq.freeze()
        self.addCleanup(self.mq.thaw)
        until(lambda: "heartbeat" in self.broker(where)["intake"].lower(), 30,
              lambda: self.broker(where))
        code, took = where.stop(9)  # with a broker that does not answer
        self.assertEqual(code, 0)
        self.assertLess(took, 9)
        self.mq.thaw()
        where.start()
        until(lambda: self.is_up(where), 60, lambda: self.broker(where))

    def test_what_does_not_fit_is_said(self):
        """Another queue of that name, and one that is deleted."""
        channel = self.mq.channel()
        channel.queue_declare(QUEUE, durable=True,
                              arguments={"x-max-length": 5})
        where = self.make().start()
        until(lambda: "PRECONDITION_FAILED" in self.broker(where)["intake"], 20,
              lambda: self.broker(where))
        self.assertIn("x-max-length", self.broker(where)["intake"])
        channel.queue_delete(QUEUE)
        until(lambda: self.is_up(where), 40, lambda: self.broker(where))
        channel.queue_delete(QUEUE)
        until(lambda: where.events("broker.down")
              and any("deleted" in e["reason"]
                      for e in where.events("broker.down")), 20, "it is noticed")
        until(lambda: self.is_up(where), 40, lambda: self.broker(where))
        channel.connection.close()

    def test_a_wrong_password(self):
        where = self.make_program(env={
            "RABBITMQ_URL": f"amqp://guest:wrong@127.0.0.1:{self.mq.port}//"})
        where.start()
        until(lambda: "ACCESS_REFUSED" in self.broker(where)["events"], 20,
              lambda: self.broker(where))
        self.assertNotIn("wrong", where.log.decode())


if __name__ == "__main__":
    unittest.main()
