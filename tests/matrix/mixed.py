#!/usr/bin/env python3
"""Services of every family's shape, side by side below one scanner.

    mixed.py --bin BUILD/bin SCANNER      of: svscan, runsvdir, s6-svscan, scan (kindred scan)

Each service is written as its family's users write it, and notes which of its scripts ran with which
arguments. Below any scanner it is run by its own family's rules and is controlled through the scanner's.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile

from matrix import SYSTEM_PATH
from processes import MARK, end_all_of
from service import Wrong, until

NOTE = '#!/bin/sh\necho "$(basename "$0") $*" >>"{trace}"\n'
STAY = "exec sleep 1000\n"

# What each family's author puts into a directory, and what is noted from its start to its end.
SHAPES = {
    "daemontools": ({"run": STAY}, ["run"], []),
    "runit": ({"run": STAY, "finish": ""}, ["run"], ["finish"]),
    "encore": ({"start": "", "run": STAY, "stop": "", "notify": None, "no-setsid": None},
               ["start", "run"], ["stop"]),
    "s6": ({"run": "echo >&3\n" + STAY, "finish": "", "notification-fd": None}, ["run s6"], ["finish"]),
    "perp": ({"rc.main": '[ "$1" = start ] || exit 0\n' + STAY}, ["rc.main start perp"], ["rc.main reset perp"]),
    "nosh": ({"service/start": "", "service/run": STAY, "service/restart": "exit 1\n", "service/stop": ""},
             ["start", "run"], ["restart", "stop"]),
    "freedt": ({"run": STAY}, ["run"], []),
}
CONTENT = {"notification-fd": "3\n"}
STICKY = ("perp", "freedt")
# Where sanitized programs report to (sanitized.py).
REPORTS = {name: value for name, value in os.environ.items() if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
SCANNERS = {
    "svscan": ("daemontools/svscan", []),
    "runsvdir": ("runit/runsvdir", []),
    "s6-svscan": ("s6/s6-svscan", []),
    "scan": ("kindred", ["scan", "--run-dir", "{home}/run"]),
}


def make(place, family):
    scripts = SHAPES[family][0]
    for name, body in scripts.items():
        path = f"{place}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(CONTENT.get(name, "") if body is None else NOTE.format(trace=f"{place}/trace") + body)
            os.fchmod(file.fileno(), 0o644 if body is None else 0o755)
    if family in STICKY:
        os.chmod(place, 0o1755)


def trace(place):
    try:
        with open(f"{place}/trace") as file:
            return [line.strip() for line in file]
    except FileNotFoundError:
        return []


def noted(place, wanted):
    """Whether these were noted, in this order."""
    lines = iter(trace(place))
    return all(any(line.startswith(want) for line in lines) for want in wanted)


def prove(scan, families):
    for family in families:
        place, (_, begin, _) = f"{scan}/{family}", SHAPES[family]
        until(lambda: noted(place, begin), lambda: f"{family}: {trace(place)} is not begun as {begin}")
    for family in families:
        fifo = os.open(f"{scan}/{family}/supervise/control", os.O_WRONLY | os.O_NONBLOCK)
        os.write(fifo, b"d")
        os.close(fifo)
    for family in families:
        place, (_, begin, end) = f"{scan}/{family}", SHAPES[family]
        until(lambda: noted(place, begin + end), lambda: f"{family}: {trace(place)} is not ended as {end}")


def below(bin_dir, program, words, fill, proof):
    """Starts a scanner and has it proved; raises Wrong with what the scanner said. {home} in words is a
    directory of its own, where `scan` is what fill(scan) has filled and run/ is kindred's."""
    home = tempfile.mkdtemp(prefix="kx-")
    mark = secrets.token_hex(8)
    scan = f"{home}/scan"
    program = f"{os.path.abspath(bin_dir)}/{program}"
    environment = {"PATH": f"{os.path.dirname(program)}:{SYSTEM_PATH}", "HOME": "/", "LC_ALL": "C", MARK: mark,
                   "KINDRED_RUN_DIR": f"{home}/run", **REPORTS}
    try:
        os.makedirs(f"{home}/run", 0o700)
        fill(scan)
        with open(f"{home}/messages", "wb") as messages:
            process = subprocess.Popen([program, *(word.format(home=home) for word in words), scan], env=environment,
                                       stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
        try:
            proof(home, process)
        except Wrong as wrong:
            with open(f"{home}/messages", errors="replace") as messages:
                raise Wrong(f"{wrong}\n{messages.read(2000)}") from None
    finally:
        end_all_of(mark)
        shutil.rmtree(home, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", metavar="DIR", required=True)
    parser.add_argument("scanner", choices=SCANNERS)
    options = parser.parse_args()

    def fill(scan):
        for family in SHAPES:
            make(f"{scan}/{family}", family)

    try:
        below(options.bin, *SCANNERS[options.scanner], fill, lambda home, _: prove(f"{home}/scan", SHAPES))
    except Wrong as wrong:
        sys.exit(f"mixed: {options.scanner}: {wrong}")
    print(f"{options.scanner}: services of {len(SHAPES)} families began and ended, each by its own rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
