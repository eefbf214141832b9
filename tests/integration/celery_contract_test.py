"""What every media worker promises, asked of a real Celery worker, with its
results in Redis and by a queue; and that the reference worker knows the
languages that the orchestrator knows."""
import os
import re
import subprocess
import unittest

from support.celery_case import celery_test
from support.celery_worker import FOLDER, ROOT

TESTS = os.path.join(os.environ.get("DUBBER_BUILD_DIR", "build/dev"),
                     "tests/contract_tests")


class contract_test(celery_test):
    def run_tests(self, worker, *cases, **more):
        """@param cases Names of some; none: all of them."""
        done = subprocess.run(
            [TESTS, ",".join(f"celery media worker: {x}" for x in cases)
             or "[.celery]"], capture_output=True, text=True, check=False,
            timeout=300, env={
                **os.environ, "DUBBER_TEST_CELERY_BROKER": self.mq.url,
                "DUBBER_TEST_CELERY_STORE": str(self.store),
                "DUBBER_TEST_CELERY_SCRATCH": str(worker.scratch), **more})
        self.assertEqual(done.returncode, 0,
                         done.stdout + done.stderr + worker.said()[-3000:])
        self.assertIn(f"{len(cases) or 9} test cases", done.stdout)
        self.assert_silent(worker)

    def test_with_results_in_redis(self):
        self.run_tests(self.make_worker().start(),
                       DUBBER_TEST_CELERY_REDIS=self.redis.url)

    def test_with_results_by_a_queue(self):
        """Only how results come is another way."""
        self.run_tests(self.make_worker(REDIS_URL="").start(),
                       "extracts a film's sound",
                       "refuses what is no film with sound",
                       "a cancelled task ends without an answer",
                       "a task ends at its deadline",
                       DUBBER_TEST_CELERY_REPLY_QUEUE="dubber.results")


class languages_test(unittest.TestCase):
    def test_the_worker_knows_the_same(self):
        table = (ROOT / "core/language.cpp").read_text()
        known = re.findall(r'\{"(\w+)", "(\w+)", "([^"]+)"\}', table)
        self.assertGreater(len(known), 100)
        self.assertEqual(
            (FOLDER / "languages.txt").read_text().splitlines(),
            [" ".join(each) for each in known])


if __name__ == "__main__":
    unittest.main()
