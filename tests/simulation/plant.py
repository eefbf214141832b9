#!/usr/bin/env python3
"""Plants a bug: plant.py ROOT BUG OUT writes the changed source to OUT.

A bug is a text file: one line that says what is wrong, `source FILE`,
`within N seeds`, and one or more changes:

    --- FROM
    what stands there exactly once
    --- TO
    what is planted
    --- END
"""
import pathlib
import re
import sys


def main() -> int:
    root, bug, out = map(pathlib.Path, sys.argv[1:])
    text = bug.read_text()
    source = re.search(r"^source (\S+)$", text, re.M)
    changes = re.findall(r"^--- FROM\n(.*?)^--- TO\n(.*?)^--- END$", text, re.M | re.S)
    if not source or not changes or len(changes) != text.count("--- FROM"):
        print(f"{bug}: not a planted bug", file=sys.stderr)
        return 1
    code = (root / source[1]).read_text()
    for before, after in changes:
        if code.count(before) != 1:
            print(f"{bug}: {source[1]} has changed: this must stand there exactly once\n{before}"
                  "Change the planted bug with it.", file=sys.stderr)
            return 1
        code = code.replace(before, after)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
