"""What an operator does about services while the program runs: breakers opened
and closed by hand, and a policy file that is read again (SIGHUP)."""
import hashlib
import json
import signal
import unittest

from support.program import policy, until
from support.whole import whole_test

WRONG = {"status": 200, "body": "{}"}  # charged, whatever the service's state


class service_orders_test(whole_test):
    def setUp(self):
        super().setUp()
        self.told.control({"segments": 4})
        self.where = self.make_program()

    def service(self, name):
        found, = [s for s in self.where.call("GET", "/services")[2]["items"]
                  if s["name"] == name]
        return found

    def order(self, what, **body):
        status, _, answer = self.where.call("POST", f"/services/{what}", body)
        self.assertEqual(status, 200, answer)
        return answer

    def write_policy(self, text):
        (self.where.folder / "policy.json").write_text(text)
        return hashlib.sha256(text.encode()).hexdigest()

    def reload(self, *events):
        """SIGHUP; waits for the next log line of one of these."""
        before = len(self.where.events(*events))
        self.where.process.send_signal(signal.SIGHUP)
        return until(lambda: self.where.events(*events)[before:], 10,
                     f"{events} after SIGHUP")[-1]

    # -- breakers --------------------------------------------------------------

    def test_opened_by_hand_before_a_restart_it_stays_open(self):
        where = self.where.start()
        shown = self.order("asr/open", reason="the GPU is on fire")
        self.assertEqual(shown["breaker"], "forced_open")
        self.add_jobs(where, [1])
        where.orchestrate(1)
        until(lambda: self.service("asr")["waiting"] == 1, 20, "ASR is held")
        where.kill()
        where.start()
        until(lambda: self.service("asr")["waiting"] == 1, 20, "ASR is held")
        after = self.service("asr")
        self.assertEqual(after["breaker"], "forced_open")
        self.assertEqual(
            {key: after["order"][key] for key in ("what", "by", "reason")},
            {"what": "open", "by": "local", "reason": "the GPU is on fire"})
        self.assertEqual(after["order"]["at"], shown["order"]["at"])
        self.assertEqual(self.calls("POST /transcribe"), 0)
        self.assertIn('dubber_breaker_state{service="asr",'
                      'state="forced_open"} 1', self.where.metrics())
        self.order("asr/auto", reason="it is out")
        self.assertEqual(self.wait_for_end(where, 1), {"completed": 1})
        logged = [(e["service"], e["order"], e["by"], e["reason"])
                  for e in where.events("service.ordered")]
        self.assertEqual(logged, [("asr", "open", "local",
                                   "the GPU is on fire"),
                                  ("asr", "auto", "local", "it is out")])

    def test_closed_by_hand_the_service_is_called_at_once(self):
        self.where = self.make_program({"tts": {
            "breaker": {"open": "1h", "open_cap": "1h"}}})
        where = self.where.start()
        self.told.control({"rules": [{"path": "POST /synthesize", "times": -1,
                                      "status": 503}]})
        self.add_jobs(where, [1])
        where.orchestrate(1)
        until(lambda: self.service("tts")["breaker"] == "open", 20, "it opens")
        self.told.control({"clear_rules": True})
        shown = self.order("tts/close", reason="repaired")
        self.assertEqual((shown["breaker"], shown["recent"]["failed"]),
                         ("closed", 0))
        self.assertEqual(self.wait_for_end(where, 1), {"completed": 1})

    def test_there_is_no_such_service(self):
        where = self.where.start()
        status, _, problem = where.call("POST", "/services/xyz/open", {})
        self.assertEqual((status, problem["code"]), (404, "not_found"))
        self.assertIn("xyz", problem["detail"])

    # -- the policy file -------------------------------------------------------

    def shown_policy(self):
        return self.where.call("GET", "/services")[2]["policy"]

    def test_a_policy_file_is_read_again_and_nothing_is_lost(self):
        self.where = self.make_program({"translate": {
            "retry": {"max_attempts": 1000, "initial": "1h", "cap": "1h",
                      "jitter": False}}})
        where = self.where.start()
        text = (where.folder / "policy.json").read_text()
        began = self.shown_policy()
        self.assertEqual(began["sha256"],
                         hashlib.sha256(text.encode()).hexdigest())
        self.told.control({"rules": [
            {"path": "POST /translate", "times": -1, "skip": 1,
             **WRONG}]})
        self.add_jobs(where, [1, 2])
        where.orchestrate(1)
        until(lambda: [e["type"] for e in where.history(1)].count(
            "attempt.failed") == 3, 20, "each but the first has failed")
        # The waits of an hour are under way; what fails from now on follows
        # the new file.
        sha256 = self.write_policy(json.dumps(policy({
            "translate": {"max_concurrent": 2, "retry": {"max_attempts": 2},
                          "breaker": {"consecutive": 1000, "min_calls": 1000}},
            "asr": {"url": "http://127.0.0.1:9"},
            "tts": {"max_concurrent": 3, "on_exhausted": "silence"}})
            | {"max_degraded_ratio": 0.25}))
        done = self.reload("policy.reloaded")
        self.assertEqual((done["sha256"], done["needs_restart"]), (sha256, "1"))
        told, = where.events("policy.needs_restart")
        self.assertIn("services.asr.url", told["field"])
        changed = [e["field"] for e in where.events("policy.changed")]
        self.assertIn("services.tts.max_concurrent: 8 -> 3", changed)
        self.assertIn("services.tts.on_exhausted: park -> silence", changed)
        self.assertIn("max_degraded_ratio: 0.1 -> 0.25", changed)
        shown = self.shown_policy()
        self.assertEqual(shown["sha256"], sha256)
        self.assertGreater(shown["loaded_at"], began["loaded_at"])
        until(lambda: self.service("tts")["max_concurrent"] == 3, 5,
              "the gate has it")
        limits = self.service("translate")["limits"]
        self.assertEqual(limits["retry"]["max_attempts"], 2)
        self.assertIn('dubber_policy_reads_total{outcome="applied"} 2',
                      self.where.metrics())
        # The second job fails by the new limits, in spite of the old ones' hour.
        where.orchestrate(2)
        until(lambda: where.job(2)["state"] == "parked", 20, "two attempts")
        self.assertEqual(where.job(1)["state"], "running")

    def test_attempts_of_a_running_job_follow_the_new_file(self):
        self.where = self.make_program({"translate": {
            "retry": {"max_attempts": 1000, "initial": "50ms", "cap": "50ms",
                      "jitter": False},
            "breaker": {"consecutive": 1000, "min_calls": 1000}}})
        where = self.where.start()
        self.told.control({"rules": [{"path": "POST /translate", "times": -1,
                                      **WRONG}]})
        self.add_jobs(where, [1])
        where.orchestrate(1)
        until(lambda: self.calls("POST /translate") > 5, 20, "it is tried")
        self.assertEqual(where.job(1)["state"], "running")
        self.write_policy(json.dumps(policy({"translate": {
            "retry": {"max_attempts": 2}}})))
        self.reload("policy.reloaded")
        until(lambda: where.job(1)["state"] == "parked", 10,
              "it has had its attempts")

    def test_a_file_with_mistakes_changes_nothing(self):
        where = self.where.start()
        began = self.shown_policy()
        for text, wrong in (("{", ["not valid JSON"]),
                            ('{"services": {"asr": {"max_concurrent": 0},'
                             ' "tts": {"retries": 3}}, "x": 1}',
                             ["services.asr.max_concurrent",
                              "services.tts.retries", "x is not"])):
            self.write_policy(text)
            before = len(where.events("policy.mistake"))
            refused = self.reload("policy.refused")
            self.assertEqual(refused["mistakes"], str(len(wrong)))
            told = " ".join(e["text"] for e in
                            where.events("policy.mistake")[before:])
            for part in wrong:
                self.assertIn(part, told)
        (where.folder / "policy.json").unlink()
        self.reload("policy.refused")
        self.assertEqual(self.shown_policy(), began)
        self.assertIn('dubber_policy_reads_total{outcome="refused"} 3',
                      self.where.metrics())
        self.add_jobs(where, [1])
        where.orchestrate(1)
        self.assertEqual(self.wait_for_end(where, 1), {"completed": 1})
        self.assertEqual(where.stop()[0], 0)


if __name__ == "__main__":
    unittest.main()
