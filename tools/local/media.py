"""What ffprobe and ffmpeg say of a file."""
import fractions
import json
import os
import subprocess

from local.errors import refused

PROBE_TIMEOUT = 60.0
HASH_TIMEOUT = 3600.0
# A playlist that is named like a video must not open other files or addresses.
SAFE = ["-protocol_whitelist", "file,pipe"]
EXTENSIONS = (".mp4", ".avi", ".mkv", ".mov", ".flv", ".webm")  # the gateway's


def run(command, timeout):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=timeout,
                              capture_output=True, check=False)
    except subprocess.TimeoutExpired as error:
        raise refused(f"{command[0]} did not end within {timeout:.0f} s: "
                      f"{command[-1]}.") from error


def location(path):
    """A path that ffmpeg takes for neither an option nor an address."""
    return "file:" + os.path.abspath(path)


def probe(path):
    """ffprobe's format and streams; None when it cannot read the file."""
    ran = run(["ffprobe", "-v", "error", *SAFE, "-of", "json", "-show_format",
               "-show_streams", location(path)], PROBE_TIMEOUT)
    return json.loads(ran.stdout) if ran.returncode == 0 else None


def streams(facts, kind):
    """The streams of one kind; a cover picture is no video."""
    return [stream for stream in facts.get("streams", [])
            if stream.get("codec_type") == kind
            and not stream.get("disposition", {}).get("attached_pic")]


def seconds(facts):
    return float(facts["format"].get("duration", 0))


def frame_seconds(facts):
    """How long one picture is shown; of a variable rate, on average."""
    rate = fractions.Fraction(
        streams(facts, "video")[0].get("avg_frame_rate", "25/1")
        .replace("0/0", "25/1"))
    return float(1 / rate) if rate else 0.04


def video_hash(path, decoded=False):
    """Hash of the video's packets, or of its pictures."""
    how = [] if decoded else ["-c", "copy"]
    ran = run(["ffmpeg", "-nostdin", "-v", "error", *SAFE, "-i", location(path),
               "-map", "0:v:0", *how, "-f", "hash", "-hash", "md5", "-"],
              HASH_TIMEOUT)
    if ran.returncode:
        raise refused(f"ffmpeg cannot read the pictures of {path}: "
                      f"{ran.stderr.decode(errors='replace').strip()}.")
    return ran.stdout.decode().strip()


def check_source(path):
    """Refuses, in a sentence, what cannot be dubbed; ffprobe's facts else."""
    if not path.is_file():
        raise refused(f"There is no file {path}." if not path.exists()
                      else f"{path} is no file.")
    if not os.access(path, os.R_OK):
        raise refused(f"{path} may not be read by you.")
    if path.suffix.lower() not in EXTENSIONS:
        raise refused(f"{path} has none of the names of a video that are taken "
                      f"({', '.join(EXTENSIONS)}).")
    facts = probe(path)
    if facts is None or not facts.get("streams"):
        raise refused(f"{path} is no video that ffmpeg can read.")
    if not streams(facts, "video"):
        raise refused(f"{path} has no picture: it is no video.")
    if not streams(facts, "audio"):
        raise refused(f"{path} has no sound: there is nothing to dub.")
    return facts
