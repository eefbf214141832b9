"""Reads a merge plan (docs/merge-plan.md), and refuses what is none."""
import bisect
import json

from failures import InvalidInput
from ffmpeg import LONGEST

NEWEST_FORMAT = 3
MOST_PLACEMENTS = 20_000
MOST_BYTES = 16 << 20
TOUCH = 1e-6  # seconds; the rounding of printed numbers


def read_plan(path):
    try:
        with open(path, "rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise InvalidInput("the merge plan is too large")
        plan = json.loads(text)
        if plan["format"] not in range(1, NEWEST_FORMAT + 1):
            raise InvalidInput("its format is not known to this worker")
        if plan["format"] < 2:
            plan |= {"kept": [], "muted": [], "edge_seconds": 0}
        if plan["format"] < 3:
            plan["background"] = None
        check(plan)
        return plan
    except InvalidInput as why:
        raise InvalidInput(f"the merge plan is unusable: {why}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as why:
        raise InvalidInput("the merge plan is unusable: "
                           f"{type(why).__name__}: {why}") from None


def demand(is_so, otherwise):
    if not is_so:
        raise InvalidInput(otherwise)


def check(plan):
    seconds = plan["seconds"]
    demand(0 <= seconds <= LONGEST, "seconds is negative or beyond 12 hours")
    demand(-70 <= plan["loudness_lkfs"] <= 0 and -20 <= plan["true_peak_db"] <= 0,
           "loudness or true peak is out of range")
    demand(len(plan["placements"]) <= MOST_PLACEMENTS,
           f"more placements than {MOST_PLACEMENTS}")
    demand(plan["source_key"] and isinstance(plan["target_language"], str),
           "it names no source or no language")
    if bed := plan.get("original"):
        demand(-100 <= bed["gain_db"] <= 20
               and -100 <= bed["ducked_gain_db"] <= 20,
               "original has a gain out of range")
        demand(0 <= bed["ramp_seconds"] <= 10, "original has a ramp out of range")
        demand(follow_each_other(bed["ducks"]),
               "original has ducks that do not follow each other")
    if plan["background"]:
        demand(plan["background"]["key"] and not plan.get("original"),
               "background has no key, or comes with an original")
    for name in ("kept", "muted"):
        spans = plan[name]
        demand(len(spans) <= MOST_PLACEMENTS and follow_each_other(spans),
               f"{name} has stretches that do not follow each other")
        demand(not spans or (spans[0][0] >= 0
                             and spans[-1][1] <= seconds + TOUCH),
               f"{name} goes beyond the source")
    demand(0 <= plan["edge_seconds"] <= 1, "edge_seconds is out of range")
    check_placements(plan["placements"], seconds)


def check_placements(placements, seconds):
    before = 0
    for i, x in enumerate(placements):
        name = f"placements[{i}]"
        demand(x["audio"]["key"], f"{name} has no audio")
        demand(1 <= x["tempo"] <= 2 and x["natural_seconds"] > 0
               and x["play_seconds"] > 0 and x["fade_out_seconds"] >= 0,
               f"{name} has a tempo or length out of range")
        demand(x["at"] >= before - TOUCH,
               f"{name} starts before the one before it ends")
        before = x["at"] + x["play_seconds"]
        demand(before <= seconds + TOUCH, f"{name} ends beyond the source")


def follow_each_other(spans):
    before = -1
    for start, end in spans:
        if not before < start < end:
            return False
        before = end
    return True


def amplitude(decibels):
    return 10 ** (decibels / 20)


class original_level:
    """How loud the original is at a moment, relative to `top_db`."""

    def __init__(self, plan):
        bed = plan.get("original")
        self.top_db = max([0] * bool(plan["kept"])
                          + ([bed["gain_db"], bed["ducked_gain_db"]]
                             if bed else []), default=0)
        self.high = amplitude(bed["gain_db"] - self.top_db) if bed else 0
        self.low = amplitude(bed["ducked_gain_db"] - self.top_db) if bed else 0
        self.ducks = opening(bed["ducks"], bed["ramp_seconds"]) if bed else None
        self.kept = opening(plan["kept"], plan["edge_seconds"])
        self.muted = opening(plan["muted"], plan["edge_seconds"])
        self.kept_level = amplitude(0 - self.top_db)

    def at(self, moment):
        level = 0
        if self.ducks:
            level = self.low + (self.high - self.low) * self.ducks(moment)
        away = self.kept(moment)
        return ((level * away + self.kept_level * (1 - away))
                * self.muted(moment))


def opening(spans, ramp):
    """A function of time: 0 within the spans, 1 farther away than `ramp`."""
    ends = [end for _, end in spans]

    def distance(span, moment):
        return max(0, span[0] - moment, moment - span[1])

    def at(moment):
        if not spans:
            return 1
        after = bisect.bisect_left(ends, moment)
        away = min(distance(x, moment) for x in spans[max(0, after - 1):after + 1])
        if not ramp:
            return 1 if away else 0
        return min(1, away / ramp)
    return at
