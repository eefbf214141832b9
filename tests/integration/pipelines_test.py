#!/usr/bin/env python3
"""Pipelines as data: the example of docs/pipelines.md (the music is kept), calls
by segments, and a job that keeps the definition it began with."""
import array
import json
import pathlib
import subprocess
import unittest
import urllib.request

from support import film
from support.own_service import own_service
from support.program import BINARY, until
from support.whole import SEGMENTS, whole_test

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "pipelines"
SECONDS = 40  # two a segment


def mixed(one, other):
    return array.array("h", [a + b for a, b in zip(one, other)])


class pipelines_test(whole_test):
    def setUp(self):
        super().setUp()
        self.music = film.sound(SECONDS, seed=5)
        self.source = mixed(self.music, film.sound(SECONDS, seed=6))
        self.own = own_service(self.music)
        self.addCleanup(self.own.close)
        self.where = self.make_program()
        self.folder = self.where.folder / "pipelines"
        self.folder.mkdir()
        self.where.env["PIPELINES_DIR"] = str(self.folder)

    def define(self, name, change=lambda definition: None, base="music"):
        """A definition like the shipped one."""
        made = json.loads((SHIPPED / f"{base}.json").read_text())
        made["name"] = name
        for service in made.get("services", {}).values():
            service["url"] = self.own.url
        change(made)
        (self.folder / f"{name}.json").write_text(json.dumps(made))
        return made

    def add_film(self, number, **more):
        film.write(self.where.store / f"{number}_film.mov", self.source)
        self.told.control({"jobs": [
            {"id": number, "sourceObjectKey": f"{number}_film.mov", **more}]})

    def post(self, number, **more):
        return self.where.call("POST", "/orchestrate",
                               {"job_id": number, **more})

    def stages(self, number):
        return {s["name"]: s for s in self.where.job(number)["stages"]}

    def wait_for(self, number, stage, state):
        until(lambda: self.stages(number)[stage]["state"] == state, 60,
              lambda: f"{stage} {state}: {self.stages(number)}")


class music_test(pipelines_test):
    def test_the_music_is_kept_and_so_is_the_definition(self):
        self.define("music")
        self.own.may_answer.clear()
        self.where.start()
        self.add_film(1, optionsJson='{"pipeline": "music"}')
        self.assertEqual(self.post(1)[0], 202)
        # The branch does not keep the other from its work, only the merge.
        self.wait_for(1, "tts", "done")
        self.assertEqual(len(self.own.calls("/separate")), 1)
        self.assertEqual((self.stages(1)["separate"]["kind"],
                          self.stages(1)["merge"]["state"]),
                         ("http", "pending"))
        self.look_at_services()
        self.where.kill()
        # Meanwhile the file says something else, and no such service.
        self.define("music", base="dub")
        self.own.may_answer.set()
        self.where.start()
        self.wait_for_end(self.where, 1)
        self.assert_completed([1])
        self.assertEqual(self.where.job(1)["pipeline"], "music")
        # Open at the kill: called again, under the same key. Nothing else was.
        self.assertEqual(list(self.own.calls("/separate").values()), [2])
        self.assertEqual(self.calls("POST /transcribe"), 1)
        self.assertEqual(self.calls("POST /synthesize"), SEGMENTS)
        self.look_at_sound()
        self.look_at_own_file()
        self.look_at_journal()

    def look_at_services(self):
        (separate,) = [s for s in self.where.call("GET", "/services")[2]["items"]
                       if s["name"] == "separate"]
        self.assertEqual((separate["running"], separate["max_concurrent"]),
                         (1, 1), separate)
        self.assertIn('service="separate"', self.where.metrics())

    def look_at_own_file(self):
        link = self.where.job(1)["artifacts"]["separate"]
        url = f"http://127.0.0.1:{self.where.port}{link}"
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.headers["Content-Type"],
                             "application/octet-stream")
            self.assertEqual(answer.read(4), b"RIFF")

    def look_at_sound(self):
        dub = film.listen(self.where.store / "dubbed_1.mp4")
        # The neighbour's words are short: then nothing, up to the next ones.
        heard = film.between(dub, 4.4, 5.8)
        self.assertGreater(
            film.likeness(heard, film.between(self.music, 4.4, 5.8)), 0.95)
        self.assertLess(
            film.likeness(heard, film.between(self.source, 4.4, 5.8)), 0.85)

    def look_at_journal(self):
        chosen = [e for e in self.where.history(1)
                  if e["type"] == "pipeline.chosen"]
        self.assertEqual([e["pipeline"] for e in chosen], ["music"])
        self.where.stop()
        there = self.assert_results(self.where)
        ((_, definition),) = there.notes("pipeline")
        self.assertEqual(definition["services"]["separate"]["url"],
                         self.own.url)
        ((_, answered),) = there.results(1, "answered")
        stored = self.where.store / answered["file"]["key"]
        self.assertEqual(stored.read_bytes(), self.own.music)
        self.assert_no_leftovers(self.where)

    def test_the_same_film_is_not_parted_twice(self):
        self.define("music")
        self.where.start()
        for number, language in ((1, "es"), (2, "de")):
            self.add_film(number, targetLanguage=language)
            self.assertEqual(self.post(number, pipeline="music")[0], 202)
            self.wait_for_end(self.where, number)
        self.assert_completed([1, 2])
        self.assertEqual(list(self.own.calls("/separate").values()), [1])
        self.assertEqual(self.stages(2)["separate"]["items"]["cached"], 1)
        # Redone, it is called again.
        status, _, _ = self.where.call("POST", "/jobs/2/redo",
                                       {"stage": "separate"})
        self.assertEqual(status, 202)
        until(lambda: self.where.job(2)["run"] == 2
              and self.where.job(2)["state"] == "completed", 60, "run 2 ends")
        self.assertEqual(sum(self.own.calls("/separate").values()), 2)


class polish_test(pipelines_test):
    def polish(self, made):
        made["services"] = {"words": {"url": self.own.url, "max_concurrent": 4}}
        made["policies"] = {"patient": {"retry": {"max_attempts": 9}}}
        made["stages"] = [s for s in made["stages"] if s["name"] != "separate"]
        by_name = {s["name"]: s for s in made["stages"]}
        del by_name["merge"]["background"]
        by_name["merge"]["after"] = ["tts"]
        by_name["tts"].update(after=["polish"], text_of="polish")
        made["stages"].append({
            "name": "polish", "kind": "http", "service": "words",
            "policy": "patient", "for_each": "segments",
            "after": ["translate"], "request": {
                "path": "/polish", "headers": {"X-Job": "{/job/id}"},
                "body": {"text": {"$from": "/stages/translate/text"},
                         "said": {"$from": "/segment/text"}}},
            "answer": {"text": "/said/text"}})

    def test_each_segment_passes_the_call(self):
        self.define("polish", self.polish)
        self.where.start()
        status, _, told = self.post(1, pipeline="ballet")
        self.assertEqual((status, told["detail"][0]["msg"]),
                         (422, "is not known; there is: dub, polish"))
        self.add_film(1)
        self.assertEqual(self.post(1, pipeline="polish")[0], 202)
        self.wait_for_end(self.where, 1)
        self.assert_completed([1])
        self.assertEqual(len(self.own.calls("/polish")), SEGMENTS)
        sent = [json.loads(body) for body in self.own.bodies["/polish"]]
        self.assertEqual({s["text"] for s in sent},
                         {f"es: {s['said']}" for s in sent})
        spoken = {text for key, text in self.told.counts()["subjects"].items()
                  if key in self.keys("POST /synthesize")}
        self.assertEqual(spoken, {f"polished es: {s['said']}" for s in sent})
        subtitles = (self.where.store / "dubbed_1.srt").read_text()
        self.assertEqual(subtitles.count("polished es:"), SEGMENTS)


class mistakes_test(pipelines_test):
    def test_all_are_named_at_the_start(self):
        def wrong(made):
            made["stages"][2]["service"] = "nobody"
            made["colour"] = 1
        self.define("music", wrong)
        (self.folder / "other.json").write_text("{")
        ran = subprocess.run([BINARY], env={**self.where.env,
                                            "HTTP_PORT": "port"},
                             capture_output=True, text=True, timeout=30)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("the configuration has 3 mistake(s)", ran.stderr)
        for told in ("HTTP_PORT: ",
                     "PIPELINES_DIR: music.json: colour is not a known key",
                     "PIPELINES_DIR: other.json: it is not valid JSON"):
            self.assertIn(told, ran.stderr)


if __name__ == "__main__":
    unittest.main()
