"""Bugs in actors that all jobs share, under the real program: it goes on by
itself, or ends so that whoever started it starts it again."""
import unittest

from support.program import until
from support.whole import whole_test

JOBS = range(1, 6)


class supervision_test(whole_test):
    def setUp(self):
        super().setUp()
        self.told.control({"segments": 4})
        self.where = self.make_program()

    def begin(self, point):
        self.where.start(DUBBER_THROW_AT=point)
        return self.add_jobs(self.where, JOBS)

    def deaths(self):
        return [(line["kind"], line["reason"]) for line in
                self.where.events("actor.restarted")]

    def metric(self, name):
        for line in self.where.metrics().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0

    def test_one_bug_costs_no_job(self):
        for point, kind in (("report.before_final_patch:2", "reporter"),
                            ("journal.before_ack:9", "journal_writer"),
                            ("intake.before_record:3", "manager")):
            with self.subTest(kind=kind):
                self.told.control({"reset": True, "segments": 4})
                self.where = self.make_program()
                jobs = self.begin(point)
                for number in jobs:  # who was not answered asks again
                    until(lambda: self.where.orchestrate(number)[0]
                          in (200, 202), 20, f"job {number} is taken in")
                self.assertEqual(self.wait_for_end(self.where, len(jobs)),
                                 {"completed": len(jobs)})
                self.assert_completed(jobs)
                self.assertEqual(
                    self.deaths(),
                    [(kind, "a planted bug at " + point.split(":")[0])])
                self.assertEqual(self.metric(
                    f'dubber_actor_restarts_total{{kind="{kind}"}}'), 1)
                self.assertEqual(self.where.stop()[0], 0)
                self.assert_results(self.where)

    def test_a_bug_that_does_not_go_away_ends_the_process(self):
        jobs = self.begin("journal.before_ack")
        for number in jobs:
            until(lambda: self.begun_or_gone(number), 20, "it was asked")
        self.assertEqual(self.where.gone(20), 1)
        self.assertEqual(len(self.deaths()), 11)
        given_up, = self.where.events("tree.given_up")
        self.assertIn("a planted bug", given_up["reason"])
        self.where.start()  # by whoever supervises it, and without the bug
        for number in jobs:
            self.assertIn(self.where.orchestrate(number)[0], (200, 202))
        self.wait_for_end(self.where, len(jobs))
        self.assert_completed(jobs)

    def begun_or_gone(self, number):
        try:
            self.where.orchestrate(number)
        except OSError:
            pass  # its listener is closed by now
        return True


if __name__ == "__main__":
    unittest.main()
