"""What the tests with a real RabbitMQ share."""
import json

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
