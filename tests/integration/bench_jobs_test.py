"""The benchmark of jobs, in a small form: it runs, and finds in the journal
what it had done. Its figures are not looked at."""
import os
import pathlib
import re
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["DUBBER_BUILD_DIR"])
NGINX = pathlib.Path(__file__).resolve().parents[2] / ".cache/nginx/nginx"


class bench_jobs_test(unittest.TestCase):
    def run_bench(self, *more):
        return subprocess.run(
            [BUILD / "bench/bench_jobs", "--nginx", NGINX, "--rounds", "1",
             *more], capture_output=True, text=True, timeout=240)

    def test_eight_results_of_each_job(self):
        self.assertTrue(NGINX.exists(), "./dev setup brings nginx")
        done = self.run_bench("--jobs", "40", "--alone", "3", "--waiting", "20")
        self.assertEqual(done.returncode, 0, done.stderr)
        # The warm-up, one after the other, and both loads.
        held = re.search(r"eight results of each of (\d+) jobs", done.stdout)
        self.assertEqual(int(held[1]), 40 + 3 + 40 + 80, done.stdout)
        for figure in ("200 in flight", "2000 in flight", "one job alone",
                       "20 jobs wait in a call", "fast jobs beside them"):
            self.assertIn(figure, done.stdout)

    def test_a_program_that_does_not_run_is_no_figure(self):
        done = self.run_bench("--program", "/bin/false")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("does not start", done.stderr)


if __name__ == "__main__":
    unittest.main()
