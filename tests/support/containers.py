"""Containers of our images, for tests: by podman, in namespaces of their own, so
that no address, mount or process of this machine is touched, the network is not
there, and nothing is left whatever happens."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys

import images
from support.program import until

SKIPPED = 77  # ctest: SKIP_RETURN_CODE
INSIDE = "DUBBER_IN_NAMESPACES"
NAMESPACES = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
              "--mount-proc"]
# What of the host's settings goes into the hashes of the compiler's cache.
COMPILING = ("LANG", "LC_ALL")


def enter():
    """Runs this test once more in namespaces of its own; returns in there."""
    reason = images.why_not()
    if reason is None and not images.is_prepared():
        reason = "the stages to build on are not there (./dev setup)"
    if reason:
        print(f"skipped: {reason}", flush=True)
        sys.exit(SKIPPED)
    if INSIDE not in os.environ:
        os.execvpe(NAMESPACES[0], [*NAMESPACES, sys.executable, *sys.argv],
                   {**os.environ, INSIDE: "yes"})
    for command in ("ip link set lo up", "mount -t tmpfs tmpfs /run",
                    "mount -t tmpfs tmpfs /var/lib/cni"):
        pathlib.Path("/var/lib/cni").mkdir(parents=True, exist_ok=True)
        subprocess.run(command.split(), check=True, timeout=30)


def compiler_cache():
    """Options of a build, with which it uses this machine's."""
    def setting(name):
        return subprocess.run(["ccache", "--get-config", name], check=True,
                              capture_output=True, text=True
                              ).stdout.replace(" ", "").strip()
    given = {"CCACHE_DIR": "/ccache", "CCACHE_MAXSIZE": setting("max_size"),
             **{name: os.environ[name] for name in COMPILING
                if name in os.environ}}
    return ["--volume", f"{setting('cache_dir')}:/ccache",
            "--build-arg", "PRESET=dev", "--build-arg", "COMPILE_ENV=" + " ".join(
                f"{name}={value}" for name, value in given.items())]


@contextlib.contextmanager
def built():
    """{name: its image}, and the log of their building; gone afterwards."""
    with images.held():
        made = {name: f"localhost/dubber-test-{name}"
                for name in ("engines", "orchestrator", "worker-audio")}
        try:
            log = ""
            for name, image in made.items():
                more = [] if name == "worker-audio" else compiler_cache()
                log += images.bud(name, image, *more)
            yield made, log
        finally:
            images.podman("rm", "--all", "--force", "--volumes")
            images.podman("volume", "prune", "--force")
            images.buildah("rmi", "--force", *made.values(), check=False)
            images.buildah("rmi", "--prune")
            remove_groups()


def remove_groups():
    """podman leaves its control groups behind, empty."""
    for parent in pathlib.Path("/sys/fs/cgroup").glob("**/libpod_parent"):
        for folder, _, _ in os.walk(parent, topdown=False):
            with contextlib.suppress(OSError):  # one may end just now
                os.rmdir(folder)


class container:
    """One that runs, or has run to its end."""

    def __init__(self, image, *options, command=(), name=None):
        more = ["--name", name] if name else []
        ran = images.podman("run", "--detach", "--pull", "never", *more,
                            *options, image, *command)
        self.id = ran.stdout.split()[-1]

    def inspect(self):
        return json.loads(images.podman("inspect", self.id).stdout)[0]

    def logs(self):
        ran = images.podman("logs", self.id)
        return ran.stdout + ran.stderr

    def is_healthy(self):
        """By the HEALTHCHECK of its image."""
        return images.podman("healthcheck", "run", self.id,
                             check=False).returncode == 0

    def wait_until_healthy(self):
        def well():
            if not self.inspect()["State"]["Running"]:
                raise AssertionError(f"it has ended: {self.logs()}")
            return self.is_healthy()
        until(well, 60, self.logs)

    def execute(self, *command):
        return images.podman("exec", self.id, *command).stdout

    def main_process(self):
        """The number here of its process 1."""
        return self.inspect()["State"]["Pid"]

    def stop(self, limit=10):
        """As docker stop: SIGTERM, and after the limit SIGKILL; exit code."""
        images.podman("stop", "--time", limit, self.id)
        return self.inspect()["State"]["ExitCode"]

    def wait(self, limit=60):
        """For its own end; exit code."""
        ran = images.podman("wait", self.id, limit=limit)
        return int(ran.stdout.split()[-1])

    def start(self):
        images.podman("start", self.id)

    def remove(self):
        images.podman("rm", "--force", "--volumes", self.id)


def bridge():
    """The address at which containers reach this test."""
    told = json.loads(images.podman("network", "inspect", "podman").stdout)[0]
    plugins = told.get("plugins")
    if plugins:  # CNI, until podman 4
        return plugins[0]["ipam"]["ranges"][0][0]["gateway"]
    return told["subnets"][0]["gateway"]


def dead_processes():
    """Those in containers for which nobody has waited."""
    out = []
    for file in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            said = dict(line.split(":", 1)
                        for line in file.read_text().splitlines())
            # A number in this namespace, and one in the container's.
            if said["State"].split()[0] == "Z" and len(said["NSpid"].split()) > 1:
                out.append(said["Name"].strip())
    return out
