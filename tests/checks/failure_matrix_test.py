"""The check of docs/resilience.md finds what is wrong there."""
import importlib.util
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load():
    where = ROOT / "cmake/check_failure_matrix.py"
    spec = importlib.util.spec_from_file_location("failure_matrix", where)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check = load()


class failure_matrix_test(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "docs/resilience.md").read_text(encoding="utf-8")

    def found(self, before, after):
        """What is wrong after that change."""
        self.assertIn(before, self.text)
        return check.problems(ROOT, self.text.replace(before, after, 1))

    def test_all_is_well(self):
        self.assertEqual(check.problems(ROOT, self.text), [])
        self.assertEqual(check.split_by_ctest(ROOT), [])

    def test_a_test_that_is_not_there(self):
        wrong, = self.found("breaker: slow calls trip it by their own rate",
                            "breaker: slow calls are fine")
        self.assertIn("has no test", wrong)
        wrong, = self.found("test_no_time_to_stop", "test_no_time")
        self.assertIn("start_stop_test has no test", wrong)
        wrong, = self.found("`unit/breaker_test`: breaker: slow",
                            "`unit/broken_test`: breaker: slow")
        self.assertIn("there is no unit/broken_test", wrong)

    def test_a_row_without_a_test(self):
        row = next(line for line in self.text.splitlines()
                   if "test_no_time_to_stop" in line)
        cells = row.split("|")
        bare = "|".join(cells[:-2] + [" – "] + cells[-1:])
        wrong, = self.found(row, bare)
        self.assertIn("names no test", wrong)

    def test_one_test_for_two_rows(self):
        wrong, = self.found("test_no_time_to_stop", "test_intake_while_stopping")
        self.assertIn("another row has the same test", wrong)

    def test_what_the_program_does_not_have(self):
        self.assertEqual(self.found("dubber_gate_retries", "dubber_gate_tries"),
                         ["there is no metric dubber_gate_tries"])
        self.assertEqual(self.found("| `busy` |", "| `lazy` |"),
                         ["the fault busy is not described"])
        self.assertEqual(self.found("log `breaker.opened`", "log `breaker.gone`"),
                         ["docs/log.md does not know breaker.gone"])

    def test_rows_that_vanish(self):
        without = self.text.replace("| test |", "| proof |")
        self.assertEqual(check.problems(ROOT, without),
                         ["only 0 rows were found"])

    def test_a_name_that_ctest_would_split(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            (where / "tests/unit").mkdir(parents=True)
            (where / "tests/unit/odd_test.cpp").write_text(
                'TEST_CASE("one; two") {\n}\nTEST_CASE("one, "\n"two") {\n}\n')
            self.assertEqual(check.split_by_ctest(where), [
                "tests/unit/odd_test.cpp: a test's name has a semicolon: "
                "one; two"])


if __name__ == "__main__":
    unittest.main()
