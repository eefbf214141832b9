"""The worker for sound of a dubbing platform: Celery and ffmpeg.

    celery -A worker_audio worker -Q celery

Its two tasks are what dubber-orchestrator asks for with MEDIA_WORKER=celery
(docs/celery.md). Settings come from the environment: RABBITMQ_URL, REDIS_URL
(none: results go to the queue that each message names), STORE_URL or the
MINIO_* variables, SCRATCH_DIR, CELERY_QUEUE, CELERY_EXTRACT_TASK and
CELERY_MERGE_TASK."""
import contextlib
import errno
import os
import pathlib
import shutil
import signal
import tempfile

from celery import Celery
from celery.utils.log import get_task_logger

import dub
import ffmpeg
from extract import extract
from failures import DiskFull
from mux import mux
from plan import read_plan
from storage import fetch_artifact, open_store, sha256_of

env = os.environ
log = get_task_logger(__name__)
store = open_store(env)
scratch = pathlib.Path(env.get("SCRATCH_DIR")
                       or pathlib.Path(tempfile.gettempdir(), "worker-audio"))

app = Celery("worker-audio",
             broker=env.get("RABBITMQ_URL")
             or "amqp://guest:guest@rabbitmq:5672//",
             backend=env.get("REDIS_URL") or "rpc://")
app.conf.update(
    task_default_queue=env.get("CELERY_QUEUE") or "celery",
    task_serializer="json", result_serializer="json", accept_content=["json"],
    task_track_started=True,
    # A task whose worker dies goes to another one; each takes only what it can
    # begin at once.
    task_acks_late=True, worker_prefetch_multiplier=1,
    result_expires=24 * 3600, broker_connection_retry_on_startup=True,
    worker_send_task_events=False, worker_enable_remote_control=True)


@contextlib.contextmanager
def workplace(task, what):
    """A folder of this process for one task. It goes with the task, also when
    that is revoked; what a killed process left goes with the next one."""
    scratch.mkdir(parents=True, exist_ok=True)
    for left in scratch.glob("*-*"):
        if not pathlib.Path("/proc", left.name.partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
    log.info("%s %s trace=%s", task.request.id, what,
             getattr(task.request, "traceparent", None) or "none")

    def ended(*_):
        raise SystemExit(128 + signal.SIGTERM)
    before = signal.signal(signal.SIGTERM, ended)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=scratch))
    try:
        yield folder
    except OSError as why:
        if why.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise DiskFull(f"the worker's disk: {why.strerror}") from None
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


def kept(file, key, seconds, **more):
    sha256 = sha256_of(file)
    store.put(file, key, sha256)
    return {"key": key, "sha256": sha256, "bytes": os.path.getsize(file),
            "seconds": seconds, **more}


@app.task(bind=True, name=env.get("CELERY_EXTRACT_TASK")
          or "worker_audio.extract_audio")
def extract_audio(self, job_id, run, source_key, output_key):
    """The source's sound as 16 kHz mono WAV."""
    with workplace(self, f"extracts for job {job_id}, run {run}") as folder:
        store.get(source_key, folder / "source")
        seconds = extract(folder / "source", folder / "audio.pcm",
                          folder / "audio.wav")
        return kept(folder / "audio.wav", output_key, seconds)


@app.task(bind=True, name=env.get("CELERY_MERGE_TASK")
          or "worker_audio.merge_audio")
def merge_audio(self, job_id, run, plan_key, output_key):
    """The dubbed video, as the plan says."""
    with workplace(self, f"merges for job {job_id}, run {run}") as folder:
        store.get(plan_key, folder / "plan.json")
        plan = read_plan(folder / "plan.json")
        store.get(plan["source_key"], folder / "source")
        facts = ffmpeg.probe(folder / "source")
        subtitles = plan.get("subtitles")
        if subtitles and subtitles["bytes"]:
            subtitles = fetch_artifact(store, subtitles, folder / "dub.srt")
        else:
            subtitles = None
        dub.write_speech(plan, store, folder, folder / "speech.pcm")
        what = dub.mix(plan, folder / "source", facts["audio"]["index"],
                       folder / "speech.pcm", folder)
        what.layers(store)
        measured = dub.make_track(what, folder / "dub.m4a")
        picture = mux(plan, folder / "source", facts, folder / "dub.m4a",
                      subtitles, folder / "dubbed.mp4")
        more = {"picture": picture}
        if measured:
            more |= {"loudness_lkfs": measured[0], "true_peak_db": measured[1]}
        return kept(folder / "dubbed.mp4", output_key, plan["seconds"], **more)
