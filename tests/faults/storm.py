#!/usr/bin/env python3
"""Two hundred services of every family, with their logs, below one supervisor, and one fault after another.

    storm.py --bin BUILD/bin --writer storm_writer --clock storm_clock.so [--services N] [--record FILE]

After each fault every service must be up with the pid that it had from the beginning, once, and must be shown so in
every view; in the end no line may be missing in any log, and the supervisor's memory and descriptors must be back to
what they were. Prints a table, and writes it to FILE. Needs root. Exit code: 0 all of it was so, 1 it was not.
"""

import argparse
import contextlib
import datetime
import errno
import json
import os
import platform
import random
import resource
import signal
import socket
import subprocess
import sys
import time

from harness import KINDRED_SCAN, Scene, Service, alive, descriptors, kill, until, write_until_full
from refused_calls import refuse

SHAPES = {
    "daemontools": ("run", "log/run", "multilog s1000000 n10000 {lines}"),
    "encore": ("run", "log", "multilog s1000000 n10000 {lines}"),
    "runit": ("run", "log/run", "svlogd {lines}"),
    "s6": ("run", "log/run", "s6-log n10000 s1000000 {lines}"),
    "perp": ("rc.main", "rc.log", "tinylog -k 10000 -s 1000000 {lines}"),
    "nosh": ("service/run", "log/service/run", "cyclog --max-file-size 1000000 {lines}"),
    "freedt": ("run", "log/run", "dumblog {lines}/current"),
}
MORE_FILES = {
    "encore": ("start", "stop"),
    "runit": ("finish",),
    "nosh": ("service/start", "service/stop", "service/restart", "log/service/start", "log/service/stop",
             "log/service/restart"),
}
INOTIFY_INIT1 = {"x86_64": 294, "aarch64": 26}
VIEWS = {"daemontools": ("svstat",), "encore": ("svstat",), "runit": ("sv", "status"), "freedt": ("svstat",)}
ROOM = 1 << 30


class Storm:
    def __init__(self, options):
        self.scene = Scene(KINDRED_SCAN, options.bin)
        self.scene.mounts.add(self.scene.scan, f"size={ROOM},mode=755")
        self.away = f"{self.scene.scan}/.away"  # on the same file system, and nobody's service
        os.mkdir(self.away)
        self.writer, self.chance = options.writer, random.Random(20)
        self.clock = self.scene.file("clock")
        self.set_clock(0)
        # The supervisor's, and that of every client and service that is linked with the C library.
        self.scene.environment |= {"LD_PRELOAD": options.clock, "STORM_CLOCK": self.clock}
        families = list(SHAPES)
        self.services = [self.make(f"{families[i % len(families)]}-{i}", families[i % len(families)])
                         for i in range(options.services)]
        self.pids, self.logs, self.copies, self.restarts = {}, {}, 0, 0

    def make(self, name, family):
        service = Service(self.scene, name, run=None)
        service.family = family
        main, log, command = SHAPES[family]
        only = '[ "$1" = start ] || exit 0\n' if family == "perp" else ""
        ready = " 3" if family == "s6" else ""
        lines = f"{service.path}/lines"
        os.mkdir(lines)
        if family == "runit":
            with open(f"{lines}/config", "w") as config:
                config.write("s1000000\nn0\n")
        service.write(main, f"#!/bin/sh\n{only}exec {self.writer} {service.path}{ready}\n")
        service.write(log, f"#!/bin/sh\n{only}echo $$ >>{service.path}/log-starts\n"
                           f"exec {self.scene.bin_dir}/{family}/{command.format(lines=lines)}\n")
        for file in MORE_FILES.get(family, ()):
            service.write(file, "#!/bin/sh\nexit 0\n")
        if family == "s6":
            service.write("notification-fd", "3\n")
        if family in ("perp", "freedt"):
            os.chmod(service.path, 0o1755)
        return service

    # What must be so, whatever was done.

    def begin(self):
        self.scan()
        for service in self.services:
            self.pids[service] = service.wait_started(limit=120)
            until(lambda: service.lines("log-starts"), f"{service.name}: its log does not start", 120)
            self.logs[service] = int(service.lines("log-starts")[0])
        self.check()

    def scan(self, **options):
        self.scene.launch("kindred", "scan", "--run-dir", self.scene.run_dir, "--views", "all", self.scene.scan, **options)

    def set_clock(self, ahead):
        """Seconds ahead of the machine's own. In place: the file is mapped."""
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "w+b", buffering=0) as clock:
            clock.write(ahead.to_bytes(8, sys.byteorder, signed=True))

    def check(self):
        """Waits until every view tells the truth; a service that was started twice is never forgiven."""
        until(lambda: not self.lies(), lambda: "\n".join(self.lies()[:10]), 60)
        for service in self.services:
            starts, log_starts = service.starts(), service.lines("log-starts")
            self.restarts += len(starts) - 1 + len(log_starts) - 1
            living = [pid for pid in {*starts, *map(int, log_starts)} if alive(pid)]
            self.copies = max(self.copies, len(living) - 2)
            assert starts == [self.pids[service]], f"{service.name}: started {starts}"
            assert log_starts == [str(self.logs[service])], f"{service.name}: its log started {log_starts}"
            assert len(living) == 2, f"{service.name}: of {starts} and {log_starts} {living} live"

    def lies(self):
        """Rows of some view that are not true."""
        found = []
        code, text = self.scene.client("kindred", "status", "--json", self.scene.scan)
        try:
            rows = {row["name"]: row for row in json.loads(text)["services"]}
        except ValueError:
            return [f"kindred status: {code} {text[:200]}"]
        for service in self.services:
            row = rows.get(service.name, {})
            if (row.get("state"), row.get("pid")) != ("run", self.pids[service]):
                found.append(f"{service.name}: {row}")
        for family, words in VIEWS.items():
            done = subprocess.run([f"{self.scene.bin_dir}/{family}/{words[0]}", *words[1:],
                                   *(f"{self.scene.run_dir}/views/{family}/{service.name}" for service in self.services)],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            found += [f"{family}: {service.name} is not shown with its process" for service in self.services
                      if f"/{service.name}: " not in done.stdout or f"(pid {self.pids[service]})" not in done.stdout]
        return found

    def core(self):
        return until(self.scene.core, "there is no core", 60)

    def take_away(self, *services):
        """Services that are not of the two hundred: their directories go, and so do they."""
        for service in services:
            os.rename(service.path, f"{self.away}/{service.name}-{len(os.listdir(self.away))}")
        for service in services:
            view = f"{self.scene.run_dir}/views/daemontools/{service.name}"
            until(lambda: not os.path.lexists(view), f"{service.name}: is supervised still", 60)

    def obey(self, service):
        """Pauses and continues a service: it hears, and nothing else happens to it."""
        def state():
            with open(f"/proc/{self.pids[service]}/stat") as stat:
                return stat.read().rpartition(")")[2].split()[0]
        for letter, wanted in ((b"p", ("T",)), (b"c", ("S", "R", "D"))):
            until(lambda: self.say(service, letter), f"{service.name}: nobody listens")
            until(lambda: state() in wanted, f"{service.name} does not obey {letter.decode()}")

    def say(self, service, letters):
        view = f"{self.scene.run_dir}/views/daemontools/{service.name}/supervise/control"
        try:
            fifo = os.open(view, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        with os.fdopen(fifo, "wb", buffering=0) as control:
            return control.write(letters) == len(letters)

    # The faults.

    def core_killed(self):
        for _ in range(100):
            core = self.core()
            time.sleep(self.chance.random() * 0.3)
            with contextlib.suppress(ProcessLookupError):
                kill(core)
        return 100

    def keeper_killed(self):
        for _ in range(5):
            scanner = self.scene.processes.pop("")
            kill(scanner.pid)
            scanner.wait()
            self.scan()
            self.check()
            assert len(self.scene.cores()) == 1, "there is a second core"
        return 5

    def both_killed(self):
        for _ in range(5):
            self.scene.kill_supervisors()
            self.scan()
            self.check()
        return 5

    def core_stopped(self):
        core = self.core()
        kill(core, signal.SIGSTOP)
        time.sleep(10)
        kill(core, signal.SIGCONT)
        return 1

    def disk_full(self):
        for _ in range(3):
            write_until_full(f"{self.scene.scan}/.filling")
            for service in self.chance.sample(self.services, 10):
                self.obey(service)
            time.sleep(2)
            os.unlink(f"{self.scene.scan}/.filling")
        return 3

    def limits_reached(self):
        core = self.core()
        used = {resource.RLIMIT_NOFILE: descriptors(core), resource.RLIMIT_NPROC: 1,
                resource.RLIMIT_AS: next(int(line.split()[1]) * 1024 for line in open(f"/proc/{core}/status")
                                         if line.startswith("VmSize"))}
        for which, limit in used.items():
            before = resource.prlimit(core, which)
            resource.prlimit(core, which, (limit, before[1]))
            other = self.make(f"late-{which}", "daemontools")
            for service in self.chance.sample(self.services, 20):
                self.obey(service)
            resource.prlimit(core, which, before)
            other.wait_started(limit=60)
            self.take_away(other)
        return len(used)

    def pipes_flooded(self):
        ends = time.monotonic() + 5
        while time.monotonic() < ends:
            for service in self.services[:20]:
                with contextlib.suppress(OSError):
                    self.say(service, b"pc" * 1000)
        for service in self.services[:20]:
            until(lambda: self.say(service, b"c"), f"{service.name}: nobody listens")
        return 20

    def sockets_flooded(self):
        ends, clients = time.monotonic() + 5, []
        path = next(f"{place}/{name}" for place, _, files in os.walk(self.scene.run_dir) for name in files
                    if not os.path.islink(f"{place}/{name}") and (os.stat(f"{place}/{name}").st_mode & 0o170000) == 0o140000)
        while time.monotonic() < ends:
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            client.setblocking(False)
            try:
                client.connect(path)
                client.send(os.urandom(200))
            except OSError:
                pass
            # It never reads.
            clients.append(client)
            if len(clients) > 300:
                clients.pop(0).close()
        for client in clients:
            client.close()
        return 1

    def service_forks_without_end(self):
        user = 1_600_000_000 + os.getpid()
        bomb = Service(self.scene, "bomb", run=f"#!/bin/sh\nexec {self.scene.bin_dir}/runit/chpst -u :{user}:{user} -p 60 "
                                               f"/bin/sh -c 'fork() {{ fork | fork & }}; fork; sleep 1'\n")
        time.sleep(5)
        for service in self.chance.sample(self.services, 10):
            self.obey(service)
        self.take_away(bomb)

        def ended():
            left = [entry for entry in os.listdir("/proc") if entry.isdigit() and owner(entry) == user]
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    kill(int(pid))
            return not left
        until(ended, "the forking service does not end", 60)
        return 1

    def directory_becomes_a_link(self):
        moved = self.make("moved", "daemontools")
        moved.wait_started()
        os.rename(moved.path, f"{self.away}/moved")
        os.symlink(f"{self.away}/moved", moved.path)
        until(lambda: sum(map(alive, moved.starts())) == 1, lambda: f"it runs as {moved.starts()}")
        self.take_away(moved)
        return 1

    def run_becomes_a_directory(self):
        other = self.make("without-run", "daemontools")
        pid = other.wait_started()
        os.unlink(other.file("run"))
        os.mkdir(other.file("run"))
        kill(pid)
        until(lambda: not alive(pid), "it does not die")
        time.sleep(2)
        os.rmdir(other.file("run"))
        other.write("run", f"#!/bin/sh\nexec {self.writer} {other.path}\n")
        other.wait_started(2)
        self.take_away(other)
        return 1

    def clock_set(self):
        settings = (-86_400, 86_400 * 365, -86_400 * 365, 3600)
        for ahead in settings:
            self.set_clock(ahead)
            other = self.make(f"clock-{ahead}", "daemontools")
            pid = other.wait_started(limit=60)
            for service in self.chance.sample(self.services, 10):
                self.obey(service)
            # What ends is started again when its pause is over, and not when the clock comes to where it was.
            kill(pid)
            other.wait_started(2, limit=10)
            kill(self.core())
            self.check()
            self.take_away(other)
        self.set_clock(0)
        return len(settings)

    def inotify_used_up(self):
        number = INOTIFY_INIT1.get(platform.machine())
        if number is None:
            return 0
        self.scene.kill_supervisors()
        self.scan(preexec_fn=lambda: refuse(number, errno.EMFILE))
        self.check()
        new = self.make("without-inotify", "daemontools")
        new.wait_started(limit=60)
        self.take_away(new)
        self.scene.kill_supervisors()
        self.scan()
        return 1

    def lines_lost(self):
        """Ends all services; how many lines have arrived, and how many have not."""
        process = self.scene.processes[""]
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0, "the supervisor does not end well"
        arrived = lost = 0
        for service in self.services:
            written, expected = int(service.lines("written")[0]), 0
            directory = service.file("lines")
            for name in sorted(os.listdir(directory), key=lambda name: (name == "current", name)):
                if name != "current" and not name.startswith("@"):
                    continue
                with open(f"{directory}/{name}") as file:
                    for line in file:
                        pid, number = line.split()[-2:]
                        if (int(pid), int(number)) != (self.pids[service], expected):
                            raise AssertionError(f"{service.name}: {line!r} where line {expected} was due, in {name}")
                        expected += 1
            arrived += expected
            lost += written - expected
        return arrived, lost


def owner(pid):
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None


def own_kib(pid):
    """Memory that the process has written in."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Private_Dirty"))


FAULTS = {
    "KILL of the core, also while it starts": Storm.core_killed,
    "KILL of the keeper": Storm.keeper_killed,
    "KILL of both": Storm.both_killed,
    "STOP of the core for 10 s": Storm.core_stopped,
    "disk full below all services and logs": Storm.disk_full,
    "descriptors, processes, memory at their limits": Storm.limits_reached,
    "control pipes flooded": Storm.pipes_flooded,
    "control socket flooded by who never reads": Storm.sockets_flooded,
    "a service that forks without end": Storm.service_forks_without_end,
    "a service directory becomes a link": Storm.directory_becomes_a_link,
    "`run` becomes a directory": Storm.run_becomes_a_directory,
    "clock set back and forward, by a day and by a year": Storm.clock_set,
    "inotify used up": Storm.inotify_used_up,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=os.path.abspath)
    parser.add_argument("--writer", required=True, type=os.path.abspath)
    parser.add_argument("--clock", required=True, type=os.path.abspath)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--record")
    options = parser.parse_args()
    storm = Storm(options)
    rows, code = [], 0
    try:
        storm.begin()
        before = own_kib(storm.core()), descriptors(storm.core())
        for name, fault in FAULTS.items():
            began = time.monotonic()
            times = fault(storm)
            storm.check()
            rows.append((name, str(times), f"{time.monotonic() - began:.1f}", str(storm.restarts), str(storm.copies)))
            print(" | ".join(rows[-1]), flush=True)
        # A process that was taken on, when both had been killed, is heard of through one more.
        most = before[1] + 2 * options.services
        until(lambda: descriptors(storm.core()) <= most, lambda: f"{descriptors(storm.core())} descriptors", 60)
        after = own_kib(storm.core()), descriptors(storm.core())
        arrived, lost = storm.lines_lost()
        last = (f"{arrived} lines arrived, {lost} lost; the core has {after[0]} KiB of its own and {after[1]} descriptors, "
                f"at first {before[0]} and {before[1]}; of each process that was taken on there is one more")
        print(last)
        assert lost == 0, "lines are lost"
        if options.record:
            with open(options.record, "w") as file:
                file.write(record(options, rows, last))
    except AssertionError as error:
        print(f"FAILED after {len(rows)} faults: {error}", file=sys.stderr)
        for line in storm.scene.errors()[-20:]:
            print(line, file=sys.stderr)
        code = 1
    finally:
        storm.scene.end()
    return code


def record(options, rows, last):
    heads = ("fault", "times", "seconds", "restarted", "copies besides")
    lines = [" | ".join(row) for row in (heads, ("---",) * len(heads), *rows)]
    return (f"# {options.services} services of seven families, their logs, and what was done to their supervisor\n\n"
            f"`ninja storm`, {datetime.date.today()}, Linux {platform.release()}, {os.cpu_count()} processors\n\n"
            + "".join(f"| {line} |\n" for line in lines) + f"\n{last[0].upper()}{last[1:]}.\n")


if __name__ == "__main__":
    sys.exit(main())
