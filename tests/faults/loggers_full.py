#!/usr/bin/env python3
"""The long run: ten million lines through each logger in each of the cases that end it, fill its disk or stop it.

    loggers_full.py --bin BUILD/bin [LOGGER…]

Prints how each case ended. Exit code: 0 all have passed, 1 some have not, 2 there is no such logger.
"""

import argparse
import os
import subprocess
import sys
import time

import loggers
from harness import CASES

LINES = 10_000_000
LONG = (loggers.term_and_restart_again_and_again_lose_no_line, loggers.a_processor_under_restarts_loses_no_line,
        loggers.restarts_rotations_and_a_full_disk_at_once_lose_no_line, loggers.kill_costs_less_than_64_kib)
SKIPPED = 77


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the build's bin directory")
    parser.add_argument("logger", nargs="*", help="those of faults.py --list; all if there is none")
    options = parser.parse_args()
    wanted = options.logger or list(loggers.BY_NAME)
    if unknown := set(wanted) - set(loggers.BY_NAME):
        print(f"no such logger: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    faults = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.py")
    names = {function.__name__ for function in LONG}
    failed = 0
    for case, (function, _) in CASES.items():
        if function.__name__ not in names or case.split(".")[0] not in wanted:
            continue
        began = time.monotonic()
        ran = subprocess.run([sys.executable, faults, "--bin", options.bin, case], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, env={**os.environ, "KINDRED_LOG_LINES": str(LINES)})
        how = {0: "passed", SKIPPED: "skipped"}.get(ran.returncode, "FAILED")
        last = ran.stdout.strip().splitlines()[-1:] if how != "FAILED" else [ran.stdout.strip()]
        print(f"{how} {case} in {time.monotonic() - began:.0f} s: {''.join(last)}", flush=True)
        failed += how == "FAILED"
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
