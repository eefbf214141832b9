"""How the real program starts, refuses to start, and stops."""
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import threading
import unittest

from support.program import BINARY, until
from support.whole import whole_test


class start_test(whole_test):
    def run_program(self, env):
        done = subprocess.run([BINARY], env={"PATH": os.environ["PATH"], **env},
                              capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout, done.stderr

    def test_every_mistake_in_one_message(self):
        where = self.make_program()
        (where.folder / "bad.json").write_text('{"services": {"asr": '
                                               '{"max_concurrent": 0}}}')
        code, out, err = self.run_program({
            "HTTP_PORT": "70000", "ASR_URL": "ftp://x", "LOG_LEVEL": "loud",
            "DRAIN_TIMEOUT": "soon", "JOURNAL_URL": "oracle:x",
            "POLICY_FILE": str(where.folder / "bad.json")})
        self.assertEqual((code, out), (2, ""))
        for name in ("HTTP_PORT", "ASR_URL", "LOG_LEVEL", "DRAIN_TIMEOUT",
                     "JOURNAL_URL", "services.asr.max_concurrent"):
            self.assertEqual(err.count(name), 1, err)
        self.assertIn("6 mistake", err)

    def test_port_taken(self):
        with contextlib.closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            where = self.make_program(env={"HTTP_PORT": str(port)})
            where.spawn()
            self.assertEqual(where.gone(10), 1)
        (told,) = where.events("start.failed")
        self.assertIn(f"cannot listen on 127.0.0.1:{port}", told["reason"])
        self.assertIn("in use", told["reason"])

    def test_port_taken_touches_no_job(self):
        where = self.make_program().start()
        self.told.control({"rules": [{"path": "GET /api/v1/job",
                                      "times": -1, "status": 503}]})
        self.add_jobs(where, [1])
        self.assertEqual(where.orchestrate(1)[0], 202)
        where.kill()
        self.told.control({"clear_rules": True})
        before = self.told.counts()["paths"]
        with contextlib.closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            where.spawn(HTTP_PORT=str(taken.getsockname()[1]))
            self.assertEqual(where.gone(10), 1)
        self.assertEqual(self.told.counts()["paths"], before)

    def test_second_process_on_the_same_journal(self):
        first = self.make_program().start()
        # A file of the first one's that a second start must not sweep.
        kept = first.data / "scratch" / "kept"
        kept.write_text("x")
        second = self.make_program(folder=first.folder)
        second.spawn()
        self.assertEqual(second.gone(10), 1)
        (told,) = second.events("start.failed")
        self.assertIn(f"another process owns it (process {first.process.pid})",
                      told["reason"])
        self.assertTrue(kept.exists())
        self.assertEqual(first.call("GET", "/readyz")[0], 200)
        self.assertEqual(first.stop()[0], 0)


class stop_test(whole_test):
    def test_idle(self):
        where = self.make_program().start()
        code, took = where.stop()
        self.assertEqual(code, 0)
        self.assertLess(took, 2)
        self.assertEqual(where.events("stop.done")[0]["journal"], "flushed")

    def test_in_the_middle_of_everything(self):
        where = self.make_program({"media": {"max_concurrent": 4}}).start()
        self.told.control({"rules": [
            {"path": "POST /transcribe", "times": -1, "delay": 0.3},
            {"path": "GET /audio", "times": -1, "delay": 0.05}]})
        jobs = self.add_jobs(where, range(1, 31))
        self.orchestrate_all(where, jobs)

        def all_at_once():
            open_calls = self.told.counts()["open"]
            merging = list((where.data / "scratch").glob("merge-*"))
            return (merging and where.children()
                    and open_calls.get("POST /transcribe")
                    and open_calls.get("GET /audio"))
        until(all_at_once, 30, "merges, downloads and calls at the same time")
        children = where.children()
        code, took = where.stop()
        self.assertEqual(code, 0, where.tail())
        self.assertLess(took, 4)
        for pid in children:
            self.assertFalse(os.path.exists(f"/proc/{pid}"), "ffmpeg lives on")
        self.assert_no_leftovers(where)
        self.assertEqual(where.events("stop.done")[0]["journal"], "flushed")

        self.told.control({"clear_rules": True})
        where.start()
        self.assertEqual(self.wait_for_end(where, len(jobs)),
                         {"completed": len(jobs)})
        self.assert_completed(jobs)
        self.assertEqual(where.stop()[0], 0)
        self.assert_results(where)

    def test_no_time_to_stop(self):
        """The limit ends the process, whatever it waits for; it is like a
        kill, and no more is lost than by one."""
        where = self.make_program(env={"DRAIN_TIMEOUT": "0s"}).start()
        self.told.control({"rules": [{"path": "POST /transcribe", "delay": 1,
                                      "times": -1}]})
        jobs = self.add_jobs(where, range(1, 5))
        self.orchestrate_all(where, jobs)
        until(lambda: self.calls("POST /transcribe"), 20, "calls are open")
        code, took = where.stop()
        self.assertEqual(code, 1 if where.events("stop.overdue") else 0)
        self.assertLess(took, 4)
        where.start(DRAIN_TIMEOUT="8s")
        self.assertEqual(self.wait_for_end(where, len(jobs)),
                         {"completed": len(jobs)})
        self.assertEqual(where.stop()[0], 0)

    def test_requests_in_flight_are_answered(self):
        """Intake waits for a slow gateway; the stop does not lose its answer."""
        where = self.make_program().start()
        self.told.control({"rules": [{"path": "GET /api/v1/job", "times": -1,
                                      "delay": 30}]})
        self.add_jobs(where, [1])
        answers = []
        asker = threading.Thread(
            target=lambda: answers.append(where.orchestrate(1)))
        asker.start()
        until(lambda: self.calls("GET /api/v1/job"), 5, "the fetch began")
        code, took = where.stop()
        asker.join(10)
        self.assertEqual(code, 0)
        self.assertLess(took, 6)
        status, _, body = answers[0]
        self.assertEqual((status, body["job"]),
                         (202, {"id": 1, "status": "QUEUED"}))

    def test_intake_while_stopping(self):
        """A journal that cannot be flushed keeps the stop busy for a while."""
        where = self.make_program(env={"DRAIN_TIMEOUT": "6s"}).start()
        self.add_jobs(where, [1])
        where.limit_files(0)
        answers = []
        asker = threading.Thread(
            target=lambda: answers.append(where.orchestrate(1)))
        asker.start()
        until(lambda: where.call("GET", "/readyz")[0] == 503, 5, "no journal")
        where.process.send_signal(signal.SIGTERM)
        until(lambda: where.events("stop.begun"), 2, "the stop begins")
        status, _, body = where.call("GET", "/readyz")
        self.assertEqual((status, body["status"]), (503, "stopping"))
        status, head, body = where.orchestrate(2)
        self.assertEqual((status, body["code"]), (503, "stopping"))
        self.assertGreater(int(head["Retry-After"]), 0)
        self.assertEqual(where.gone(6), 0)
        asker.join(10)
        self.assertEqual((answers[0][0], answers[0][2]["code"]),
                         (503, "journal_away"))
        self.assertEqual(where.events("stop.done")[0]["journal"],
                         "not flushed in time")
        where.start()
        self.assertEqual(where.orchestrate(1)[0], 202)  # it was not accepted


if __name__ == "__main__":
    unittest.main()
