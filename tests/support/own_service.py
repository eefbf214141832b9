"""A service that only definitions of pipelines know: it parts music from
voices, and polishes texts."""
import array
import collections
import http.server
import io
import json
import threading
import wave

from support.film import RATE
from support.neighbour import multipart_file


def wav(samples):
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array.array("h", samples).tobytes())
    return out.getvalue()


class handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write

    def log_message(self, *_):
        pass

    def do_POST(self):
        told = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with told.lock:
            told.keys[self.path][self.headers["Idempotency-Key"]] += 1
            told.bodies[self.path].append(body)
        if self.path == "/separate":
            told.may_answer.wait(60)
            there = multipart_file(body, self.headers["Content-Type"])
            return self.answer("audio/wav", told.music if there else b"")
        text = json.loads(body)["text"]
        return self.answer("application/json", json.dumps(
            {"said": {"text": f"polished {text}"}}).encode())

    def answer(self, kind, data):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class own_service(http.server.ThreadingHTTPServer):
    """On a free loopback port (`url`) until closed."""
    daemon_threads = True

    def __init__(self, music=()):
        super().__init__(("127.0.0.1", 0), handler)
        self.lock = threading.Lock()
        self.keys = collections.defaultdict(collections.Counter)
        self.bodies = collections.defaultdict(list)
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.music = wav(music)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A caller that was killed, or did not wait: that is expected."""

    def calls(self, path):
        with self.lock:
            return dict(self.keys[path])

    def close(self):
        self.may_answer.set()
        self.shutdown()
        self.server_close()
