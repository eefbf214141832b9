"""What the tests with a real Celery worker share."""
import pathlib
import shutil
import tempfile

from support.celery_worker import celery_worker
from support.program import until
from support.rabbitmq import rabbitmq
from support.redis_server import redis_server
from support.whole import whole_test

EXTRACT, MERGE = "extract_audio", "merge_audio"
PASSWORD = "of-the-results"


class celery_test(whole_test):
    """One broker and one Redis for all tests of a class; program, worker and
    store are each test's own."""

    @classmethod
    def setUpClass(cls):
        cls.mq = rabbitmq()
        cls.addClassCleanup(cls.mq.close)
        cls.redis = redis_server(PASSWORD)
        cls.addClassCleanup(cls.redis.close)
        cls.redis.start()
        cls.mq.start()

    def setUp(self):
        super().setUp()
        self.told.control({"segments": 2})
        channel = self.mq.channel()
        for queue in ("celery", "job.created", "dubber.results"):
            channel.queue_delete(queue)
        channel.connection.close()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dubber-celery-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.store = self.folder / "data/store"
        self.store.mkdir(parents=True)

    def make(self, changes=None, env=None):
        return self.make_program(changes, folder=self.folder, env={
            "MEDIA_WORKER": "celery", "REDIS_URL": self.redis.url,
            "RABBITMQ_URL": self.mq.url + "?heartbeat=1", **(env or {})})

    def make_worker(self, early=False, concurrency=2, **settings):
        made = celery_worker({
            "RABBITMQ_URL": self.mq.url, "REDIS_URL": self.redis.url,
            "STORE_URL": f"file:{self.store}", **settings}, early, concurrency)
        self.addCleanup(made.close)
        return made

    def both(self, changes=None, env=None, **more):
        """A program and a worker, at work."""
        worker = self.make_worker(**more).spawn()
        where = self.make(changes, env).start()
        worker.ready()
        return where, worker

    def begin(self, where, numbers, **more):
        jobs = self.add_jobs(where, numbers, **more)
        self.orchestrate_all(where, jobs)
        return jobs

    def media(self, where):
        """The gate of the media worker."""
        return next(x for x in where.call("GET", "/services")[2]["items"]
                    if x["name"] == "media")

    def health(self, where, role):
        return where.call("GET", "/readyz")[2]["broker"][role]

    def is_up(self, where):
        return (self.health(where, "tasks") == "ok"
                and self.health(where, "results") == "ok")

    def outcomes(self, where, name):
        """What the log says of the tasks of that name, in order."""
        return [x["outcome"] for x in where.events("celery.task")
                if x["name"].endswith(name)]

    def assert_dubbed(self, where, jobs, limit=60):
        self.wait_for_end(where, len(jobs), limit)
        self.assert_completed(jobs)
        self.assertNotIn(PASSWORD, where.log.decode())
        self.assertEqual(where.stop()[0], 0)
        self.assert_results(where)
        self.assert_no_leftovers(where)

    def assert_silent(self, worker):
        """No task runs there any more, and nothing is left of any."""
        until(lambda: not worker.leftovers(), 60, worker.leftovers)
        for pid in worker.begun():
            until(lambda pid=pid: not pathlib.Path(f"/proc/{pid}").exists(), 60,
                  f"ffmpeg {pid} ends")
