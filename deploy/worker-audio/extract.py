"""The source's first sound on the source's clock, as long as the source."""
import math
import os
import wave

import ffmpeg
from failures import InvalidInput, LimitExceeded

RATE = 16_000
BELIEVABLE = 0.5  # seconds; coders add up to a few frames at the end


def extract(source, pcm, wav):
    """Writes `wav` (16 kHz, mono, 16 bit); its length in seconds. `pcm`: a
    file for the way there."""
    facts = ffmpeg.probe(source)
    try:
        ffmpeg.run(*ffmpeg.source(source), "-map", f"0:{facts['audio']['index']}",
                   "-vn", "-sn", "-dn", "-ac", 1, "-ar", RATE, "-af",
                   "aresample=async=1:first_pts=0", "-t", ffmpeg.LONGEST + 1,
                   "-f", "s16le", pcm)
    except InvalidInput as why:
        raise InvalidInput(
            f"the source's sound cannot be read: {why}") from None
    heard = os.path.getsize(pcm) / 2 / RATE
    if not heard:
        raise InvalidInput("the source's sound is empty")
    seconds = length(source, facts, heard)
    if seconds > ffmpeg.LONGEST:
        raise LimitExceeded("the source is longer than 12 hours")
    samples = round(seconds * RATE)
    os.truncate(pcm, samples * 2)  # silence is added where it is too short
    with wave.open(str(wav), "wb") as out, open(pcm, "rb") as sound:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.setnframes(samples)
        while block := sound.read(1 << 20):
            out.writeframesraw(block)
    return seconds


def length(source, facts, heard):
    """What the container says is believed when it fits to what was read."""
    said = facts["seconds"]
    if said and math.fabs(said - heard) <= BELIEVABLE:
        return said
    told, _ = ffmpeg.run(*ffmpeg.source(source), "-progress", "pipe:1",
                         "-map", f"0:{facts['video']['index']}",
                         "-c", "copy", "-f", "null", "-")
    end = max(heard, ffmpeg.seconds_of(told))
    return said if said and math.fabs(said - end) <= BELIEVABLE else end
