"""./dev demo and ./dev serve as a user types them, with the programs of this build."""
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from local import media, sample
from support import dubbed
from support.real import BUILD

LIMIT = 240  # seconds for a command that dubs


def ours(mark):
    """Numbers and command lines of running processes that have `mark` in it."""
    found = []
    for line in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = line.read_bytes().replace(b"\0", b" ").decode("latin-1")
        except OSError:
            continue  # it has ended just now
        if mark in text:
            found.append((int(line.parent.name), text))
    return found


class command_test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dubber-command-"))
        self.addCleanup(shutil.rmtree, self.folder)
        # A copy of the build's layout of its own: whatever runs out of it is ours.
        self.build = self.folder / "build"
        self.build.mkdir()
        for name in ("app", "engines"):
            (self.build / name).symlink_to(BUILD / name)
        self.addCleanup(self.assert_nothing_runs)

    def assert_nothing_runs(self):
        self.assertEqual(ours(str(self.folder)), [])

    def start(self, command, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "local", command, *map(str, arguments),
             "--build", str(self.build)], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)

    def say(self, command, *arguments):
        """Exit status, and everything that was printed."""
        running = self.start(command, *arguments)
        try:
            said, _ = running.communicate(timeout=LIMIT)
        finally:
            running.kill()
        return running.returncode, said

    def clip(self, name, *how):
        dubbed.ffmpeg("-v", "error", *how, "-y", self.folder / name)
        return name


class demo_test(command_test):
    def assert_refused(self, said, sentence):
        """Exit 1 and one sentence, the last line."""
        status, text = said
        self.assertEqual(status, 1, text)
        self.assertRegex(text.strip().splitlines()[-1], sentence)
        self.assertNotIn("Traceback", text)

    def test_the_sample(self):
        status, said = self.say("demo", "--out", "films")
        self.assertEqual(status, 0, said)
        for file in ("sample.mp4", "sample.es.mp4", "sample.es.srt",
                     "sample.es.vtt", "sample.es.report.html",
                     "sample.es.report.json"):
            self.assertGreater((self.folder / "films" / file).stat().st_size, 0)
        self.assertIn("bit for bit", said)
        self.assertRegex(said, r"(?m)^ +\d+ %  recognising speech")
        self.assertRegex(said, r" left · ")
        self.assertIn(str(pathlib.Path("films") / "sample.es.mp4"), said)
        self.assertEqual(list(self.build.glob("demo-runs/*")), [])

    def test_ones_own_video_into_another_language(self):
        sample.make(self.folder / "part.mp4")
        name = self.clip("Mein Vidéo.mkv", "-ss", 10, "-t", 7, "-i",
                         self.folder / "part.mp4")
        status, said = self.say("demo", name, "--to", "fr", "--keep-original",
                                "--no-subtitles", "--out", ".")
        self.assertEqual(status, 0, said)
        facts = media.probe(self.folder / "Mein Vidéo.fr.mp4")
        self.assertEqual([s["codec_type"] for s in facts["streams"]],
                         ["video", "audio"])

    def test_two_languages_at_once(self):
        sample.make(self.folder / "part.mp4")
        name = self.clip("short.mp4", "-ss", 10, "-t", 7, "-i",
                         self.folder / "part.mp4")
        status, said = self.say("demo", name, "--to", "es,ca,ES", "--out", ".")
        self.assertEqual(status, 0, said)
        self.assertIn("from en into es, ca:", said)
        for language, tag in (("es", "spa"), ("ca", "cat")):
            self.assertIn(f"Checked {language}:", said)
            facts = media.probe(self.folder / f"short.{language}.mp4")
            self.assertEqual({s["tags"]["language"] for s in facts["streams"]
                              if s["codec_type"] != "video"}, {tag})
            for kind in ("srt", "vtt", "report.json", "report.html"):
                self.assertGreater((self.folder / f"short.{language}.{kind}")
                                   .stat().st_size, 0)
        spanish, catalan = ((self.folder / f"short.{language}.srt").read_text()
                            for language in ("es", "ca"))
        self.assertNotEqual(spanish, catalan)

    def test_what_cannot_be_dubbed(self):
        self.assert_refused(self.say("demo", "nothing.mp4"),
                            "There is no file nothing.mp4")
        (self.folder / "text.mp4").write_text("no video at all\n" * 500)
        self.assert_refused(self.say("demo", "text.mp4"),
                            "text.mp4 is no video that ffmpeg can read")
        picture = ["-f", "lavfi", "-i", "testsrc2=s=160x120:d=4"]
        self.clip("mute.mp4", *picture)
        self.assert_refused(self.say("demo", "mute.mp4"),
                            "mute.mp4 has no sound")
        self.clip("only.mkv", "-f", "lavfi", "-i", "sine=d=2")
        self.assert_refused(self.say("demo", "only.mkv"),
                            "only.mkv has no picture")
        self.clip("hush.mp4", *picture, "-f", "lavfi", "-i",
                  "anullsrc=d=4", "-shortest")
        self.assert_refused(self.say("demo", "hush.mp4"),
                            "No speech was recognised in hush.mp4")

    def test_languages_that_are_not_there(self):
        self.assert_refused(self.say("demo", "--to", "hi"),
                            "no translation from en into hi; .*es, fr")
        self.assert_refused(self.say("demo", "--to", "es,hi"),
                            "no translation from en into hi")
        self.assert_refused(self.say("demo", "--from", "de"),
                            "does not know the language de")

    def test_ctrl_c_and_sigterm_leave_nothing(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                running = self.start("demo", "--out", "films")
                self.addCleanup(running.kill)
                for line in running.stdout:
                    if "recognising" in line:
                        break
                self.assertTrue(ours(str(self.folder / "build" / "engines")))
                running.send_signal(number)
                said, _ = running.communicate(timeout=30)
                self.assertEqual(running.returncode, status, said)
                self.assert_nothing_runs()
                self.assertEqual(list(self.build.glob("demo-runs/*")), [])

    def test_killed_the_engines_go_too(self):
        running = self.start("demo", "--out", "films")
        for line in running.stdout:
            if "recognising" in line:
                break
        running.kill()
        running.communicate()
        until = time.monotonic() + 30
        while ours(str(self.folder)) and time.monotonic() < until:
            time.sleep(0.05)
        self.assert_nothing_runs()
        # What it left goes with the next start, and nothing else does.
        others = self.build / "demo-runs" / "run-of-somebody"
        others.mkdir()
        self.assertEqual(len(list(others.parent.iterdir())), 2)
        self.say("demo", "--to", "hi")
        self.assertEqual(list(others.parent.iterdir()), [others])


class serve_test(command_test):
    def serve(self, port):
        """A running serve, and what it printed up to the lines to try."""
        running = self.start("serve", "--port", port, "--data", "kept")
        self.addCleanup(running.kill)
        said = ""
        for line in running.stdout:
            said += line
            if "/artifacts/video" in line:
                return running, said
        self.fail(f"it has ended: {said}")

    def stop(self, running):
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 0, said)
        self.assert_nothing_runs()

    def test_the_printed_lines_work_and_jobs_are_kept(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        running, said = self.serve(port)
        lines = re.findall(r"(?m)^  ((?:job=|curl).*)$", said)
        self.assertEqual(len(lines), 3, said)
        script = "\n".join((
            lines[0], f"for i in $(seq {LIMIT}); do answer=$({lines[1]})",
            "case $answer in *'\"state\":\"completed\"'*|*'\"state\":\"failed\"'*) break;; *) sleep 1;; esac",
            "done", 'echo "$answer"', lines[2]))
        ran = subprocess.run(["bash", "-c", script], capture_output=True,
                             cwd=self.folder, text=True, timeout=LIMIT,
                             check=True)
        job = json.loads(ran.stdout)
        self.assertEqual(job["state"], "completed", job)
        saved = media.probe(self.folder / "dubbed.mp4")
        self.assertEqual(len(saved["streams"]), 3)
        status, again = self.say("serve", "--port", port, "--data", "other")
        self.assertEqual(status, 1)
        self.assertIn(f"Port {port} is taken", again)
        self.stop(running)
        running, said = self.serve(port)
        ran = subprocess.run(
            ["curl", "-sf", f"http://127.0.0.1:{port}/jobs/{job['id']}"],
            capture_output=True, check=True)
        self.assertEqual(json.loads(ran.stdout)["state"], "completed")
        self.stop(running)


if __name__ == "__main__":
    unittest.main()
