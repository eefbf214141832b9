"""A job's progress in the terminal: one line that moves, or plain lines."""
import shutil
import sys
import time

PLAIN_INTERVAL = 10.0  # seconds between plain lines of the same stage
BAR = 24
NAMES = {"fetch": "asking the gateway", "extract": "taking out the sound",
         "asr": "recognising speech", "translate": "translating",
         "tts": "speaking", "merge": "putting it together",
         "upload": "storing the result", "report": "telling the gateway"}


def duration(seconds):
    """5 s, 2 min 10 s, 1 h 5 min."""
    seconds = max(0, round(seconds))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def doing(job):
    """What runs now, in words: "translating 3/12, speaking 2/12"."""
    parts = []
    for stage in job.get("stages", []):
        if stage["state"] not in ("running", "waiting"):
            continue
        items = stage.get("items") or {}
        name, _, language = stage["name"].partition(":")
        text = NAMES.get(name, name) + (f" {language}" if language else "")
        if items.get("total", 0) > 1:
            text += f" {items['done']}/{items['total']}"
        if stage.get("attempt", 0) > 1:
            text += f" (attempt {stage['attempt']})"
        parts.append(text)
    waits = job.get("waiting_for") or {}
    if waits.get("kind") in ("hold", "retry", "disk"):
        parts.append(f"waiting for {waits.get('service') or waits['kind']}")
    return ", ".join(parts) or job.get("state", "")


def left(job):
    expected = (job.get("eta_seconds") or {}).get("p50")
    return "" if expected is None else f"{duration(expected)} left"


class progress:
    """`show` may be called as often as one likes; `end` once."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.moving = out.isatty()
        self.begun = time.monotonic()
        self.last, self.said = None, 0.0

    def show(self, job):
        percent = int(100 * job.get("progress", 0))
        text = " · ".join(part for part in (
            doing(job), left(job),
            duration(time.monotonic() - self.begun) + " so far") if part)
        if self.moving:
            return self.redraw(percent, text)
        # Counters that move are no reason for a line of their own.
        stage = [s["name"] for s in job.get("stages", [])
                 if s["state"] in ("running", "waiting")]
        now = time.monotonic()
        if stage != self.last or now - self.said >= PLAIN_INTERVAL:
            self.last, self.said = stage, now
            print(f"  {percent:3d} %  {text}", file=self.out, flush=True)

    def redraw(self, percent, text):
        full = BAR * percent // 100
        line = f"  [{'#' * full}{'.' * (BAR - full)}] {percent:3d} %  {text}"
        width = shutil.get_terminal_size().columns - 1
        self.out.write("\r\x1b[2K" + line[:width])
        self.out.flush()

    def end(self):
        if self.moving:
            self.out.write("\r\x1b[2K")
            self.out.flush()
