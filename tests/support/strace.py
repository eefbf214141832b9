"""What a program asked the kernel for, and in which order (strace)."""
import pathlib
import re
import typing

from support.program import BINARY, until

CALLS = ("openat,write,writev,pwrite64,pwritev,ftruncate,copy_file_range,"
         "sendfile,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,"
         "unlink,unlinkat,sendto,sendmsg,execve")
LINE = re.compile(r"(\d+) +(.*)")
CALL = re.compile(r"(\w+)\((.*)\)? += (-?\d+|\?)(?:<[^>]*>)?(?: .*)?$", re.S)
PATH = re.compile(r"^\d+<([^>]*)>")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
WRITES = ("write", "writev", "pwrite64", "pwritev", "ftruncate",
          "copy_file_range", "sendfile")


class call(typing.NamedTuple):
    """One system call. It was over before another began when its `end` is
    smaller than the other's `begin`: strace lets nobody go on before it has
    written what it saw."""
    begin: int
    end: int
    name: str
    text: str  # the arguments
    ok: bool

    def path(self):
        """The file behind the first argument, a descriptor."""
        found = PATH.match(self.text)
        return found[1] if found else None

    def names(self):
        """All its quoted arguments."""
        return QUOTED.findall(self.text)


class trace:
    def __init__(self, folder):
        self.file = pathlib.Path(folder, "strace.out")

    def command(self):
        """For support.program: the traced one stays the process we started."""
        return ["strace", "-D", "-f", "--seccomp-bpf", "-q", "-y",
                "-s", "70000", "-e", f"trace={CALLS}", "-e", "signal=none",
                "-o", str(self.file), str(BINARY)]

    def read(self, pid):
        """All calls in the order of their beginnings, when process `pid`, the
        traced one, has ended."""
        ended = re.compile(rb"^%d +\+\+\+ " % pid, re.M)
        until(lambda: ended.search(self.file.read_bytes()), 30,
              "strace has written everything")
        return parse(self.file.read_text(errors="replace").splitlines())


def parse(lines):
    calls, begun = [], {}
    for number, line in enumerate(lines):
        pid, text = LINE.fullmatch(line).groups()
        if text.endswith(" <unfinished ...>"):
            begun[pid] = number, text.removesuffix(" <unfinished ...>")
            continue
        first = number
        resumed = re.match(r"<\.\.\. \w+ resumed>", text)
        if resumed:
            first, start = begun.pop(pid)
            text = start + text[resumed.end():]
        found = CALL.fullmatch(text)
        if found:
            name, rest, value = found.groups()
            ok = not value.startswith("-") and value != "?"
            calls.append(call(first, number, name, rest, ok))
    return sorted(calls)
