#!/usr/bin/env python3
"""Is a planted bug found? find_bug.py PLANTED ORIGINAL SEEDS

Runs the program with the bug until a seed breaks a promise, and the same seed
with the original: found is what the original does not do.
"""
import re
import subprocess
import sys


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True,
                          check=False, timeout=280)


def main() -> int:
    planted, original, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    done = run(planted, "--seeds", str(seeds), "--find")
    print(done.stdout + done.stderr, end="")
    found = re.search(r"^seed (\d+): ", done.stdout, re.M)
    if done.returncode != 0 or not found:
        print(f"not found within {seeds} seeds")
        return 1
    clean = run(original, "--from", found[1], "--seeds", "1")
    if clean.returncode != 0:
        print(f"the program without the bug fails as well:\n{clean.stdout}{clean.stderr}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
