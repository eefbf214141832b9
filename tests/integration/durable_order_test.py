"""What reaches the disk before what, seen from outside (strace): an artifact is
safe before the event that names it, and that event before anything that rests
on it.

tests/contract/brittle_disk_test.cpp has the other half: a disk that loses what
nobody synced.
"""
import os
import unittest

from support.strace import WRITES, trace
from support.whole import whole_test

SEGMENTS = 3


class durable_order_test(whole_test):
    def setUp(self):
        super().setUp()
        self.told.control({"segments": SEGMENTS})

    def run_traced(self):
        """One job from its request to its end; all calls of the program."""
        where = self.where = self.make_program()
        traced = trace(where.folder)
        where.command = traced.command()
        where.start()
        self.add_jobs(where, [1])
        self.assertEqual(where.orchestrate(1)[0], 202)
        self.assertEqual(self.wait_for_end(where, 1), {"completed": 1})
        self.assertEqual(where.stop(20)[0], 0)
        self.all = [x for x in traced.read(where.process.pid) if x.ok]
        self.there = self.assert_results(where)
        self.wal = str(where.data / "journal.db-wal")

    def first(self, what, after, match):
        """The first call that began after the end of call `after`."""
        begin = after.end if after else -1
        for x in self.all:
            if x.begin > begin and match(x):
                return x
        raise AssertionError(f"not found: {what}")

    def record(self, word):
        """(write, sync): a text reached the journal, and was safe there."""
        written = self.first(f"{word} in the journal", None, lambda x: (
            x.name in WRITES and x.path() == self.wal and word in x.text))
        synced = self.first(f"the sync of {word}", written, lambda x: (
            x.name in ("fdatasync", "fsync") and x.path() == self.wal))
        return written, synced

    def assert_before(self, first, second, what):
        self.assertLess(first.end, second.begin, what)

    def sync_of(self, what, before, path):
        """The last sync of a file or folder that was over before a call."""
        syncs = [x for x in self.all if x.end < before.begin
                 and x.name in ("fdatasync", "fsync") and x.path() == path]
        self.assertTrue(syncs, f"{what}: nothing synced {path}")
        return syncs[-1]

    def check_object(self, key, named):
        """An object of the store was safe before `named` was written."""
        path = str(self.where.store / key)
        moved = [x for x in self.all if x.name.startswith("rename")
                 and x.end < named.begin and x.names()[-1] == path]
        self.assertTrue(moved, f"{key} is named before it is there")
        put = moved[0]
        # Back along its names to where its content was written.
        paths, step = [path], put
        while step:
            paths.append(step.names()[0])
            step = next((x for x in reversed(self.all) if x.end < step.begin
                         and x.name.startswith("rename")
                         and x.names()[-1] == paths[-1]), None)
        syncs = [x for x in self.all if x.end < put.begin
                 and x.name in ("fdatasync", "fsync") and x.path() in paths]
        self.assertTrue(syncs, f"{key} was not synced before its rename")
        writes = [x for x in self.all if x.name in WRITES
                  and x.path() in paths and x.begin < named.begin]
        self.assertTrue(writes, f"{key}: who wrote it?")
        for x in writes:
            self.assert_before(x, syncs[-1], f"{key} grew after its sync")
        folder = os.path.dirname(path)
        entered = self.first(f"the sync of {folder}", put, lambda x: (
            x.name == "fsync" and x.path() == folder))
        self.assert_before(entered, named, f"{key}: its folder was not synced")
        self.check_folders(folder, named)

    def check_folders(self, folder, named):
        """Folders that the program made are entered in theirs for good."""
        for x in self.all:
            if (x.name in ("mkdir", "mkdirat") and x.end < named.begin
                    and (folder + "/").startswith(x.names()[-1] + "/")):
                outer = os.path.dirname(x.names()[-1])
                synced = self.first(f"the sync of {outer}", x, lambda y: (
                    y.name == "fsync" and y.path() == outer))
                self.assert_before(synced, named, f"{outer} was not synced")

    def assert_follows(self, synced, what, match):
        """The first such call began when the record was safe."""
        self.assert_before(synced, self.first(what, None, match), what)

    def said(self, *words):
        return lambda x: (x.name in ("sendto", "sendmsg", "write", "writev")
                          and "socket:" in (x.path() or "")
                          and all(word in x.text for word in words))

    def test_artifacts_events_and_what_rests_on_them(self):
        self.run_traced()
        events = self.there.events[1]
        named = {}  # artifact -> (write, sync) of the first event with its name

        def note(thing):
            if isinstance(thing, dict):
                if "sha256" in thing and thing["key"] not in named:
                    named[thing["key"]] = self.record(thing["sha256"])
                for inner in thing.values():
                    note(inner)
        for _, _, payload in events:
            note(payload)
        self.assertGreaterEqual(len(named), 1 + 1 + 4)
        for key, (written, _) in named.items():
            with self.subTest(artifact=key):
                self.check_object(key, written)

        (_, sound), = self.there.results(1, "extracted")
        self.assert_follows(named[sound["audio"]["key"]][1],
                            "the call that sends the sound",
                            self.said("POST /transcribe"))
        merging = self.record('"stage\\":\\"merge')
        for item, spoken in self.there.results(1, "spoken"):
            # It is the merge that rests on what was spoken.
            safe = named[spoken["audio"]["key"]][1]
            self.assertLessEqual(safe.end, merging[1].end, item)
        (_, result), = self.there.results(1, "uploaded")
        written, safe = self.record(result["output_object_key"])
        self.check_object(result["output_object_key"], written)
        self.assert_follows(safe, "the gateway is told",
                            self.said("PATCH /api/v1/job/1", "COMPLETED"))

    def test_nothing_is_answered_or_called_before_it_is_on_record(self):
        self.run_traced()
        _, accepted = self.record("job.accepted")
        self.assert_follows(accepted, "the answer to the request",
                            self.said("HTTP/1.1 202"))
        self.assert_follows(accepted, "the fetch from the gateway",
                            self.said("GET /api/v1/job/1"))
        _, heard = self.record("transcript")
        self.assert_follows(heard, "the first translation",
                            self.said("POST /translate"))
        _, translated = self.record("segment.translated")
        self.assert_follows(translated, "the first speech",
                            self.said("POST /synthesize"))


if __name__ == "__main__":
    unittest.main()
