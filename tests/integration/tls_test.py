"""Broker and bucket by TLS, with an authority of one's own: trusted by
SSL_CERT_FILE, and not spoken to when it is another's."""
import pathlib
import tempfile
import unittest
import warnings

from support.broker_case import created
from support.certificates import certificates
from support.program import until
from support.rabbitmq import rabbitmq
from support.s3_server import s3_server
from support.whole import the_clip, whole_test

BUCKET = "videos"


class tls_test(whole_test):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore", ResourceWarning)  # boto3's sockets
        folder = tempfile.TemporaryDirectory(prefix="tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.trust = certificates(folder.name)
        cls.mq = rabbitmq(tls=cls.trust)
        cls.addClassCleanup(cls.mq.close)
        cls.mq.start()
        cls.s3 = s3_server(tls=cls.trust)
        cls.addClassCleanup(cls.s3.close)
        cls.s3.start()
        cls.s3.make_bucket(BUCKET)

    def make(self, authority):
        return self.make_program(env={
            "RABBITMQ_URL":
                f"amqps://guest:guest@localhost:{self.mq.tls_port}//",
            "STORE_URL": "s3", "MINIO_ENDPOINT": self.s3.endpoint,
            "MINIO_ACCESS_KEY": self.s3.access_key,
            "MINIO_SECRET_KEY": self.s3.secret_key,
            "SSL_CERT_FILE": str(authority)})

    def add(self, number):
        self.told.control({"segments": 2})
        key = f"{number}_film.mov"
        with tempfile.NamedTemporaryFile(suffix=".mov") as file:
            the_clip().write(file.name, number)
            self.s3.client().upload_file(file.name, BUCKET, key)
        self.told.control({"jobs": [{"id": number, "sourceObjectKey": key}]})

    def broker(self, where):
        return where.call("GET", "/readyz")[2]["broker"]

    def test_a_job_by_message_to_a_bucket(self):
        where = self.make(self.trust.authority).start()
        self.add(1)
        until(lambda: set(self.broker(where).values()) == {"ok"}, 30,
              lambda: self.broker(where))
        self.mq.publish(created(1))
        self.wait_for_end(where, 1)
        self.assert_completed([1])
        self.assertGreater(self.s3.client().head_object(
            Bucket=BUCKET, Key="dubbed_1.mp4")["ContentLength"], 0)

    def test_a_stranger_is_not_trusted(self):
        where = self.make(self.trust.stranger).start()
        self.add(2)
        until(lambda: all("cert verification failed" in said
                          for said in self.broker(where).values()), 30,
              lambda: self.broker(where))
        self.assertEqual(where.orchestrate(2)[0], 202)
        # Held, as by a disk that is away: no attempt is used up.
        until(lambda: (where.job(2)["waiting_for"] or {}).get("kind") == "disk",
              30, lambda: where.job(2))
        self.assertNotIn("attempt.failed",
                         {event["type"] for event in where.history(2)})
        held, = [line for line in where.log.decode().splitlines()
                 if '"event":"work.held"' in line]
        self.assertIn("certificate", held)
        self.assertEqual(where.stop()[0], 0)


if __name__ == "__main__":
    unittest.main()
