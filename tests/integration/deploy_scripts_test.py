"""The scripts of the images against the real programs, and Prometheus's files
against what the program exposes."""
import http.server
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import threading
import unittest

import yaml

from support import deploy
from support.whole import whole_test

IMAGE = deploy.DEPLOY / "image"
PROMETHEUS = deploy.DEPLOY / "prometheus"
PROMTOOL = shutil.which("promtool", path=os.pathsep.join(
    [str(deploy.ROOT / ".cache/promtool"), os.environ["PATH"]]))


def run(command, **environment):
    return subprocess.run(command, env={**deploy.BARE, **environment}, text=True,
                          capture_output=True, timeout=30, check=False)


class health_test(whole_test):
    def test_the_orchestrator(self):
        where = self.make_program().start()
        told = run([IMAGE / "healthy"], HTTP_HOST="0.0.0.0",
                   HTTP_PORT=str(where.port))
        self.assertEqual((told.returncode, told.stdout), (0, "health: 200\n"))
        self.assertEqual(where.stop()[0], 0)
        told = run([IMAGE / "healthy"], HTTP_PORT=str(where.port))
        self.assertEqual(told.returncode, 1, "nobody listens")

    def test_on_all_addresses(self):
        """As in a container: from outside, and not with Host localhost alone."""
        where = self.make_program(env={"HTTP_HOST": "0.0.0.0"}).start()
        told = run([IMAGE / "healthy"], HTTP_HOST="0.0.0.0",
                   HTTP_PORT=str(where.port))
        self.assertEqual(told.returncode, 0, told.stderr)

    def test_who_is_not_well(self):
        class ill(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(503)

            def log_message(self, *_):
                pass
        server = http.server.HTTPServer(("127.0.0.1", 0), ill)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        told = run([IMAGE / "healthy"], HTTP_PORT=str(server.server_port))
        self.assertEqual((told.returncode, told.stdout), (1, "health: 503\n"))

    def test_an_engine_has_to_be_named(self):
        told = run([IMAGE / "engine", "--health"])
        self.assertEqual(told.returncode, 2)
        self.assertIn("ENGINE has to be", told.stderr)


class tokens_test(whole_test):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dubber-tokens-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def make(self, *names):
        told = run([IMAGE / "make-tokens", *names], TOKENS_DIR=str(self.folder))
        self.assertEqual(told.returncode, 0, told.stderr)

    def test_the_program_takes_them(self):
        self.make("admin", "prometheus")
        token = (self.folder / "prometheus.token").read_text()
        where = self.make_program(env={
            "HTTP_HOST": "0.0.0.0",
            "API_TOKENS_FILE": str(self.folder / "tokens")}).start()
        self.assertEqual(where.call("GET", "/jobs")[0], 401)
        self.assertEqual(where.call("GET", "/jobs", head={
            "Authorization": f"Bearer {token}"})[0], 200)

    def test_what_is_there_stays(self):
        self.make("admin", "prometheus")
        before = {file.name: file.read_text() for file in self.folder.iterdir()}
        self.assertEqual(set(before),
                         {"tokens", "admin.token", "prometheus.token"})
        self.make("admin", "prometheus")
        self.assertEqual(before, {file.name: file.read_text()
                                  for file in self.folder.iterdir()})
        self.make("admin", "prometheus", "operator")
        lines = (self.folder / "tokens").read_text().splitlines()
        self.assertEqual(lines[:2], before["tokens"].splitlines())
        self.assertEqual(len(lines), 3)

    def test_a_lost_token_is_replaced(self):
        self.make("admin", "prometheus")
        before = (self.folder / "tokens").read_text()
        (self.folder / "admin.token").unlink()
        self.make("admin", "prometheus")
        lines = (self.folder / "tokens").read_text().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertNotEqual(sorted(lines), sorted(before.splitlines()))
        self.assertIn(f"admin:{(self.folder / 'admin.token').read_text()}", lines)

    def test_who_may_read_them(self):
        self.make("admin", "prometheus")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode)
                 for file in self.folder.iterdir()}
        self.assertEqual(modes, {"tokens": 0o640, "admin.token": 0o640,
                                 "prometheus.token": 0o444})


class prometheus_test(unittest.TestCase):
    def promtool(self, *arguments):
        told = run([PROMTOOL, *map(str, arguments)])
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        return told.stdout

    def test_configuration(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for file in PROMETHEUS.glob("*.yml"):
                text = file.read_text().replace("/etc/dubber", str(folder))
                (folder / file.name).write_text(text)
            (folder / "prometheus.token").write_text("x" * 20)
            self.promtool("check", "config", folder / "prometheus.yml")

    def test_alerts_come_and_go(self):
        self.assertIn("SUCCESS", self.promtool("test", "rules",
                                               PROMETHEUS / "alerts_test.yml"))
        tests = (PROMETHEUS / "alerts_test.yml").read_text()
        for name in re.findall(r"- alert: (\w+)",
                               (PROMETHEUS / "alerts.yml").read_text()):
            self.assertIn(name, tests)

    def test_alerts_are_about_metrics_that_there_are(self):
        exposed = "".join(file.read_text() for file in
                          (deploy.ROOT / "metrics").glob("*.hpp"))
        names = set(re.findall(r"\bdubber_[a-z_]+", "".join(
            rule["expr"] for group in yaml.safe_load(
                (PROMETHEUS / "alerts.yml").read_text())["groups"]
            for rule in group["rules"])))
        self.assertGreater(len(names), 3)
        for name in names:
            self.assertIn(f'"{name}"', exposed)

    def test_targets_are_services(self):
        services = deploy.compose()["services"]
        for job in yaml.safe_load(
                (PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]:
            for target in job["static_configs"][0]["targets"]:
                host, _, port = target.partition(":")
                if host != "localhost":
                    self.assertIn(host, services)
                if host == "orchestrator":
                    self.assertEqual(
                        port, deploy.environment("orchestrator")["HTTP_PORT"])


if __name__ == "__main__":
    unittest.main()
