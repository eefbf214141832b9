"""What the tests of the whole program share: a neighbour, a clip, jobs."""
import concurrent.futures
import functools
import hashlib
import shutil
import tempfile
import unittest

from support import clip, neighbour
from support.journal_file import journal_file
from support.program import policy, program, unavailable, until

SEGMENTS = 20
FINAL = ("completed", "failed", "cancelled", "rejected")


@functools.cache
def the_clip():
    return clip.clip()


class whole_test(unittest.TestCase):
    """Each test has its own neighbour and its own program over its folder."""

    def setUp(self):
        self.neighbour = neighbour.server().start()
        self.addCleanup(self.neighbour.close)
        self.told = self.neighbour.script

    def make_program(self, changes=None, env=None, folder=None):
        """@param changes To the policy, {service: {...}}."""
        if folder is None:
            folder = tempfile.mkdtemp(prefix="dubber-whole-")
            self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        made = program(folder, self.neighbour.url, policy(changes), env)
        self.addCleanup(made.close)
        return made

    def add_jobs(self, where, numbers, **more):
        """Jobs at the gateway, and their sources in the program's store."""
        numbers = list(numbers)
        for number in numbers:
            the_clip().write(where.store / f"{number}_clip.mov", number)
        self.told.control({"jobs": [
            {"id": n, "sourceObjectKey": f"{n}_clip.mov", **more}
            for n in numbers]})
        return numbers

    def orchestrate_all(self, where, numbers):
        """Statuses of POST /orchestrate, eight at a time, in order."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return [answer[0] for answer in
                    pool.map(where.orchestrate, numbers)]

    def wait_for_end(self, where, count, limit=180):
        """Until `count` jobs have ended; {state: how many}."""
        def ended():
            self.assertIsNone(where.process.poll(), where.tail())
            try:
                states = where.states()
            except unavailable:
                return None
            done = sum(n for state, n in states.items() if state in FINAL)
            return states if done >= count else None
        return until(ended, limit,
                     lambda: f"{count} jobs end; {where.states()}")

    def row(self, number):
        """The gateway's job object."""
        return self.told.get_job(number)[1]

    def final_row(self, number):
        """The same, once it is final: it is told after the job has ended."""
        until(lambda: self.row(number)["status"] in ("COMPLETED", "FAILED"),
              60, lambda: f"the final state is told: {self.row(number)}")
        return self.row(number)

    def calls(self, path):
        return self.told.counts()["paths"].get(path, 0)

    def keys(self, path):
        """{Idempotency-Key: how many calls}."""
        return self.told.counts()["keys"].get(path, {})

    def assert_completed(self, numbers):
        """The gateway has the final state, and progress never went back."""
        for number in numbers:
            row = self.final_row(number)
            self.assertEqual(
                (row["status"], row["progress"], row["outputObjectKey"]),
                ("COMPLETED", 100, f"dubbed_{number}.mp4"), row)

    def assert_results(self, where):
        """The dubbed files are what the journal says (call it when stopped)."""
        there = journal_file(where.data / "journal.db")
        self.assertEqual(there.sound, "ok")
        self.assertFalse(there.has_gaps())
        for job_no, number in there.ids.items():
            types = [kind for _, kind, _ in there.events[job_no]]
            if "job.completed" not in types:
                continue
            (_, result), = there.results(job_no, "merged")
            data = (where.store / f"dubbed_{number}.mp4").read_bytes()
            self.assertEqual(hashlib.sha256(data).hexdigest(),
                             result["video"]["sha256"])
        return there

    def assert_no_leftovers(self, where):
        """No scratch, no half-written file, no process of ours."""
        scratch = list((where.data / "scratch").rglob("*"))
        self.assertEqual(scratch, [])
        half = list(where.store.rglob(".dubber-tmp-*"))
        self.assertEqual(half, [])
