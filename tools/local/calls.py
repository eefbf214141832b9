"""HTTP calls to the programs on loopback: JSON, one upload, one download."""
import http.client
import json
import os
import shutil
import urllib.parse
import uuid

from local.errors import refused

TIMEOUT = 30.0
UPLOAD_TIMEOUT = 600.0  # of a single read or write, not of the whole
BLOCK = 1 << 20


def connect(url, timeout=TIMEOUT):
    """A connection, and the path to ask for. Proxies are never used."""
    parts = urllib.parse.urlsplit(url)
    kind = (http.client.HTTPSConnection if parts.scheme == "https"
            else http.client.HTTPConnection)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return kind(parts.hostname, parts.port, timeout=timeout), path


def call(method, url, body=None, headers=None, timeout=TIMEOUT):
    """Status and body; a connection that fails is a clear sentence."""
    connection, path = connect(url, timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise refused(f"No answer from {url}: {error or type(error).__name__}."
                      ) from error
    finally:
        connection.close()


def as_json(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def get_json(url):
    """Status, and the answer's JSON or None."""
    status, body = call("GET", url)
    return status, as_json(body)


def multipart(path, fields, boundary):
    """The length of the form, and its bytes block by block."""
    # As browsers do: what would end the quoted name is percent-encoded.
    name = path.name.translate({34: "%22", 10: "%0A", 13: "%0D"})
    head = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
        f"{value}\r\n".encode() for key, value in fields.items())
    # A file name that is no UTF-8 goes out as the bytes it has.
    head += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
             f'filename="{name}"\r\nContent-Type: application/octet-stream'
             "\r\n\r\n").encode(errors="surrogateescape")
    tail = f"\r\n--{boundary}--\r\n".encode()

    def blocks():
        yield head
        with open(path, "rb") as file:
            while block := file.read(BLOCK):
                yield block
        yield tail

    return len(head) + os.path.getsize(path) + len(tail), blocks()


def upload(gateway, path, language, options):
    """Gives the video to the gateway as a user would; the job's number."""
    boundary = uuid.uuid4().hex
    length, body = multipart(path, {"targetLang": language,
                                    "options": json.dumps(options)}, boundary)
    status, answer = call(
        "POST", gateway + "/api/v1/upload", body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}",
         "Content-Length": str(length)}, UPLOAD_TIMEOUT)
    told = as_json(answer)
    if status != 200 or not isinstance(told, dict) or "jobId" not in told:
        why = told.get("error") if isinstance(told, dict) else None
        raise refused(f"The gateway does not take {path.name}: "
                      f"{why or f'it answered {status}'}.")
    return told["jobId"]


def download(url, path):
    """Writes the answer to `path`, which appears only when it is complete."""
    part = path.with_name(path.name + ".part")
    connection, where = connect(url, UPLOAD_TIMEOUT)
    try:
        connection.request("GET", where)
        answer = connection.getresponse()
        if answer.status != 200:
            raise refused(f"{url.partition('?')[0]} answered {answer.status}.")
        with open(part, "wb") as file:
            shutil.copyfileobj(answer, file, BLOCK)
        if answer.length:
            raise refused(f"{url.partition('?')[0]} ended too early.")
        os.replace(part, path)
    except (OSError, http.client.HTTPException) as error:
        raise refused(f"Cannot save {path}: {error}.") from error
    finally:
        connection.close()
        part.unlink(missing_ok=True)
