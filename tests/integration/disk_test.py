"""Disks that fill up, or cannot be written, under the real program.

Nothing is acknowledged that is not on disk, nobody's attempt is charged, and
work goes on when the disk is back.
"""
import concurrent.futures
import itertools
import os
import shutil
import unittest

from support import disk
from support.kills import kill_ledger
from support.program import until
from support.whole import whole_test

JOBS = 8
MOUNTS = disk.may_mount()


class disk_test(whole_test):
    def setUp(self):
        super().setUp()
        # Slow enough to be in the middle of everything for a while.
        self.told.control({"segments": 4, "rules": [
            {"path": "POST /translate", "times": -1, "delay": 0.1},
            {"path": "GET /audio", "times": -1, "delay": 0.1}]})

    def make_on_disk(self, **more):
        """A program whose folder is a small disk, where that is allowed."""
        if not MOUNTS:
            return None, self.make_program(**more)
        small = disk.small_disk()
        self.addCleanup(small.close)
        return small, self.make_program(folder=small.path, **more)

    def begin(self, where):
        jobs = self.add_jobs(where, range(1, JOBS + 1))
        self.add_jobs(where, [JOBS + 1])
        where.start()
        self.assertEqual(set(self.orchestrate_all(where, jobs)), {202})
        until(lambda: self.calls("GET /audio") >= JOBS, 30, "some speech")
        return jobs

    def assert_refused(self, where, number, why):
        """Not ready, and says why; intake is refused, and says when."""
        unknown = itertools.count(1000)

        def not_ready():
            # The journal goes on as long as there is room in its own file:
            # jobs that the gateway does not know fill it. (202: recorded, but
            # not any more that there is no such job.)
            self.assertIn(where.orchestrate(next(unknown))[0], (202, 404, 503))
            status, _, body = where.call("GET", "/readyz")
            return status == 503 and body["journal"]
        self.assertIn(why, until(not_ready, 30, "/readyz says so"))
        status, head, body = where.orchestrate(number)
        self.assertEqual((status, body["code"]), (503, "journal_away"))
        self.assertIn(why, body["detail"])
        self.assertGreater(int(head["Retry-After"]), 0)
        self.assertEqual(where.call("GET", "/livez")[0], 200)

    def assert_goes_on(self, where, jobs):
        until(lambda: where.call("GET", "/readyz")[0] == 200, 10, "ready")
        self.assertEqual(where.orchestrate(JOBS + 1)[0], 202)
        jobs = jobs + [JOBS + 1]

        def ended():
            return all(where.job(n)["state"] == "completed" for n in jobs)
        until(ended, 60, "all jobs end")
        self.assert_completed(jobs)
        self.assertEqual(where.stop()[0], 0)
        there = self.assert_results(where)
        self.assertEqual(there.failed_attempts(), {}, "attempts were charged")
        self.assert_no_leftovers(where)

    def assert_logged(self, where):
        """What went wrong and that it is over; not at every retry."""
        lines = where.events("journal.failed", "journal.recovered")
        self.assertEqual(lines[0]["event"], "journal.failed")
        self.assertEqual(lines[-1]["event"], "journal.recovered")
        self.assertGreater(int(lines[-1]["away_ms"]), 0)
        reasons = [x["reason"] for x in lines if x["event"] == "journal.failed"]
        for one, next_one in zip(reasons, reasons[1:]):
            self.assertNotEqual(one, next_one)

    def held_by_disk(self, where, jobs):
        return [n for n in jobs
                if (where.job(n)["waiting_for"] or {}).get("kind") == "disk"]

    def test_full_and_free_again(self):
        small, where = self.make_on_disk()
        jobs = self.begin(where)
        small.fill() if small else where.limit_files(0)
        self.assert_refused(where, JOBS + 1,
                            "the disk is full" if small else "the disk")
        until(lambda: self.held_by_disk(where, jobs), 20, "work is held")
        small.free() if small else where.limit_files(None)
        self.assert_goes_on(where, jobs)
        self.assert_logged(where)

    def test_files_that_may_not_grow(self):
        """The same with another error of the disk, in any environment."""
        where = self.make_program()
        jobs = self.begin(where)
        where.limit_files(0)
        self.assert_refused(where, JOBS + 1, "the disk reports an error")
        where.limit_files(None)
        self.assert_goes_on(where, jobs)
        self.assert_logged(where)

    def test_first_caller_of_a_full_disk(self):
        """Nobody knows yet that it is full: the first caller is not kept
        waiting, and is not told that his job is accepted."""
        small, where = self.make_on_disk()
        jobs = self.add_jobs(where, [1, 2])
        where.start()
        small.fill() if small else where.limit_files(0)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for status, head, body in pool.map(where.orchestrate, jobs):
                self.assertEqual((status, body["code"]), (503, "journal_away"))
                self.assertGreater(int(head["Retry-After"]), 0)
        self.assertEqual(self.calls("GET /api/v1/job"), 0, "not on disk yet")
        small.free() if small else where.limit_files(None)
        until(lambda: where.call("GET", "/readyz")[0] == 200, 10, "ready")
        for number in jobs:  # a caller asks again, as Retry-After says
            until(lambda: where.orchestrate(number)[0] in (200, 202), 20,
                  "accepted now")
        self.assertEqual(self.wait_for_end(where, 2), {"completed": 2})

    def test_killed_while_full(self):
        """What was acknowledged is there after a kill and a full disk."""
        small, where = self.make_on_disk()
        ledger = kill_ledger(self, where)
        jobs = self.begin(where)
        small.fill() if small else where.limit_files(0)
        self.assert_refused(where, JOBS + 1, "the disk")
        there = ledger.kill()
        self.assertLessEqual(set(jobs), there.accepted())
        self.assertNotIn(JOBS + 1, there.accepted())
        if small:
            small.free()
        where.start()
        self.assert_goes_on(where, jobs)
        ledger.check()

    def test_started_on_a_full_disk(self):
        if not MOUNTS:
            return self.started_where_nothing_can_be_opened()
        small, where = self.make_on_disk()
        small.fill()
        where.spawn()
        self.assertEqual(where.gone(10), 1)
        self.assertRegex(where.events("start.failed")[-1]["reason"],
                         "the disk is full|No space left")
        small.free()
        self.assert_goes_on(where, self.begin(where))

    def test_read_only_store(self):
        """The artifacts' disk turns read-only while the journal's is well."""
        if MOUNTS:
            store = disk.small_disk()
            self.addCleanup(store.close)
        where = self.make_program(
            env={"STORE_URL": f"file:{store.path}"} if MOUNTS else None)
        if MOUNTS:
            where.store = store.path
        jobs = self.begin(where)
        if MOUNTS:
            until(lambda: store.may_remount("ro"), 20,
                  "a moment without open files")
        else:
            where.limit_files(0)
        until(lambda: len(self.held_by_disk(where, jobs)) >= 2, 20, "held")
        if MOUNTS:
            self.assertEqual(where.call("GET", "/readyz")[0], 200)
            store.remount("rw")
        else:
            where.limit_files(None)
        self.assert_goes_on(where, jobs)

    def test_started_on_a_read_only_disk(self):
        if not MOUNTS and os.geteuid() == 0:
            return self.started_where_nothing_can_be_opened()
        small, where = self.make_on_disk()
        jobs = self.begin(where)
        where.kill()
        self.set_writable(small, where, False)
        where.spawn()
        self.assertEqual(where.gone(10), 1)
        reason = where.events("start.failed")[-1]["reason"]
        self.assertRegex(reason, "read-only|permission", reason)
        self.set_writable(small, where, True)
        where.start()
        self.assert_goes_on(where, jobs)

    def set_writable(self, small, where, writable):
        if small:  # tools of a killed process may have files open a moment
            until(lambda: small.may_remount("rw" if writable else "ro"), 20,
                  "nothing is being written")
            return
        for path in (where.data, *where.data.glob("journal.db*")):
            path.chmod(0o755 if writable else 0o555)

    def started_where_nothing_can_be_opened(self):
        """Root without the right to mount: permissions stop nobody."""
        where = self.make_program()
        (where.data / "journal.db").mkdir()
        where.spawn()
        self.assertEqual(where.gone(10), 1)
        self.assertIn("cannot be opened",
                      where.events("start.failed")[-1]["reason"])
        shutil.rmtree(where.data / "journal.db")
        self.assert_goes_on(where, self.begin(where))


if __name__ == "__main__":
    unittest.main()
