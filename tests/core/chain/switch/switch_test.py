#!/usr/bin/env python3
"""Chain tools know the accounts and groups that only another source of the name service switch knows.

    switch_test.py --bin BUILD/bin --source DIRECTORY

DIRECTORY has the source, libnss_kindredtest.so.2. The test gives itself an /etc/nsswitch.conf that names it, in mounts
of its own. Exit code: 0 passed, 1 failed, 77 where mounting is not permitted.
"""

import argparse
import os
import subprocess
import sys
import tempfile

ACCOUNT, GROUP = "kindred-elsewhere", "kindred-members"
SHOW = ("/bin/sh", "-c", "echo $(/usr/bin/id -u) $(/usr/bin/id -g) $(/usr/bin/id -G)")
TELL = ("/bin/sh", "-c", "echo $UID $GID $GIDLIST")
ALONE, MEMBER = "54321 54322 54322", "54321 54322 54322 54323"

# What each prints as long as the source is asked; the exit code when nobody knows the name.
CASES = (
    (("daemontools", "setuidgid", ACCOUNT, *SHOW), ALONE, 111),
    (("daemontools", "envuidgid", ACCOUNT, *TELL), "54321 54322", 111),
    (("encore", "setuidgid", ACCOUNT, *SHOW), ALONE, 111),
    (("encore", "setuidgid", "-s", ACCOUNT, *SHOW), MEMBER, 111),
    (("encore", "setuser", ACCOUNT, *SHOW), MEMBER, 111),
    (("freedt", "setuidgid", ACCOUNT, *SHOW), ALONE, 111),
    (("runit", "chpst", "-u", ACCOUNT, *SHOW), ALONE, 111),
    (("runit", "chpst", "-u", f"{ACCOUNT}:{GROUP}", *SHOW), "54321 54323 54323", 111),
    (("runit", "chpst", "-U", f"{ACCOUNT}:{GROUP}", *TELL), "54321 54323", 111),
    (("s6", "s6-setuidgid", ACCOUNT, *SHOW), MEMBER, 1),
    (("s6", "s6-envuidgid", ACCOUNT, *TELL), "54321 54322 54323", 1),
    (("s6", "s6-envuidgid", "-g", GROUP, *TELL), "54323", 1),
)


def run(words, binaries, source):
    family, tool, *rest = words
    environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": source}
    return subprocess.run([os.path.join(binaries, family, tool), *rest], capture_output=True, text=True, env=environment,
                          timeout=60)


def write_switch(sources):
    with open("/etc/nsswitch.conf", "w", encoding="utf-8") as file:
        file.write(f"passwd: {sources}\ngroup: {sources}\n")


def check(binaries, source):
    wrong = []
    for sources, known in (("files kindredtest", True), ("files", False)):
        write_switch(sources)
        for words, shown, unknown_code in CASES:
            ran = run(words, binaries, source)
            if known and (ran.returncode, ran.stdout.strip()) != (0, shown):
                wrong.append(f"{' '.join(words[:4])}: {ran.returncode} {ran.stdout!r} {ran.stderr!r}, not {shown!r}")
            if not known and (ran.returncode, ran.stdout) != (unknown_code, ""):
                wrong.append(f"{' '.join(words[:4])}, unknown: {ran.returncode} {ran.stdout!r}, not {unknown_code}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--inside", help="an empty file to put in the place of /etc/nsswitch.conf")
    options = parser.parse_args()
    if options.inside is None:
        with tempfile.NamedTemporaryFile() as switch:
            os.chmod(switch.name, 0o644)
            return subprocess.run(["unshare", "--mount", "--", sys.executable, *sys.argv, "--inside", switch.name]
                                  ).returncode if can_mount() else 77
    subprocess.run(["mount", "--bind", options.inside, "/etc/nsswitch.conf"], check=True)
    wrong = check(os.path.realpath(options.bin), os.path.realpath(options.source))
    print("\n".join(wrong) or f"{2 * len(CASES)} answers are right")
    return 1 if wrong else 0


def can_mount():
    tried = subprocess.run(["unshare", "--mount", "--", "mount", "--bind", "/etc/nsswitch.conf", "/etc/nsswitch.conf"],
                           capture_output=True, text=True)
    if tried.returncode != 0:
        print("skipped:", tried.stderr.strip())
    return tried.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
