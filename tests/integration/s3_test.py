"""The store is a bucket: the contract of all stores against a real S3 server,
and the real program with it, while it is killed and frozen."""
import hashlib
import http.client
import os
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from support.celery_worker import celery_worker
from support.journal_file import journal_file
from support.program import until
from support.rabbitmq import rabbitmq
from support.redis_server import redis_server
from support.s3_server import s3_server
from support.whole import the_clip, whole_test

TESTS = os.path.join(os.environ.get("DUBBER_BUILD_DIR", "build/dev"),
                     "tests/contract_tests")
BUCKET = "videos"


class s3_test(whole_test):
    """One server for all of them."""

    @classmethod
    def setUpClass(cls):
        cls.s3 = s3_server()
        cls.addClassCleanup(cls.s3.close)
        cls.s3.start()
        cls.s3.make_bucket(BUCKET)

    def setUp(self):
        super().setUp()
        self.told.control({"segments": 4})
        for item in self.bucket():
            self.s3.client().delete_object(Bucket=BUCKET, Key=item)

    def bucket(self):
        """{key: size} of all objects."""
        listed = self.s3.client().list_objects_v2(Bucket=BUCKET)
        return {x["Key"]: x["Size"] for x in listed.get("Contents", [])}

    def read(self, key):
        return self.s3.client().get_object(Bucket=BUCKET,
                                           Key=key)["Body"].read()

    def make(self, changes=None, **env):
        return self.make_program(changes, env={
            "STORE_URL": "s3", "MINIO_ENDPOINT": self.s3.endpoint,
            "MINIO_ACCESS_KEY": self.s3.access_key,
            "MINIO_SECRET_KEY": self.s3.secret_key, **env})

    def add(self, numbers, name="{}_ein film é+1.mov"):
        """Jobs at the gateway, their sources in the bucket."""
        with tempfile.NamedTemporaryFile(suffix=".mov") as file:
            for number in numbers:
                the_clip().write(file.name, number)
                self.s3.client().upload_file(file.name, BUCKET,
                                             name.format(number))
        self.told.control({"jobs": [
            {"id": n, "sourceObjectKey": name.format(n)} for n in numbers]})
        return list(numbers)

    def assert_dubbed(self, where, numbers):
        self.assert_completed(numbers)
        self.assertNotIn(self.s3.secret_key, where.log.decode())
        self.assertEqual(where.stop()[0], 0)
        there = journal_file(where.data / "journal.db")
        for job_no, number in there.ids.items():
            data = self.read(f"dubbed_{number}.mp4")
            (_, result), = there.results(job_no, "merged")
            self.assertEqual(hashlib.sha256(data).hexdigest(),
                             result["video"]["sha256"])
        self.assertEqual(sorted(there.ids.values()), sorted(numbers))
        self.assert_no_leftovers(where)


class contract_test(s3_test):
    def run_tests(self, *filters):
        done = subprocess.run(
            [TESTS, *filters], capture_output=True, text=True, check=False,
            timeout=3600 if "DUBBER_TEST_S3_BIG_MB" in os.environ else 300,
            env={
                **os.environ, "DUBBER_TEST_S3_ENDPOINT": self.s3.endpoint,
                "DUBBER_TEST_S3_BUCKET": BUCKET,
                "DUBBER_TEST_S3_ACCESS_KEY": self.s3.access_key,
                "DUBBER_TEST_S3_SECRET_KEY": self.s3.secret_key})
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("No test", done.stdout)
        self.assertEqual(self.bucket(), {})

    def test_what_every_store_promises(self):
        self.run_tests("object store*")

    def test_what_only_an_s3_store_meets_with(self):
        self.run_tests("[.s3]")


class program_test(s3_test):
    def test_a_job_is_dubbed_into_the_bucket(self):
        where = self.make().start()
        jobs = self.add([1, 2])
        self.orchestrate_all(where, jobs)
        self.wait_for_end(where, 2)
        # Results are handed out by the store itself.
        status, head, _ = self.redirect(where, "/jobs/1/artifacts/video")
        self.assertEqual((status, head["Cache-Control"]), (307, "no-store"))
        with urllib.request.urlopen(head["Location"]) as answer:
            self.assertEqual(answer.read(), self.read("dubbed_1.mp4"))
            self.assertEqual(answer.headers["Content-Type"], "video/mp4")
            self.assertIn("job_1_video.mp4",
                          answer.headers["Content-Disposition"])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(head["Location"] + "0")
        self.assertEqual(refused.exception.code, 403)
        self.assert_dubbed(where, jobs)

    def redirect(self, where, path):
        connection = http.client.HTTPConnection("127.0.0.1", where.port,
                                                timeout=15)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def test_a_celery_worker_shares_the_bucket(self):
        broker, results = rabbitmq(), redis_server()
        for each in (broker, results):
            self.addCleanup(each.close)
            each.start()
        env = {"RABBITMQ_URL": broker.url, "REDIS_URL": results.url}
        where = self.make(MEDIA_WORKER="celery", **env)
        worker = celery_worker({
            **env, **{name: value for name, value in where.env.items()
                      if name.startswith(("MINIO_", "STORE_URL"))}})
        self.addCleanup(worker.close)
        worker.start()
        where.start()
        jobs = self.add([1])
        self.orchestrate_all(where, jobs)
        self.wait_for_end(where, 1)
        self.assertEqual(len(worker.received("extract_audio")), 1)
        self.assertEqual(len(worker.received("merge_audio")), 1)
        self.assert_dubbed(where, jobs)

    def test_killed_and_started_again_nothing_is_lost(self):
        """The server dies in the middle of jobs, then the program does."""
        where = self.make({"store": {"retry": {"cap": "1s"}}}).start()
        self.told.control({"segments": 4, "rules": [
            {"path": "POST /translate", "times": -1, "delay": 0.2}]})
        jobs = self.add(range(1, 4))
        self.orchestrate_all(where, jobs)
        until(lambda: self.calls("GET /audio") >= 2, 30, "some speech")
        self.s3.kill()
        until(lambda: [n for n in jobs
                       if (where.job(n)["waiting_for"] or {}).get("kind")
                       == "disk"], 30, lambda: where.job(1))
        where.kill()
        self.s3.start()
        where.start()
        self.wait_for_end(where, 3, 120)
        self.assert_dubbed(where, jobs)
        for path in ("POST /transcribe", "POST /translate"):
            self.assertLessEqual(max(self.keys(path).values()), 2, path)

    def test_frozen_for_a_while(self):
        where = self.make().start()
        jobs = self.add([1])
        self.s3.freeze()
        self.addCleanup(self.s3.thaw)
        where.orchestrate(1)
        until(lambda: (where.job(1)["waiting_for"] or {}).get("kind") == "disk",
              120, lambda: where.job(1))
        self.s3.thaw()
        self.wait_for_end(where, 1, 120)
        self.assert_dubbed(where, jobs)

    def test_a_wrong_secret_is_said_and_mended(self):
        where = self.make(MINIO_SECRET_KEY="wrong-secret").start()
        jobs = self.add([1])
        where.orchestrate(1)
        until(lambda: (where.job(1)["waiting_for"] or {}).get("kind") == "disk",
              30, lambda: where.job(1))
        self.assertNotIn("wrong-secret", where.log.decode())
        self.assertEqual(where.stop()[0], 0)
        where.start(MINIO_SECRET_KEY=self.s3.secret_key)
        self.wait_for_end(where, 1)
        self.assert_dubbed(where, jobs)


if __name__ == "__main__":
    unittest.main()
