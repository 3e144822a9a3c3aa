#!/usr/bin/env python3
"""Measures kindred beside the supervisors it stands in for, in one run. README.md explains the figures."""

import argparse
import contextlib
import glob
import math
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import time

from report import Report
from supervisors import (CONTESTANTS, HERE, MOST_FILES, VIEWED, Arena, Run, Trouble, descriptors, disk_parent,
                         memory, memory_parent, read, switches)
from watch import Watch

REPOSITORY = os.path.dirname(os.path.dirname(HERE))
ORIGINAL_PATH = "/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin:/command"
PARTS = ("start", "latency", "idle", "views", "disk")
MEASURES = ("start", "restart_all", "stop", "left", "memory", "descriptors", "processes",  # part: start
            "restart", "control", "beside", "idle",  # … latency, idle
            "viewed", "spread",                      # … views
            "disk_start", "disk_restart")            # … disk

FULL = {
    "original_sizes": [50, 150, 500],
    "large_sizes": [1000, 2000, 5000],
    "rounds": 5,
    "large_rounds": 3,
    "samples": 1000,
    "large_samples": 400,
    "patience": 15.0,
    "idle_services": 150,
    "idle_seconds": 20.0,
    "view_samples": 500,
    "disk_services": 500,
    "disk_rounds": 5,
    "disk_samples": 500,
}
QUICK = {
    "original_sizes": [50],
    "large_sizes": [5000],
    "rounds": 1,
    "large_rounds": 1,
    "samples": 100,
    "large_samples": 0,
    "patience": 4.0,
    "idle_services": 50,
    "idle_seconds": 6.0,
    "view_samples": 100,
    "disk_services": 50,
    "disk_rounds": 1,
    "disk_samples": 50,
}


def sizes(text):
    return sorted({int(word) for word in text.split(",") if word})


def names(text):
    return [word for word in text.split(",") if word]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="under two minutes; no files unless --results is given")
    add("--kindred-bin", metavar="DIR", default=f"{REPOSITORY}/build/release/bin", help="of the build")
    add("--tools", metavar="DIR", help="holds bench_tick, bench_bare, bench_launch (default: compile them)")
    add("--original-path", metavar="PATH", default=ORIGINAL_PATH, help="where the originals are looked for")
    add("--dir", metavar="DIR", help="where services live (default: /dev/shm, else the temporary directory)")
    add("--disk", metavar="DIR", help="the same on a disk (default: the first of the temporary directory, "
        "/var/tmp and this one that is)")
    add("--results", metavar="DIR", help="for results.json, summary.md and plots (default: beside this)")
    add("--only", metavar="KEY,...", type=names, help="of: " + ", ".join(c.key for c in CONTESTANTS))
    add("--parts", metavar="PART,...", type=names, default=list(PARTS), help="of: " + ", ".join(PARTS))
    add("--sizes", metavar="N,...", type=sizes, default=[50, 150, 500], help="services")
    add("--original-sizes", metavar="N,...", type=sizes, help="those of them that originals take part in")
    add("--large-sizes", metavar="N,...", type=sizes, help="further ones, without the originals")
    add("--files", metavar="N", type=int, default=MOST_FILES, help="descriptors that a process may open")
    add("--rounds", type=int, help="starts of each contestant at each size")
    add("--large-rounds", type=int, help="the same for the large sizes")
    add("--latency-services", metavar="N", type=int, default=50, help="services while latencies are taken")
    add("--samples", type=int, help="latencies taken of each contestant")
    add("--large-samples", type=int, help="the same at the largest size (0: none)")
    add("--patience", metavar="SECONDS", type=float, help="of one contestant's latencies added up")
    add("--idle-services", metavar="N", type=int, help="services while wake-ups are counted")
    add("--idle-seconds", metavar="SECONDS", type=float, help="for how long")
    add("--view-services", metavar="N", type=int, default=500, help="services with all views on")
    add("--view-samples", metavar="N", type=int, help="changes that are followed through all views")
    add("--require-kindred", action="store_true", help="fail if kindred's programs are not there")
    add("--disk-services", metavar="N", type=int, help="services started on a disk")
    add("--disk-rounds", type=int, help="starts of each contestant there")
    add("--disk-samples", type=int, help="restarts of each contestant there")
    options = parser.parse_args()
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.original_sizes = [n for n in options.original_sizes if n in options.sizes] or options.sizes
    unknown = set(options.parts) - set(PARTS) | set(options.only or ()) - {c.key for c in CONTESTANTS}
    if unknown:
        parser.error("unknown: " + ", ".join(sorted(unknown)))
    if not options.results and not options.quick:
        options.results = f"{HERE}/results"
    return options


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def summary(samples):
    """Median, p99 and extremes of latencies in nanoseconds, as microseconds."""
    ordered = sorted(samples)
    return {
        "median": statistics.median(ordered) / 1e3,
        "p99": ordered[math.ceil(0.99 * len(ordered)) - 1] / 1e3,
        "least": ordered[0] / 1e3,
        "most": ordered[-1] / 1e3,
        "samples": len(ordered),
    }


# --- measuring -----------------------------------------------------------------------------------


class Bench:
    def __init__(self, arena, disk, options):
        self.arena, self.disk, self.options = arena, disk, options
        self.contestants = []
        self.skipped = []
        self.part = None
        self.trouble = []  # (part, contestant key, services, text)
        # measure -> contestant key -> services -> figures
        self.found = {measure: {} for measure in MEASURES}
        for contestant in CONTESTANTS:
            if options.only and contestant.key not in options.only:
                continue
            if arena.find(contestant):
                self.contestants.append(contestant)
            else:
                self.skipped.append(contestant.label)
                where = "--kindred-bin" if contestant.kindred else "--original-path"
                say(f"skipped: {contestant.label} (no {contestant.program} in {where})")

    def put(self, measure, contestant, count, value):
        self.found[measure].setdefault(contestant.key, {})[count] = value

    def add(self, measure, contestant, count, value):
        self.found[measure].setdefault(contestant.key, {}).setdefault(count, []).append(value)

    @contextlib.contextmanager
    def attempt(self, contestant, count):
        try:
            yield
        except (Trouble, OSError) as error:
            self.trouble.append((self.part, contestant.key, count, str(error)))
            say(f"trouble: {error}")

    def troubled(self, contestant, count):
        """Whether it already failed in this part of the run, with as many services or fewer."""
        return any((part, key) == (self.part, contestant.key) and least <= count
                   for part, key, least, _ in self.trouble)

    def large(self, contestant):
        return contestant.kindred or contestant.bare

    def in_turn(self, round_):
        """Another goes first each time, so that no one always follows the same neighbour."""
        turn = round_ % max(len(self.contestants), 1)
        return self.contestants[turn:] + self.contestants[:turn]

    @property
    def most_large(self):
        return max(self.options.large_sizes, default=0)

    @property
    def crowds(self):
        """The sizes at which all services are also restarted and stopped at once."""
        return sorted({max(self.options.original_sizes), max(self.options.sizes), self.most_large} - {0})

    # Start, memory, descriptors, everything restarted, stop.

    def measure_start(self):
        for contestant in self.contestants:
            if not contestant.bare:
                with self.attempt(contestant, 0), Run(self.arena, contestant, 0) as run:
                    run.start()
                    time.sleep(1.5)
                    self.measure_size(run)
        common, large = self.options.sizes, self.options.large_sizes
        for count in common + large:
            rounds = self.options.rounds if count in common else self.options.large_rounds
            say(f"start, stop: {count} services, {rounds} x")
            for round_ in range(rounds):
                for contestant in self.in_turn(round_):
                    if count not in self.options.original_sizes and not self.large(contestant):
                        continue
                    if self.troubled(contestant, count) or count > (contestant.most or count):
                        continue
                    with self.attempt(contestant, count), Run(self.arena, contestant, count) as run:
                        self.one_start(run, first=round_ == 0, all_again=count in self.crowds and round_ < 3)

    def one_start(self, run, first, all_again):
        contestant, count = run.contestant, run.count
        last = run.start().await_starts("start")
        self.add("start", contestant, count, (last - run.launched) / 1e6)
        if first and not contestant.bare:
            time.sleep(0.7)
            self.measure_size(run)
        if all_again:
            run.clear_of_throttle()
            pids = [service.pid for service in run.services]
            began = run.expect_starts()
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            last = run.await_starts("restart")
            self.add("restart_all", contestant, count, (last - began) / 1e6)
            run.clear_of_throttle()
            took, left = run.stop()
            self.add("stop", contestant, count, took / 1e6)
            if not contestant.bare:
                self.put("left", contestant, count, left)

    def measure_size(self, run):
        pids = run.supervisors()
        if not pids:
            raise run.trouble("no supervising process")
        self.put("memory", run.contestant, run.count, memory(pids))
        self.put("descriptors", run.contestant, run.count, descriptors(pids))
        self.put("processes", run.contestant, run.count, run.names())

    # Latencies: all contestants run at the same time and are asked in turn.

    def measure_latency(self):
        count = self.options.latency_services
        say(f"latency: {count} services each, {self.options.samples} samples")
        with contextlib.ExitStack() as stack:
            runs = self.started(stack, [(c, count) for c in self.contestants])
            for measure, sample in (("restart", self.sample_restart), ("control", self.sample_control)):
                for run, samples in self.sampled(runs, self.options.samples, sample):
                    self.put(measure, run.contestant, count, summary(samples))
        if self.most_large <= count or not self.options.large_samples:
            return
        for contestant in self.contestants:
            if not self.large(contestant) or self.troubled(contestant, self.most_large):
                continue
            say(f"latency: {contestant.label}, {self.most_large} services beside {count}")
            with contextlib.ExitStack() as stack:
                runs = self.started(stack, [(contestant, count), (contestant, self.most_large)])
                if len(runs) < 2:
                    continue
                for measure, sample in (("restart", self.sample_restart), ("control", self.sample_control)):
                    pair = self.sampled(runs, self.options.large_samples, sample)
                    if len(pair) == 2:
                        few, many = (summary(samples) for _, samples in pair)
                        self.put(measure, contestant, self.most_large, many)
                        if measure == "restart":
                            self.put("beside", contestant, count, few)

    def started(self, stack, wanted, arena=None):
        runs = []
        for contestant, count in wanted:
            if self.troubled(contestant, count):
                continue
            with self.attempt(contestant, count):
                run = stack.enter_context(Run(arena or self.arena, contestant, count))
                run.start().await_starts("start")
                runs.append(run)
        return runs

    def sampled(self, runs, number, sample):
        """Asks the runs in turn until each has given its samples, or used up its time; [(run, samples)]."""
        asked = list(runs)
        taken = {id(run): [] for run in runs}
        for turn in range(number):
            for run in list(asked):
                # A step that shares no factor with the usual sizes visits every service once a tour.
                with self.attempt(run.contestant, run.count):
                    taken[id(run)].append(sample(run, turn * 7 % run.count))
                if self.troubled(run.contestant, run.count):
                    del taken[id(run)]
                if sum(taken.get(id(run), (math.inf,))) > self.options.patience * 1e9:
                    asked.remove(run)
        return [(run, taken[id(run)]) for run in runs if id(run) in taken]

    def sample_restart(self, run, index):
        run.clear_of_throttle(index)
        service = run.services[index]
        before = service.started
        began = time.monotonic_ns()
        os.kill(service.pid, signal.SIGKILL)
        if not run.await_change(index, "started", before):
            raise run.trouble(f"service {index} was not restarted within 5 s")
        return service.started - began

    def sample_control(self, run, index):
        run.clear_of_throttle(index)  # daemontools' supervise hears nothing before
        service = run.services[index]
        before = service.hangup
        if run.contestant.bare:  # the limit: the signal itself
            began = time.monotonic_ns()
            os.kill(service.pid, signal.SIGHUP)
            arrived = run.await_change(index, "hangup", before)
        else:
            fd = run.open_control(index)
            try:
                began = time.monotonic_ns()
                os.write(fd, b"h")
                arrived = run.await_change(index, "hangup", before)
            finally:
                os.close(fd)
        if not arrived:
            raise run.trouble(f"service {index} did not see `h` within 5 s")
        return service.hangup - began

    # Wake-ups: all contestants idle at the same time.

    def measure_idle(self):
        count, seconds = self.options.idle_services, self.options.idle_seconds
        say(f"idle: {count} services each, {seconds:g} s")
        with contextlib.ExitStack() as stack:
            runs = self.started(stack, [(c, count) for c in self.contestants if not c.bare])
            time.sleep(2 if self.options.quick else 6)
            pids = {id(run): run.supervisors() for run in runs}
            before = {id(run): (time.monotonic(), switches(pids[id(run)])) for run in runs}
            time.sleep(seconds)
            for run in runs:
                then, old = before[id(run)]
                woken, took = switches(pids[id(run)]) - old, time.monotonic() - then
                figures = {"switches": woken, "seconds": took, "a_second": woken / took}
                self.put("idle", run.contestant, count, figures)

    # Views: one service, seen in every family's dialect.

    def measure_views(self):
        count, samples = self.options.view_services, self.options.view_samples
        if not self.arena.find(VIEWED):
            return
        say(f"views: {count} services, {samples} samples")
        sizes = {}
        for number in (0, count):
            with self.attempt(VIEWED, number), Run(self.arena, VIEWED, number) as run:
                run.start()
                if number:
                    run.await_starts("start")
                time.sleep(1.5)
                pids = run.supervisors()
                sizes[number] = (memory(pids)["pss"], descriptors(pids))
                if number:
                    spreads = [self.sample_spread(run, turn * 7 % count, turn) for turn in range(samples)]
                    self.put("spread", VIEWED, count, summary(spreads))
        if len(sizes) == 2:
            figures = {"pss": sizes[count][0], "descriptors": sizes[count][1] - sizes[0][1]}
            self.put("viewed", VIEWED, count, figures)

    def sample_spread(self, run, index, turn):
        home = run.service(index)
        shown = glob.glob(f"{run.dir}/run/views/*/{os.path.basename(home)}")
        kept = [f"{path}/supervise" for path in shown
                if not os.path.islink(path) and os.path.isdir(f"{path}/supervise")]
        watch = Watch([f"{home}/supervise", *kept])
        try:
            watch.arm()
            # Back again the next time that this service is asked.
            fd = run.open_control(index)
            os.write(fd, b"pc"[turn // run.count % 2:][:1])
            os.close(fd)
            spread = watch.spread(5)
        finally:
            watch.close()
        if spread is None:
            raise run.trouble(f"service {index}: a view did not change within 5 s")
        return spread

    # On a disk, where a file that is made or renamed costs more than a process.

    def measure_disk(self):
        count, few = self.options.disk_services, self.options.latency_services
        if self.disk is None:
            say("skipped: no directory on a disk (--disk)")
            return
        say(f"disk: {count} services, {self.options.disk_rounds} x, {self.options.disk_samples} samples")
        for round_ in range(self.options.disk_rounds):
            for contestant in self.in_turn(round_):
                if self.troubled(contestant, count) or count > (contestant.most or count):
                    continue
                with self.attempt(contestant, count), Run(self.disk, contestant, count) as run:
                    last = run.start().await_starts("start")
                    self.add("disk_start", contestant, count, (last - run.launched) / 1e6)
        with contextlib.ExitStack() as stack:
            runs = self.started(stack, [(c, few) for c in self.contestants], self.disk)
            for run, samples in self.sampled(runs, self.options.disk_samples, self.sample_restart):
                self.put("disk_restart", run.contestant, few, summary(samples))

    def measure(self):
        for part in PARTS:
            if part in self.options.parts:
                self.part = part
                getattr(self, f"measure_{part}")()


# --- the run --------------------------------------------------------------------------------------


def about_machine(arena, disk):
    """What a reader needs to judge the figures; nothing that names the machine."""
    model = platform.machine()
    for line in read("/proc/cpuinfo").decode().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    versions = {}
    if shutil.which("dpkg-query"):
        for package in ("daemontools", "runit", "s6"):
            command = ["dpkg-query", "-W", "-f", "${Version}", package]
            answer = subprocess.run(command, capture_output=True, text=True)
            if answer.returncode == 0 and answer.stdout:
                versions[package] = answer.stdout
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "kernel": platform.release(),
        "processor": model,
        "processors": len(os.sched_getaffinity(0)),
        "file_system": arena.file_system,
        "disk": disk.file_system if disk else None,
        "files_a_process": arena.files,
        "versions": versions,
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def keep_descriptors():
    """What we inherited and do not know of is nobody else's: a supervisor would hand it on to each service."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if int(name) > 2:
                os.set_inheritable(int(name), False)


def main():
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    keep_descriptors()
    where = (options.tools, options.kindred_bin, options.original_path)
    most = {"files": options.files}
    with contextlib.ExitStack() as stack:
        arena = stack.enter_context(Arena(options.dir or memory_parent(), *where, **most))
        disk = None
        if "disk" in options.parts and (parent := options.disk or disk_parent()):
            disk = stack.enter_context(Arena(parent, *where, keeps_runs=True, **most))
        fit = [n for n in options.large_sizes if 2 * n + 200 <= arena.files]
        for n in set(options.large_sizes) - set(fit):
            say(f"skipped: {n} services (only {arena.files} descriptors a process)")
        options.large_sizes = fit
        about = about_machine(arena, disk)
        if about["load"][0] > 0.5 * about["processors"]:
            say(f"beware: the machine is busy (load {about['load'][0]}): times mean little")
        bench = Bench(arena, disk, options)
        if options.require_kindred and not any(c.kindred for c in bench.contestants):
            raise SystemExit("bench: kindred's programs are not there")
        began = time.monotonic()
        bench.measure()
        about["seconds"] = round(time.monotonic() - began)
    report = Report(bench, about)
    print(report.text())
    if options.results:
        report.save(options.results)
        say(f"written: {os.path.relpath(options.results)}")
    failures = report.failed()
    for failure in failures:
        say(f"failed: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
