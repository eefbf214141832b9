"""What deploy/ says, read for tests: the Dockerfile and the compose file."""
import os
import pathlib
import re
import shlex
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
DOCKERFILE = DEPLOY / "Dockerfile"
# Settings of whoever runs the tests are none of an installation.
BARE = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def filled_in(node, settings):
    """`${NAME:-default}` (not set or empty) and `${NAME-default}` (not set), in
    all texts of a tree."""
    def value(found):
        name, colon, default = found.groups()
        given = settings.get(name)
        return default if given is None or colon and not given else given
    if isinstance(node, dict):
        return {key: filled_in(each, settings) for key, each in node.items()}
    if isinstance(node, list):
        return [filled_in(each, settings) for each in node]
    if not isinstance(node, str):
        return node
    return re.sub(r"\$\{(\w+)(:?)-([^}]*)\}", value, node).replace("$$", "$")


def compose(*profiles, **settings):
    """The compose file, with the services of these profiles, after docker-compose
    has checked it against its schema. Raises with its words. Its own output
    differs from version to version, but for the environment."""
    ran = subprocess.run(["docker-compose", "-f", COMPOSE, "config"],
                         env={**BARE, **settings}, capture_output=True,
                         text=True, timeout=60, check=False)
    if ran.returncode or ran.stderr:
        raise AssertionError(f"docker-compose config: {ran.stderr}")
    whole = filled_in(yaml.safe_load(COMPOSE.read_text()), settings)
    for name, service in yaml.safe_load(ran.stdout)["services"].items():
        ours = whole["services"][name].get("environment") or {}
        if service.get("environment", {}) != ours:
            raise AssertionError(f"{name}: read otherwise by docker-compose")
    whole["services"] = {
        name: service for name, service in whole["services"].items()
        if "profiles" not in service or set(service["profiles"]) & set(profiles)}
    return whole


def stages():
    """{stage's name: [(instruction, argument)]}, what it is based on included."""
    out, name = {}, None
    text = re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE.read_text())
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            parts = rest.split()
            name = parts[-1]
            out[name] = list(out.get(parts[0], []))
        elif word and name:
            out[name].append((word, rest.strip()))
    return out


def environment(stage):
    """What ENV sets in this stage."""
    return dict(pair.split("=", 1) for word, rest in stages()[stage]
                if word == "ENV" for pair in shlex.split(rest))


def values(stage, instruction):
    """The arguments of all instructions of that name, words of each split."""
    return [shlex.split(rest) for word, rest in stages()[stage]
            if word == instruction]
