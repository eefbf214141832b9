"""deploy/compose.yaml and what it starts: do they fit the program?"""
import json
import re
import subprocess
import tempfile
import unittest
import urllib.parse

from local.installation import engine_program
from support import deploy
from support.program import BINARY

ENGINES = ("api-gateway", "service-asr", "service-translate", "service-tts")
BUILT = {"dubber-orchestrator": "orchestrator", "dubber-engines": "engines"}
# The platform's own, which everybody knows: docs/deploy.md says to change them.
KNOWN_SECRETS = {"minio", "minio123", "amqp://guest:guest@rabbitmq:5672//"}


def print_config(environment):
    ran = subprocess.run([BINARY, "--print-config"], env=environment,
                         capture_output=True, text=True, timeout=30, check=False)
    if ran.returncode:
        raise AssertionError(ran.stderr)
    return json.loads(ran.stdout)


def runs_once(service):
    return service.get("restart") in ("no", "on-failure")


def seconds(text):
    """Of 12s, 1m, 1m0s."""
    parts = re.findall(r"(\d+)([smh])", text)
    return sum(int(n) * {"s": 1, "m": 60, "h": 3600}[unit] for n, unit in parts)


class compose_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.whole = deploy.compose("celery")
        cls.services = cls.whole["services"]
        cls.ours = cls.services["orchestrator"]

    def test_the_platform_is_there(self):
        self.assertEqual(set(self.services), {
            "orchestrator", *ENGINES, "rabbitmq", "redis", "minio", "prometheus",
            "worker-audio", "tokens", "minio-bucket"})
        self.assertNotIn("worker-audio", deploy.compose()["services"])

    def test_images_are_built_by_their_own_names(self):
        built = deploy.compose("images")["services"]
        made = {service["image"]: service["build"]
                for name, service in built.items() if "build" in service}
        self.assertEqual(set(made), {*BUILT, "dubber-worker-audio"})
        for image, stage in BUILT.items():
            self.assertEqual(made[image]["target"], stage)
            self.assertIn(stage, deploy.stages())
        for name in ("ORCHESTRATOR_IMAGE", "API_GATEWAY_IMAGE", "ASR_IMAGE",
                     "TRANSLATE_IMAGE", "TTS_IMAGE", "WORKER_AUDIO_IMAGE"):
            other = deploy.compose("images", "celery", **{name: "own/image:1"})
            using = [service for service in other["services"].values()
                     if service["image"] == "own/image:1"]
            self.assertTrue(using, name)
            self.assertFalse([each for each in using if "build" in each], name)

    def test_copied_files_exist(self):
        for stage in deploy.stages():
            for words in deploy.values(stage, "COPY"):
                if any(word.startswith("--from") for word in words):
                    continue
                sources = [w for w in words[:-1] if not w.startswith("--")]
                for source in sources:
                    self.assertTrue((deploy.ROOT / source).exists(), source)

    def settings(self, **settings):
        """The orchestrator's environment in its container, with its tokens
        where a test may put them."""
        given = deploy.compose("celery", **settings)
        given = given["services"]["orchestrator"]["environment"]
        folder = tempfile.TemporaryDirectory(prefix="dubber-tokens-")
        self.addCleanup(folder.cleanup)
        subprocess.run([deploy.DEPLOY / "image/make-tokens", "admin"], check=True,
                       stdout=subprocess.DEVNULL,
                       env={**deploy.BARE, "TOKENS_DIR": folder.name})
        return {**deploy.environment("orchestrator"), **given,
                "API_TOKENS_FILE": f"{folder.name}/tokens"}

    def test_the_program_takes_the_settings(self):
        """Each of its names is known to it, each value is right, and counts."""
        read = set(re.findall(r'"([A-Z][A-Z_]+)"', "".join(
            path.read_text() for path in (deploy.ROOT / "app").glob("*.cpp"))))
        for settings in ({}, {"STORE_URL": "s3"}, {"RABBITMQ_URL": ""},
                         {"MEDIA_WORKER": "celery", "CELERY_QUEUE": "sound"},
                         {"LOG_LEVEL": "debug", "LOG_FORMAT": "text"}):
            given = self.settings(**settings)
            self.assertEqual(set(given) - read, set())
            told = print_config(given)
            for name, value in given.items():
                if name in told and value and "SECRET" not in name:
                    shown = str(told[name]).replace(":***@", ":guest@")
                    self.assertEqual(shown.removeprefix("http://"),
                                     value.removeprefix("http://"), name)
        self.assertEqual(told["HTTP_HOST"], "0.0.0.0")

    def test_a_wrong_setting_would_be_seen(self):
        with self.assertRaisesRegex(AssertionError, "MEDIA_WORKER"):
            print_config(self.settings(MEDIA_WORKER="magic"))
        with self.assertRaisesRegex(AssertionError, "docker-compose config"):
            deploy.compose(BIND="localhost.")

    def test_ports_and_folders_are_the_images(self):
        told = print_config({})
        image = deploy.environment("orchestrator")
        self.assertEqual(int(image["HTTP_PORT"]), told["HTTP_PORT"])
        self.assertEqual(deploy.values("orchestrator", "EXPOSE"),
                         [[image["HTTP_PORT"]]])
        self.assertEqual(deploy.values("orchestrator", "VOLUME"),
                         [[image["DATA_DIR"]]])
        self.assertEqual(self.ours["ports"],
                         [f"127.0.0.1:8400:{image['HTTP_PORT']}"])
        mounted = {target: source for source, target, *_ in (
            volume.split(":") for volume in self.ours["volumes"])}
        self.assertEqual(mounted[image["DATA_DIR"]], "orchestrator-data")
        store = self.ours["environment"]["STORE_URL"].removeprefix("file:")
        self.assertEqual(mounted[store], "store")
        tokens = self.ours["environment"]["API_TOKENS_FILE"]
        self.assertEqual(mounted[tokens.rpartition("/")[0]], "tokens")
        owned = " ".join(" ".join(each)
                         for each in deploy.values("orchestrator", "RUN"))
        for folder in (image["DATA_DIR"], store, "/etc/dubber"):
            self.assertRegex(owned, rf"install -d -o dubber [^&]*{folder}\b")
        for name in ("api-gateway", "worker-audio"):
            self.assertIn(f"store:{store}", self.services[name]["volumes"])

    def test_engines_are_where_the_program_looks(self):
        """The defaults of its own settings are the services' names and ports."""
        told = print_config({})
        for name, variable in zip(ENGINES, ("API_GATEWAY_URL", "ASR_URL",
                                            "TRANSLATE_URL", "TTS_URL")):
            url = urllib.parse.urlsplit(told[variable])
            self.assertEqual(url.hostname, name)
            command = self.engine_command(self.services[name]["environment"])
            self.assertIn(f"--port {url.port} ", command + " ")
        broker = urllib.parse.urlsplit(told["RABBITMQ_URL"])
        self.assertIn(broker.hostname, self.services)

    def engine_command(self, environment):
        """What the image's start script would run, checked by the engines'
        own reading of options up to where they would listen."""
        with tempfile.TemporaryDirectory() as folder:
            fake = f"{folder}/engines"
            with open(fake, "w", encoding="ascii") as script:
                script.write('#!/bin/sh\necho "$@"\n')
            subprocess.run(["chmod", "+x", fake], check=True)
            told = subprocess.run(
                [deploy.DEPLOY / "image/engine"], check=True, text=True,
                capture_output=True,
                env={**environment, "PATH": f"{folder}:{deploy.BARE['PATH']}"})
        wrong = subprocess.run(
            [engine_program(BINARY.parents[1]), *told.stdout.split(),
             "--no-such-option", "x"], capture_output=True, text=True,
            check=False)
        self.assertIn("unknown option --no-such-option", wrong.stderr)
        return told.stdout.strip()

    def test_health_everywhere(self):
        for name, service in self.services.items():
            if runs_once(service):
                continue
            if name in ENGINES or name == "orchestrator":
                # Whatever image stands there brings its own check.
                self.assertNotIn("healthcheck", service)
                self.assertTrue(deploy.values(BUILT[service["image"]],
                                              "HEALTHCHECK"), name)
            else:
                self.assertIn("test", service["healthcheck"], name)

    def test_what_waits_for_what(self):
        for name, service in self.services.items():
            for other, how in service.get("depends_on", {}).items():
                waited = self.services[other]
                if how["condition"] == "service_healthy":
                    self.assertIn("healthcheck", waited, f"{name} for {other}")
                if how["condition"] == "service_completed_successfully":
                    self.assertTrue(runs_once(waited), f"{name} for {other}")

    def test_it_is_given_time_to_stop(self):
        drain = print_config({})["DRAIN_TIMEOUT"]
        self.assertGreater(seconds(self.ours["stop_grace_period"]),
                           seconds(drain) + 2)
        self.assertGreater(10, seconds(drain), "what docker stop waits by itself")
        for name, service in self.services.items():
            if not runs_once(service):
                self.assertEqual(service["restart"], "unless-stopped", name)
                self.assertIn("stop_grace_period", service, name)
                self.assertIn("mem_limit", service, name)
            self.assertIn("max-size", service["logging"]["options"], name)

    def test_volumes_are_declared_and_used(self):
        used = set()
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("./"):
                    self.assertTrue((deploy.DEPLOY / source).is_dir(), source)
                else:
                    used.add(source)
        self.assertEqual(used, set(self.whole["volumes"]))

    def test_nothing_is_open_to_other_machines(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name} {port}")

    def test_no_secrets_but_the_platforms(self):
        for name, service in self.services.items():
            for variable, value in (service.get("environment") or {}).items():
                if re.search("SECRET|PASSWORD|KEY|TOKEN$|RABBITMQ_URL", variable):
                    self.assertIn(value, KNOWN_SECRETS, f"{name} {variable}")

    def test_all_settings_are_explained(self):
        text = deploy.COMPOSE.read_text()
        told = (deploy.ROOT / "docs/deploy.md").read_text()
        for name in sorted(set(re.findall(r"\$\{(\w+)", text))):
            self.assertIn(f"`{name}`", told)


if __name__ == "__main__":
    unittest.main()
