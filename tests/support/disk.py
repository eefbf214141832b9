"""A small disk of its own that fills up, gets room again, or is read-only.

Where mounting is not allowed, a limit on the size of the program's files and
the folder's permissions stand in for it.
"""
import contextlib
import pathlib
import subprocess
import tempfile


def may_mount():
    with tempfile.TemporaryDirectory(prefix="dubber-disk-") as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k",
                               "tmpfs", folder], capture_output=True)
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return done.returncode == 0


class busy(Exception):
    """Files are open for writing."""


class small_disk:
    """A tmpfs at `self.path`; gone after `close`."""

    def __init__(self, size="24m"):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="dubber-disk-"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755",
                        "tmpfs", self.path], check=True)
        self.filler = self.path / "filler"

    def fill(self):
        """Not one byte is left."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def free(self):
        self.filler.unlink()

    def remount(self, mode):
        """@param mode "ro" or "rw"; ro while files are being written: busy."""
        done = subprocess.run(["mount", "-o", f"remount,{mode}", self.path],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise busy(done.stderr)

    def may_remount(self, mode):
        """Remounts it, unless that is busy; whether it did."""
        try:
            self.remount(mode)
        except busy:
            return False
        return True

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=True)
        self.path.rmdir()
