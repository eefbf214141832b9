"""Images out of the Dockerfiles of deploy/ without Docker, for tests: buildah
builds them, podman runs them.

`./dev setup` has `images.py prepare` build what of them needs the network, on a
Debian made by mmdebstrap in the place of the hub's image. They
are kept beside the compiler's cache, for all work trees. What tests build on them
needs no network and is gone afterwards."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = pathlib.Path(os.environ.get("XDG_CACHE_HOME")
                      or pathlib.Path.home() / ".cache",
                      "dubber-orchestrator", "containers")
STORAGE = FOLDER / "storage"
RUN = "/run/dubber-containers"
DEBIAN = "docker.io/library/debian:bookworm-slim"
SUITE = "bookworm"
OLDEST = 30 * 24 * 3600  # seconds; then Debian's updates are due
BUILD_LIMIT = 1800       # seconds
MAIN = "deploy/Dockerfile"
WORKER = "deploy/worker-audio/Dockerfile"
# What is prepared: the stages of the main Dockerfile that need the network, and
# of the worker's, which has no stages, all.
BASES = ("build-base", "engines-base", "worker-audio")
PROGRAMS = ("buildah", "mmdebstrap", "podman", "runc", "unshare")
# As in the hub's slim images; nor do they keep the packages that they install,
# or wait for the disk (force-unsafe-io).
LEFT_OUT = ("doc", "man", "info", "locale", "groff", "lintian", "linda")
KEEP_NONE = 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };\n'
# Containers in containers: neither limits nor systemd are ours to change.
SETTINGS = """\
[containers]
default_ulimits = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""


class unusable(Exception):
    """This machine builds no images; it says why."""


def why_not():
    """Why images can be neither built nor run here; None when they can."""
    if os.geteuid() != 0:
        return "only root may build images here"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return f"not installed: {', '.join(missing)} (./dev setup)"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc",
         "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True,
        text=True, timeout=30, check=False)
    if tried.returncode:
        return f"no namespaces of our own here: {tried.stderr.strip()}"
    return None


@contextlib.contextmanager
def held():
    """One at a time has the storage; what another left behind is removed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (FOLDER / "containers.conf").write_text(SETTINGS)
        buildah("rm", "--all", check=False)
        yield


def call(program, *arguments, limit=120, check=True):
    """The finished process, with what it said; raises when it failed."""
    ran = subprocess.run(
        [program, "--root", STORAGE, "--runroot", RUN, *map(str, arguments)],
        env={**os.environ, "CONTAINERS_CONF": str(FOLDER / "containers.conf")},
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", timeout=limit, check=False)
    if check and ran.returncode:
        raise RuntimeError(
            f"{program} {' '.join(map(str, arguments))}: {ran.returncode}: "
            f"{ran.stdout[-4000:]}{ran.stderr[-4000:]}")
    return ran


def buildah(*arguments, **how):
    return call("buildah", *arguments, **how)


def podman(*arguments, **how):
    return call("podman", *arguments, **how)


def is_there(image):
    told = buildah("images", "--quiet", "--filter", f"reference={image}")
    return bool(told.stdout.strip())


def base_tag():
    """Another one whenever what is prepared would come out differently."""
    text = (ROOT / MAIN).read_text()
    stages = text[:text.index("\nFROM build-base AS build\n")]
    seen = hashlib.sha256(stages.encode())
    for name in sorted(set(re.findall(r"(?m)^COPY ([^- ]\S*) ", stages))):
        seen.update((ROOT / name).read_bytes())
    seen.update((ROOT / WORKER).read_bytes())
    return seen.hexdigest()[:12]


def bases():
    return [f"localhost/dubber-{stage}:{base_tag()}" for stage in BASES]


def is_prepared():
    return (FOLDER / "made").exists() and all(map(is_there, bases()))


def bud(target, tag, *options):
    """Builds a stage of the main Dockerfile, or the worker, as an image of that
    name; the log."""
    if target == "worker-audio":
        what = ["--file", ROOT / WORKER, (ROOT / WORKER).parent]
    else:
        what = ["--file", ROOT / MAIN, "--target", target, ROOT]
    ran = buildah("bud", "--layers", "--isolation", "chroot", "--network",
                  "host", "--pull-never", "--format", "docker", "--tag", tag,
                  *options, *what, limit=BUILD_LIMIT)
    return ran.stdout + ran.stderr


def make_debian():
    print("dev: making a Debian for images (mmdebstrap)", flush=True)
    with tempfile.TemporaryDirectory(prefix="dubber-debian-") as name:
        folder = pathlib.Path(name)
        (folder / "slim").write_text("".join(
            f"path-exclude=/usr/share/{each}/*\n" for each in LEFT_OUT)
            + "path-include=/usr/share/doc/*/copyright\nforce-unsafe-io\n")
        (folder / "keep-none").write_text(KEEP_NONE)
        told = subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--dpkgopt={folder / 'slim'}",
             f"--customize-hook=upload {folder / 'keep-none'} "
             "/etc/apt/apt.conf.d/keep-none", SUITE, folder / "debian.tar"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            timeout=BUILD_LIMIT, check=False)
        if told.returncode:
            raise RuntimeError(f"mmdebstrap: {told.stderr[-3000:]}")
        podman("import", folder / "debian.tar", DEBIAN)


def try_building():
    """Whether it is this machine that builds no images shows in the smallest."""
    with tempfile.TemporaryDirectory(prefix="dubber-probe-") as folder:
        pathlib.Path(folder, "Dockerfile").write_text(
            f"FROM {DEBIAN}\nRUN true\n")
        buildah("bud", "--isolation", "chroot", "--network", "host",
                "--pull-never", "--format", "docker", folder, limit=BUILD_LIMIT)


def forget_all():
    buildah("rmi", "--all", "--force", check=False)
    shutil.rmtree(STORAGE, ignore_errors=True)


def prepare():
    """The stages that need the network; nothing when they are there."""
    made = FOLDER / "made"
    with held():
        if not made.exists() or time.time() - made.stat().st_mtime > OLDEST:
            forget_all()
            made.touch()
        if not is_there(DEBIAN):
            try:
                make_debian()
                try_building()
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                forget_all()
                raise unusable(str(error)) from error
        for target, image in zip(BASES, bases()):
            if not is_there(image):
                print(f"dev: preparing an image for tests: {target}", flush=True)
                bud(target, image)


def main():
    if sys.argv[1:] != ["prepare"]:
        sys.exit("usage: images.py prepare")
    reason = why_not()
    if reason:
        print(f"dev: the images are not tested here: {reason}", flush=True)
        return
    try:
        prepare()
    except unusable as error:
        print(f"dev: the images are not tested here: {error}", flush=True)


if __name__ == "__main__":
    main()
