#!/usr/bin/env python3
"""Boots a minimal system with kindred as its first process, on a machine that is all software.

    boot.py --build BUILD                      every system; 0: all went as they are to
    boot.py --build BUILD --record RECORD.md   … and what was said is written down
    boot.py --build BUILD --keep DIR runit     one of them; its image and its console stay in DIR

A system is a directory in image/, with what is in image/common: a kernel and a busybox, both Debian's (image/packages; they
are unpacked, not installed), kindred's executables of one family, and scripts. Somebody logs in at the serial console,
looks, and has the system end. What this needs of the machine besides is in `packages`.
"""

import argparse
import datetime
import glob
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
FAMILY_PROGRAMS = "/usr/local/libexec/kindred"
LIMIT = 120.0  # for one answer: every instruction is software's
PROMPT = r" # (\x1b\[6n)?$"  # busybox's shell asks where the cursor is


@dataclass(frozen=True)
class System:
    name: str          # a directory in image/
    family: str
    init: str          # what the kernel starts
    talk: tuple        # what is waited for, and then typed
    last: tuple        # what is to be said after that, in this order
    ends: str = "Power down"  # the kernel's last word


LOG_IN = ("login: $", "root")
RUNIT_PATH = f"PATH=$PATH:{FAMILY_PROGRAMS}/runit/bin"
RUNIT_STAGES = ("- runit: leave stage: /etc/runit/2", "- runit: enter stage: /etc/runit/3", "stage 3: last words",
                "- runit: leave stage: /etc/runit/3", "- runit: sending KILL signal to all processes...")

SYSTEMS = (
    System("runit", "runit", f"{FAMILY_PROGRAMS}/kindred-runit-init",
           (LOG_IN, (PROMPT, RUNIT_PATH), (PROMPT, "sv status /etc/service/*; cat /proc/1/comm"),
            (PROMPT, "runit-init 0")),
           (*RUNIT_STAGES, "- runit: power off...")),
    System("runit", "runit", f"{FAMILY_PROGRAMS}/kindred-runit-init",
           (LOG_IN, (PROMPT, RUNIT_PATH), (PROMPT, "kill -INT 1")),
           ("- runit: ctrl-alt-del request...", "- runit: enter stage: /etc/runit/ctrlaltdel", *RUNIT_STAGES,
            "- runit: system reboot."), "Restarting system"),
    System("s6", "s6", "/etc/s6/init",
           (LOG_IN, (PROMPT, f"PATH=$PATH:{FAMILY_PROGRAMS}/s6/bin"),
            (PROMPT, "for s in getty ticker ticker/log; do s6-svstat /run/service/$s; done; cat /proc/1/comm"),
            (PROMPT, "s6-svscanctl -t /run/service")),
           ("finish: process 1, ", "last words")),
    System("nosh", "nosh", f"{FAMILY_PROGRAMS}/kindred-nosh-init",
           (LOG_IN, (PROMPT, f"PATH=$PATH:{FAMILY_PROGRAMS}/nosh/bin"),
            (PROMPT, "svstat /etc/service-bundles/*/*; cat /proc/1/comm"),
            (PROMPT, "system-control poweroff")),
           ("the getty is stopped",)),
)
# What differs from boot to boot, and what a terminal is asked.
NEUTRAL = ((r"\x1b\[[0-9;?]*[A-Za-z]", ""), (r"^\[ *[0-9.]+\]", "[TIME]"), (r"\bpid \d+", "pid N"), (r"^login\[\d+\]", "login[N]"),
           (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+| \+\d+)?", "TIME"), (r"\d+s\b|\d+ seconds", "TIME"))


class Failed(Exception):
    pass


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def debian_files(place):
    """The kernel and the busybox, and what their packages are called."""
    with open(f"{HERE}/image/packages") as names:
        wanted = names.read().split()
    # The newest kernel is what the package without a version depends on.
    wanted = [next(iter(re.findall(r"Depends: (linux-image-\S+)", run("apt-cache", "depends", name))), name) for name in wanted]
    os.makedirs(place)
    run("apt-get", "-qq", "download", *wanted, cwd=place, stderr=subprocess.DEVNULL)
    for package in glob.glob(f"{place}/*.deb"):
        run("dpkg-deb", "-x", package, place)
    found = run("sh", "-c", 'for f in "$1"/*.deb; do dpkg-deb -W "$f"; done', "sh", place)
    return glob.glob(f"{place}/boot/vmlinuz-*")[0], f"{place}/bin/busybox", found.replace("\t", " ").splitlines()


def install(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy2(source, target)


def add_programs(root, build, family):
    """kindred's executables of the family, by their names, and the libraries that they are linked with."""
    programs = f"{root}{FAMILY_PROGRAMS}"
    for name in sorted(os.listdir(f"{build}/bin/{family}")):
        executable = os.path.realpath(f"{build}/bin/{family}/{name}")
        if not os.path.exists(executable):
            raise Failed(f"{name} is not built")
        copy = f"{programs}/{os.path.basename(executable)}"
        if not os.path.exists(copy):
            install(executable, copy)
            shown = subprocess.run(["ldd", executable], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
            for library in re.findall(r"(/\S+) \(0x", shown):
                install(os.path.realpath(library), root + library)
        os.makedirs(f"{programs}/{family}/bin", exist_ok=True)
        os.symlink(f"../../{os.path.basename(executable)}", f"{programs}/{family}/bin/{name}")


def make_image(system, build, busybox, place):
    root = f"{place}/root"
    for directory in ("proc", "sys", "dev", "run", "root", "tmp", "sbin", "var/log"):
        os.makedirs(f"{root}/{directory}")
    for part in ("common", system.name):
        shutil.copytree(f"{HERE}/image/{part}", root, symlinks=True, dirs_exist_ok=True)
    install(busybox, f"{root}/bin/busybox")
    for applet in run(busybox, "--list").split():
        if not os.path.lexists(f"{root}/bin/{applet}"):
            os.symlink("busybox", f"{root}/bin/{applet}")
    add_programs(root, build, system.family)
    os.symlink(system.init, f"{root}/sbin/init")
    image = f"{place}/image.cpio"
    with open(image, "wb") as file:
        names = run("find", ".", cwd=root)
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], input=names.encode(), stdout=file, cwd=root, check=True)
    return image


class Console:
    """The machine's serial line."""

    def __init__(self, kernel, image, log):
        self.text = ""
        self.log = log
        self.machine = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-nodefaults", "-display", "none", "-serial", "stdio",
             "-no-reboot", "-kernel", kernel, "-initrd", image, "-append", "console=ttyS0 quiet panic=-1 rdinit=/sbin/init"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def read(self, deadline):
        """False at the end."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.machine.stdout], [], [], left)[0]:
            raise Failed(f"nothing more is said within {LIMIT:.0f} s")
        got = os.read(self.machine.stdout.fileno(), 65536)
        self.log.write(got)
        self.log.flush()
        self.text += got.decode(errors="replace").replace("\r", "")
        return bool(got)

    def wait_for(self, pattern, begin):
        deadline = time.monotonic() + LIMIT
        while True:
            found = re.search(pattern, self.text[begin:])
            if found:
                return
            if not self.read(deadline):
                raise Failed(f"the machine ends before {pattern!r}")

    def type(self, line):
        self.machine.stdin.write(line.encode() + b"\n")

    def wait_for_end(self):
        deadline = time.monotonic() + LIMIT
        while self.read(deadline):
            pass
        return self.machine.wait()

    def end(self):
        if self.machine.poll() is None:
            self.machine.kill()
        self.machine.wait()


def follow(console, system):
    begin = 0
    for pattern, answer in system.talk:
        console.wait_for(pattern, begin)
        begin = len(console.text)
        console.type(answer)
    code = console.wait_for_end()
    rest = console.text[begin:]
    if "Kernel panic" in console.text:
        raise Failed("the kernel panics")
    for text in (*system.last, system.ends):
        at = rest.find(text)
        if at < 0:
            raise Failed(f"{text!r} is not said, or too early")
        rest = rest[at + len(text):]
    if code != 0:
        raise Failed(f"the machine ends with {code}")


def boot(system, build, kernel, busybox, place):
    """What was said; the error, if it did not go as it is to."""
    os.makedirs(place, exist_ok=True)
    with open(f"{place}/console", "wb") as log:
        console = Console(kernel, make_image(system, build, busybox, place), log)
        try:
            follow(console, system)
            return console.text, None
        except Failed as failed:
            return console.text, str(failed)
        finally:
            console.end()


def record(path, sources, said):
    """As on every machine: without times, numbers of processes, and what a terminal is asked."""
    qemu = run("qemu-system-x86_64", "--version").splitlines()[0]
    with open(path, "w") as file:
        file.write("# Booted\n\nWritten by `ninja boot`. Processes' numbers and times are left out.\n\n"
                   f"{datetime.date.today().isoformat()}; {qemu}; {'; '.join(sources)}\n")
        for system, text in said:
            for pattern, neutral in NEUTRAL:
                text = re.sub(pattern, neutral, text, flags=re.MULTILINE)
            lines = [line.rstrip() for line in text.splitlines()]
            file.write(f"\n## {system.name}, {system.init}, until {system.ends!r}\n\n")
            file.writelines(f"    {line}".rstrip() + "\n" for line in lines if line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="the build's directory")
    parser.add_argument("--record", metavar="FILE")
    parser.add_argument("--keep", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="SYSTEM")
    options = parser.parse_args()
    missing = [tool for tool in ("qemu-system-x86_64", "cpio", "apt-get", "ldd") if not shutil.which(tool)]
    if missing:
        print(f"boot: {', '.join(missing)}: not installed (tests/boot/packages)", file=sys.stderr)
        return 2
    work = options.keep or tempfile.mkdtemp(prefix="kindred-boot-")
    said, failures = [], 0
    try:
        kernel, busybox, sources = debian_files(f"{work}/debian")
        for number, system in enumerate(SYSTEMS):
            if options.names and system.name not in options.names:
                continue
            text, error = boot(system, os.path.abspath(options.build), kernel, busybox, f"{work}/{number}-{system.name}")
            said.append((system, text))
            print(f"{'failed' if error else 'ok':6} {system.name}: {error or system.ends}", flush=True)
            if error:
                print(text, flush=True)
                failures += 1
        if options.record and not failures:
            record(options.record, sources, said)
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
