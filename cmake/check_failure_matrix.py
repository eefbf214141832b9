#!/usr/bin/env python3
"""Fails when a row of docs/resilience.md names no test that exists, or names
what the program does not have: a metric, a log event, a kind of fault.

A row's last cell is `folder/file`: the test's name, as in
    `unit/breaker_test`: breaker: slow calls trip it by their own rate
A name that ends in … stands for all that begin so.
"""
import pathlib
import re
import sys

CELL = re.compile(r"`(\w+/\w+)`: (.+)")
CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def rows(text):
    """(head, cells) of every row of every table that has a test a row."""
    head = None
    for line in text.splitlines():
        if not line.startswith("|"):
            head = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if head is None:
            head = cells
        elif set("".join(cells)) - set("- :") and head[-1] == "test":
            yield head, cells


def names_in(file):
    """The tests of a source, by name; of a Python file its methods."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return re.findall(r"^\s+def (test_\w+)\(", text, re.M)
    return ["".join(TEXT.findall(found)) for found in CASE.findall(text)]


def wrong_test(tests, cell):
    """What is wrong with a row's last cell; None when it names a test."""
    named = CELL.fullmatch(cell)
    if not named:
        return f"it names no test: {cell!r}"
    for suffix in (".cpp", ".py"):
        file = tests / (named[1] + suffix)
        if file.exists():
            break
    else:
        return f"there is no {named[1]}"
    name = named[2]
    if name.endswith("…"):
        found = any(x.startswith(name[:-1]) for x in names_in(file))
    else:
        found = name in names_in(file)
    return None if found else f"{named[1]} has no test {name!r}"


def problems(root, text):
    out = []
    count, seen = 0, set()
    for head, cells in rows(text):
        count += 1
        if len(cells) != len(head):
            out.append(f"{cells[0]}: {len(cells)} cells, not {len(head)}")
        elif why := wrong_test(root / "tests", cells[-1]):
            out.append(f"{cells[0]}: {why}")
        elif cells[-1] in seen:
            out.append(f"{cells[0]}: another row has the same test")
        seen.add(cells[-1])
    if count < 80:
        out.append(f"only {count} rows were found")
    catalogue = (root / "metrics/metric_set.hpp").read_text(encoding="utf-8")
    for metric in sorted(set(re.findall(r"\bdubber_[a-z_]+", text))):
        if f'"{metric}"' not in catalogue:
            out.append(f"there is no metric {metric}")
    faults = (root / "core/fault.cpp").read_text(encoding="utf-8")
    for code in re.findall(r'fault_code::\w+, "(\w+)"', faults):
        if not re.search(rf"^\| `{code}` \|", text, re.M):
            out.append(f"the fault {code} is not described")
    log = (root / "docs/log.md").read_text(encoding="utf-8")
    for line in re.findall(r"log ((?:`[a-z.]+_?[a-z_.]*` ?)+)", text):
        for event in re.findall(r"`([a-z_]+\.[a-z_]+)`", line):
            if f"`{event}`" not in log:
                out.append(f"docs/log.md does not know {event}")
    return out


def split_by_ctest(root):
    """Names with a semicolon: ctest takes them for two tests, and runs none."""
    return [f"{file.relative_to(root)}: a test's name has a semicolon: {name}"
            for file in sorted(root.glob("tests/*/*_test.cpp"))
            for name in names_in(file) if ";" in name]


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    text = (root / "docs/resilience.md").read_text(encoding="utf-8")
    out = problems(root, text) + split_by_ctest(root)
    for line in out:
        print(line)
    return 1 if out else 0


if __name__ == "__main__":
    sys.exit(main())
