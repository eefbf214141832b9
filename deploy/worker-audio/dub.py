"""Executes a merge plan: the dubbed track, and the video with it."""
import array
import math
import os

import ffmpeg
from failures import InvalidInput
from plan import original_level
from storage import fetch_artifact

RATE = 48_000  # of the dubbed track
LEVELS = 250  # values a second of the original's level
BATCH = 32  # pieces that one ffmpeg converts
MOST_GAIN = 50.0  # dB; beyond it is noise, or broken
AMPLE_ROOM = 3.0  # dB; what AAC adds to the peaks at most
ROUNDS = 5
AT_RATE = f"aresample={RATE}"
STEREO = "aformat=sample_fmts=fltp:channel_layouts=stereo"
WIDE = f"{AT_RATE},pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=fltp"


def write_speech(plan, store, folder, track):
    """All pieces at their places in one file; silence is a hole in it."""
    places = plan["placements"]
    with open(track, "wb") as out:
        out.truncate(round(plan["seconds"] * RATE) * 2)
        for begin in range(0, len(places), BATCH):
            some = places[begin:begin + BATCH]
            for place, pcm in zip(some, convert(some, store, folder)):
                put(out, place, pcm, plan["seconds"])
                os.unlink(pcm)


def convert(places, store, folder):
    inputs, outputs, made = [], [], []
    for i, place in enumerate(places):
        wav = fetch_artifact(store, place["audio"], folder / f"piece-{i}.wav")
        made.append(folder / f"piece-{i}.pcm")
        inputs += ffmpeg.own(wav, "wav")
        outputs += ["-map", f"{i}:a:0"]
        if place["tempo"] != 1:
            outputs += ["-af", f"atempo={place['tempo']:.4f}"]
        outputs += ["-ac", 1, "-ar", RATE, "-f", "s16le", made[-1]]
    try:
        ffmpeg.run(*inputs, *outputs)
    except InvalidInput as why:
        raise InvalidInput(f"a piece of speech cannot be played: {why}") from None
    return made


def put(out, place, pcm, seconds):
    begin = round(place["at"] * RATE)
    end = min(round((place["at"] + place["play_seconds"]) * RATE),
              round(seconds * RATE))
    with open(pcm, "rb") as file:
        sound = array.array("h", file.read(max(0, end - begin) * 2))
    fade = round(place["fade_out_seconds"] * RATE)
    for i in range(max(0, end - begin - fade), len(sound)):
        sound[i] = int(sound[i] * (end - begin - i - 1) / fade)
    out.seek(begin * 2)
    sound.tofile(out)


def write_levels(level, seconds, path):
    count = math.ceil((seconds + 1) * LEVELS)
    with open(path, "wb") as out:
        for begin in range(0, count, 1 << 15):
            array.array("h", (
                round(32_767 * level(i / LEVELS))
                for i in range(begin, min(count, begin + (1 << 15))))).tofile(out)
    return path


def gain_to(target, loud):
    if loud <= ffmpeg.SILENCE:
        return 0.0
    return max(-MOST_GAIN, min(MOST_GAIN, target - loud))


class mix:
    """ffmpeg's inputs and a graph that ends in [out]."""

    def __init__(self, plan, source, sound, speech, folder):
        self.plan = plan
        self.inputs = list(ffmpeg.own(speech, "s16le", "-ar", str(RATE),
                                      "-ac", "1"))
        self.graph = f"[0:a]{AT_RATE},aformat=sample_fmts=fltp[out]"
        self.count = 1
        self.source, self.folder = source, folder
        self.first_sound = f"0:{sound}"
        self.over = plan.get("original") or plan["kept"]
        self.rich = bool(self.over or plan["background"])

    def layers(self, store):
        target = self.plan["loudness_lkfs"]
        if self.rich:
            spoken, _ = ffmpeg.measure(self.inputs, f"[0:a]{AT_RATE},{STEREO}[out]")
            self.graph = (f"[0:a]{AT_RATE},{STEREO},"
                          f"volume={gain_to(target, spoken):.6f}dB[out]")
        if self.over:
            level = original_level(self.plan)
            chain = (f"aresample={RATE}:async=1:first_pts=0,{STEREO},apad,"
                     f"atrim=end={self.plan['seconds']:.6f}")
            below, _ = ffmpeg.measure(ffmpeg.source(self.source),
                                      f"[{self.first_sound}]{chain}[out]")
            self.beneath(ffmpeg.source(self.source),
                         f"{self.first_sound.partition(':')[2]}", chain,
                         gain_to(target, below) + level.top_db, level.at, "bed")
        if self.plan["background"]:
            whole, _ = ffmpeg.measure(
                ffmpeg.source(self.source),
                f"[{self.first_sound}]{AT_RATE},{STEREO}[out]")
            file = fetch_artifact(store, self.plan["background"],
                                  self.folder / "background")
            # It is not ducked; it pauses where the original is heard by itself.
            pauses = original_level(self.plan | {
                "original": {"gain_db": 0, "ducked_gain_db": 0,
                             "ramp_seconds": 0, "ducks": []},
                "muted": self.plan["kept"], "kept": []})
            self.beneath(("-protocol_whitelist", "file,pipe", "-format_whitelist",
                          ffmpeg.SOURCE_FORMATS, "-i", str(file)), "a:0",
                         f"{AT_RATE},{STEREO},apad,"
                         f"atrim=end={self.plan['seconds']:.6f}",
                         gain_to(target, whole), pauses.at, "pauses")

    def beneath(self, file, stream, chain, gain, level, name):
        """One more sound, multiplied with its level over time."""
        levels = write_levels(level, self.plan["seconds"],
                              self.folder / f"{name}.pcm")
        n, self.count = self.count, self.count + 2
        self.inputs += [*file, *ffmpeg.own(levels, "s16le", "-ar", str(LEVELS),
                                           "-ac", "1")]
        self.graph = (
            self.graph.removesuffix("[out]") + f"[above{n}];"
            f"[{n}:{stream}]{chain},volume={gain:.6f}dB[sound{n}];"
            f"[{n + 1}:a]{WIDE}[level{n}];[sound{n}][level{n}]amultiply[below{n}];"
            f"[above{n}][below{n}]amix=inputs=2:duration=first:normalize=0[out]")

    def encode(self, gain, ceiling, to):
        limiter = "" if ceiling is None else (
            ",aresample=192000,alimiter=level=false:latency=true:limit="
            f"{max(0.0625, min(1.0, 10 ** (ceiling / 20))):.6f},{AT_RATE}")
        ffmpeg.run(*self.inputs, "-filter_complex",
                   f"{self.graph};[out]volume={gain:.6f}dB{limiter}[dub]",
                   "-map", "[dub]", "-t", f"{self.plan['seconds']:.6f}",
                   "-c:a", "aac", "-b:a", "192k" if self.rich else "128k",
                   "-f", "mp4", to)


def make_track(what, to):
    """Codes the mix at the plan's loudness; (LKFS, peak), None for silence.
    Coding adds to the peaks: then it is limited lower, and coded again."""
    target, highest = what.plan["loudness_lkfs"], what.plan["true_peak_db"]
    loud, peak = ffmpeg.measure(what.inputs, what.graph)
    gain, makeup = gain_to(target, loud), 0.0
    if peak + gain <= highest - AMPLE_ROOM:
        what.encode(gain, None, to)
        return None if loud <= ffmpeg.SILENCE else (loud + gain, peak + gain)
    ceiling = highest - 1
    for left in reversed(range(ROUNDS)):
        what.encode(gain + makeup, ceiling, to)
        loud, peak = ffmpeg.measure(ffmpeg.own(to, "mp4"), "[0:a]anull[out]")
        missing = target - loud if left > 1 else 0.0
        louder = max(0.0, min(12.0, makeup + missing))
        right = abs(missing) <= 1 or louder == makeup
        if not left or (peak <= highest and right):
            break
        if peak > highest:
            ceiling -= peak - highest + 0.2
        makeup = makeup if right else louder
    return loud, peak
