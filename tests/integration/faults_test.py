"""Neighbours that fail in every way: jobs survive, attempts are counted."""
import unittest

from support.program import until
from support.whole import SEGMENTS, whole_test

GATEWAY, ASR = "GET /api/v1/job", "POST /transcribe"
TRANSLATE, TTS, AUDIO = "POST /translate", "POST /synthesize", "GET /audio"
STAGE = {GATEWAY: "fetch", ASR: "asr", TRANSLATE: "translate", TTS: "tts",
         AUDIO: "tts"}
HTML = {"status": 200, "body": "<html>Sign in to the hotel's Wi-Fi</html>"}

# What the neighbour does (a rule), and the code of the failed attempt.
FAULTS = [
    (GATEWAY, {"status": 500}, "server_error"),
    (GATEWAY, HTML, "bad_answer"),
    (GATEWAY, {"half": True}, "bad_answer"),
    (ASR, {"status": 503, "headers": {"Retry-After": "1"}}, "busy"),
    (ASR, {"status": 502, "body": "<html>Bad Gateway</html>"}, "server_error"),
    (ASR, {"status": 200, "body": '{"segments": 7}'}, "bad_answer"),
    (ASR, {"half": True}, "bad_answer"),
    (TRANSLATE, {"status": 503, "headers": {"Retry-After": "1"}}, "busy"),
    (TRANSLATE, {"status": 409}, "busy"),
    (TRANSLATE, HTML, "bad_answer"),
    (TRANSLATE, {"status": 200, "body": "{}"}, "bad_answer"),
    (TRANSLATE, {"half": True}, "bad_answer"),
    (TTS, {"status": 429, "headers": {"Retry-After": "1"}}, "busy"),
    (TTS, {"status": 200, "body": '{"audio_path": 5}'}, "bad_answer"),
    (AUDIO, {"status": 200, "body": ""}, "bad_answer"),
    (AUDIO, {"status": 404}, "bad_answer"),
    (AUDIO, {"status": 200, "body": "no sound"}, "bad_answer"),
    (AUDIO, {"half": True}, "bad_answer"),
]
# A neighbour that is merely slowed by other load on the machine must not meet
# the deadline, too.
DEADLINE = 4
SLOW = [
    (GATEWAY, {"delay": DEADLINE + 1}, "timeout"),
    (ASR, {"late": DEADLINE + 1}, "timeout"),
    (TTS, {"delay": DEADLINE + 1}, "timeout"),
]

# The breaker stays out of it: while it is open, attempts are not charged.
CALM = {"consecutive": 1000, "min_calls": 1000}
TIMES = 2  # each fault twice in a row


class faults_test(whole_test):
    def setUp(self):
        super().setUp()
        self.where = self.make_program(self.services({})).start()

    @staticmethod
    def services(more):
        return {name: {"retry": {"max_attempts": 8}, "breaker": CALM, **more}
                for name in ("gateway", "asr", "translate", "tts")}

    def dub(self, number, path, rule, times=TIMES):
        """One job while the neighbour has the fault; its failed attempts."""
        self.told.control({"clear_rules": True, "rules": [
            {"path": path, "times": times, **rule,
             **({"name": str(number)} if path == GATEWAY else {})}]})
        self.add_jobs(self.where, [number])
        self.assertEqual(self.where.orchestrate(number)[0], 202)
        self.wait_for_end(self.where, number)
        self.assert_completed([number])
        return [e for e in self.where.history(number)
                if e["type"] == "attempt.failed"]

    def assert_attempts(self, failed, stage, code):
        """Numbered from 1 for each segment, all for the same reason."""
        self.assertEqual([(e["stage"], e["error"]["code"]) for e in failed],
                         [(stage, code)] * TIMES)
        by_segment = {}
        for each in failed:
            by_segment.setdefault(each["segment"], []).append(each["attempt"])
        for numbers in by_segment.values():
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_each_fault_costs_attempts_and_no_job(self):
        self.each_costs_attempts(FAULTS)

    def test_a_deadline_costs_attempts_and_no_job(self):
        self.where = self.make_program(self.services({"attempt_timeout": {
            "base": f"{DEADLINE}s", "per_media_second": "0s"}})).start()
        self.each_costs_attempts(SLOW)

    def each_costs_attempts(self, faults):
        for number, (path, rule, code) in enumerate(faults, 1):
            with self.subTest(path=path, rule=rule):
                before = self.told.counts()["paths"]
                failed = self.dub(number, path, rule)
                self.assert_attempts(failed, STAGE[path], code)
                # The same key for the same work, however often.
                self.assertEqual(len(self.keys(TRANSLATE)), number * SEGMENTS)
                self.assertEqual(len(self.keys(TTS)), number * SEGMENTS)
                self.assertEqual(len(self.keys(ASR)), number)
                if path != GATEWAY:  # which is asked again at the end
                    usual = 1 if path == ASR else SEGMENTS
                    self.assertEqual(self.calls(path) - before.get(path, 0),
                                     usual + TIMES)
                if wish := rule.get("headers", {}).get("Retry-After"):
                    for each in failed:
                        self.assertGreaterEqual(each["pause_seconds"],
                                                float(wish))

    def test_dropped_connections(self):
        """A kept-alive connection that is dead is no attempt; a fresh one is."""
        for number, path in enumerate((ASR, TRANSLATE, TTS, AUDIO), 1):
            with self.subTest(path=path):
                failed = self.dub(number, path, {"drop": True}, 4)
                self.assertLessEqual(len(failed), 4)
                self.assertGreaterEqual(len(failed), 2)
                for each in failed:
                    self.assertEqual((each["stage"], each["error"]["code"]),
                                     (STAGE[path], "unreachable"))

    def test_as_many_attempts_as_the_policy_says(self):
        """Then the job is parked for a person, with all it has; retry goes on
        from there."""
        where = self.make_program({"translate": {"retry": {"max_attempts": 3}}})
        where.start()
        self.told.control({"rules": [{"path": TRANSLATE, "times": -1,
                                      **HTML}]})
        self.add_jobs(where, [1])
        where.orchestrate(1)
        until(lambda: where.job(1)["state"] == "parked", 20, "parked")
        # The first segment goes alone: no other was even begun.
        self.assertEqual(list(self.keys(TRANSLATE).values()), [3])
        self.assertEqual(where.job(1)["error"]["code"], "bad_answer")
        until(lambda: self.row(1)["activity"].startswith("Needs attention"),
              5, "the gateway is told")
        self.assertEqual(self.row(1)["status"], "PROCESSING")
        self.assertEqual(where.stop()[0], 0)
        self.told.control({"clear_rules": True})
        where.start()
        self.assertEqual(where.job(1)["state"], "parked")
        self.assertEqual(self.calls(TRANSLATE), 3)

    def test_an_operator_can_read_what_happened(self):
        """One line a fact, by stable names, with job, stage, attempt, trace."""
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        where = self.make_program({}).start()
        self.told.control({"rules": [
            {"path": ASR, "times": 6, "status": 503}]})
        self.add_jobs(where, [1])
        where.call("POST", "/orchestrate", {"job_id": 1}, head={
            "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        self.wait_for_end(where, 1)
        lines = where.events("job.accepted", "attempt.failed",
                             "attempt.forgiven", "breaker.opened",
                             "breaker.closed", "stage.completed",
                             "job.completed")
        names = [line["event"] for line in lines]
        self.assertEqual(names[0], "job.accepted")
        self.assertEqual(names[-1], "job.completed")
        # The fifth failure opens the breaker: from then on none is charged.
        self.assertEqual(names.count("attempt.failed"), 4)
        self.assertEqual(names.count("attempt.forgiven"), 2)
        self.assertGreaterEqual(names.count("breaker.opened"), 1)
        self.assertEqual(names.count("breaker.closed"), 1)
        self.assertEqual(names.count("stage.completed"), 8)
        for line in lines:
            if not line["event"].startswith("breaker"):
                self.assertEqual((line["job"], line["run"], line["trace"]),
                                 ("1", "1", trace), line)
        failed = [line for line in lines if line["event"] == "attempt.failed"]
        self.assertEqual([line["attempt"] for line in failed],
                         ["1", "2", "3", "4"])
        self.assertEqual({(line["stage"], line["code"], line["level"])
                          for line in failed}, {("asr", "busy", "warn")})
        said = where.events("segment.spoken")
        self.assertEqual({line["level"] for line in said}, {"debug"})

    def test_a_wrong_request_is_not_repeated(self):
        """422 can never succeed: one call, a clear reason, FAILED."""
        self.told.control({"rules": [
            {"path": ASR, "times": -1, "status": 422,
             "body": '{"detail": [{"msg": "the file is too long"}]}'}]})
        self.add_jobs(self.where, [1])
        self.where.orchestrate(1)
        self.wait_for_end(self.where, 1)
        self.assertEqual(self.calls(ASR), 1)
        job = self.where.job(1)
        self.assertEqual((job["state"], job["error"]["stage"]),
                         ("failed", "asr"))
        self.assertIn("the file is too long", job["error"]["message"])
        row = self.final_row(1)
        self.assertEqual(row["status"], "FAILED")
        self.assertIn("the file is too long", row["activity"])


if __name__ == "__main__":
    unittest.main()
