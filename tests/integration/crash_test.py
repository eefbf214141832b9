"""The real program, killed (SIGKILL) at every fail point and at random.

The points are found in the sources (core/fail_point.hpp): one that is never
passed makes the test fail. What must hold after each kill is in
support/kills.py; in the end every job is done, once.
"""
import concurrent.futures
import random
import time
import unittest

from support.kills import fail_points, kill_ledger
from support.program import until
from support.whole import whole_test

SEGMENTS = 4
JOBS_A_KILL = 4
RANDOM_KILLS = 12
ONCE_A_START = ("recovery.listed",)
# Now and then a neighbour fails as well.
UNRELIABLE = [
    {"path": "POST /translate", "every": 5, "times": -1, "status": 503},
    {"path": "POST /synthesize", "every": 7, "times": -1, "half": True},
    {"path": "POST /transcribe", "every": 4, "times": -1, "status": 500}]
# Half of the jobs want a language that there is none of: they fail, for good.
IMPOSSIBLE = {"path": "POST /translate", "contains": '"xx"', "times": -1,
              "status": 422, "body": '{"detail": "no such language"}'}


class crash_test(whole_test):
    def setUp(self):
        super().setUp()
        self.told.control({"segments": SEGMENTS,
                           "rules": [IMPOSSIBLE, *UNRELIABLE]})
        self.where = self.make_program({"media": {"max_concurrent": 4}})
        self.ledger = kill_ledger(self, self.where)
        self.acknowledged, self.asked = set(), []
        self.chance = random.Random(20261125)

    def orchestrate(self, number):
        """What a caller knows: the job was accepted, or nothing."""
        try:
            status, _, _ = self.where.orchestrate(number)
        except OSError:
            return
        if status in (200, 202):
            self.acknowledged.add(number)

    def give_work(self):
        """New jobs, and those whose caller got no answer once more."""
        first = len(self.asked) + 1
        for number in range(first, first + JOBS_A_KILL):
            self.asked += self.add_jobs(
                self.where, [number],
                targetLanguage="es" if self.is_possible(number) else "xx")
        again = [n for n in self.asked if n not in self.acknowledged]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.orchestrate, again))

    def is_possible(self, number):
        return number % 2 == 1

    def check_after_death(self):
        there = self.ledger.died()
        self.assertLessEqual(self.acknowledged, there.accepted())

    def run_to(self, point):
        """Runs until it dies at the point."""
        self.where.spawn(DUBBER_FAIL_AT=point)
        if self.where.listens():
            self.give_work()
        until(lambda: self.where.process.poll() is not None, 30,
              f"the fail point {point} is hit")
        self.assertEqual(self.where.gone(5), -9, self.where.tail())
        self.check_after_death()

    def run_for(self, seconds):
        self.where.start()
        ends = time.monotonic() + seconds
        self.give_work()
        until(lambda: time.monotonic() > ends, 10, "a random moment")
        self.where.kill()
        self.check_after_death()

    def finish(self):
        """All jobs end, and all debts to the gateway."""
        self.where.start()
        self.give_work()
        self.assertEqual(self.acknowledged, set(self.asked))
        self.wait_for_end(self.where, len(self.asked), 300)
        waiting = list(self.asked)

        def settled():
            while waiting and (self.where.history(waiting[-1])[-1]["type"]
                               == "report.delivered"):
                waiting.pop()
            return not waiting
        until(settled, 60, "every final state was seen at the gateway")
        self.assertEqual(self.where.stop()[0], 0)
        self.ledger.check()

    def test_every_job_ends_once(self):
        # Those of Celery's tasks: integration/celery_crash_test.py.
        steps = [x for x in fail_points() if not x.startswith("celery.")]
        steps += [f"{name}:{self.chance.randint(2, JOBS_A_KILL)}"
                  for name in steps if name not in ONCE_A_START]
        steps += [self.chance.uniform(0.05, 1.5) for _ in range(RANDOM_KILLS)]
        self.chance.shuffle(steps)
        for step in steps:
            with self.subTest(step=step):
                (self.run_to if isinstance(step, str) else self.run_for)(step)
        self.finish()
        self.assert_completed(filter(self.is_possible, self.asked))
        for number in self.asked:
            if not self.is_possible(number):
                row = self.row(number)
                self.assertEqual((row["status"], row["outputObjectKey"]),
                                 ("FAILED", None), row)
        there = self.assert_results(self.where)
        self.assertEqual(there.accepted(), set(self.asked))
        self.assertEqual(there.open, set())
        self.assert_no_leftovers(self.where)
        self.assertGreater(self.ledger.repeated, 0)
        print(f"{self.ledger.kills} kills, {len(self.asked)} jobs, "
              f"{self.ledger.repeated} calls made again")


if __name__ == "__main__":
    unittest.main()
