#!/usr/bin/env python3
"""Commands and services that only some families have a word for, at every family's home and through its views.

    kinds.py --bin BUILD/bin KIND         of: group-signals, down-files, logs-of-encore, status, not-started

A home is `kindred scan` with a service of one family's shape; what is done is asked of the process, the record
and what every client says of it.
"""

import argparse
import concurrent.futures
import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

from matrix import SYSTEM_PATH
from mixed import below
from service import Wrong, process_state, until

# Its own script, what it calls that which keeps it down, and whether its processes lead a group of their own.
HOMES = {
    "daemontools": ("run", "down", False),
    "runit": ("run", "down", False),
    "s6": ("run", "down", True),
    "encore": ("run", "down", True),
    "freedt": ("run", "down", True),
    "perp": ("rc.main", "flag.down", True),
    "nosh": ("service/run", "service/down", False),
}
STICKY = ("perp", "freedt")
# A process and a child of it, in one group unless the child is given another.
RUN = """#!/bin/sh
[ "$1" != reset ] || exit 0
sleep 1000 &
echo $$ $! >>{place}/lives
wait
"""


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)


def add(scan, home):
    script = HOMES[home][0]
    write(f"{scan}/web/{script}", RUN.format(place=f"{scan}/web"), 0o755)
    if home == "nosh":
        for name in ("start", "stop"):
            write(f"{scan}/web/service/{name}", "#!/bin/sh\n", 0o755)
        write(f"{scan}/web/service/restart", "#!/bin/sh\nexit 0\n", 0o755)
    if home in STICKY:
        os.chmod(f"{scan}/web", 0o1755)


class Place:
    """One home while it is supervised: `home` is the directory of the cell, `bin` that of all programs."""

    def __init__(self, bin_dir, home, directory):
        self.bin, self.home, self.directory = os.path.abspath(bin_dir), home, directory
        self.web = f"{directory}/scan/web"

    def view(self, family):
        return f"{self.directory}/run/views/{family}"

    def say(self, program, *words, code=0, cwd=None):
        done = subprocess.run([f"{self.bin}/{program}", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=30, cwd=cwd,
                              env={"PATH": SYSTEM_PATH, "HOME": "/", "LC_ALL": "C",
                                   "KINDRED_RUN_DIR": f"{self.directory}/run"})
        if code is not None and done.returncode != code:
            raise Wrong(f"{self.home}: {program} {' '.join(words)}: exit {done.returncode}: {done.stdout}")
        return done if code is None else done.stdout

    def lives(self):
        try:
            with open(f"{self.web}/lives") as file:
                return [tuple(map(int, line.split())) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def wait_started(self, times=1):
        until(lambda: len(self.lives()) >= times, f"{self.home}: not started {times} times")
        return self.lives()[-1]

    def row(self, path=None):
        text = self.say("kindred", "status", "--json", path or self.web)
        return json.loads(text)["services"][0]


def at_every_home(bin_dir, proof, views):
    def one(home):
        below(bin_dir, "kindred", ["scan", "--home", home, "--views", views, "--run-dir", "{home}/run"],
              lambda scan: add(scan, home), lambda directory, process: proof(Place(bin_dir, home, directory), process))
    with concurrent.futures.ThreadPoolExecutor(len(HOMES)) as pool:
        for future in [pool.submit(one, home) for home in HOMES]:
            future.result()


# --- signals to a process group ---

GROUP = {"P": ("p", signal.SIGSTOP), "C": ("c", signal.SIGCONT), "K": ("k", signal.SIGKILL)}


def is_done(letter, process, child):
    """Whether the signal has come to all of the group."""
    right = {"P": ("T",), "C": ("S", "R"), "K": ("",)}[letter]
    return process_state(process) in right and process_state(child) in right


def group_signals(place, _):
    leads = HOMES[place.home][2]
    clients = {
        "s6-svc at home": lambda letter: place.say("s6/s6-svc", f"-{letter}", place.web, code=None),
        "s6-svc by its view": lambda letter: place.say("s6/s6-svc", f"-{letter}", f"{place.view('s6')}/web", code=None),
        "perpctl at home": lambda letter: place.say("perp/perpctl", "-g", GROUP[letter][0], place.web, code=None),
        "perpctl by its view": lambda letter: place.say("perp/perpctl", "-b", place.view("perp"), "-g",
                                                        GROUP[letter][0], "web", code=None),
    }
    starts = 1
    for client, send in clients.items():
        for letter in GROUP:
            process, child = place.wait_started(starts)
            until(lambda: place.row()["pid"] == process, f"{place.home}: {client}: not shown as up")
            said = send(letter)
            what = f"{place.home}: {client} -{letter}: exit {said.returncode}: {said.stdout.strip()}"
            if said.returncode != 0:
                named = "cannot express" in said.stdout or (not leads and "leads no process group" in said.stdout)
                if not named or place.row()["paused"] or process_state(process) not in ("S", "R"):
                    raise Wrong(f"{what}: not refused by name, or done")
                continue
            if not leads:
                raise Wrong(f"{what}: a process that leads no group, and not refused")
            until(lambda: is_done(letter, process, child),
                  lambda: f"{what}: process {process_state(process)!r}, child {process_state(child)!r}")
            until(lambda: place.row()["paused"] == (letter == "P"), lambda: f"{what}: {place.row()}")
            if letter == "K":
                starts += 1


# --- the file that keeps a service down ---

def has_down_file(place):
    return os.path.lexists(f"{place.web}/{HOMES[place.home][1]}")


def down_files(bin_dir):
    """-D, -U and -Q by the s6 view of another home, and what the next start makes of it."""
    def begins(place, process):
        web = f"{place.view('s6')}/web"
        # With the mark by which all that is left is found and ended.
        with open(f"/proc/{process.pid}/environ") as environ:
            environment = dict(line.split("=", 1) for line in environ.read().split("\0") if line)
        first, _ = place.wait_started()
        place.say("s6/s6-svc", "-D", web)
        until(lambda: has_down_file(place), f"{place.home}: -D makes no down file")
        until(lambda: not process_state(first), f"{place.home}: -D does not end it")
        place.say("s6/s6-svc", "-U", web)
        until(lambda: not has_down_file(place), f"{place.home}: -U leaves the down file")
        second, _ = place.wait_started(2)
        place.say("s6/s6-svc", "-Q", web)
        until(lambda: has_down_file(place), f"{place.home}: -Q makes no down file")
        if process_state(second) not in ("S", "R"):
            raise Wrong(f"{place.home}: -Q ends it")
        # What is left is what the next supervisor begins with.
        process.send_signal(signal.SIGTERM)
        until(lambda: process.poll() is not None, f"{place.home}: the scanner does not end")
        again = subprocess.Popen([f"{place.bin}/kindred", "scan", "--home", place.home, "--views", "s6", "--run-dir",
                                  f"{place.directory}/run", f"{place.directory}/scan"], stdin=subprocess.DEVNULL,
                                 env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: place.row()["supervised"] and place.say("s6/s6-svok", web, code=None).returncode == 0
                  and os.path.exists(f"{web}/supervise/status"), f"{place.home}: not supervised again")
            if place.row()["pid"] or len(place.lives()) != 2:
                raise Wrong(f"{place.home}: up again after -Q: {place.row()}")
            place.say("s6/s6-svc", "-u", web)
            place.wait_started(3)
        finally:
            again.send_signal(signal.SIGTERM)
            again.wait(30)
    at_every_home(bin_dir, begins, "s6")


# --- perp's words for a log, at encore's ---

LOG = "#!/bin/sh\necho $$ >>{place}/logs\nexec cat >>{place}/said\n"
FORMS = {"file": "log", "directory": "log/run"}


def logs_of_encore(bin_dir):
    def fill(scan):
        for form, script in FORMS.items():
            write(f"{scan}/{form}/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
            write(f"{scan}/{form}/start", "#!/bin/sh\n", 0o755)
            write(f"{scan}/{form}/{script}", LOG.format(place=f"{scan}/{form}"), 0o755)

    def logs(place, form):
        try:
            with open(f"{place.directory}/scan/{form}/logs") as file:
                return [int(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def next_log(place, form, times):
        until(lambda: len(logs(place, form)) >= times, lambda: f"{form}: log started {logs(place, form)}")
        return logs(place, form)[times - 1]

    def prove(directory, _):
        with concurrent.futures.ThreadPoolExecutor(len(FORMS)) as pool:
            for future in [pool.submit(prove_form, directory, form) for form in FORMS]:
                future.result()

    def prove_form(directory, form):
        place = Place(bin_dir, "encore", directory)
        times = 1
        for base, name in (([], f"{directory}/scan/{form}"), (["-b", place.view("perp")], form)):
            def perpctl(*words):
                place.say("perp/perpctl", *base, *words, name)
            pid = next_log(place, form, times)
            # The log begins first, and is told of in main's record.
            until(lambda: place.row(f"{directory}/scan/{form}")["pid"], f"{form}: main is not up")
            perpctl("-L", "t")
            until(lambda: not process_state(pid), f"{form}: -L t does not end the log")
            pid = next_log(place, form, times + 1)
            main = until(lambda: place.row(f"{directory}/scan/{form}")["pid"], f"{form}: main is not up")
            perpctl("-L", "d")
            until(lambda: not process_state(pid), f"{form}: -L d does not end the log")
            perpctl("-L", "u")
            pid = next_log(place, form, times + 2)
            if process_state(main) not in ("S", "R"):
                raise Wrong(f"{form}: what is for the log has come to main")
            perpctl("D")
            until(lambda: not process_state(main) and not process_state(pid), f"{form}: D leaves one of them")
            perpctl("U")
            times += 3
            next_log(place, form, times)

    below(bin_dir, "kindred", ["scan", "--home", "encore", "--views", "perp", "--run-dir", "{home}/run"], fill, prove)


# --- kindred status ---

def status(bin_dir):
    """On perpd's services, which have nothing of their own to be read, and on what nobody has loaded."""
    def fill(scan):
        start = '#!/bin/sh\n[ "$1" = start ] || exit 0\n'
        write(f"{scan}/both/rc.main", f"{start}exec sleep 1000\n", 0o755)
        write(f"{scan}/both/rc.log", f"{start}exec cat >/dev/null\n", 0o755)
        write(f"{scan}/off/rc.main", f"{start}exec sleep 1000\n", 0o755)
        write(f"{scan}/off/flag.down", "")
        for name in ("both", "off"):
            os.chmod(f"{scan}/{name}", 0o1755)
        write(f"{scan}/idle/rc.main", f"{start}exec sleep 1000\n", 0o755)

    def prove(directory, _):
        place = Place(bin_dir, "perp", directory)
        both = until(lambda: (lambda row: row["pid"] and (row["log"] or {}).get("pid") and row)(
            place.row(f"{directory}/scan/both")), "perpd's service is not shown as up with its log")
        off = place.row(f"{directory}/scan/off")
        idle = place.row(f"{directory}/scan/idle")
        found = [(row["family"], row["state"]) for row in (both, both["log"], off)]
        if found != [("perp", "run"), ("perp", "run"), ("perp", "down")] or idle["state"] in ("run", "down"):
            raise Wrong(f"perpd's services are shown as {found}, one that is not active as {idle}")
        table = place.say("kindred", "status", f"{directory}/scan")
        if not all(name in table for name in ("both", "off")):
            raise Wrong(f"perpd's base directory is shown as {table!r}")

    below(bin_dir, "perp/perpd", [], fill, prove)
    with tempfile.TemporaryDirectory(prefix="kx-") as directory:
        place = Place(bin_dir, "nosh", directory)
        write(f"{directory}/bundles/web/service/run", "#!/bin/sh\n", 0o755)
        for path, name in ((f"{directory}/bundles/web", "web"), (f"{directory}/bundles", "web")):
            rows = json.loads(place.say("kindred", "status", "--json", path))["services"]
            if [(os.path.basename(row["path"]), row["pid"]) for row in rows] not in ([(name, 0)], [(name, None)]):
                raise Wrong(f"a bundle that was never loaded is shown as {rows}")


# --- s6's newest record of what was never started ---

def not_started(bin_dir):
    """Paused, and no process: neither paused nor ready, and no exit code 0 in 1970."""
    with tempfile.TemporaryDirectory(prefix="kx-") as directory:
        place = Place(bin_dir, "s6", directory)
        web = f"{directory}/scan/web"
        write(f"{web}/run", "#!/bin/sh\n", 0o755)
        write(f"{web}/down", "")
        os.makedirs(f"{web}/supervise")
        os.makedirs(f"{web}/event", 0o1733)
        os.mkfifo(f"{web}/supervise/control")
        write(f"{web}/supervise/lock", "")
        held = os.open(f"{web}/supervise/control", os.O_RDWR | os.O_NONBLOCK)
        lock = os.open(f"{web}/supervise/lock", os.O_RDWR)
        fcntl.lockf(lock, fcntl.LOCK_EX)
        label = struct.pack(">QI", (1 << 62) + 37 + int(time.time()) - 100, 0)
        with open(f"{web}/supervise/status", "wb") as file:
            file.write(label + label + struct.pack(">QH", 0, 0) + bytes([0x09]))
        right = {
            ("s6/s6-svstat", web): "down (not started yet) ",
            ("s6/s6-svstat", "-o", "paused,ready,up", web): "false false false",
        }
        for words, text in right.items():
            said = place.say(*words).rstrip("\n")
            if said != text:
                raise Wrong(f"{' '.join(words)} says {said!r}, not {text!r}")
        for words in (("daemontools/svstat", web), ("encore/svstat", web), ("runit/sv", "status", web),
                      ("nosh/service-status", web), ("perp/perpstat", web), ("kindred", "status", web)):
            said = place.say(*words, code=None)
            is_down = "down" in said.stdout or "stopped" in said.stdout
            if not is_down or any(word in said.stdout for word in ("paused", "ready", "1970", "exit 0")):
                raise Wrong(f"{' '.join(words)} says {said.stdout!r}")
        os.close(held)
        os.close(lock)


KINDS = {
    "group-signals": lambda bin_dir: at_every_home(bin_dir, group_signals, "s6,perp"),
    "down-files": down_files,
    "logs-of-encore": logs_of_encore,
    "status": status,
    "not-started": not_started,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", metavar="DIR", required=True)
    parser.add_argument("kind", choices=KINDS)
    options = parser.parse_args()
    try:
        KINDS[options.kind](options.bin)
    except Wrong as wrong:
        sys.exit(f"kinds: {options.kind}: {wrong}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
