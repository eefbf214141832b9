"""The real program under test: started, asked over HTTP, stopped, killed."""
import contextlib
import http.client
import json
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time

BINARY = pathlib.Path(os.environ.get("DUBBER_BUILD_DIR", "build/dev"),
                      "app/dubber-orchestrator").resolve()

# Pauses short enough for tests, everything else as shipped.
QUICK = {name: {"retry": {"initial": "20ms", "cap": "200ms"},
                "breaker": {"open": "200ms"}}
         for name in ("gateway", "media", "asr", "translate", "tts", "store")}


def until(condition, limit, what):
    """Polls until `condition` gives something true, and returns that. `what`
    was waited for is a text, or what makes one once it was waited in vain."""
    deadline = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            said = what() if callable(what) else what
            raise AssertionError(f"not within {limit} s: {said}")
        time.sleep(0.02)  # the polling interval


class unavailable(Exception):
    """It said 503: it is starting, or its actors are being started again."""


def policy(changes=None, base=None):
    """QUICK with `changes` ({service: {...}}) merged into it."""
    def merge(into, more):
        for key, value in more.items():
            if isinstance(value, dict):
                into[key] = merge(dict(into.get(key, {})), value)
            else:
                into[key] = value
        return into
    return {"services": merge(dict(QUICK if base is None else base),
                              changes or {})}


class program:
    """One orchestrator over one data folder; may be started again and again."""

    def __init__(self, folder, neighbour_url, policies=None, env=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.store = self.data / "store"
        self.log = b""  # stderr of all its processes
        self.store.mkdir(parents=True, exist_ok=True)
        file = self.folder / "policy.json"
        file.write_text(json.dumps(policies or policy()))
        self.env = {
            "PATH": os.environ["PATH"], "HTTP_PORT": "0",
            "DATA_DIR": str(self.data), "POLICY_FILE": str(file),
            "LOG_FORMAT": "json", "LOG_LEVEL": "debug", "RABBITMQ_URL": "",
            **{name: neighbour_url for name in (
                "API_GATEWAY_URL", "ASR_URL", "TRANSLATE_URL", "TTS_URL")},
            **(env or {})}
        self.command = [BINARY]
        self.process = None
        self.port = None

    # -- its life ----------------------------------------------------------

    def spawn(self, **more):
        """Starts the process and does not wait for it."""
        self.close()
        self.process = subprocess.Popen(
            self.command, env={**self.env, **more}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder)
        self.reader = threading.Thread(
            target=self.read_log, args=[self.process.stderr], daemon=True)
        self.reader.start()

    def read_log(self, pipe):
        with pipe:
            while data := pipe.read1():
                self.log += data

    def start(self, **more):
        """Starts it and waits until it listens. `more`: environment."""
        self.spawn(**more)
        if not self.listens():
            self.process.wait(10)
            raise AssertionError(f"did not start: {self.tail()}")
        return self

    def listens(self):
        """Waits until it listens; False when it ends before."""
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on "):
            return False
        self.port = int(line.rsplit(":", 1)[1])
        return True

    def kill(self):
        """SIGKILL; returns when it is gone."""
        self.process.kill()
        self.gone(10)

    def gone(self, limit):
        """Waits for its end; the exit code (-9 for SIGKILL)."""
        code = self.process.wait(limit)
        self.process.stdout.close()
        self.reader.join(limit)
        return code

    def stop(self, limit=8):
        """SIGTERM; (exit code, seconds it took)."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.gone(limit)
        return code, time.monotonic() - begun

    def close(self):
        """Whatever state it is in: it is gone afterwards."""
        if self.process:
            self.kill()

    def children(self):
        """Process numbers of its children (ffmpeg)."""
        task = pathlib.Path(f"/proc/{self.process.pid}/task")
        found = []
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for each in task.iterdir():
                found += (each / "children").read_text().split()
        return [int(pid) for pid in found]

    def limit_files(self, size):
        """No file may grow beyond `size` bytes, as on a full disk; None: any
        size again."""
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE,
                         (hard if size is None else size, hard))

    # -- what it says ------------------------------------------------------

    def tail(self, size=3000):
        return self.log[-size:].decode(errors="replace")

    def events(self, *names):
        """Log lines (JSON) of these events, all when none is named."""
        out = []
        for line in self.log.splitlines(keepends=True):
            if line.startswith(b"{") and line.endswith(b"\n"):
                entry = json.loads(line)
                if not names or entry["event"] in names:
                    out.append(entry)
        return out

    def call(self, method, path, body=None, limit=15, head=None):
        """(status, headers, JSON) of one call."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=limit)
        with contextlib.closing(connection):
            data = None if body is None else json.dumps(body)
            head = dict(head or {})
            if body is not None:
                head["Content-Type"] = "application/json"
            connection.request(method, path, data, head)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())

    def metrics(self):
        """The exposition, as text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=15)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()

    def orchestrate(self, number):
        return self.call("POST", "/orchestrate", {"job_id": number})

    def job(self, number):
        return self.call("GET", f"/jobs/{number}")[2]

    def history(self, number):
        items, cursor = [], 0
        while cursor is not None:
            page = self.call("GET", f"/jobs/{number}/history?limit=1000"
                                    f"&cursor={cursor}")[2]
            items += page["items"]
            cursor = page.get("next")
        return items

    def states(self):
        """{state: how many}, from the list of all jobs."""
        counts, cursor = {}, None
        while True:
            more = f"&cursor={cursor}" if cursor else ""
            status, _, page = self.call("GET", f"/jobs?limit=1000{more}")
            if status == 503 or page.get("code") == "unanswered":
                raise unavailable(page)
            for each in page["items"]:
                counts[each["state"]] = counts.get(each["state"], 0) + 1
            cursor = page.get("next")
            if not cursor:
                return counts
