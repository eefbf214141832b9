#!/usr/bin/env python3
"""Fails when a folder includes something it must not know about.

The rules are the table of docs/architecture.md: which of our folders a folder
may include, and which folders may include a library's headers at all.
"""
import pathlib
import re
import sys

MAY = {
    "core": set(),
    "journal": {"core"},
    "clients": {"core"},
    "metrics": {"core"},
    "actors": {"core", "journal", "clients", "metrics"},
    "http": {"core", "metrics", "actors"},
    "engines": {"core"},
    "app": {"core", "journal", "clients", "metrics", "actors", "http"},
}
LIBRARIES = {
    "caf/": {"actors", "http", "app"},
    "restinio/": {"http"},
    "prometheus/": {"metrics"},
    "sqlite3.h": {"journal", "engines"},
    "libpq": {"journal"},
    "boost/": {"clients"},
    "amqp": {"clients"},
    "hiredis": {"clients"},
    "pugixml": {"clients"},
    "httplib.h": {"engines"},
    "pocketsphinx": {"engines"},
    "openssl/": {"clients", "engines"},
    "nlohmann/": {"journal", "clients", "metrics", "http", "engines", "app"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)')


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    wrong = 0
    for folder, may in MAY.items():
        for path in sorted(root.glob(f"{folder}/**/*.[hc]pp")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                name = match.group(1)
                top = name.split("/")[0]
                bad = top in MAY and top != folder and top not in may
                bad |= any(name.startswith(prefix) and folder not in allowed
                           for prefix, allowed in LIBRARIES.items())
                bad |= folder == "core" and "/" in name and top != "core"
                if bad:
                    print(f"{path}:{number}: {folder}/ must not include {name}")
                    wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
