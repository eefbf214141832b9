"""Ports for servers that have to be told theirs."""
import contextlib
import random
import socket


def free_ports(count):
    """Different ones, and none that the system gives to a client meanwhile."""
    out = []
    while len(out) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            out += [port] if port not in out else []
    return out
