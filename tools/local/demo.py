"""./dev demo: one video through the whole, from the upload to the checked dub."""
import os
import pathlib
import shutil
import tempfile
import time

from local import calls, check, media, results, sample
from local.errors import refused
from local.installation import REPLACEABLE, check_programs, installation
from local.progress import duration, progress

POLL = 0.25             # seconds between looks at the job
HAND_OVER_TIMEOUT = 10  # seconds until the gateway has told of a job
MARK = "process-of-this-demo"
ENDED = ("completed", "failed", "cancelled", "rejected", "parked")


def check_arguments(options):
    """Only what needs no program of ours and none of ffmpeg's."""
    if options.file and not options.file.exists():
        raise refused(f"There is no file {options.file}.")
    return 0


def own_services():
    """Services of the user's own, from the environment."""
    return {name: os.environ[variable]
            for name, variable in REPLACEABLE.items()
            if os.environ.get(variable)}


def scratch(build):
    """A folder of this run inside the build's. Those of killed runs go: nothing
    but folders in which we have left our mark."""
    runs = build / "demo-runs"
    runs.mkdir(exist_ok=True)
    for mark in runs.glob("run-*/" + MARK):
        if not pathlib.Path("/proc", mark.read_text().strip() or "-").exists():
            shutil.rmtree(mark.parent, ignore_errors=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=runs))
    (folder / MARK).write_text(f"{os.getpid()}\n")
    return folder


def pairs_of(answer):
    return [(pair["source"], pair["target"])
            for pair in (answer or {}).get("pairs", [])]


def check_languages(everything, source, targets):
    """Refuses a pair before anything is uploaded. A service that does not say
    what it knows is simply tried."""
    source = source.lower()
    heard = (everything.languages("asr") or {}).get("languages")
    if heard and source.split("-")[0] not in heard:
        raise refused(f"The recogniser does not know the language {source}; it "
                      f"knows: {', '.join(sorted(heard))}.")
    pairs = pairs_of(everything.languages("translate"))
    from_here = sorted(to for start, to in pairs
                       if start == source.split("-")[0])
    spoken = (everything.languages("tts") or {}).get("languages")
    for target in map(str.lower, targets):
        if pairs and target.split("-")[0] not in from_here:
            raise refused(
                f"There is no translation from {source} into {target}; from "
                f"{source} there is: {', '.join(from_here) or 'none'}.")
        if spoken and not {target, target.split("-")[0]} & set(spoken):
            raise refused(f"The speech engine has no voice for {target}.")


def job_at(everything, number):
    """The orchestrator's view of the job; None when it does not know it."""
    status, job = calls.get_json(
        f"{everything.urls['orchestrator']}/jobs/{number}")
    if status not in (200, 404) or (status == 200 and not job):
        raise refused(f"The orchestrator answered {status} when asked for job "
                      f"{number}.")
    return job if status == 200 else None


def watch(everything, number):
    """Shows the job until it has ended; its last view."""
    shown = progress()
    until = time.monotonic() + HAND_OVER_TIMEOUT
    try:
        while True:
            everything.check_alive()
            job = job_at(everything, number)
            if job:
                if job["state"] in ENDED:
                    return job
                shown.show(job)
            elif time.monotonic() > until:
                raise refused("The orchestrator was not told of the job within "
                              f"{HAND_OVER_TIMEOUT} s.")
            time.sleep(POLL)
    finally:
        shown.end()


def why_not(job, source):
    """The sentence for a job that ended without a dub."""
    error = job.get("error") or {}
    if error.get("code") == "no_speech":
        return f"No speech was recognised in {source}: there is nothing to dub."
    where = f" at {error['stage']}" if error.get("stage") else ""
    text = error.get("message") or f"it is {job['state']}"
    return f"The dub failed{where}: {text.rstrip('.')}."


def settings_of(options):
    settings = {"source_language": options.source,
                "keep_original": options.keep_original,
                "subtitles": options.subtitles}
    if options.voice:
        settings["voice"] = options.voice
    if len(options.to) > 1:
        settings["target_languages"] = options.to
    return settings


def dub(everything, options, source):
    """Uploads, watches, saves, checks; where everything lies, by language."""
    number = calls.upload(everything.urls["gateway"], source, options.to[0],
                          settings_of(options))
    print(f"Uploaded as job {number}; dubbing from {options.source} into "
          f"{', '.join(options.to)}:", flush=True)
    job = watch(everything, number)
    if job["state"] != "completed":
        raise refused(why_not(job, source))
    saved = []
    for language in options.to:
        further = None if language == options.to[0] else language
        files = results.save(everything, number, options.out,
                             f"{source.stem}.{language}", further)
        facts = check.check(source, files["video"], language, options.subtitles,
                            results.picture_copied(files["report"]))
        print("Checked:" if len(options.to) == 1 else f"Checked {language}:")
        for line in facts:
            print(f"  {line}")
        saved.append(files)
    return saved


def make_sample(options, folder):
    made = folder / "sample.mp4"
    sample.make(made)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "sample.mp4"
    shutil.copyfile(made, path)
    print(f"Made the sample clip {path}: a person reads from a novel.",
          flush=True)
    return path


def run(options):
    begun = time.monotonic()
    if options.file:
        media.check_source(options.file)
    check_programs(options.build)
    services = own_services()
    folder = scratch(options.build)
    try:
        for service, url in services.items():
            print(f"Using {url} for {service} ({REPLACEABLE[service]}).")
        with installation(options.build, folder, services=services,
                          fast=options.fast) as everything:
            print("Started the engines and the orchestrator on loopback.",
                  flush=True)
            check_languages(everything, options.source, options.to)
            source = options.file or make_sample(options, folder)
            saved = dub(everything, options, source)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("Results:")
    results.tell(source, saved)
    print(f"Everything is stopped. It took "
          f"{duration(time.monotonic() - begun)}.")
    return 0
