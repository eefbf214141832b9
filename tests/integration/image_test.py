"""The images of deploy/Dockerfile: built, run as users know it, stopped. Skipped
where images cannot be built; it says why."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import images
from local import calls, check, sample
from support import containers, deploy, neighbour
from support.containers import container
from support.program import until
from support.rabbitmq import rabbitmq
from support.whole import the_clip

LARGEST = {"orchestrator": 500, "engines": 650}  # MB
UID = 8400
HARDENED = ["--read-only", "--cap-drop", "all", "--security-opt",
            "no-new-privileges"]
LONGEST_DUB = 240  # seconds; one sentence takes about 10
BUILT = {}  # image: {stage: its image}, log: of their building


def setUpModule():
    begun = time.monotonic()
    BUILT["image"], BUILT["log"] = unittest.enterModuleContext(
        containers.built())
    print(f"built in {time.monotonic() - begun:.0f} s", flush=True)


def image(stage):
    return BUILT["image"][stage]


def ask(url, token=None):
    """Status and body."""
    head = {"Authorization": f"Bearer {token}"} if token else {}
    return calls.call("GET", url, headers=head)


class build_test(unittest.TestCase):
    def test_size(self):
        for stage, most in LARGEST.items():
            told = images.podman("image", "inspect", "--format", "{{.Size}}",
                                 image(stage))
            size = int(told.stdout) / 1e6
            print(f"image {stage}: {size:.0f} MB", flush=True)
            self.assertLess(size, most)

    @unittest.skipUnless("CCACHE_BASEDIR" in os.environ,
                         "the cache is filled by ./dev test")
    def test_it_is_compiled_from_the_cache(self):
        """Or CI would compile everything twice. A package that is another
        version in the image than here may cost some."""
        hits, sources = map(int, re.search(
            r"Hits: +(\d+) +/ +(\d+) ", BUILT["log"]).groups())
        print(f"from the compiler's cache: {hits} of {sources}", flush=True)
        self.assertGreater(hits, sources * 0.5)

    def test_what_the_image_says_of_itself(self):
        told = images.podman("image", "inspect", image("orchestrator"))
        said = json.loads(told.stdout)[0]
        config = said["Config"]
        self.assertEqual(config["User"], "dubber")
        self.assertEqual(list(config["ExposedPorts"]), ["8400/tcp"])
        self.assertEqual(list(config["Volumes"]), ["/data"])
        self.assertEqual(config["StopSignal"], "SIGTERM")
        self.assertEqual(config["Labels"]["org.opencontainers.image.title"],
                         "dubber-orchestrator")
        self.assertIn("healthy", said["Healthcheck"]["Test"])


class orchestrator_test(unittest.TestCase):
    def setUp(self):
        self.neighbour = neighbour.server(host="0.0.0.0").start()
        self.addCleanup(self.neighbour.close)
        self.told = self.neighbour.script
        port = self.neighbour.server_address[1]
        self.url = f"http://{containers.bridge()}:{port}"
        self.told.control({"jobs": [{"id": 1, "sourceObjectKey": "a clip.mov"}]})

    def run_it(self, *options, **how):
        made = container(image("orchestrator"), *options, **how)
        self.addCleanup(made.remove)
        return made

    def orchestrate(self, number):
        status, body = calls.call(
            "POST", "http://127.0.0.1:8400/orchestrate",
            f'{{"job_id": {number}}}', {"Content-Type": "application/json"})
        return status, calls.as_json(body)

    def test_as_users_know_it(self):
        """docker run -p 8400:8400 -e API_GATEWAY_URL=…, and nothing else."""
        where = self.run_it("--publish", "8400:8400", "--env",
                            f"API_GATEWAY_URL={self.url}")
        where.wait_until_healthy()
        self.assertEqual(calls.get_json("http://127.0.0.1:8400/health"),
                         (200, {"status": "ok"}))
        status, body = self.orchestrate(1)
        self.assertEqual((status, body["job"]["sourceObjectKey"]),
                         (202, "a clip.mov"))
        self.assertEqual(ask("http://127.0.0.1:8400/jobs")[0], 401)
        self.assertEqual(where.execute("id", "-u").strip(), str(UID))
        begun = time.monotonic()
        self.assertEqual(where.stop(), 0)
        self.assertLess(time.monotonic() - begun, 10)
        where.start()
        where.wait_until_healthy()
        self.assertEqual(self.orchestrate(1)[0], 200, "it is known")

    def folder(self):
        """Of the host, as the image's user has to own it."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="dubber-image-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "store").mkdir()
        the_clip().write(folder / "store/a clip.mov", 1)
        subprocess.run([deploy.DEPLOY / "image/make-tokens", "admin"],
                       env={**deploy.BARE, "TOKENS_DIR": folder}, check=True,
                       stdout=subprocess.DEVNULL)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, UID, UID)
        return folder

    def test_a_job(self):
        """With the image's own ffmpeg, and no rights at all."""
        folder = self.folder()
        token = (folder / "admin.token").read_text()
        where = self.run_it(
            "--publish", "8400:8400", "--volume", f"{folder}:/data", *HARDENED,
            "--env", "API_TOKENS_FILE=/data/tokens", *(
                word for name in ("API_GATEWAY_URL", "ASR_URL", "TRANSLATE_URL",
                                  "TTS_URL")
                for word in ("--env", f"{name}={self.url}")))
        where.wait_until_healthy()
        self.assertEqual(self.orchestrate(1)[0], 202)

        def ended():
            status, body = ask("http://127.0.0.1:8400/jobs/1", token)
            return status == 200 and calls.as_json(body)["state"] in (
                "completed", "failed", "parked")
        until(ended, 60, where.logs)
        self.assertTrue((folder / "store/dubbed_1.mp4").exists(), where.logs())
        for path in ("/docs", "/docs/swagger-ui-bundle.js", "/metrics"):
            self.assertEqual(ask(f"http://127.0.0.1:8400{path}", token)[0], 200,
                             path)
        where.execute("bash", "-c", "(sleep 0.1 &) ; exit 0")
        until(lambda: not dead_and_ours(where), 10, "an orphan is reaped")
        self.assertEqual(where.stop(), 0)

    def test_mistakes_are_named(self):
        where = self.run_it("--env", "HTTP_PORT=all")
        self.assertEqual(where.wait(), 2)
        self.assertIn("HTTP_PORT", where.logs())


def dead_and_ours(where):
    """Zombies, or a `sleep` that still runs, below the container's process 1."""
    children = pathlib.Path(f"/proc/{where.main_process()}/task")
    names = [pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
             for task in children.iterdir()
             for pid in (task / "children").read_text().split()]
    return containers.dead_processes() + [n for n in names if n == "sleep"]


class platform_test(unittest.TestCase):
    """The services of compose.yaml that are ours, as it has them; those of
    others are away."""

    ORDER = ("tokens", "api-gateway", "service-asr", "service-translate",
             "service-tts", "orchestrator")
    settings = {}  # the user's
    profiles = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="dubber-platform-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.services = deploy.compose(*cls.profiles, **cls.settings)["services"]
        network = containers.bridge().rpartition(".")[0]
        cls.addresses = {name: f"{network}.{20 + i}"
                         for i, name in enumerate(cls.ORDER)}
        cls.running = {}
        cls.start_others()
        for name in cls.ORDER:
            cls.running[name] = container(
                image(cls.services[name]["image"].removeprefix("dubber-")),
                *cls.options(name), name=name,
                command=cls.services[name].get("entrypoint", [])[1:])
            cls.addClassCleanup(cls.running[name].remove)
            if name == "tokens" and cls.running[name].wait() != 0:
                raise AssertionError(cls.running[name].logs())
        for name in cls.ORDER[1:]:
            cls.running[name].wait_until_healthy()

    @classmethod
    def start_others(cls):
        """What is no container here."""

    @classmethod
    def options(cls, name):
        """Of podman run, for what the compose file says."""
        service = cls.services[name]
        out = []
        if "entrypoint" in service:
            out += ["--entrypoint", service["entrypoint"][0]]
        if service.get("network_mode") == "none":
            out += ["--network", "none"]
        else:
            out += ["--ip", cls.addresses[name]]
            for other, address in cls.addresses.items():
                out += ["--add-host", f"{other}:{address}"]
        for key, value in service.get("environment", {}).items():
            out += ["--env", f"{key}={value}"]
        for port in service.get("ports", []):
            out += ["--publish", port]
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                volume = f"{deploy.DEPLOY}/{volume[2:]}"
            out += ["--volume", volume]
        for each in service.get("cap_drop", []):
            out += ["--cap-drop", each.lower()]
        for each in service.get("security_opt", []):
            out += ["--security-opt", each]
        if "user" in service:
            out += ["--user", service["user"]]
        if service.get("init"):
            out += ["--init"]
        check = service.get("healthcheck")
        if check:
            out += ["--health-cmd", json.dumps(check["test"])]
        return out

    def test_a_dub(self):
        clip = self.folder / "a clip.mp4"
        sample.make(clip, most=1)
        gateway = "http://127.0.0.1:8080"
        number = calls.upload(gateway, clip, "es", {})
        url = f"{gateway}/api/v1/job/{number}"
        job = until(lambda: self.ended(url), LONGEST_DUB,
                    self.running["orchestrator"].logs)
        self.assertEqual(job["status"], "COMPLETED", job)
        result = self.folder / "dubbed.mp4"
        calls.download(calls.get_json(f"{url}/download")[1]["url"], result)
        self.assertTrue(check.check(clip, result, "es", True, True))
        until(lambda: not containers.dead_processes(), 10,
              containers.dead_processes)
        for name in ("admin", "prometheus"):
            token = self.running["orchestrator"].execute(
                "cat", f"/etc/dubber/{name}.token")
            self.assertEqual(ask("http://127.0.0.1:8400/metrics", token)[0], 200)
        for name in reversed(self.ORDER[1:]):
            self.assertEqual(self.running[name].stop(), 0, name)

    @staticmethod
    def ended(url):
        job = calls.get_json(url)[1]
        return job if job["status"] in ("COMPLETED", "FAILED") else None


class celery_platform_test(platform_test):
    """With the profile celery: the reference worker extracts and merges. Redis
    and RabbitMQ are this machine's."""

    ORDER = (*platform_test.ORDER, "worker-audio")
    settings = {"MEDIA_WORKER": "celery"}
    profiles = ("celery",)

    @classmethod
    def start_others(cls):
        broker = rabbitmq("0.0.0.0", 5672)
        cls.addClassCleanup(broker.close)
        broker.start()
        redis = subprocess.Popen(
            ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no",
             "--save", "", "--dir", cls.folder], stdout=subprocess.DEVNULL)
        cls.addClassCleanup(redis.wait)
        cls.addClassCleanup(redis.kill)
        for name in ("rabbitmq", "redis"):
            cls.addresses[name] = containers.bridge()

    def test_a_dub(self):
        super().test_a_dub()
        for task in ("extract_audio", "merge_audio"):
            self.assertRegex(self.running["worker-audio"].logs(),
                             rf"worker_audio.{task}\[\S+\] succeeded")


if __name__ == "__main__":
    containers.enter()
    unittest.main()
