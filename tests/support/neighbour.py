#!/usr/bin/env python3
"""All four neighbours of the orchestrator in one scripted program.

It speaks the API gateway's, ASR's, translate's and TTS's contracts on one port,
counts every call, and misbehaves on demand:

  GET  /_counts   {"paths": {"POST /translate": n}, "keys": {"POST /translate":
                  {Idempotency-Key: n}}, "open": {...}, "most_open": {...},
                  "subjects": {Idempotency-Key: text, or sha256 of the sound}}
  GET  /_jobs     every job with its PATCHes, oldest first
  POST /_control  {"reset": true, "jobs": [{"id": 1, ...}], "gone": [2],
                  "segments": 20, "clear_rules": true, "rules": [rule, ...]}

A rule applies to the calls of one path and is used up after `times` of them:
  path      "POST /translate"; a job's or a file's name is cut off ("GET /audio")
  contains  only calls whose body has this text        skip   let n of them pass
  name      only calls for this job or file            every  each n-th of them
  longer    only sound of more seconds
  times     how often (default 1; -1 for ever)
  delay     seconds of waiting before the call has an effect
  late      seconds of waiting afterwards, before the answer
  status, body, headers   the answer given instead of the right one (a lie is
                          status 200 with a wrong body)
  drop      the connection closes with no answer       half   only half an answer
"""
import argparse
import hashlib
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support.neighbour_script import script  # noqa: E402  (needs the path)


def multipart_file(body, content_type):
    """The content of the part named `file`; None when there is no such part."""
    _, found, boundary = content_type.partition("boundary=")
    if not found:
        return None
    mark = b"--" + boundary.strip('"').encode()
    for part in body.split(mark)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return content[:-2]
    return None


def subject(path, body, content_type):
    """What a keyed call is about: its text, or the sound's sha256."""
    if path == "POST /transcribe":
        return hashlib.sha256(multipart_file(body, content_type)
                              or b"").hexdigest()
    try:
        return json.loads(body).get("text")
    except (ValueError, AttributeError):
        return None


def missing(body, *names):
    """FastAPI's 422 when a field is not there or not text; else None."""
    wrong = [{"loc": ["body", name], "msg": "field required",
              "type": "value_error.missing"}
             for name in names if not isinstance(body.get(name), str)]
    return (422, {"detail": wrong}) if wrong else None


class handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write
    timeout = 60

    def log_message(self, *_):
        pass

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, status, body, kind="application/json", headers=(),
               half=False):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if half else data)
        self.wfile.flush()
        self.close_connection |= half

    def serve(self):
        body = self.read_body()
        where = urllib.parse.urlsplit(self.path).path
        told = self.server.script
        if where.startswith("/_"):
            return self.steer(told, where, body)
        # Job numbers and file names are no paths of their own in the counts.
        head, _, last = where.rpartition("/")
        named = head in ("/api/v1/job", "/audio")
        path = f"{self.command} {head if named else where}"
        key = self.headers.get("Idempotency-Key")
        about = key and subject(path, body,
                                self.headers.get("Content-Type", ""))
        rule = told.begin(path, key, about, last, body) or {}
        try:
            time.sleep(rule.get("delay", 0))
            if rule.get("drop"):
                self.close_connection = True
                return None
            status, content = self.reply(told, path, last, body)
            time.sleep(rule.get("late", 0))
            kind = ("audio/wav" if isinstance(content, bytes)
                    else "application/json")
            if "status" in rule or "body" in rule:
                status = rule.get("status", status)
                content = rule.get("body", '{"error": "scripted"}').encode()
            return self.answer(status, content, kind, rule.get("headers", {}),
                               rule.get("half", False))
        finally:
            told.end(path)

    def steer(self, told, where, body):
        if where == "/_counts":
            return self.answer(200, told.counts())
        if where == "/_jobs":
            return self.answer(200, told.all_jobs())
        if where == "/_control" and self.command == "POST":
            told.control(json.loads(body))
            return self.answer(200, {})
        return self.answer(404, {"detail": "Not Found"})

    def reply(self, told, path, last, body):
        """The right answer: status and JSON, or status and bytes."""
        if path == "GET /health":
            return 200, {"status": "ok"}
        if path == "GET /audio":
            return ((200, told.tone) if told.has_file(last)
                    else (404, {"detail": "Not Found"}))
        if path == "GET /api/v1/job" and last.isdigit():
            return told.get_job(int(last))
        if path == "POST /transcribe":
            audio = multipart_file(body, self.headers.get("Content-Type", ""))
            return (missing({}, "file") if audio is None
                    else told.transcribe(audio))
        try:
            fields = json.loads(body) if body else {}
        except ValueError:
            return 422, {"detail": [{"loc": ["body"], "msg": "not JSON"}]}
        if path == "PATCH /api/v1/job" and last.isdigit():
            return told.patch_job(int(last), fields)
        if path == "POST /translate":
            return missing(fields, "text", "source_lang", "target_lang") or (
                200, {"translated_text":
                      f"{fields['target_lang']}: {fields['text']}"})
        if path == "POST /synthesize":
            return missing(fields, "text", "lang") or told.synthesize()
        return 404, {"detail": "Not Found"}

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve


class server(http.server.ThreadingHTTPServer):
    """Listens on a free loopback port (`url`) in a thread until closed."""
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port=0, host="127.0.0.1"):
        super().__init__((host, port), handler)
        self.script = script()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """A caller that is killed resets its connections: that is expected."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def close(self):
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="scripted neighbour")
    options.add_argument("--port", type=int, default=0)
    neighbour = server(options.parse_args().port)
    print(neighbour.url, flush=True)
    try:
        neighbour.serve_forever()
    except KeyboardInterrupt:
        neighbour.server_close()
