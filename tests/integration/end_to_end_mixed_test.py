"""Real engines with somebody else in the place of one or all of them."""
import json
import unittest

from local import check, media, results, sample
from local.programs import program
from support import fastapi_services, neighbour
from support.real import new_folder, real_test

PATIENT = {"max_attempts": 10, "initial": "50ms", "multiplier": 2, "cap": "1s"}
SHORT = {"max_attempts": 3, "initial": "50ms", "multiplier": 2, "cap": "1s"}


def policy_file(folder, name, rules):
    path = folder / "policy.json"
    path.write_text(json.dumps({"services": {name: rules}}))
    return {"POLICY_FILE": str(path)}


class platform_services_test(real_test):
    """The platform's own services are FastAPI apps."""

    @classmethod
    def setUpClass(cls):
        folder = new_folder(cls)
        cls.services = {}
        for name in ("asr", "translate", "tts"):
            app = program(name, ["/usr/bin/python3", fastapi_services.__file__,
                                 name, folder], folder / f"{name}.log")
            cls.addClassCleanup(app.stop)
            cls.services[name] = f"http://127.0.0.1:{app.port()}"
        super().setUpClass()

    def test_a_video_is_dubbed(self):
        source = self.folder / "clip.mp4"
        sample.make(source)
        number = self.dub(source, "hi")
        job = self.ended(number)
        self.assertEqual(job["state"], "completed", job)
        saved = results.save(self.whole, number, self.folder, "clip.hi")
        facts = media.probe(saved["video"])
        check.check_length(media.probe(source), facts)
        texts = [s["translation"]
                 for s in self.pages(f"/jobs/{number}/segments")]
        self.assertEqual(texts[1], "hi <Sentence number 1.>")
        failed = [event for event in self.pages(f"/jobs/{number}/history")
                  if event["type"] == "attempt.failed"]
        self.assertEqual(failed, [])


class scripted_speech_test(real_test):
    """A scripted neighbour speaks; the other engines are real."""
    retry = PATIENT

    @classmethod
    def setUpClass(cls):
        cls.neighbour = neighbour.server().start()
        cls.addClassCleanup(cls.neighbour.close)
        cls.services = {"tts": cls.neighbour.url}
        # The breaker stays out of it: each test wants its own faults only.
        cls.settings = policy_file(new_folder(cls), "tts", {
            "retry": cls.retry, "attempt_timeout": {"base": "2s", "per_media_second": "0s"},
            "breaker": {"consecutive": 1000, "min_calls": 1000}})
        super().setUpClass()
        cls.source = cls.folder / "clip.mp4"
        sample.make(cls.source, 2)

    def dub_with(self, *rules):
        self.neighbour.script.control({"reset": True, "rules": list(rules)})
        number = self.dub(self.source)
        return number, self.ended(number)

    def failures(self, number):
        return [event["error"]["code"]
                for event in self.pages(f"/jobs/{number}/history")
                if event["type"] == "attempt.failed"]


class passing_faults_test(scripted_speech_test):
    def test_each_wrong_answer_costs_an_attempt_and_no_more(self):
        number, job = self.dub_with(
            {"path": "POST /synthesize", "delay": 0.5},
            {"path": "POST /synthesize", "delay": 5},
            {"path": "POST /synthesize", "drop": True},
            {"path": "POST /synthesize", "body": "<html>Sign in</html>"},
            {"path": "POST /synthesize", "status": 503},
            {"path": "GET /audio", "body": ""},
            {"path": "GET /audio", "half": True},
            {"path": "GET /audio", "body": "<html>Sign in</html>"},
            {"path": "GET /audio", "status": 404})
        self.assertEqual(job["state"], "completed", job)
        self.assertEqual(sorted(set(self.failures(number))),
                         ["bad_answer", "busy", "timeout", "unreachable"])
        self.assertEqual(len(self.failures(number)), 8)
        saved = results.save(self.whole, number, self.folder, "clip.es")
        check.check(self.source, saved["video"], "es", True, True)


class lasting_faults_test(scripted_speech_test):
    retry = SHORT

    def test_html_for_ever_ends_the_job_with_a_reason(self):
        number, job = self.dub_with({"path": "POST /synthesize", "times": -1,
                                     "body": "<html>Sign in</html>"})
        self.assertIn(job["state"], ("failed", "parked"))
        self.assertEqual((job["error"]["stage"], job["error"]["code"]),
                         ("tts", "bad_answer"))
        self.assertIn("TTS service", job["error"]["message"])
        self.assertEqual(len(self.failures(number)), SHORT["max_attempts"] - 1)
        self.assertEqual(list(self.store.glob("dubbed_*")), [])

    def test_empty_sound_for_ever_does_too(self):
        _, job = self.dub_with({"path": "GET /audio", "times": -1, "body": ""})
        self.assertIn(job["state"], ("failed", "parked"))
        self.assertEqual(job["error"]["code"], "bad_answer")


class absent_speech_test(real_test):
    """Nobody answers at first: work is held and uses up no attempts."""

    @classmethod
    def setUpClass(cls):
        away = neighbour.server()
        cls.port = away.server_address[1]
        away.server_close()
        cls.services = {"tts": f"http://127.0.0.1:{cls.port}"}
        cls.settings = policy_file(new_folder(cls), "tts", {
            "retry": PATIENT, "breaker": {"consecutive": 2, "open": "1s"}})
        super().setUpClass()

    def test_it_is_waited_for(self):
        source = self.folder / "clip.mp4"
        sample.make(source, 2)
        number = self.dub(source)

        def held():
            service, = [s for s in self.ask("/services")["items"]
                        if s["name"] == "tts"]
            return service["breaker"] == "open"
        self.wait_until(held, "the breaker opens")
        there = neighbour.server(self.port).start()
        self.addCleanup(there.close)
        job = self.ended(number)
        self.assertEqual(job["state"], "completed", job)


if __name__ == "__main__":
    unittest.main()
