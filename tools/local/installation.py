"""Engines and orchestrator as one thing that starts and stops."""
import os
import pathlib
import random
import signal
import socket

from local import calls
from local.errors import refused
from local.programs import adopt_orphans, children, end_orphans, program

HOST = "127.0.0.1"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The environment variable with which a user puts a service of their own in the
# place of an engine.
REPLACEABLE = {"asr": "ASR_URL", "translate": "TRANSLATE_URL",
               "tts": "TTS_URL"}


def free_port():
    """Below the ports that the kernel gives to outgoing connections, any of which
    could take ours before the program does."""
    candidates = random.sample(range(20000, 32000), 100)
    for port in candidates:
        if port_is_free(port):
            return port
    raise refused("None of 100 ports from 20000 to 32000 is free.")


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def engine_program(build):
    return pathlib.Path(build) / "engines" / "engines"


def orchestrator_program(build):
    return pathlib.Path(build) / "app" / "dubber-orchestrator"


def check_programs(build):
    for path in (engine_program(build), orchestrator_program(build)):
        if not os.access(path, os.X_OK):
            raise refused(f"{path} is not built; ./dev build does that.")


class installation:
    """A context: everything runs inside of it and nothing after it.

    build     the build folder that has the two programs
    data      folder of everything they keep; logs in data/log
    port, gateway_port   0: any free one
    services  {"tts": url}: ready services in the place of engines
    settings  further environment variables of the orchestrator
    fast      the recogniser's quicker, less exact mode
    """

    def __init__(self, build, data, port=0, gateway_port=0, services=None,
                 settings=None, fast=False):
        self.build, self.data = pathlib.Path(build), pathlib.Path(data)
        self.port, self.gateway_port = port, gateway_port
        self.services = dict(services or {})
        self.settings = dict(settings or {})
        self.fast = fast
        self.programs = []
        self.others = set()  # children that are not of this installation
        self.urls = {}

    def __enter__(self):
        adopt_orphans()
        self.others = set(children())
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        check_programs(self.build)
        for name in ("log", "store"):
            (self.data / name).mkdir(parents=True, exist_ok=True)
        port = self.port or free_port()
        self.urls["orchestrator"] = f"http://{HOST}:{port}"
        engines = {"gateway": self.engine(
            "gateway", "--store", self.data / "store", "--port",
            self.gateway_port, "--orchestrator", self.urls["orchestrator"])}
        for name in REPLACEABLE:
            if name in self.services:
                self.urls[name] = self.services[name].rstrip("/")
            else:
                fast = ["--fast"] if name == "asr" and self.fast else []
                engines[name] = self.engine(name, *fast)
        for name, engine in engines.items():
            self.urls[name] = f"http://{HOST}:{engine.port()}"
        self.run_orchestrator(port)

    def engine(self, name, *options):
        return self.run(name, [engine_program(self.build), name,
                               "--data", self.data / name, *options])

    def run_orchestrator(self, port):
        environment = {
            "HTTP_HOST": HOST, "HTTP_PORT": str(port),
            "DATA_DIR": str(self.data / "orchestrator"), "JOURNAL_URL": "",
            "STORE_URL": f"file:{self.data / 'store'}", "MEDIA_WORKER": "local",
            "RABBITMQ_URL": "", "API_GATEWAY_URL": self.urls["gateway"],
            **{variable: self.urls[name]
               for name, variable in REPLACEABLE.items()},
            **self.settings}
        self.run("orchestrator", [orchestrator_program(self.build)],
                 environment).port()

    def run(self, name, command, environment=None):
        started = program(name, command, self.data / "log" / f"{name}.log",
                          environment)
        self.programs.append(started)
        return started

    def check_alive(self):
        """Raises when one of the programs has ended."""
        for each in self.programs:
            if not each.runs():
                raise refused(
                    f"{each.name} has ended unexpectedly (exit status "
                    f"{each.child.returncode}): {each.last_words()}")

    def stop(self):
        """The orchestrator first, which still needs its neighbours; then the
        engines at once; then whatever a killed one left. A second Ctrl-C does
        not disturb: each wait is short."""
        before = {number: signal.signal(number, signal.SIG_IGN)
                  for number in SIGNALS}
        try:
            for each in reversed(self.programs):
                if each.name == "orchestrator":
                    each.stop()
            for each in self.programs:
                each.ask_to_stop()
            for each in self.programs:
                each.stop()
            end_orphans(self.others)
            self.programs = []
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def languages(self, name):
        """What the service says at GET /languages; None when it has no such
        call (the platform's own services have none)."""
        status, answer = calls.get_json(self.urls[name] + "/languages")
        return answer if status == 200 else None
