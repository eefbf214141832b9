"""The whole with real engines, for tests: started, one job followed to its end."""
import os
import pathlib
import shutil
import tempfile
import time
import unittest

from local import calls
from local.demo import ENDED
from local.installation import installation

BUILD = pathlib.Path(os.environ["DUBBER_BUILD_DIR"])
LONGEST_JOB = 240  # seconds; the sample takes about 10


def new_folder(test_class):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dubber-real-"))
    test_class.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


class real_test(unittest.TestCase):
    """One installation for all tests of a class."""
    services = {}
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(cls)
        cls.whole = installation(BUILD, cls.folder / "data",
                                 services=cls.services, settings=cls.settings)
        cls.enterClassContext(cls.whole)
        cls.store = cls.folder / "data" / "store"

    @classmethod
    def dub(cls, path, language="es", **options):
        return calls.upload(cls.whole.urls["gateway"], path, language, options)

    @classmethod
    def ask(cls, path, service="orchestrator"):
        status, answer = calls.get_json(cls.whole.urls[service] + path)
        if status != 200:
            raise AssertionError(f"{path}: {status} {answer}")
        return answer

    @classmethod
    def ended(cls, number):
        """The job when it has ended, whichever way."""
        until = time.monotonic() + LONGEST_JOB
        job = {}
        while time.monotonic() < until:
            cls.whole.check_alive()
            status, job = calls.get_json(
                f"{cls.whole.urls['orchestrator']}/jobs/{number}")
            if status == 200 and job["state"] in ENDED:
                return job
            time.sleep(0.1)
        raise AssertionError(f"job {number} has not ended: {job}")

    @staticmethod
    def wait_until(condition, what, limit=60):
        until = time.monotonic() + limit
        while not condition():
            if time.monotonic() > until:
                raise AssertionError(f"not within {limit} s: {what}")
            time.sleep(0.05)

    @classmethod
    def pages(cls, path):
        """All items of a list that comes in pages."""
        items, cursor = [], None
        while True:
            page = cls.ask(path + (f"?cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items
