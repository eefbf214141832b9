"""Who may do what with the real program, under which name, and what can be
fetched of a job that has ended."""
import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import unittest

from support.program import BINARY
from support.whole import whole_test

TOKEN = "0123456789abcdef-ci"


def ask(where, method, path, headers=None, body=None):
    """(status, headers, bytes) of one call."""
    connection = http.client.HTTPConnection("127.0.0.1", where.port, timeout=15)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


class access_test(whole_test):
    def make_with_tokens(self, text, mode=0o600):
        where = self.make_program()
        file = pathlib.Path(where.folder, "tokens")
        file.write_text(text)
        file.chmod(mode)
        where.env["API_TOKENS_FILE"] = str(file)
        return where

    def test_who_did_it_is_in_the_history(self):
        where = self.make_with_tokens(f"# for CI\nci:{TOKEN}\n").start()
        self.told.control({"rules": [{"path": "POST /transcribe", "times": -1,
                                      "delay": 20}]})
        self.add_jobs(where, [1, 2])
        self.orchestrate_all(where, [1, 2])
        named = {"Authorization": f"Bearer {TOKEN}",
                 "Content-Type": "application/json"}
        why = json.dumps({"reason": "wrong \"film\"\n"})
        status, _, body = ask(where, "POST", "/jobs/1/pause", named, why)
        self.assertEqual((status, json.loads(body)["id"]), (202, 1))
        self.assertEqual(ask(where, "POST", "/jobs/1/pause", named, why)[0],
                         200)  # it is paused already
        self.assertEqual(ask(where, "POST", "/jobs/2/cancel")[0], 202)
        done = {e["type"]: (e["by"], e["reason"])
                for n in (1, 2) for e in where.history(n)
                if e["type"] in ("job.paused", "job.cancelled")}
        self.assertEqual(done, {"job.paused": ("ci", "wrong \"film\"\n"),
                                "job.cancelled": ("local", "")})
        self.assertNotIn(TOKEN.encode(), where.log)

    def test_a_page_elsewhere_steers_nothing(self):
        where = self.make_program().start()
        for headers in ({"Host": "evil.example"},
                        {"Origin": "http://evil.example"}):
            for method, path in (("POST", "/jobs/1/cancel"),
                                 ("POST", "/orchestrate"), ("GET", "/jobs")):
                status, _, body = ask(where, method, path, headers)
                self.assertEqual(status, 403)
                self.assertIn("foreign", json.loads(body)["code"])
        own = {"Origin": f"http://127.0.0.1:{where.port}"}
        self.assertEqual(ask(where, "GET", "/jobs", own)[0], 200)

    def test_tokens_that_are_none_stop_the_start(self):
        for text, mode, said in (
                ("ci:short\nno colon\n", 0o600, ("line 1", "line 2")),
                (f"ci:{TOKEN}\n", 0o644, ("chmod",)),
                ("", 0o600, ("holds no token",))):
            where = self.make_with_tokens(text, mode)
            done = subprocess.run([BINARY], env=where.env, capture_output=True,
                                  text=True, timeout=20, cwd=where.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            for part in said:
                self.assertIn("API_TOKENS_FILE: ", done.stderr)
                self.assertIn(part, done.stderr)
            self.assertNotIn(TOKEN, done.stderr)

    def test_what_a_job_leaves_can_be_fetched(self):
        where = self.make_program().start()
        self.add_jobs(where, [1])
        self.assertEqual(ask(where, "GET", "/jobs/1/report")[0], 404)
        where.orchestrate(1)
        self.assertEqual(self.wait_for_end(where, 1), {"completed": 1})
        links = where.job(1)["artifacts"]
        self.assertLessEqual({"video", "srt", "vtt", "report", "audio"},
                             set(links))
        for name, path in links.items():
            status, head, data = ask(where, "GET", path)
            self.assertEqual(status, 200, name)
            self.assertEqual(int(head["Content-Length"]), len(data))
            self.assertEqual(head["X-Content-Type-Options"], "nosniff")
        video = (where.store / "dubbed_1.mp4").read_bytes()
        status, head, data = ask(where, "GET", links["video"],
                                 {"Range": "bytes=100-199"})
        self.assertEqual((status, data), (206, video[100:200]))
        self.assertEqual(head["Content-Range"], f"bytes 100-199/{len(video)}")
        self.assertIn(b"-->", ask(where, "GET", links["srt"])[2])
        report = ask(where, "GET", "/jobs/1/report")[2]
        self.assertIsInstance(json.loads(report), dict)
        os.remove(where.store / "dubbed_1.mp4")
        status, _, body = ask(where, "GET", links["video"])
        self.assertEqual((status, json.loads(body)["code"]),
                         (404, "no_artifact"))


if __name__ == "__main__":
    unittest.main()
