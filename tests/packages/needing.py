#!/usr/bin/env python3
"""Debian's packages that need an original install and run on kindred's packages.

    needing.py BUILD_DIRECTORY [ROOT]

BUILD_DIRECTORY is a build with the prefix /usr (preset package). ROOT is an empty Debian root that is changed; without one
debootstrap makes it, which takes root, the network and a minute. Nothing else outside a temporary directory is changed.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
from packages import Root, build, say  # noqa: E402

LIMIT = 60
# Of each what it has below /etc/service; () for those that are only to install.
RUNIT = {"git-daemon-run": ("git-daemon",), "socklog-run": ("socklog-unix",), "tinydns": ("tinydns",), "dnscache": ("dnscache",),
         "bcron": ("bcron-sched", "bcron-spool"), "mini-httpd-run": ("mini-httpd",), "runit-services": (), "getty-run": (),
         "cereal": (), "svtools": ()}
DAEMONTOOLS = {"daemontools-run": (), "svtools": ()}
ORIGINALS = ("runit", "daemontools", "s6", "execline")


def until(condition, what):
    deadline = time.monotonic() + LIMIT
    while not (seen := condition()):
        if time.monotonic() > deadline:
            sys.exit(f"never so: {what()}")
        time.sleep(0.1)
    return seen


def install(root, packages, wanted, needing):
    root.install([packages[name] for name in wanted])
    # Nothing is started by maintainer scripts.
    with open(f"{root.path}/usr/sbin/policy-rc.d", "w", encoding="ascii") as policy:
        policy.write("#!/bin/sh\nexit 101\n")
    os.chmod(f"{root.path}/usr/sbin/policy-rc.d", 0o755)
    root.run("apt-get", "update", "-qq")
    root.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", *needing)
    os.unlink(f"{root.path}/usr/sbin/policy-rc.d")
    there = root.run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n").splitlines()
    for original in ORIGINALS:
        if any(re.match(rf"{original} i", line) for line in there):
            sys.exit(f"{original} itself was installed")
    for name in (*wanted, *needing):
        if not any(re.match(rf"{re.escape(name)} ii", line) for line in there):
            sys.exit(f"{name} is not installed:\n" + "\n".join(there))
    print(f"{', '.join(wanted)}: {', '.join(needing)} installed, no original", flush=True)


def state(root, name):
    done = subprocess.run(["chroot", root.path, "/usr/bin/sv", "status", name], capture_output=True, text=True, check=False)
    return done.stdout


def prove_services(root):
    services = [service for names in RUNIT.values() for service in names]
    enabled = set(os.listdir(f"{root.path}/etc/service/"))
    for service in services:
        if service not in enabled:
            root.run("update-service", "--add", f"/etc/sv/{service}")
    # What needs a terminal, or the kernel's log, is not for a root inside another.
    for service in enabled - set(services):
        os.unlink(f"{root.path}/etc/service/{service}")
    os.makedirs(f"{root.path}/var/lib/git", exist_ok=True)
    os.makedirs(f"{root.path}/var/www/html", exist_ok=True)
    with open(f"{root.path}/var/www/html/index.html", "w", encoding="ascii") as page:
        page.write("served below kindred\n")
    with open(f"{root.path}/etc/hosts", "w", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 localhost\n")
    # A process, network and files of its own: no port of this machine is taken, and all of it ends with the first process.
    inside = "ip link set lo up && exec chroot \"$0\" env PATH=/usr/sbin:/usr/bin:/sbin:/bin runsvdir -P /etc/service"
    scanner = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", "--net", "--mount", f"--mount-proc={root.path}/proc",
                                "sh", "-c", inside, root.path],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for service in services:
            # For longer than it takes to start again and again.
            until(lambda: re.match(rf"run: {service}: \(pid \d+\) ([2-9]|\d\d+)s", state(root, service)),
                  lambda: f"{service} runs: {state(root, service)}")
            told = state(root, service).strip()
            if "log:" in told and "; run: log:" not in told:
                sys.exit(f"the log of {service} does not run: {told}")
            print(f"  {service}: run{', and its log' if '; run: log:' in told else ''}", flush=True)
        # What is written to /dev/log comes into socklog's files.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.connect(f"{root.path}/dev/log")
            log.send(b"<13>tester: hello from a test")
        until(lambda: "hello from a test" in read_logs(root, "var/log"), lambda: "socklog writes a line")
        print("  socklog-unix: a line of /dev/log is in its files")
    finally:
        scanner.kill()
        scanner.wait(timeout=LIMIT)


def read_logs(root, directory):
    text = ""
    for base, _, files in os.walk(f"{root.path}/{directory}"):
        for name in files:
            if name == "current":
                with open(f"{base}/{name}", encoding="utf-8", errors="replace") as log:
                    text += log.read()
    return text


def remove(root, wanted, needing):
    # Not purged: that of git-daemon-run calls deluser with an option that bookworm's does not have.
    root.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "remove", "-y", "-qq", *needing)
    root.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "purge", "-y", "-qq", *wanted)
    if os.path.exists(f"{root.path}/usr/bin/kindred"):
        sys.exit("it is purged, and is there")


def main():
    directory = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="kn-") as place:
        packages = build(directory, f"{place}/packages")
        root = sys.argv[2] if len(sys.argv) > 2 else f"{place}/root"
        if len(sys.argv) <= 2:
            say("debootstrap", "--variant=minbase", "bookworm", root, stdout=subprocess.DEVNULL)
        root = Root(root)
        wanted = ("kindred", "kindred-runit")
        install(root, packages, wanted, tuple(RUNIT))
        prove_services(root)
        remove(root, wanted, tuple(RUNIT))
        wanted = ("kindred", "kindred-daemontools")
        install(root, packages, wanted, tuple(DAEMONTOOLS))
        remove(root, wanted, tuple(DAEMONTOOLS))
    print("what needs an original is content with kindred")


if __name__ == "__main__":
    main()
