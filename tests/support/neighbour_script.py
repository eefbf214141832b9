"""What the scripted neighbour knows, counts and was told (see neighbour.py)."""
import collections
import hashlib
import io
import math
import struct
import threading
import time
import uuid
import wave

STATUSES = ("QUEUED", "PROCESSING", "COMPLETED", "FAILED")
PATCHABLE = ("status", "progress", "outputObjectKey", "estimatedTimeRemaining",
             "activity")


def tone(seconds=0.08, rate=24000):
    """A small WAV: what TTS says for everything."""
    samples = (int(8000 * math.sin(2 * math.pi * 440 * i / rate))
               for i in range(int(seconds * rate)))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", s) for s in samples))
    return out.getvalue()


def wav_seconds(data):
    """Length of the WAV inside `data`; None when there is none."""
    start = data.find(b"RIFF")
    if start < 0 or data[start + 8:start + 12] != b"WAVE":
        return None
    at, rate = start + 12, 0
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name == b"fmt ":
            rate = struct.unpack_from("<I", data, at + 16)[0]
        if name == b"data":
            size = min(size, len(data) - at - 8)
            return size / rate if rate else None
        at += 8 + size + size % 2
    return None


class script:
    """What the neighbour knows and was told; every method locks."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tone = tone()
        self.reset()

    def reset(self):
        self.jobs, self.patches, self.rules = {}, {}, []
        self.segments, self.files = 20, set()
        self.paths = collections.Counter()
        self.open = collections.Counter()
        self.most_open = collections.Counter()
        self.keys = collections.defaultdict(collections.Counter)
        self.subjects = {}

    def control(self, told):
        with self.lock:
            if told.get("reset"):
                self.reset()
            if told.get("clear_rules"):
                self.rules = []
            for number in told.get("gone", []):
                self.jobs.pop(int(number), None)
            self.segments = told.get("segments", self.segments)
            self.rules += [dict(rule) for rule in told.get("rules", [])]
            for job in told.get("jobs", []):
                now = time.strftime("%Y-%m-%dT%H:%M:%S")
                self.jobs[int(job["id"])] = {
                    "sourceObjectKey": f"{job['id']}_source.mp4",
                    "outputObjectKey": None, "targetLanguage": "es",
                    "optionsJson": "{}", "status": "QUEUED", "progress": 0,
                    "estimatedTimeRemaining": None, "activity": None,
                    "createdAt": now, "updatedAt": now, **job}
                self.patches[int(job["id"])] = []

    def counts(self):
        with self.lock:
            return {"paths": dict(self.paths), "open": dict(self.open),
                    "most_open": dict(self.most_open),
                    "keys": {path: dict(n) for path, n in self.keys.items()},
                    "subjects": dict(self.subjects)}

    def all_jobs(self):
        with self.lock:
            return [{**job, "patches": list(self.patches[number])}
                    for number, job in self.jobs.items()]

    def begin(self, path, key, about, name, body):
        """Counts a call; returns the rule that applies to it, or None."""
        with self.lock:
            self.paths[path] += 1
            self.open[path] += 1
            self.most_open[path] = max(self.most_open[path], self.open[path])
            if key:
                self.keys[path][key] += 1
                self.subjects[key] = about
            for rule in self.rules:
                if rule["path"] != path or rule.get("times", 1) == 0:
                    continue
                if rule.get("name", name) != name:
                    continue
                if rule.get("contains", "").encode() not in body:
                    continue
                if "longer" in rule and (wav_seconds(body) or 0) <= rule["longer"]:
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                    continue
                rule["seen"] = rule.get("seen", 0) + 1
                if rule["seen"] % rule.get("every", 1) != 0:
                    continue
                rule["times"] = rule.get("times", 1) - 1
                return rule
        return None

    def end(self, path):
        with self.lock:
            self.open[path] -= 1

    def get_job(self, number):
        with self.lock:
            if number not in self.jobs:
                return 404, {"error": "Job not found", "code": "JOB_NOT_FOUND"}
            return 200, dict(self.jobs[number])

    def patch_job(self, number, change):
        with self.lock:
            if number not in self.jobs:
                return 500, {"error": f"Job not found: {number}"}
            if change.get("status", "QUEUED") not in STATUSES:
                return 500, {"error": "No enum constant " + str(change["status"])}
            job = self.jobs[number]
            job.update({k: v for k, v in change.items() if k in PATCHABLE})
            self.patches[number].append(change)
            return 200, dict(job)

    def transcribe(self, audio):
        """Segments of equal length with texts that only this audio has."""
        seconds = wav_seconds(audio)
        if seconds is None:
            return 500, {"detail": "not a WAV file"}
        name = hashlib.sha256(audio).hexdigest()[:12]
        step = seconds / self.segments
        return 200, {"segments": [
            {"start": round(i * step, 3), "end": round((i + 0.9) * step, 3),
             "text": f"words of {name} number {i}"}
            for i in range(self.segments)]}

    def synthesize(self):
        name = f"{uuid.uuid4()}.wav"
        with self.lock:
            self.files.add(name)
        return 200, {"audio_path": "/srv/tts/output/" + name}

    def has_file(self, name):
        with self.lock:
            return name in self.files
