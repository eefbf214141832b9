"""The final state reaches the gateway, whatever the gateway and we go through:
its PATCH times out, is late, fails, undoes what came before; the job is gone;
and the program is killed at every point of the report.
"""
import unittest

from support.kills import fail_points, kill_ledger
from support.program import until
from support.whole import whole_test

PATCH, GET = "PATCH /api/v1/job", "GET /api/v1/job"
FINAL = '"COMPLETED"'

# What happens to the PATCHes of a job; each job of a round has another one.
SCENARIOS = {
    "well": [],
    "final times out": [
        {"path": PATCH, "contains": FINAL, "delay": 3, "times": 1}],
    "final answers late": [
        {"path": PATCH, "contains": FINAL, "late": 3, "times": 1}],
    "answer is lost": [
        {"path": PATCH, "contains": FINAL, "half": True, "times": 1}],
    "final fails": [
        {"path": PATCH, "contains": FINAL, "status": 503, "times": 2}],
    "500 for no reason": [
        {"path": PATCH, "contains": FINAL, "status": 500, "times": 2}],
    # It overwrites the whole row when the final state is there already.
    "progress comes late": [
        {"path": PATCH, "contains": '"PROCESSING"', "delay": 4, "times": -1,
         "skip": 1}],
    "gone": [],
}


class crash_report_test(whole_test):
    def setUp(self):
        super().setUp()
        self.told.control({"segments": 2})
        self.where = self.make_program(
            {"gateway": {"attempt_timeout": {"base": "2s"}},
             "media": {"max_concurrent": 4}})
        self.ledger = kill_ledger(self, self.where)
        self.jobs = {}  # number -> scenario
        self.unasked = []

    def give_work(self):
        """One job of each scenario; it goes through it by its rules."""
        for name, rules in SCENARIOS.items():
            number = len(self.jobs) + 1
            self.told.control({"rules": [{**rule, "name": str(number)}
                                         for rule in rules]})
            self.add_jobs(self.where, [number])
            self.jobs[number] = name
            self.unasked.append(number)
        self.ask()

    def ask(self):
        """Until all are accepted and fetched, or the program dies."""
        while self.unasked:
            number = self.unasked[0]
            try:
                status, _, body = self.where.orchestrate(number)
            except OSError:
                return
            self.assertIn(status, (200, 202))
            if "targetLanguage" in body["job"]:
                self.unasked.pop(0)
                if self.jobs[number] == "gone":
                    self.told.control({"gone": [number]})

    def is_settled(self, number):
        return (self.where.history(number)[-1]["type"] == "report.delivered")

    def test_killed_at_each_point_of_the_report(self):
        points = [p for p in fail_points() if p.startswith("report.")]
        self.assertGreaterEqual(len(points), 4)
        for point in points:
            with self.subTest(point=point):
                self.where.start(DUBBER_FAIL_AT=point)
                self.give_work()
                until(lambda: self.where.process.poll() is not None, 60, point)
                self.assertEqual(self.where.gone(5), -9, self.where.tail())
                self.ledger.died()
        self.where.start()
        self.give_work()
        self.assertEqual(self.unasked, [])
        waiting = list(self.jobs)

        def settled():
            while waiting and self.is_settled(waiting[-1]):
                waiting.pop()
            return not waiting
        until(settled, 240, "every debt to the gateway is settled")
        self.assert_final_states()
        self.assertEqual(self.where.stop()[0], 0)
        self.assertEqual(self.ledger.check().open, set())
        self.assert_no_leftovers(self.where)

    def assert_final_states(self):
        for number, scenario in self.jobs.items():
            with self.subTest(number=number, scenario=scenario):
                history = self.where.history(number)
                self.assertEqual(self.where.job(number)["state"], "completed")
                self.assertEqual(history[-1]["outcome"],
                                 "gone" if scenario == "gone" else "seen")
                types = [e["type"] for e in history]
                for once in ("report.owed", "job.completed"):
                    self.assertEqual(types.count(once), 1, types)
                if scenario != "gone":
                    self.assert_completed([number])


if __name__ == "__main__":
    unittest.main()
