#!/usr/bin/env python3
"""Units of Debian's packages really start: converted, below the target's supervisor, as the right user, ready, and stopped.

    started.py BUILD_DIRECTORY [--root ROOT] [--family FAMILY]... [--unit UNIT]...

BUILD_DIRECTORY is a build. ROOT is a Debian root in which the packages that the file `started` names are installed, with
runit, s6 and execline; without one debootstrap makes it, which takes root, the network and ten minutes. The services run in
processes and a network of their own. Prints a line for each unit and family, and a count for each family. Exit code: 0 where at least
thirty did all of it below each family's supervisor, 1 where not.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ENOUGH = 30
STARTS_WITHIN, STAYS, STOPS_WITHIN = 40, 4, 40   # seconds
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOSH = "/usr/local/libexec/kindred/nosh/bin"

# The supervisors, Debian's where there is one; `{}` is where the services lie.
SCANNERS = {"runit": ("runsvdir", "-P", "{}"), "s6": ("s6-svscan", "-t", "500", "{}"),
            "nosh": ("kindred", "scan", "--home", "nosh", "{}")}
DOWN = {"runit": ("sv", "-w", "30", "down"), "s6": ("s6-svc", "-wD", "-T", "30000", "-d"), "nosh": (f"{NOSH}/svc", "-d")}
# The tools of the family that the scripts are written in.
TOOLS = {"runit": "", "s6": "", "nosh": NOSH + ":"}


def wanted():
    """Of each unit its package."""
    with open(f"{HERE}/started", encoding="utf-8") as names:
        return {unit: package for package, unit in (line.split() for line in names if line.strip() and line[0] != "#")}


def make_root(root, packages):
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, stdout=subprocess.DEVNULL)
    with open(f"{root}/usr/sbin/policy-rc.d", "w", encoding="ascii") as policy:
        policy.write("#!/bin/sh\nexit 101\n")
    os.chmod(f"{root}/usr/sbin/policy-rc.d", 0o755)
    for words in (["apt-get", "update", "-qq"],
                  ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "runit", "s6", "execline", "iproute2", "procps", *packages]):
        subprocess.run(["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", f"PATH={PATH}", *words], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Inside:
    """The root, with processes, a network and mounts of its own, which end with it."""

    def __init__(self, root, family):
        self.root, self.family = root, family
        self.services = f"/services-{family}"
        shutil.rmtree(root + self.services, ignore_errors=True)
        os.mkdir(root + self.services)
        self.environment = {"PATH": TOOLS[family] + PATH, "LC_ALL": "C"}
        prepare = ("mount --make-rprivate / && mount --bind $0 $0 && mount -t proc proc $0/proc && mount -t sysfs -o ro sysfs $0/sys && "
                   "mount -t tmpfs none $0/run && mount -t tmpfs none $0/tmp && mkdir -p $0/dev/shm $0/run/lock && "
                   "mount -t tmpfs none $0/dev/shm && ip link set lo up && "
                   "exec chroot $0 sleep 100000")
        self.first = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", "--net", "--mount", "sh", "-c", prepare, root],
                                      stdin=subprocess.DEVNULL)
        self.pid = self.until(self._first_inside, STARTS_WITHIN)

    def _first_inside(self):
        """Its number here, once it is in there."""
        try:
            with open(f"/proc/{self.first.pid}/task/{self.first.pid}/children", encoding="ascii") as children:
                pid = int(children.read().split()[0])
            return pid if os.path.realpath(f"/proc/{pid}/root") == os.path.realpath(self.root) else 0
        except (OSError, IndexError):
            return 0

    @staticmethod
    def until(condition, limit):
        """What the condition comes to be; what it was last where it never does."""
        deadline = time.monotonic() + limit
        while not (seen := condition()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return seen

    def words(self, *words):
        return ["nsenter", f"--target={self.pid}", "--pid", "--net", "--mount", "--root", "--wd=/", *words]

    def run(self, *words, limit=60):
        return subprocess.run(self.words(*words), env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=limit, check=False)

    def start(self, *words):
        with open(f"{self.root}/errors-{self.family}", "w", encoding="utf-8") as errors:
            return subprocess.Popen(self.words(*words), env=self.environment, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)

    def end(self):
        self.first.kill()
        self.first.wait()

    # -- services --

    def records(self):
        told = self.run("kindred", "status", "--json", self.services).stdout
        try:
            return {record["name"]: record for record in json.loads(told)["services"]}
        except (ValueError, KeyError):
            return {}

    def tree(self, pid):
        """Users of the process and all below it, but for kindred's tool, which stays beside a daemon that forks."""
        told = self.run("ps", "-e", "-o", "pid=,ppid=,euser:40=,comm=").stdout
        rows = [line.split(None, 3) for line in told.splitlines()]
        inside, grown = {str(pid)}, True
        while grown:
            more = {row[0] for row in rows if row[1] in inside} - inside
            inside, grown = inside | more, bool(more)
        return {row[2] for row in rows if row[0] in inside and not row[3].startswith("kindred")}


def unit_says(root, unit, key):
    with open(f"{root}/lib/systemd/system/{unit}.service", encoding="utf-8") as text:
        found = re.findall(rf"^{key}=(.*)$", text.read(), re.MULTILINE)
    return found[-1].strip() if found else ""


def prove(inside, unit):
    """What one service did not do; '' for nothing, and how many losses were told."""
    source = f"/lib/systemd/system/{unit}.service"
    done = inside.run("kindred", "convert", "--from", "systemd", "--to", inside.family, source, inside.services)
    losses = sum(1 for line in done.stdout.splitlines() if line) - 1
    if done.returncode not in (0, 1):
        return f"is not converted: {done.stderr.strip()}", losses
    name = unit
    before = time.monotonic()

    def up_since():
        record = inside.records().get(name, {})
        return record if record.get("state") == "run" and record.get("pid") else {}
    record = inside.until(up_since, STARTS_WITHIN)
    if not record:
        return "does not run", losses
    steady, pid = time.monotonic(), record["pid"]
    while time.monotonic() - steady < STAYS:
        time.sleep(0.5)
        now = up_since().get("pid")
        if now is None or now != pid:
            if time.monotonic() - before > STARTS_WITHIN:
                return "does not go on running", losses
            steady, pid = time.monotonic(), now
    user = unit_says(inside.root, unit, "User")
    users = inside.tree(pid)
    if not users or (user and users != {user}):
        return f"runs as {', '.join(sorted(users))}, not as {user}", losses
    if unit_says(inside.root, unit, "Type") == "notify":
        if inside.family == "s6" and not inside.until(lambda: up_since().get("ready"), STARTS_WITHIN):
            return "is not ready", losses
        if inside.family == "runit" and not inside.until(
                lambda: inside.run("sv", "check", f"{inside.services}/{name}").returncode == 0, STARTS_WITHIN):
            return "is not ready", losses
    inside.run(*DOWN[inside.family], f"{inside.services}/{name}", limit=90)
    if not inside.until(lambda: inside.records().get(name, {}).get("state") == "down", STOPS_WITHIN):
        return "does not stop", losses
    return "", losses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--root")
    parser.add_argument("--family", action="append", choices=list(SCANNERS))
    parser.add_argument("--unit", action="append", default=[])
    options = parser.parse_args()
    units = wanted()
    with tempfile.TemporaryDirectory(prefix="kindred-units-") as place:
        root = options.root or f"{place}/root"
        if not options.root:
            make_root(root, sorted(set(units.values())))
        subprocess.run(["cmake", "--install", options.build, "--prefix", "/usr/local"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": root})
        enough = True
        for family in options.family or list(SCANNERS):
            inside = Inside(root, family)
            good = 0
            try:
                scanner = inside.start(*(word.format(inside.services) for word in SCANNERS[family]))
                for unit in options.unit or units:
                    wrong, losses = prove(inside, unit)
                    good += not wrong
                    print(f"{family}: {unit}: {wrong or 'starts, stays, stops'} ({losses} losses)", flush=True)
                scanner.terminate()
            finally:
                inside.end()
            print(f"{family}: {good} of {len(options.unit or units)}", flush=True)
            enough = enough and good >= ENOUGH
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
