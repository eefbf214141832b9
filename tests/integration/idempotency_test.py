"""Idempotency-Key and the program's death: whenever it is killed, a request that
is sent again until it is answered is carried out once, and its answer stays."""
import itertools
import unittest

from support.journal_file import journal_file
from support.program import until
from support.whole import whole_test

# Where it may die between a request and its answer: the N-th commit after the
# start is another one in each step.
POINTS = ("journal.before_commit", "journal.after_commit", "journal.before_ack")
COMMITS = 4


class idempotency_test(whole_test):
    def setUp(self):
        super().setUp()
        self.told.control({"segments": 2})
        self.where = self.make_program()
        self.found = set()  # what a death left of its request

    def send(self, path, body, key):
        """(status, replayed, answer), or None when the program died of it."""
        try:
            status, head, answer = self.where.call(
                "POST", path, body, head={"Idempotency-Key": key})
        except OSError:
            return None
        return status, head["Idempotency-Replayed"] == "true", answer

    def run_of(self, number):
        return self.where.job(number)["run"]

    def kept(self):
        """{key: what is kept of its request}, when it does not run."""
        there = journal_file(self.where.data / "journal.db")
        return {name.split("\n")[1]: what
                for name, what in there.notes("request")}

    def note_death(self, key):
        self.assertEqual(self.where.gone(10), -9)
        kept = self.kept().get(key)
        self.found.add("nothing" if kept is None else
                       "answered" if "answer" in kept else "carried out")

    def order(self, what):
        self.assertEqual(
            self.where.call("POST", f"/services/{what}", {})[0], 200)

    def begin(self):
        self.where.start()
        self.add_jobs(self.where, [1])
        self.assertEqual(self.where.orchestrate(1)[0], 202)
        self.wait_for_end(self.where, 1)

    def test_answers_outlive_the_process(self):
        self.begin()
        told = {}
        for path, body in (("/orchestrate", {"job_id": 1}),
                           ("/jobs/1/pause", {}),  # 409: it has ended
                           ("/jobs/9/cancel", {}),  # 404: there is none
                           ("/jobs/1/redo", {"stage": "merge"}),
                           ("/services/tts/close", {"reason": "new GPU"})):
            told[path] = self.send(path, body, path)
            self.assertFalse(told[path][1])
        self.assertEqual([told[path][0] for path in told],
                         [200, 409, 404, 202, 200])
        for again in range(2):
            self.where.kill()
            self.where.start()
            for path, (status, _, answer) in told.items():
                body = {"/orchestrate": {"job_id": 1},
                        "/jobs/1/redo": {"stage": "merge"},
                        "/services/tts/close": {"reason": "new GPU"}}
                self.assertEqual(self.send(path, body.get(path, {}), path),
                                 (status, True, answer), path)
                other = self.send(path, {"job_id": 2, "reason": "other"}, path)
                self.assertEqual(other[0], 422, other)
                self.assertEqual(other[2]["detail"][0]["loc"],
                                 ["header", "Idempotency-Key"])
        self.assertEqual(self.run_of(1), 2)

    def kill_at(self, step, path, body):
        """One request, killed at a step, then sent again until it is answered;
        whether it died at all."""
        self.where.kill()
        self.where.start(DUBBER_FAIL_AT=step)
        key = f"{path}:{step}"
        first = self.send(path, body, key)
        died = first is None
        if died:
            self.note_death(key)
            self.where.start()
            first = self.send(path, body, key)
        self.assertEqual(first[0], 202, first)
        for again in range(2):
            self.where.kill()
            self.where.start()
            self.assertEqual(self.send(path, body, key),
                             (202, True, first[2]))
            other = self.send(path, {**body, "reason": "x"}, key)
            self.assertEqual(other[0], 422, other)
        return died

    def test_killed_at_each_commit_a_redo_happens_once(self):
        self.begin()
        deaths = 0
        run = 1
        for point, n in itertools.product(POINTS, range(1, COMMITS + 1)):
            with self.subTest(point=point, commit=n):
                deaths += self.kill_at(f"{point}:{n}", "/jobs/1/redo",
                                       {"stage": "merge"})
                run += 1
                self.assertEqual(self.run_of(1), run)
                self.wait_for_end(self.where, 1)
        self.assertGreaterEqual(deaths, len(POINTS))
        self.assertEqual(self.found, {"nothing", "carried out", "answered"})
        self.assertEqual(self.where.stop()[0], 0)
        there = journal_file(self.where.data / "journal.db")
        began = [e for e in there.events[1] if e[1] == "run.started"]
        self.assertEqual(len(began), run - 1)

    def test_killed_at_each_commit_a_job_begins_once(self):
        self.where.start()
        # What has begun goes no further than the fetch: its commits would be
        # counted, too.
        self.order("media/open")
        deaths = 0
        numbers = itertools.count(1)
        for point, n in itertools.product(POINTS, range(1, COMMITS + 1)):
            number = next(numbers)
            self.add_jobs(self.where, [number])
            with self.subTest(point=point, commit=n):
                deaths += self.kill_at(f"{point}:{n}", "/orchestrate",
                                       {"job_id": number})
                until(lambda: self.where.job(number)["stages"][0]["state"]
                      == "done", 20, "it is fetched")
        self.assertGreaterEqual(deaths, len(POINTS))
        self.assertEqual(self.found, {"nothing", "carried out", "answered"})
        self.order("media/auto")
        last = next(numbers) - 1
        self.assertEqual(self.wait_for_end(self.where, last),
                         {"completed": last})
        self.assertEqual(self.where.stop()[0], 0)
        there = journal_file(self.where.data / "journal.db")
        self.assertEqual(sorted(there.ids.values()), list(range(1, last + 1)))
        self.assertEqual(len(self.kept()), last)


if __name__ == "__main__":
    unittest.main()
