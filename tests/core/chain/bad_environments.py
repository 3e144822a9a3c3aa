#!/usr/bin/env python3
"""What every family's reader of environment directories makes of files that are none, or too much.

    bad_environments.py --bin BUILD/bin

A directory that cannot be used is one line that names the file, the family's exit code, and no program. Exit code: 0
passed, 1 failed, 77 where another user is needed and there is none to become.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

NOBODY = 65534
LONG = 1 << 20
SHOW = ("/bin/sh", "-c", 'printf "%s" "${V-unset}"')

# family, tool and words before the directory; what is done with the first line of a file that is too long.
READERS = (
    ("daemontools", ("envdir",), "refused"),
    ("encore", ("envdir",), "refused"),
    ("freedt", ("envdir",), "refused"),
    ("runit", ("chpst", "-e"), "refused"),
    ("s6", ("s6-envdir",), "cut"),
)
FAILED, CUT = 111, 4095


class Reader:
    def __init__(self, binaries, family, words):
        self.name = " ".join((family, *words))
        self.command = [os.path.join(binaries, family, words[0]), *words[1:]]

    def run(self, directory, program=SHOW, user=None):
        return subprocess.run([*self.command, directory, *program], env={"PATH": "/usr/bin:/bin", "V": "before"},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30, user=user,
                              group=user, extra_groups=[] if user else None)


def write(path, content, mode=0o644):
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


def shows(ran, value):
    return (ran.returncode, ran.stdout) == (0, value)


def refuses(ran, name):
    """One line, which names the file; and no program."""
    return (ran.returncode, ran.stdout) == (FAILED, b"") and ran.stderr.count(b"\n") == 1 and name in ran.stderr


def check(reader, directory, long_line):
    """What went otherwise."""
    path = os.path.join(directory, "V")
    named = path.encode()

    def case(what, ran, holds):
        if not holds:
            wrong.append(f"{reader.name}: {what}: {ran.returncode}, {ran.stdout[:80]!r}, {ran.stderr[:200]!r}")

    wrong = []
    write(path, b"value\n", 0o600)
    try:
        ran = reader.run(directory, user=NOBODY)
        case("a file that may not be read", ran, refuses(ran, named))
    except PermissionError:
        print(f"{reader.name}: left out: another user does not reach the build directory")

    write(path, b"x" * LONG)
    ran = reader.run(directory)
    case("a line that is longer than any variable", ran,
         refuses(ran, named) if long_line == "refused" else shows(ran, b"x" * CUT))

    write(path, b"short \t\n" + b"y" * LONG)
    ran = reader.run(directory)
    case("a short line before very much else", ran, shows(ran, b"short"))

    write(path, b"one\0two\n")
    ran = reader.run(directory)
    case("a NUL", ran, shows(ran, b"one\ntwo"))

    write(path, b"")
    ran = reader.run(directory)
    case("an empty file", ran, shows(ran, b"unset"))

    os.unlink(path)
    os.symlink("nowhere", path)
    ran = reader.run(directory)
    case("a link that leads nowhere", ran, refuses(ran, named))

    os.unlink(path)
    os.mkfifo(path)
    ran = reader.run(directory)
    case("a FIFO to which nobody writes", ran, shows(ran, b"unset"))
    os.unlink(path)

    equals = os.path.join(directory, "V=injected")
    write(equals, b"more\n")
    ran = reader.run(directory)
    case("a name with =", ran, ran.returncode == 0 and b"injectedmore" not in ran.stdout)
    os.unlink(equals)

    # Each is short enough, all of them are not: nothing that was begun is left behind, and the program does not run.
    for number in range(200):
        write(os.path.join(directory, f"N{number}"), b"z" * 100_000 + b"\n")
    ran = reader.run(directory)
    if long_line == "refused":
        case("more than the kernel takes", ran, ran.returncode in (FAILED, 126) and ran.stdout == b"" and ran.stderr.count(b"\n") == 1)
    for number in range(200):
        os.unlink(os.path.join(directory, f"N{number}"))

    gone = os.path.join(directory, "gone")
    ran = reader.run(gone)
    case("no directory", ran, refuses(ran, gone.encode()))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: only root can become another user")
        return 77
    root = tempfile.mkdtemp(prefix="kindred-environments-")
    os.chmod(root, 0o755)
    wrong = []
    try:
        for family, words, long_line in READERS:
            directory = os.path.join(root, f"{family}-{words[0]}")
            os.mkdir(directory)
            wrong += check(Reader(os.path.realpath(options.bin), family, words), directory, long_line)
    finally:
        shutil.rmtree(root)
    print("\n".join(wrong) or f"{len(READERS)} readers hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
