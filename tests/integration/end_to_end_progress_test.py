"""What the terminal shows of a job."""
import io
import unittest

from local.progress import doing, duration, left, progress


class terminal(io.StringIO):
    def isatty(self):
        return True


def stage(name, state, total=1, done=0, attempt=1):
    return {"name": name, "state": state, "attempt": attempt,
            "items": {"total": total, "done": done, "failed": 0}}


RUNNING = {"state": "running", "progress": 0.42, "eta_seconds": {"p50": 75.2},
           "stages": [stage("asr", "done"),
                      stage("translate", "running", 12, 3),
                      stage("tts", "waiting", 12, 2),
                      stage("merge", "pending")]}


class progress_test(unittest.TestCase):
    def test_durations(self):
        self.assertEqual([duration(s) for s in (-1, 0.4, 59.6, 3599, 3661)],
                         ["0 s", "0 s", "1 min 0 s", "59 min 59 s", "1 h 1 min"])

    def test_what_a_job_does(self):
        self.assertEqual(doing(RUNNING), "translating 3/12, speaking 2/12")
        self.assertEqual(left(RUNNING), "1 min 15 s left")
        self.assertEqual(doing({"state": "queued"}), "queued")
        self.assertEqual(left({"eta_seconds": None}), "")
        self.assertEqual(doing({"stages": [stage("asr", "running", attempt=3)]}),
                         "recognising speech (attempt 3)")

    def test_what_it_waits_for(self):
        held = {**RUNNING, "waiting_for": {"kind": "hold", "service": "tts"}}
        self.assertIn("waiting for tts", doing(held))
        full = {**RUNNING, "waiting_for": {"kind": "permit", "service": "tts"}}
        self.assertNotIn("waiting for", doing(full))

    def test_plain_lines_only_when_something_begins(self):
        out = io.StringIO()
        shown = progress(out)
        shown.show(RUNNING)
        shown.show({**RUNNING, "progress": 0.5})
        shown.show({**RUNNING, "stages": [stage("merge", "running")]})
        shown.end()
        lines = out.getvalue().splitlines()
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], r"^   42 %  translating 3/12, speaking 2/12 "
                                   r"· 1 min 15 s left · \d+ s so far$")
        self.assertIn("putting it together", lines[1])

    def test_one_line_that_moves(self):
        out = terminal()
        shown = progress(out)
        shown.show(RUNNING)
        shown.show({**RUNNING, "progress": 1})
        shown.end()
        text = out.getvalue()
        self.assertNotIn("\n", text)
        self.assertIn("[##########..............]  42 %", text)
        self.assertIn("[########################] 100 %", text)
        self.assertTrue(text.endswith("\r\x1b[2K"))


if __name__ == "__main__":
    unittest.main()
