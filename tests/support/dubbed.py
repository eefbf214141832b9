"""What a dubbed video sounds like and says, measured without the program."""
import array
import math
import re
import subprocess

RATE = 8000
STEP = RATE // 100  # samples of one level: 10 ms
FLOOR = 1e-9


def ffmpeg(*arguments):
    """What ffmpeg writes to its standard output and error."""
    ran = subprocess.run(
        ["ffmpeg", "-nostdin", "-hide_banner", *map(str, arguments)],
        capture_output=True, check=True, timeout=300)
    return ran.stdout, ran.stderr.decode(errors="replace")


def sound(path, stream="0:a:0", filters="anull"):
    """Mono samples at 8 kHz."""
    data, _ = ffmpeg("-v", "error", "-i", path, "-map", stream, "-af", filters,
                     "-ac", 1, "-ar", RATE, "-f", "s16le", "-")
    return array.array("h", data)


def levels(samples):
    """Root mean square of each 10 ms, 0-1."""
    return [math.sqrt(sum(s * s for s in samples[i:i + STEP]) / STEP) / 32768
            for i in range(0, len(samples) - STEP + 1, STEP)]


def decibels(level):
    return 20 * math.log10(max(level, FLOOR))


def correlation(one, other):
    """Pearson's, over the length both have."""
    n = min(len(one), len(other))
    one, other = one[:n], other[:n]
    mean_one, mean_other = sum(one) / n, sum(other) / n
    both = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other))
    return both / math.sqrt(sum((a - mean_one) ** 2 for a in one)
                            * sum((b - mean_other) ** 2 for b in other))


def place(pieces, seconds):
    """The track that the pieces make: [(wav, at, tempo, play_seconds)], each
    silent after `play_seconds`."""
    track = array.array("h", bytes(2 * int(seconds * RATE)))
    for wav, at, tempo, play in pieces:
        piece = sound(wav, filters=f"atempo={tempo}")[:int(play * RATE)]
        begin = int(at * RATE)
        piece = piece[:len(track) - begin]
        track[begin:begin + len(piece)] = piece
    return track


def loudness(path):
    """Integrated loudness in LUFS and true peak in dB."""
    _, said = ffmpeg("-v", "info", "-i", path, "-map", "0:a:0", "-af",
                     "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
    summary = said[said.rindex("Integrated loudness"):]
    return (float(re.search(r"I:\s+(\S+) LUFS", summary).group(1)),
            float(re.search(r"Peak:\s+(\S+) dBFS", summary).group(1)))


def clock(text):
    hours, minutes, rest = text.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def cues(text):
    """[(start, end, text)] of SubRip or WebVTT; raises when it is neither."""
    blocks = [b for b in re.split(r"\n\n+", text.replace("\r\n", "\n").strip())]
    web = blocks[0].startswith("WEBVTT")
    out = []
    for number, block in enumerate(blocks[1:] if web else blocks, 1):
        lines = block.split("\n")
        if not web and lines.pop(0) != str(number):
            raise ValueError(f"cue {number} has no number: {block!r}")
        times = re.fullmatch(
            r"(\d+:\d\d:\d\d[.,]\d{3}) --> (\d+:\d\d:\d\d[.,]\d{3})", lines[0])
        if not times or (("," in lines[0]) == web):
            raise ValueError(f"cue {number} has no times: {block!r}")
        out.append((clock(times.group(1)), clock(times.group(2)),
                    " ".join(lines[1:])))
    return out
