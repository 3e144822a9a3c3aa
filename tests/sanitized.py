#!/usr/bin/env python3
"""Runs a test of sanitized programs, and fails it where any of these has reported something.

    sanitized.py COMMAND [ARGUMENT...]

A supervisor's standard error is what a test looks at, or nobody does: reports go to files. Exit code: that of the
command; 1, with the reports printed, if there is any.
"""

import os
import shutil
import subprocess
import sys
import tempfile


def main():
    reports = tempfile.mkdtemp(prefix="kindred-reports-")
    # What has given up root's rights writes there, too.
    os.chmod(reports, 0o1777)
    options = f"log_path={reports}/report:print_stacktrace=1"
    environment = {**os.environ, "ASAN_OPTIONS": options, "UBSAN_OPTIONS": options}
    try:
        code = subprocess.run(sys.argv[1:], env=environment).returncode
        for name in sorted(os.listdir(reports)):
            with open(f"{reports}/{name}", errors="replace") as report:
                print(f"A sanitizer reports: {name}\n{report.read()}", flush=True)
            code = 1
        return code if code >= 0 else 128 - code
    finally:
        shutil.rmtree(reports)


if __name__ == "__main__":
    sys.exit(main())
