#!/usr/bin/env python3
"""A program is what was executed, whatever argv[0] calls it: "-NAME" of a login, what `chpst -b` or `exec -a` says.

    other_names.py --bin BUILD/bin

One program of each executable, called without a word, ends as it does under its own name.
"""

import argparse
import os
import subprocess
import sys

PROGRAMS = ("daemontools/softlimit", "daemontools/svok", "daemontools/multilog", "encore/envini", "encore/svup",
            "encore/multilog", "freedt/envdir", "freedt/svok", "freedt/dumblog", "perp/runuid", "perp/perpok", "runit/runsv",
            "runit/svlogd", "s6/s6-softlimit", "s6/s6-svok", "s6/s6-log", "execline/importas", "nosh/setenv")


def run(path, name):
    return subprocess.run([name], executable=path, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    wrong = []
    for program in PROGRAMS:
        path = os.path.join(os.path.realpath(options.bin), program)
        name = os.path.basename(program)
        own = run(path, name)
        for other in (f"-{name}", "somebody", "/some/where/else"):
            ran = run(path, other)
            # Some say their own name, some that by which they were called.
            called = ran.stderr.replace(os.path.basename(other).encode(), name.encode())
            if (ran.returncode, ran.stdout) != (own.returncode, own.stdout) or own.stderr not in (ran.stderr, called):
                wrong.append(f"{program} as {other}: {ran.returncode} {ran.stderr!r}, not {own.returncode} {own.stderr!r}")
    print("\n".join(wrong) or f"{len(PROGRAMS)} programs are themselves")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
