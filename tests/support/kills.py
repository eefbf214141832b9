"""Kills the program and proves what was called again afterwards."""
import collections
import pathlib
import re

from support.journal_file import CALL_OF, journal_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
POINT = re.compile(r'DUBBER_FAIL_POINT\(\s*"([^"]+)"\s*\)')


def fail_points():
    """Names of all fail points in the sources; each stands in one place."""
    found = collections.Counter()
    for folder in ("journal", "clients", "metrics", "actors", "http", "app"):
        for source in (ROOT / folder).rglob("*.cpp"):
            found.update(POINT.findall(source.read_text()))
    twice = [name for name, n in found.items() if n > 1]
    if twice or not found:
        raise AssertionError(f"fail points: {len(found)}, not unique: {twice}")
    return sorted(found)


class kill_ledger:
    """Watches one program over many kills.

    A call is open at a kill when the neighbour saw it and its result is not in
    the journal: only the journal knows what the program may remember.
    """

    def __init__(self, test, where):
        self.test = test
        self.where = where
        self.kills = 0
        self.repeated = 0
        self.known = {}     # key -> calls counted at the last kill
        self.finished = {}  # key -> calls counted when it was on disk
        self.open = set()   # keys open at the last kill
        self.failed = 0

    def counts(self):
        told = self.test.told.counts()
        return told, {key: n for path in CALL_OF.values()
                      for key, n in told["keys"].get(path, {}).items()}

    def check(self):
        """What was called since the last kill; the journal is read. The
        program must not be running."""
        told, now = self.counts()
        test = self.test
        for key, n in self.finished.items():
            test.assertEqual(now[key], n, "finished work was called again: "
                             f"{told['subjects'][key]}")
        again = {key: now[key] - n for key, n in self.known.items()
                 if now[key] > n}
        test.assertLessEqual(set(again), self.open)
        there = journal_file(self.where.data / "journal.db")
        test.assertEqual(there.sound, "ok")
        test.assertFalse(there.has_gaps())
        # More than once only where a failed attempt is on record.
        failed = sum(there.failed_attempts().values())
        test.assertLessEqual(sum(again.values()),
                             len(self.open) + failed - self.failed)
        self.failed = failed
        self.repeated += sum(again.values())
        self.remember(told, now, there)
        return there

    def remember(self, told, now, there):
        done = there.finished()
        by_subject = {(path, told["subjects"][key]): key
                      for path in CALL_OF.values()
                      for key in told["keys"].get(path, {})}
        for each in done:
            key = by_subject[each]
            self.finished.setdefault(key, now[key])
        self.known = now
        self.open = set(now) - set(self.finished)

    def kill(self):
        """SIGKILL now, and what it left behind is checked."""
        self.where.kill()
        return self.died()

    def died(self):
        self.kills += 1
        return self.check()
