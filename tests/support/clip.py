"""A small real video, made by ffmpeg once, and copies of it with other sound.

The sound is PCM, so that a copy needs no ffmpeg: the bytes of a mark in it are
exchanged. Other sound means other artifacts, texts and Idempotency-Keys.
"""
import pathlib
import random
import struct
import subprocess
import tempfile
import wave

SECONDS = 2
RATE = 16000
MARK = random.Random("mark").randbytes(32)  # 16 samples that occur only once


def _wav(path):
    noise = random.Random("sound")
    samples = [noise.randint(-3000, 3000) for _ in range(SECONDS * RATE)]
    data = bytearray(struct.pack(f"<{len(samples)}h", *samples))
    data[RATE:RATE + len(MARK)] = MARK
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(data))


class clip:
    """Bytes of a QuickTime file: 2 s of H.264 and PCM."""

    def __init__(self):
        with tempfile.TemporaryDirectory(prefix="dubber-clip-") as folder:
            sound = pathlib.Path(folder, "sound.wav")
            video = pathlib.Path(folder, "clip.mov")
            _wav(sound)
            subprocess.run(
                ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                 f"testsrc=size=64x48:rate=10:duration={SECONDS}", "-i", sound,
                 "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
                 "yuv420p", "-c:a", "pcm_s16le", video], check=True)
            self.data = video.read_bytes()
        if self.data.count(MARK) != 1:
            raise RuntimeError("ffmpeg did not copy the sound's samples")

    def write(self, path, number):
        """A copy whose sound is like no other number's."""
        mine = random.Random(number).randbytes(len(MARK))
        pathlib.Path(path).write_bytes(self.data.replace(MARK, mine))
