"""One program of ours at a time: started, watched, stopped, none left behind."""
import ctypes
import os
import re
import signal
import subprocess
import time

from local.errors import refused

START_TIMEOUT = 60.0  # seconds until it has to say where it listens
STOP_TIMEOUT = 12.0   # the orchestrator drains for up to 8 seconds
POLL = 0.02
PR_SET_CHILD_SUBREAPER = 36


class program:
    """Runs in a session of its own, so that Ctrl-C reaches only us and we stop
    it in order; the kernel ends it when we are killed."""

    def __init__(self, name, command, log, environment=None):
        self.name = name
        self.log = log
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, env={**os.environ, **(environment or {})})

    def port(self):
        """Waits for the line "listening on HOST:PORT"."""
        until = time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            ended = not self.runs()
            with open(self.log, errors="replace") as text:
                found = re.search(r"^listening on \S*:(\d+)$", text.read(), re.M)
            if found:
                return int(found.group(1))
            if ended:
                raise refused(f"{self.name} did not start: {self.last_words()}")
            time.sleep(POLL)
        raise refused(f"{self.name} did not start within {START_TIMEOUT:.0f} s: "
                      f"{self.last_words()}")

    def runs(self):
        return self.child.poll() is None

    def last_words(self):
        with open(self.log, errors="replace") as text:
            lines = [line.strip() for line in text if line.strip()]
        return lines[-1] if lines else f"it said nothing (see {self.log})"

    def ask_to_stop(self):
        if self.runs():
            self.child.terminate()

    def stop(self):
        """Returns whether it ended by itself after having been asked."""
        self.ask_to_stop()
        try:
            self.child.wait(STOP_TIMEOUT)
            return True
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            return False


def adopt_orphans():
    """Makes what our programs leave behind our own children, so that
    `end_orphans` finds them."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def children():
    """Process numbers of our children, the dead ones that wait included."""
    with open(f"/proc/self/task/{os.getpid()}/children") as text:
        return [int(number) for number in text.read().split()]


def end_orphans(spared):
    """Kills and reaps every child but the spared; call it when all programs
    have ended."""
    while left := set(children()) - spared:
        for number in left:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended just now
        for number in left:
            os.waitpid(number, 0)
