"""A real Redis on loopback, for tests: started, killed, frozen."""
import pathlib
import shutil
import subprocess
import tempfile

import redis

from support.freezable import freezable
from support.ports import free_ports
from support.program import until


class redis_server(freezable):
    """It keeps nothing on disk: what it knew dies with it."""

    def __init__(self, password=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="redis-"))
        self.port, = free_ports(1)
        self.password = password
        self.process = None

    @property
    def url(self):
        who = f":{self.password}@" if self.password else ""
        return f"redis://{who}127.0.0.1:{self.port}/1"

    def start(self):
        more = ["--requirepass", self.password] if self.password else []
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                 "--dir", self.folder, "--save", "", "--appendonly", "no", *more],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self.answers, 20, lambda: (self.folder / "log").read_text())
        return self

    def client(self):
        return redis.Redis("127.0.0.1", self.port, password=self.password,
                           socket_timeout=5)

    def answers(self):
        try:
            return self.client().ping()
        except redis.RedisError:
            return False

    def signal(self, what):
        self.process.send_signal(what)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
