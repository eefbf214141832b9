"""Jobs by RabbitMQ and events to it: the real program and a real broker."""
import json
import unittest

import pika

from support.program import until
from support.rabbitmq import rabbitmq
from support.whole import whole_test

DEAD = "job.created.dead"
QUEUE = "job.created"


def created(number):
    """As the gateway publishes it."""
    return json.dumps({"jobId": number, "sourceObjectKey": f"{number}_clip.mov",
                       "targetLanguage": "es", "optionsJson": "{}",
                       "status": "QUEUED"})


class broker_test(whole_test):
    """One broker for all tests of a class; its queues are empty before each."""

    @classmethod
    def setUpClass(cls):
        cls.mq = rabbitmq()
        cls.addClassCleanup(cls.mq.close)
        cls.mq.start()

    def setUp(self):
        super().setUp()
        self.told.control({"segments": 2})
        channel = self.mq.channel()
        for queue in (QUEUE, DEAD):
            channel.queue_delete(queue)
        channel.exchange_delete("dubber.events")
        channel.connection.close()

    def make(self, env=None, **more):
        return self.make_program(env={
            "RABBITMQ_URL": self.mq.url + "?heartbeat=1", **(env or {})}, **more)

    def broker(self, where):
        return where.call("GET", "/readyz")[2]["broker"]

    def is_up(self, where):
        return self.broker(where) == {"intake": "ok", "events": "ok"}

    def started(self, where):
        where.start()
        until(lambda: self.is_up(where), 20, lambda: self.broker(where))
        return where

    def messages(self, where, outcome):
        name = f'dubber_broker_messages_total{{outcome="{outcome}"}} '
        for line in where.metrics().splitlines():
            if line.startswith(name):
                return float(line[len(name):])
        return 0

    def drained(self, where):
        """All messages are acknowledged."""
        until(lambda: self.mq.depth() == 0, 20, "the queue is read")
        where.stop()
        self.assertEqual(self.mq.depth(), 0)


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
        self.assertEqual(self.mq.depth(), 1)  # it is the broker's again
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


class events_test(broker_test):
    def listen(self):
        """A queue that gets all events."""
        channel = self.mq.channel()
        channel.exchange_declare("dubber.events", "topic", durable=True)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, "dubber.events", "#")
        self.addCleanup(lambda: channel.connection.is_open
                        and channel.connection.close())
        self.heard = []

        def hear():
            while True:
                method, properties, body = channel.basic_get(queue, True)
                if method is None:
                    return self.heard
                self.heard.append((method.routing_key, properties,
                                   json.loads(body)))
        return hear

    def last(self, number):
        return ("report.delivered", number)

    def test_each_event_in_order_with_its_id(self):
        hear = self.listen()
        where = self.started(self.make())
        self.add_jobs(where, [1])
        self.mq.publish(created(1))
        until(lambda: self.last(1) in [(k, e["job"]) for k, _, e in hear()], 30,
              lambda: [k for k, _, _ in self.heard])
        history = where.history(1)
        self.assertEqual([e for _, _, e in self.heard], history)
        for key, properties, event in self.heard:
            self.assertEqual(key, event["type"])
            self.assertEqual((properties.message_id, properties.type,
                              properties.content_type, properties.delivery_mode),
                             (str(event["id"]), key, "application/json", 2))
        # Told once: after a stop in order nothing comes again.
        told = len(self.heard)
        self.assertEqual(where.stop()[0], 0)
        self.started(where)
        self.add_jobs(where, [2])
        where.orchestrate(2)
        until(lambda: self.last(2) in [(k, e["job"]) for k, _, e in hear()], 30,
              lambda: [k for k, _, _ in self.heard])
        ids = [e["id"] for _, _, e in self.heard]
        self.assertEqual(ids, sorted(set(ids)))
        self.assertGreater(len(ids), told)

    def test_at_least_once_over_kills_of_both(self):
        """Killed itself, and its broker, nothing is left out."""
        where = self.started(self.make())
        # Survives the broker.
        channel = self.mq.channel()
        channel.queue_declare("all", durable=True)
        channel.queue_bind("all", "dubber.events", "#")
        channel.connection.close()
        jobs = self.add_jobs(where, range(1, 13))
        self.orchestrate_all(where, jobs[:4])
        where.kill()
        self.started(where)
        self.orchestrate_all(where, jobs[4:8])
        self.mq.kill()
        self.orchestrate_all(where, jobs[8:])
        self.wait_for_end(where, len(jobs))
        self.mq.start()
        expected = {}

        def delivered():
            for n in jobs:
                expected[n] = where.history(n)
            return all(h[-1]["type"] == "report.delivered"
                       for h in expected.values())
        until(delivered, 60, "all are told to the gateway")
        want = {e["id"] for h in expected.values() for e in h}
        got = set()

        def all_told():
            while (x := self.mq.take("all")) is not None:
                got.add(int(x[0].message_id))
            return want <= got
        until(all_told, 60, lambda: sorted(want - got)[:10])
        self.assertEqual(got, want)


if __name__ == "__main__":
    unittest.main()
