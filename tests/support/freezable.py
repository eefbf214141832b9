"""A server that stops in the middle, and goes on."""
import signal


class freezable:
    """By `self.signal(number)`."""

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)
