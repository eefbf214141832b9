"""Events to RabbitMQ: each, in order, at least once."""
import json
import unittest

from support.broker_case import broker_test, created
from support.program import until


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
