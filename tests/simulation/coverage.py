#!/usr/bin/env python3
"""What the simulator has not reached: coverage.py BUILD [FOLDER]

BUILD was configured with DUBBER_COVERAGE and has run the seeds. Lists the lines
of FOLDER (core/job) that were never run, and the branches that were never
taken, those of exceptions left out.
"""
import json
import pathlib
import subprocess
import sys


def read(note: pathlib.Path) -> dict:
    done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", note],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def merge(build: pathlib.Path, folder: str) -> dict[str, dict[int, tuple[int, list[int]]]]:
    """File to line to (count, counts of its branches), of all units together."""
    out: dict[str, dict[int, tuple[int, list[int]]]] = {}
    for note in sorted(build.rglob("*.gcda")):
        for file in read(note)["files"]:
            name = file["file"]
            at = name.find(folder + "/")
            if at < 0 or not name.endswith(".cpp"):
                continue
            lines = out.setdefault(name[at:], {})
            for line in file["lines"]:
                branches = [b["count"] for b in line["branches"] if not b["throw"]]
                count, seen = lines.get(line["line_number"], (0, []))
                lines[line["line_number"]] = (count + line["count"], seen + branches)
    return out


def main() -> int:
    build = pathlib.Path(sys.argv[1])
    folder = sys.argv[2] if len(sys.argv) > 2 else "core/job"
    covered = merge(build, folder)
    if not covered:
        print(f"{build} holds no counts of {folder}: was it built with DUBBER_COVERAGE, and run?",
              file=sys.stderr)
        return 1
    for name, lines in sorted(covered.items()):
        source = pathlib.Path(name).read_text(encoding="utf-8").splitlines()
        run = sum(count > 0 for count, _ in lines.values())
        ways = [b for _, branches in lines.values() for b in branches]
        print(f"{name}: {run} of {len(lines)} lines, {sum(b > 0 for b in ways)} of {len(ways)} branches")
        for number, (count, branches) in sorted(lines.items()):
            if count == 0:
                print(f"  {number:4} never run      {source[number - 1].strip()}")
            elif 0 in branches:
                print(f"  {number:4} {branches.count(0)} of {len(branches)} not taken {source[number - 1].strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
