"""Reads the journal of a program that is not running (docs/journal-format.md)."""
import collections
import contextlib
import json
import pathlib
import shutil
import sqlite3
import tempfile

# Stage of the pipeline -> the neighbour's call that is made for its items.
CALL_OF = {"asr": "POST /transcribe", "translate": "POST /translate",
           "tts": "POST /synthesize"}


class journal_file:
    """What is on disk, read from a copy: recovery is left to the program."""

    def __init__(self, path):
        path = pathlib.Path(path)
        self.events = collections.defaultdict(list)
        with tempfile.TemporaryDirectory(prefix="dubber-journal-") as folder:
            for end in ("", "-wal"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy(str(path) + end, folder)
            copy = pathlib.Path(folder, path.name)
            with contextlib.closing(sqlite3.connect(copy)) as db:
                self.sound = db.execute("PRAGMA quick_check").fetchone()[0]
                for job_no, seq, kind, payload in db.execute(
                        "SELECT job_no, seq, type, payload FROM events "
                        "ORDER BY job_no, seq"):
                    self.events[job_no].append((seq, kind,
                                                json.loads(payload)))
                self.ids = dict(db.execute("SELECT job_no, job_id FROM jobs"))
                self.open = {n for (n,) in db.execute(
                    "SELECT job_no FROM jobs WHERE open")}
                self.all_notes = db.execute(
                    "SELECT area, name, value FROM notes ORDER BY number"
                ).fetchall()

    def notes(self, area):
        """[(name, value)]"""
        return [(name, json.loads(value))
                for where, name, value in self.all_notes if where == area]

    def accepted(self):
        """Ids of the gateway of all jobs there are."""
        return {event[2]["job_id"] for events in self.events.values()
                for event in events if event[1] == "job.accepted"}

    def has_gaps(self):
        return any([seq for seq, _, _ in events]
                   != list(range(1, len(events) + 1))
                   for events in self.events.values())

    def results(self, job_no, kind):
        """Payloads of the results of this kind, with their item."""
        return [(p.get("item", 0), p["result"])
                for _, _, p in self.events[job_no]
                if p.get("result", {}).get("kind") == kind]

    def finished(self):
        """{(call, subject)} of all keyed work whose result is on disk."""
        done = set()
        for job_no in self.events:
            sound = [r["audio"]["sha256"]
                     for _, r in self.results(job_no, "extracted")]
            heard = [r for _, r in self.results(job_no, "transcript")]
            if not heard:
                continue
            done |= {("POST /transcribe", each) for each in sound}
            said = dict(self.results(job_no, "translated"))
            for item in said:
                done.add(("POST /translate", heard[-1]["segments"][item][2]))
            for item, _ in self.results(job_no, "spoken"):
                done.add(("POST /synthesize", said[item]["text"]))
        return done

    def failed_attempts(self):
        """{(job_no, stage, item): how many}."""
        return collections.Counter(
            (job_no, p["stage"], p["item"])
            for job_no, events in self.events.items()
            for _, kind, p in events if kind == "attempt.failed")
