"""ffmpeg and ffprobe as children that die with this process and open nothing
but the files they are given."""
import ctypes
import json
import math
import os
import re
import resource
import signal
import subprocess

from failures import DiskFull, InvalidInput, LimitExceeded

LONGEST = 12 * 3600  # seconds of media
# All of these hold their media themselves: a playlist would open other files.
SOURCE_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,"
                  "asf,ogg,mp3,flac,aac,wav")
NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large",
           "Read-only file system")
SILENCE = -70.0  # LKFS
_libc = ctypes.CDLL(None, use_errno=True)


def _in_child():
    _libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    os.nice(5)
    for limit, most in ((resource.RLIMIT_AS, 6 << 30),
                        (resource.RLIMIT_FSIZE, 64 << 30)):
        _, hard = resource.getrlimit(limit)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(limit, (most, most))


def _run(command):
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, preexec_fn=_in_child)
    try:
        out, said = process.communicate()
    except BaseException:  # a revoked task, a time limit
        process.kill()
        process.wait()
        raise
    said = said.decode(errors="replace")
    if process.returncode < 0:
        raise RuntimeError(
            f"{command[0]} was ended by signal {-process.returncode}")
    if any(line.endswith(NO_ROOM) for line in said.splitlines()):
        raise DiskFull("the disk of the worker's scratch folder is full")
    if process.returncode:
        raise InvalidInput(f"{command[0]}: {last_words(said)}")
    return out.decode(errors="replace"), said


def last_words(text):
    """The last line that says something, without the names of folders."""
    lines = [x.strip() for x in text.splitlines()
             if x.strip() and x.strip() != "Conversion failed!"]
    return re.sub(r"/\S*/", "", lines[-1]) if lines else "it gave no reason"


def run(*args, level="error"):
    """(stdout, stderr) of ffmpeg."""
    return _run(["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-v", level,
                 "-y", *map(str, args)])


def source(path):
    """A source as input: on the clock of its container (an offset, however
    small, keeps ffmpeg from beginning at the first stream that is used)."""
    return ("-protocol_whitelist", "file,pipe", "-format_whitelist",
            SOURCE_FORMATS, "-itsoffset", "0.000001", "-i", str(path))


def own(path, kind, *options):
    """A file of ours as input."""
    return ("-protocol_whitelist", "file,pipe", "-f", kind, *options, "-i",
            str(path))


def seconds_of(said):
    """Where `-progress` says that it ended."""
    found = re.findall(r"^out_time_us=(-?\d+)", said, re.M)
    return max(0.0, int(found[-1]) / 1e6) if found else 0.0


def probe(path):
    """{video, audio, container, seconds}: streams are ffprobe's objects."""
    try:
        out, _ = _run([
            "ffprobe", "-hide_banner", "-v", "error", "-of", "json",
            "-show_entries",
            "format=format_name,duration:stream=index,codec_type,codec_name:"
            "stream_disposition=attached_pic,timed_thumbnails",
            "-protocol_whitelist", "file,pipe", "-format_whitelist",
            SOURCE_FORMATS, "-i", str(path)])
        found = json.loads(out)
    except (InvalidInput, ValueError):
        found = {}
    streams = found.get("streams", [])
    if not streams:
        raise InvalidInput("the source is not a video: ffmpeg cannot read it")

    def first(kind):
        for x in streams:
            still = x.get("disposition", {})
            if x.get("codec_type") == kind and not (
                    still.get("attached_pic") or still.get("timed_thumbnails")):
                return x
        return None
    form = found.get("format", {})
    try:
        seconds = float(form.get("duration", 0))
    except ValueError:
        seconds = 0.0
    if not math.isfinite(seconds) or seconds < 0:
        seconds = 0.0
    facts = {"video": first("video"), "audio": first("audio"),
             "container": form.get("format_name", ""), "seconds": seconds}
    if not facts["video"]:
        raise InvalidInput(
            "the source is not a video: it has no moving picture")
    if not facts["audio"]:
        raise InvalidInput("the source has no sound, so there is nothing to dub")
    if seconds > LONGEST:
        raise LimitExceeded("the source is longer than 12 hours")
    return facts


def measure(inputs, graph):
    """(LKFS, true peak in dB) of what the graph gives to [out]."""
    _, said = run(*inputs, "-filter_complex",
                  graph + ";[out]ebur128=peak=true:framelog=verbose[measured]",
                  "-map", "[measured]", "-f", "null", "-", level="info")
    loud = re.findall(r" I: +(\S+)", said)
    peak = re.findall(r" Peak: +(\S+)", said)
    if not loud or not peak:
        raise RuntimeError("ffmpeg measured no loudness")
    return (max(_finite(loud[-1], SILENCE), SILENCE),
            max(_finite(peak[-1], -100.0), -100.0))


def _finite(text, otherwise):
    value = float(text)
    return value if math.isfinite(value) else otherwise
