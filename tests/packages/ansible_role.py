#!/usr/bin/env python3
"""The Ansible role takes a runit host to kindred and back, on a root of its own on this machine.

    ansible_role.py BUILD/bin

Needs ansible-core and Debian's runit; what is not there is named, and nothing is done. Nothing outside a temporary directory
is changed, and only processes that were started here are ended.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROLES = os.path.join(HERE, "..", "..", "core", "packages", "ansible")
USUAL = "/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT = 60


def until(condition, what):
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"never so: {what}")
        time.sleep(0.02)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)


class Host:
    """A scan directory below Debian's runsvdir, and a place for kindred."""

    def __init__(self, work, binaries):
        self.work, self.scan = work, f"{work}/service"
        write(f"{self.scan}/web/run", "#!/bin/sh\nexec 2>&1\necho web is up\nexec sleep 1000\n", 0o755)
        write(f"{self.scan}/web/log/run", "#!/bin/sh\nexec svlogd ./main\n", 0o755)
        os.mkdir(f"{self.scan}/web/log/main")
        write(f"{self.scan}/db/run", "#!/bin/sh\nexec chpst -o 99 sleep 1000\n", 0o755)
        self.environment = dict(os.environ, PATH=USUAL, KINDRED_RUN_DIR=f"{work}/run", ANSIBLE_LOCALHOST_WARNING="0",
                                ANSIBLE_ROLES_PATH=f"{ROLES}/roles", ANSIBLE_NOCOLOR="1", ANSIBLE_HOME=f"{work}/ansible")
        os.mkdir(f"{work}/run", 0o700)
        with tarfile.open(f"{work}/kindred.tar.gz", "w:gz") as archive:
            archive.add(f"{binaries}/kindred", "opt/kindred/bin/kindred")
            archive.add(f"{binaries}/runit", "opt/kindred/bin/runit")
            for name in os.listdir(f"{binaries}/.."):
                if name.startswith("kindred-runit"):
                    archive.add(os.path.realpath(f"{binaries}/../{name}"), f"opt/kindred/{name}")
        os.mkdir(f"{work}/root")
        self.kindred = f"{work}/root/opt/kindred/bin/kindred"
        self.variables = {"kindred_archive": f"{work}/kindred.tar.gz", "kindred_archive_root": f"{work}/root",
                          "kindred_command": self.kindred, "kindred_scan_directories": [self.scan],
                          "kindred_conversions": [{"from": "runit", "to": "s6", "sources": [f"{self.scan}/db"],
                                                   "destination": f"{work}/s6"}],
                          "ansible_connection": "local", "ansible_become": False,
                          "ansible_python_interpreter": "/usr/bin/python3"}
        self.scanner = subprocess.Popen(["runsvdir", self.scan], env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.pid("web") and self.pid("db") and self.pid("web/log"), "the services are up")

    def pid(self, name):
        """Of a process that lives."""
        try:
            with open(f"{self.scan}/{name}/supervise/status", "rb") as status:
                pid = int.from_bytes(status.read()[12:16], "little")
            os.kill(pid, 0)
            return pid
        except (OSError, ValueError):
            return 0

    def pids(self):
        return {name: self.pid(name) for name in ("web", "web/log", "db")}

    def supervised_by_kindred(self):
        """No supervisor of the original's works in a service."""
        originals = set()
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.path.basename(os.readlink(f"/proc/{name}/exe")) == "runsv":
                    originals.add(os.readlink(f"/proc/{name}/cwd"))
            except OSError:
                continue
        return not any(path.startswith(os.path.realpath(self.scan)) for path in originals) and all(self.pids().values())

    def play(self, state=None, *words, fails=False):
        """How many tasks have changed something."""
        variables = dict(self.variables, **({"kindred_state": state} if state else {}))
        done = subprocess.run(["ansible-playbook", "-i", "host,", f"{ROLES}/site.yml", "-e", json.dumps(variables), *words],
                              env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if (done.returncode != 0) != fails:
            sys.exit(f"{state} {words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return int(re.search(r"changed=(\d+)", done.stdout).group(1)), done.stdout

    def end(self):
        """The processes are those whose run directory is ours."""
        mark = f"KINDRED_RUN_DIR={self.work}/run".encode()
        for _ in range(100):
            found = False
            for name in filter(str.isdigit, os.listdir("/proc")):
                try:
                    descriptor = os.pidfd_open(int(name))
                    with open(f"/proc/{name}/environ", "rb") as environment:
                        if mark in environment.read().split(b"\0") and int(name) != os.getpid():
                            found = True
                            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                    os.close(descriptor)
                except OSError:
                    continue
            if not found:
                break
        self.scanner.wait()


def check(condition, what):
    if not condition:
        sys.exit(f"not so: {what}")


def journey(host):
    before = host.pids()
    host.play("adopted", "--check")
    check(not os.listdir(f"{host.work}/root") and host.pids() == before, "--check changes nothing")
    changed, text = host.play()
    check(changed >= 3, text)
    check(host.pids() == before, "nothing is restarted by an adoption")
    until(host.supervised_by_kindred, "the services are kindred's")
    check(os.path.exists(f"{host.work}/s6/db/run"), "db is converted")
    changed, text = host.play()
    check(changed == 0, f"a second run changes nothing\n{text}")
    check(host.play("released")[0] == 1, "services are released")
    after = host.pids()
    check(all(after[name] and after[name] != before[name] for name in before), f"each was restarted: {before} {after}")
    check(not host.supervised_by_kindred(), "the services are the original's")
    check(host.play("released")[0] == 0, "a second release changes nothing")
    check(host.play("absent")[0] > 0, "it is removed")
    check(not os.path.exists(host.kindred) and not os.path.exists(f"{host.work}/s6/db"), "nothing of it is left")
    check(host.play("absent")[0] == 0, "a second removal changes nothing")
    check(host.pids() == after, "a removal restarts nothing")
    check("kindred_state is" in host.play("adapted", fails=True)[1], "a state that is none is named")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: ansible_role.py BUILD/bin")
    for program, package in (("ansible-playbook", "ansible-core"), ("runsvdir", "runit")):
        if shutil.which(program, path=USUAL) is None:
            print(f"SKIPPED ansible role: there is no {program} (package {package})")
            return
    with tempfile.TemporaryDirectory(prefix="kindred-ansible-") as work:
        host = Host(work, os.path.realpath(sys.argv[1]))
        try:
            journey(host)
        finally:
            host.end()
    print("the role installs, converts, adopts, releases and removes")


if __name__ == "__main__":
    main()
