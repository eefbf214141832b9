"""The source's picture, the dubbed track and the subtitles in one MP4."""
import pathlib

import ffmpeg
from failures import InvalidInput

HELD_BY_MP4 = {"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video",
               "mpeg1video", "mjpeg", "vc1"}
BELIEVABLE = 1.0  # seconds that the result may differ from its plan
ANEW = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-vf",
        "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-fps_mode",
        "vfr")
LANGUAGES = {}  # two letters or three: (three letters, name)
for _line in (pathlib.Path(__file__).parent / "languages.txt").read_text(
        ).splitlines():
    _two, _three, _name = _line.split(" ", 2)
    LANGUAGES[_two] = LANGUAGES[_three] = (_three, _name)


def language(tag):
    """(ISO 639-2, English name) of a BCP 47 tag."""
    first = tag.replace("_", "-").partition("-")[0].lower()
    return LANGUAGES.get(first, ("und", tag))


def tags(track, plan, kind):
    code, name = language(plan["target_language"])
    of, title = f"-metadata:s:{track}", f"{name} ({kind})"
    return (of, f"language={code}", of, f"title={title}",
            of, f"handler_name={title}")


def copied(facts):
    codec = facts["video"]["codec_name"]
    more = ()
    if codec == "hevc":
        more = ("-tag:v", "hvc1")  # the one that all players know
    if codec == "mpeg4" and facts["container"] == "avi":
        more = ("-bsf:v", "mpeg4_unpack_bframes")
    return ("-c:v", "copy", *more)


def mux(plan, source, facts, track, subtitles, out):
    """What the picture was: `copied` or `h264`."""
    if facts["video"]["codec_name"] in HELD_BY_MP4:
        try:
            write(plan, source, facts, track, subtitles, out, copied(facts))
            return "copied"
        except (InvalidInput, RuntimeError):
            pass  # too little of the packets' times is known for a copy
    write(plan, source, facts, track, subtitles, out, ANEW)
    return "h264"


def write(plan, source, facts, track, subtitles, out, picture):
    inputs = [*ffmpeg.source(source), *ffmpeg.own(track, "mp4")]
    last = []
    if subtitles:
        inputs += ffmpeg.own(subtitles, "srt")
        last = ["-map", "2:s:0", "-c:s", "mov_text",
                *tags("s:0", plan, "subtitles")]
    told, _ = ffmpeg.run(
        *inputs, "-map", f"0:{facts['video']['index']}", "-map", "1:a:0",
        *picture, "-c:a", "copy", *tags("a:0", plan, "dub"), *last,
        "-progress", "pipe:1", "-write_tmcd", 0, "-movflags", "+faststart",
        "-f", "mp4", out)
    end = ffmpeg.seconds_of(told)
    if abs(end - plan["seconds"]) > BELIEVABLE:
        raise RuntimeError(f"the dubbed video is {end:.3f} s long, its source "
                           f"{plan['seconds']:.3f} s")
