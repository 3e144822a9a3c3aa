#!/usr/bin/env python3
"""bash completes sub-commands, options and names of services; the files of the other shells are at least read.

    completion_test.py COMPLETION_DIRECTORY KINDRED
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

DIRECTORY, KINDRED = sys.argv[1:3]

ASK = r"""
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
$(complete -p "$1" | sed -E 's/.*-F ([^ ]+) .*/\1/')
printf '%s\n' "${COMPREPLY[@]}" | sort -u
"""


class Completion(unittest.TestCase):
    def complete(self, *words, services=()):
        with tempfile.TemporaryDirectory(prefix="kx-") as directory:
            for name in services:
                os.mkdir(f"{directory}/{name}")
            environment = {"PATH": f"{os.path.dirname(KINDRED)}:{os.environ['PATH']}", "SVDIR": directory, "HOME": directory}
            done = subprocess.run(["bash", "-c", ASK, "bash", f"{DIRECTORY}/kindred.bash", *words], env=environment,
                                  cwd="/", capture_output=True, text=True, check=True)
            self.assertEqual(done.stderr, "")
            return done.stdout.split()

    def test_subcommands(self):
        self.assertEqual(self.complete("kindred", "sta"), ["start", "status"])
        self.assertIn("metrics", self.complete("kindred", ""))

    def test_options_are_those_of_the_help(self):
        self.assertEqual(self.complete("kindred", "log", "--j"), ["--json"])
        self.assertIn("--watch", self.complete("kindred", "status", "--"))

    def test_names_of_services(self):
        for words in (("kindred", "restart", "we"), ("kindred", "signal", "HUP", "we"), ("sv", "up", "we"), ("svstat", "we"),
                      ("perpctl", "u", "we"), ("s6-svc", "we")):
            self.assertEqual(self.complete(*words, services=("web", "db")), ["web"], words)

    def test_values(self):
        self.assertEqual(self.complete("kindred", "scan", "--home", "ru"), ["runit"])
        self.assertEqual(self.complete("kindred", "status", "--state", "fl"), ["flapping"])
        self.assertEqual(self.complete("kindred", "signal", "US"), ["USR1", "USR2"])

    def test_other_shells_read_theirs(self):
        for shell, name in (("zsh", "_kindred"), ("fish", "kindred.fish")):
            if shutil.which(shell):
                subprocess.run([shell, "-n", f"{DIRECTORY}/{name}"], check=True)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
