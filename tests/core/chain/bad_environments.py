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
from dataclasses import dataclass

NOBODY = 65534
LONG = 1 << 20
SHOW = ("/bin/sh", "-c", 'printf "%s" "${V-unset}"')


@dataclass(frozen=True)
class Reader:
    """A tool that reads an environment directory, and what its family makes of it."""
    family: str
    words: tuple              # before the directory
    failed: int = 111         # its exit code then
    cut: int = 0              # of a line that is longer than any variable so much is taken; 0: it is refused
    blanks: bytes = b""       # those that stay of b" \t" at the end of a line
    special: bytes = b"unset"  # the variable of what is no file: removed, or as it was before

    @property
    def name(self):
        return " ".join((self.family, *self.words))

    def run(self, binaries, directory, program=SHOW, user=None):
        tool = os.path.join(binaries, self.family, self.words[0])
        return subprocess.run([tool, *self.words[1:], directory, *program], env={"PATH": "/usr/bin:/bin", "V": "before"},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30, user=user,
                              group=user, extra_groups=[] if user else None)


READERS = (
    Reader("daemontools", ("envdir",)),
    Reader("encore", ("envdir",)),
    Reader("freedt", ("envdir",)),
    Reader("runit", ("chpst", "-e")),
    Reader("s6", ("s6-envdir",), cut=4095),
    Reader("perp", ("runenv",)),
    Reader("nosh", ("envdir",), failed=1, blanks=b" \t", special=b"before"),
)


def write(path, content, mode=0o644):
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


def shows(ran, value):
    return (ran.returncode, ran.stdout) == (0, value)


def refuses(reader, ran, name):
    """One line, which names the file; and no program."""
    return (ran.returncode, ran.stdout) == (reader.failed, b"") and ran.stderr.count(b"\n") == 1 and name in ran.stderr


def check(reader, binaries, directory):
    """What went otherwise."""
    path = os.path.join(directory, "V")
    named = path.encode()

    def case(what, ran, holds):
        if not holds:
            wrong.append(f"{reader.name}: {what}: {ran.returncode}, {ran.stdout[:80]!r}, {ran.stderr[:200]!r}")

    wrong = []
    write(path, b"value\n", 0o600)
    try:
        ran = reader.run(binaries, directory, user=NOBODY)
        case("a file that may not be read", ran, refuses(reader, ran, named))
    except PermissionError:
        print(f"{reader.name}: left out: another user does not reach the build directory")

    write(path, b"x" * LONG)
    ran = reader.run(binaries, directory)
    case("a line that is longer than any variable", ran,
         shows(ran, b"x" * reader.cut) if reader.cut else refuses(reader, ran, named))

    write(path, b"short \t\n" + b"y" * LONG)
    ran = reader.run(binaries, directory)
    case("a short line before very much else", ran, shows(ran, b"short" + reader.blanks))

    write(path, b"one\0two\n")
    ran = reader.run(binaries, directory)
    case("a NUL", ran, shows(ran, b"one\ntwo"))

    write(path, b"")
    ran = reader.run(binaries, directory)
    case("an empty file", ran, shows(ran, b"unset"))

    os.unlink(path)
    os.symlink("nowhere", path)
    ran = reader.run(binaries, directory)
    case("a link that leads nowhere", ran, refuses(reader, ran, named))

    os.unlink(path)
    os.mkfifo(path)
    ran = reader.run(binaries, directory)
    case("a FIFO to which nobody writes", ran, shows(ran, reader.special))
    os.unlink(path)

    equals = os.path.join(directory, "V=injected")
    write(equals, b"more\n")
    ran = reader.run(binaries, directory)
    case("a name with =", ran, ran.returncode == 0 and b"injectedmore" not in ran.stdout)
    os.unlink(equals)

    # Each is short enough, all of them are not: nothing that was begun is left behind, and the program does not run.
    for number in range(200):
        write(os.path.join(directory, f"N{number}"), b"z" * 100_000 + b"\n")
    ran = reader.run(binaries, directory)
    if not reader.cut:
        case("more than the kernel takes", ran, ran.returncode in (reader.failed, 126) and ran.stdout == b"" and ran.stderr.count(b"\n") == 1)
    for number in range(200):
        os.unlink(os.path.join(directory, f"N{number}"))

    gone = os.path.join(directory, "gone")
    ran = reader.run(binaries, gone)
    case("no directory", ran, refuses(reader, ran, gone.encode()))
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
        for reader in READERS:
            directory = os.path.join(root, f"{reader.family}-{reader.words[0]}")
            os.mkdir(directory)
            wrong += check(reader, os.path.realpath(options.bin), directory)
    finally:
        shutil.rmtree(root)
    print("\n".join(wrong) or f"{len(READERS)} readers hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
