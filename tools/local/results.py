"""Fetches a finished job's files to where the user finds them."""
import json
import os

from local import calls
from local.errors import refused


def text_of(url):
    status, body = calls.call("GET", url)
    if status != 200:
        raise refused(f"{url} answered {status}.")
    return body


def write(path, body):
    """Complete or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(body)
    os.replace(part, path)
    return path


def video_url(everything, number, language):
    """Of the first language, as its user gets it: from the gateway."""
    if language:
        return (f"{everything.urls['orchestrator']}/jobs/{number}"
                f"/artifacts/video?language={language}")
    status, answer = calls.get_json(
        f"{everything.urls['gateway']}/api/v1/job/{number}/download")
    if status != 200 or not answer:
        raise refused(f"The gateway has no dubbed video (it answered {status}).")
    return answer["url"]


def save(everything, number, folder, stem, language=None):
    """Writes STEM.mp4, .srt, .vtt, .report.html and .report.json; their paths
    by kind, and the report itself. `language`: a further one of the job."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(f"Cannot make the folder {folder}: {error.strerror}."
                      ) from error
    video = folder / f"{stem}.mp4"
    calls.download(video_url(everything, number, language), video)
    job = f"{everything.urls['orchestrator']}/jobs/{number}"
    which = f"?language={language}" if language else ""
    saved = {"video": video}
    for kind in ("srt", "vtt"):
        saved[kind] = write(folder / f"{stem}.{kind}",
                            text_of(f"{job}/artifacts/{kind}{which}"))
    report = text_of(f"{job}/report{which}")
    saved["json"] = write(folder / f"{stem}.report.json", report)
    saved["html"] = write(folder / f"{stem}.report.html",
                          text_of(f"{job}/artifacts/report_html{which}"))
    saved["report"] = json.loads(report)
    return saved


def picture_copied(report):
    return report["video"]["picture"] == "copied"


def tell(source, saved):
    """`saved`: of each language."""
    print(f"  original   {source}")
    for files in saved:
        print(f"  dubbed     {files['video']}")
        print(f"  subtitles  {files['srt']}, {files['vtt'].name}")
        print(f"  report     {files['html']}, {files['json'].name}")
