"""python3 -m local demo|serve [OPTIONS]: what ./dev runs."""
import argparse
import os
import pathlib
import re
import signal
import sys

from local import demo, serve
from local.errors import refused

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MOST_LANGUAGES = 20  # of one job


class parser(argparse.ArgumentParser):
    """Its help is a text file that ./dev can show where Python is missing."""

    def __init__(self, command):
        super().__init__(prog=f"./dev {command}", allow_abbrev=False)
        self.text = (HERE / f"usage_{command}.txt").read_text()

    def format_help(self):
        return self.text

    def format_usage(self):
        return self.text.partition("\n\n")[0] + "\n"


def language(text):
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no language; write it like es or pt-BR")
    return text


def languages(text):
    """es,fr: each once, in their order."""
    found = []
    for one in map(language, text.split(",")):
        if one.lower() not in map(str.lower, found):
            found.append(one)
    if len(found) > MOST_LANGUAGES:
        raise argparse.ArgumentTypeError(
            f"{len(found)} languages; a job takes {MOST_LANGUAGES}")
    return found


def port(text):
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to 65535")
    return int(text)


def demo_options(arguments):
    options = parser("demo")
    options.add_argument("file", nargs="?", type=pathlib.Path)
    options.add_argument("--to", type=languages, default=["es"])
    options.add_argument("--from", dest="source", type=language, default="en")
    options.add_argument("--keep-original", action="store_true")
    options.add_argument("--no-subtitles", dest="subtitles",
                         action="store_false")
    options.add_argument("--voice", default="")
    options.add_argument("--fast", action="store_true")
    options.add_argument("--out", type=pathlib.Path, default=ROOT / "dubbed")
    options.add_argument("--build", type=pathlib.Path,
                         default=ROOT / "build" / "release")
    # What can be told before anything is installed: ./dev asks that first.
    options.add_argument("--only-arguments", action="store_true",
                         help=argparse.SUPPRESS)
    return options.parse_args(arguments)


def serve_options(arguments):
    options = parser("serve")
    options.add_argument("--port", type=port, default=8400)
    options.add_argument("--gateway-port", type=port)
    options.add_argument("--data", type=pathlib.Path, default=ROOT / "data")
    options.add_argument("--fast", action="store_true")
    options.add_argument("--build", type=pathlib.Path,
                         default=ROOT / "build" / "release")
    options.add_argument("--only-arguments", action="store_true",
                         help=argparse.SUPPRESS)
    return options.parse_args(arguments)


def interrupted(number, _):
    """SIGTERM and SIGHUP end us as Ctrl-C does: everything is stopped first."""
    raise SystemExit(128 + number)


def main(arguments):
    commands = {"demo": (demo_options, demo), "serve": (serve_options, serve)}
    if not arguments or arguments[0] not in commands:
        print("usage: python3 -m local demo|serve [OPTIONS]", file=sys.stderr)
        return 2
    for out in (sys.stdout, sys.stderr):  # a file's name may be any bytes
        out.reconfigure(errors="backslashreplace")
    read, command = commands[arguments[0]]
    options = read(arguments[1:])
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        if options.only_arguments:
            return command.check_arguments(options)
        return command.run(options)
    except refused as why:
        sys.stdout.flush()
        print(f"dev: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndev: interrupted; everything is stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as error:  # a full disk, a folder that is not ours
        where = f": {error.filename}" if error.filename else ""
        print(f"dev: {error.strerror or error}{where}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
