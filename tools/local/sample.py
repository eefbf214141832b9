"""The sample clip: a person reads from a novel, under a drawn picture.

The voice is a volunteer's of LibriVox (public domain), out of Debian's package
pocketsphinx-testdata; the picture is ffmpeg's own.
"""
import pathlib

from local import media
from local.errors import refused

CLIPS = pathlib.Path("/usr/share/pocketsphinx/test/data/librivox")
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
TITLE = "Sense and Sensibility"
SUBTITLE = "Jane Austen, read for LibriVox (public domain)"
PAUSE = 0.6  # seconds before each clip and after the last
TIMEOUT = 300.0


def title(text, size, y):
    return (f"drawtext=fontfile={FONT}:text='{text}':fontcolor=white:"
            f"fontsize={size}:x=(w-text_w)/2:y={y}")


def make(path, most=None):
    """Writes the clip, an MP4 of about half a minute; of the first `most`
    sentences only, when that is given."""
    clips = sorted(CLIPS.glob("*.wav"))[:most]
    if not clips:
        raise refused(f"There are no clips in {CLIPS}: the Debian package "
                      "pocketsphinx-testdata is missing.")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    for clip in clips:
        command += ["-i", clip]
    spaced = "".join(f"[{n}:a]adelay={PAUSE * 1000:.0f}[c{n}];"
                     for n in range(len(clips)))
    joined = "".join(f"[c{n}]" for n in range(len(clips)))
    graph = (f"{spaced}{joined}concat=n={len(clips)}:v=0:a=1,"
             f"apad=pad_dur={PAUSE},aresample=48000,asplit[voice][seen];"
             "[seen]volume=3,showwaves=s=640x120:mode=cline:rate=25:colors=white[wave];"
             "gradients=s=640x360:r=25:c0=0x1b3a4b:c1=0x7a3b2e:speed=0.005:"
             f"seed=1,{title(TITLE, 40, 90)},{title(SUBTITLE, 18, 145)}[back];"
             "[back][wave]overlay=0:210:shortest=1,format=yuv420p[picture]")
    command += ["-filter_complex", graph, "-map", "[picture]", "-map",
                "[voice]", "-c:v", "libx264", "-preset", "veryfast", "-c:a",
                "aac", "-b:a", "96k", "-metadata:s:a:0", "language=eng",
                "-metadata", f"title={TITLE}", "-shortest", "-movflags",
                "+faststart", path]
    ran = media.run(command, TIMEOUT)
    if ran.returncode:
        raise refused("ffmpeg cannot make the sample clip: "
                      f"{ran.stderr.decode(errors='replace').strip()}")
