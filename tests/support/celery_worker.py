"""The reference worker (deploy/worker-audio) as a real Celery worker, for tests:
started, killed, frozen, and held in the middle of a task."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from support.freezable import freezable
from support.program import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/worker-audio"
# In the place of ffmpeg: says that a task is in the middle, and waits there.
GATE = """#!/bin/sh
echo $$ >> "$GATE/begun"
while [ -e "$GATE/hold" ]; do sleep 0.05; done
exec /usr/bin/ffmpeg "$@"
"""
# A worker that acknowledges a task when it begins it: as Celery's default is.
EARLY = "from worker_audio import app\napp.conf.task_acks_late = False\n"


class celery_worker(freezable):
    """@param settings Environment: RABBITMQ_URL, REDIS_URL, STORE_URL, ..."""

    def __init__(self, settings, early=False, concurrency=2):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="celery-worker-"))
        self.gate = self.folder / "gate"
        self.scratch = self.folder / "scratch"
        for each in (self.gate, self.folder / "bin"):
            each.mkdir()
        gate = self.folder / "bin/ffmpeg"
        gate.write_text(GATE)
        gate.chmod(0o755)
        (self.folder / "early_worker.py").write_text(EARLY)
        self.app = "early_worker" if early else "worker_audio"
        self.concurrency = concurrency
        self.env = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "LANG": "C.UTF-8",
            "HOME": str(self.folder), "GATE": str(self.gate),
            "PYTHONPATH": f"{FOLDER}:{self.folder}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SCRATCH_DIR": str(self.scratch), **settings}
        self.log = self.folder / "log"
        self.process = None
        self.starts = 0

    # -- its life ----------------------------------------------------------

    def spawn(self):
        """Starts it and does not wait for it."""
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["/usr/bin/python3", "-m", "celery", "-A", self.app, "worker",
                 "-n", "worker@test", "-c", str(self.concurrency), "-l", "info",
                 "--without-gossip", "--without-mingle"],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, start_new_session=True)
        return self

    def ready(self):
        until(lambda: self.said().count(" ready.") >= self.starts, 60,
              lambda: self.said()[-3000:])
        return self

    def start(self):
        return self.spawn().ready()

    def said(self):
        with contextlib.suppress(FileNotFoundError):
            return self.log.read_text(errors="replace")
        return ""

    def signal(self, what):
        """To it and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, what)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- its tasks ---------------------------------------------------------

    def hold(self):
        """From now on tasks wait in the middle."""
        (self.gate / "hold").touch()

    def go_on(self):
        (self.gate / "hold").unlink(missing_ok=True)

    def begun(self):
        """Process numbers of all ffmpegs there were."""
        with contextlib.suppress(FileNotFoundError):
            return [int(x) for x in (self.gate / "begun").read_text().split()]
        return []

    def received(self, name):
        """Ids of the tasks of that name that it has got, in order."""
        return re.findall(rf"Task worker_audio\.{name}\[([0-9a-f-]+)\] received",
                          self.said())

    def in_the_middle(self, count=1):
        until(lambda: len(self.begun()) >= count, 60,
              lambda: f"{count} tasks begin: {self.said()[-2000:]}")

    def leftovers(self):
        return list(self.scratch.rglob("*")) if self.scratch.exists() else []
