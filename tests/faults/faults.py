#!/usr/bin/env python3
"""What supervisors survive: bad input, exhausted resources, the deaths of their own parts.

    faults.py --list                         names of all cases
    faults.py --list-sanitized               those that are run on sanitized programs
    faults.py --bin BUILD/bin HOME.CASE      runs one; 0 passed, 1 failed, 77 not possible on this machine
    faults.py --repeat N …                   so many times, until it fails

A case is a function with a sentence for its name, and runs on each home that it makes sense for: supervise, svscan,
runsv, runsvdir, and where they would differ encore-supervise, s6-supervise, service-manager; loggers. Each ctest test `faults.HOME.CASE` is one of them.
"""

import argparse
import os
import sys

# A module registers its cases when it is imported.
import adopted
import bad_commands
import bad_files
import bad_scripts
import commands
import exhaustion
import killed_cores
import killed_supervisors
import last_lines
import log_pairs
import loggers
import moved_directories
import process_one
import process_trees
import refused_calls
import reported
import scanners
import shapes
import surroundings
import taken_up
from harness import CASES, KINDRED_SCAN, PERPD, S6_SVSCAN, Scene, Skip

SKIPPED = 77
# On sanitized programs every case of these homes is run, and each other case on the first home that has it.
SANITIZED_WHOLE = (KINDRED_SCAN, PERPD, S6_SVSCAN)
# What says nothing of sanitized programs.
UNSANITIZED = {
    "without_proc_everything_works": "AddressSanitizer itself needs /proc",
    "the_original_takes_up_what_kindred_has_left_anywhere": "LeakSanitizer cannot work in what is traced",
    "a_megabyte_of_noise_in_a_fifo_disturbs_no_other_service": "asserts memory, and AddressSanitizer keeps what is freed",
}


def sanitized_cases():
    chosen, seen = [], set()
    for name, (function, home) in sorted(CASES.items(), key=lambda case: case[1][1] not in SANITIZED_WHOLE):
        if function.__name__ not in UNSANITIZED and (home in SANITIZED_WHOLE or function.__name__ not in seen):
            chosen.append(name)
        seen.add(function.__name__)
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--list-sanitized", action="store_true")
    parser.add_argument("--bin", help="the build's bin directory")
    parser.add_argument("--repeat", metavar="N", type=int, default=1)
    parser.add_argument("case", nargs="?", choices=CASES, metavar="HOME.CASE")
    options = parser.parse_args()
    if options.list:
        print(*CASES, sep="\n")
        return 0
    if options.list_sanitized:
        print(*sanitized_cases(), sep="\n")
        return 0
    if not options.bin or not options.case:
        parser.error("--bin and a case are needed")
    return max(run(options.case, os.path.abspath(options.bin)) for _ in range(options.repeat))


def run(name, bin_dir):
    function, home = CASES[name]
    scene = Scene(home, bin_dir)
    try:
        function(scene)
        return 0
    except Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    except BaseException:
        print(f"standard error of {home.program}:", *scene.errors()[-40:], sep="\n  ", file=sys.stderr)
        raise
    finally:
        scene.end()


if __name__ == "__main__":
    sys.exit(main())
