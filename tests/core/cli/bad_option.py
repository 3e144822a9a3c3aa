#!/usr/bin/env python3
"""A letter that a program does not have ends it with its family's code for wrong usage.

    bad_option.py --bin BUILD/bin

The codes are those of the originals' programs (interfaces/*.md); of a program that has no options the word is an operand.
"""

import argparse
import os
import subprocess
import sys
import tempfile

LETTER = "-Z"
# Of each family the code of all that are not named.
CODES = {
    "daemontools": (100, {111: "envdir fghack pgrphack supervise svok svscan", 0: "multilog svstat tai64n tai64nlocal"}),
    "encore": (100, {111: "envdir envini fghack pgrphack supervise svok svscan", 0: "multilog tai64n tai64nlocal"}),
    "execline": (100, {111: "homeof", 0: "eltest"}),
    "freedt": (100, {111: "envdir"}),
    "nosh": (1, {3: "nagios-check-service"}),
    "perp": (100, {0: "catargs catenv catlimits catuid"}),
    "runit": (100, {111: "runit runsv runsvchdir svlogd", 1: "update-service utmpset", 0: "runit-init"}),
    "s6": (100, {111: "s6-cleanfifodir s6-fghack s6-supervise s6-svdt-clear", 1: "s6-svok", 0: "s6-tai64n"}),
}
# These begin to supervise, or to log.
NEVER_END = {"daemontools/svscanboot", "encore/svscanboot", "perp/tinylog_run", "runit/runsvdir"}
# These say nothing, whatever is wrong.
SILENT = {"daemontools/readproctitle", "encore/readproctitle", "s6/s6-svok"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    wrong, count = [], 0
    with tempfile.TemporaryDirectory() as nowhere:
        for family, (usual, others) in CODES.items():
            known = {name: code for code, names in others.items() for name in names.split()}
            directory = os.path.join(os.path.realpath(options.bin), family)
            programs = set(os.listdir(directory))
            wrong += [f"{family}/{name} is not there" for name in known if name not in programs]
            for program in sorted(programs):
                if f"{family}/{program}" in NEVER_END:
                    continue
                ran = subprocess.run([os.path.join(directory, program), LETTER], stdin=subprocess.DEVNULL,
                                     capture_output=True, cwd=nowhere, timeout=30)
                count += 1
                expected = known.get(program, usual)
                if ran.returncode != expected:
                    wrong.append(f"{family}/{program}: {ran.returncode}, not {expected}: {ran.stderr!r}")
                if expected != 0 and f"{family}/{program}" not in SILENT and not ran.stderr + ran.stdout:
                    wrong.append(f"{family}/{program}: no word of it")
    print("\n".join(wrong) or f"{count} programs have no {LETTER}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
