"""Why a task ends without a result, by the names that the orchestrator knows
(docs/celery.md). Any other exception is an accident: it tries again."""


class InvalidInput(Exception):
    """The job's own material cannot be used: one sentence for people."""


class LimitExceeded(Exception):
    """One of the stated limits: one sentence for people."""


class NotFound(Exception):
    """(sentence, key): nothing usable is stored under that key."""


class DiskFull(Exception):
    """Scratch folder or store have no room: the work waits until they have."""
