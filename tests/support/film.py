"""A film whose every moment sounds different: bursts of noise with pauses."""
import array
import pathlib
import random
import subprocess
import tempfile
import wave

RATE = 16000


def sound(seconds, pauses=(), seed=1):
    """Samples of noise, mostly low, silent in `pauses`: [(from, to), ...]."""
    dice, level, out = random.Random(seed), 0.0, array.array("h")
    for _ in range(int(seconds * RATE)):
        level = 0.95 * level + dice.uniform(-900, 900)
        out.append(int(level))
    for begin, end in pauses:
        first, last = int(begin * RATE), int(end * RATE)
        out[first:last] = array.array("h", [0] * (last - first))
    return out


def write(path, samples):
    """A QuickTime file with a small picture and this sound."""
    with tempfile.TemporaryDirectory(prefix="dubber-film-") as folder:
        wav = pathlib.Path(folder, "sound.wav")
        with wave.open(str(wav), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
        seconds = len(samples) / RATE
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
             f"testsrc=size=64x48:rate=5:duration={seconds}", "-i", wav,
             "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
             "-c:a", "pcm_s16le", path], check=True)


def listen(path):
    """The first sound of a file, as samples."""
    heard = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:a:0",
         "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"],
        check=True, stdout=subprocess.PIPE).stdout
    return array.array("h", heard)


def between(samples, begin, end):
    return samples[int(begin * RATE):int(end * RATE)]


def likeness(one, other, most_lag=64):
    """How alike two sounds are, -1 to 1, shifted by up to 4 ms."""
    best = -1.0
    middle = one[most_lag:len(one) - most_lag]
    power = sum(x * x for x in middle)
    for lag in range(-most_lag, most_lag + 1, 2):
        part = other[most_lag + lag:most_lag + lag + len(middle)]
        common = sum(x * y for x, y in zip(middle, part))
        there = sum(y * y for y in part)
        if power and there:
            best = max(best, common / (power * there) ** 0.5)
    return best
