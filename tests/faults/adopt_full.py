#!/usr/bin/env python3
"""The long run of kindred adopt: fifty services with logs, a million lines and a busy machine; and kills at random moments.

    adopt_full.py --bin BUILD/bin [--services N] [--kills N] [--way WAY]... [HOME...]

Ways: `original` takes over from an original's supervisors, `kindred` (--run-dir) from another kindred, `release` hands back to
an original. For each way and home prints the restarts, the lines that are missing, how long services had no supervisor, and
what came of adopting that was killed. Exit code: 0 nothing was lost or supervised twice, and nothing restarted but what was
handed back, once; 1 something was; 2 there is no such home.
"""

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import time

from adopted import ADOPTED, adopt, start_original
from harness import ENCORE_SVSCAN, FREEDT_SVSCAN, KINDRED_SCAN, PERPD, Scene, Skip, alive, until
from numbered_lines import LOGGER

WAYS = {"original": ADOPTED, "kindred": (*ADOPTED, ENCORE_SVSCAN, FREEDT_SVSCAN, PERPD, KINDRED_SCAN),
        "release": ADOPTED}
LINES = 1_000_000
BUSY = 4   # processes that do nothing but compute

# As that of numbered_lines.py, to an end.
WRITER = f"""#!{sys.executable} -IS
import os, time
life = os.getpid()
os.write(os.open("starts", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), b"%d\\n" % life)
note = os.open("written.%d" % life, os.O_WRONLY | os.O_CREAT, 0o644)
for number in range({{lines}}):
    os.write(1, b"%d %d\\n" % (life, number))
    if number % 50 == 0:
        os.pwrite(note, b"%d" % (number + 1), 0)
        time.sleep(0.01)
open("written", "w").close()
time.sleep(100000)
"""


def title(way, home):
    return f"{way}: {home.name or home.program}"


def begin(way, scene):
    """Has the services supervised by whom they are to leave; the words that make them leave it."""
    if way == "original":
        start_original(scene)
        return ()
    scene.start()
    return ("--release",) if way == "release" else ("--run-dir", scene.run_dir)


def turn_to(way, scene):
    """From here on commands are this kindred's; those before are the other's."""
    if way == "kindred":
        scene.run_dir = scene.file("run2")
        os.mkdir(scene.run_dir, 0o700)
        scene.environment["KINDRED_RUN_DIR"] = scene.run_dir


def whole(service, each):
    """How many lines of all its lives that ended by themselves, or live, are missing, or come twice or late. What a life
    that was told to end has written is what it noted."""
    wrong, wanted = 0, {}
    for line in service.lines("log/lines"):
        life, _, number = line.partition(" ")
        if number == str(wanted.get(life, 0)):
            wanted[life] = wanted.get(life, 0) + 1
        else:
            wrong += 1
    for life in service.starts():
        noted = int(service.read(f"written.{life}") or 0)
        wrong += max(0, (each if life == service.starts()[-1] else noted) - wanted.get(str(life), 0))
    return wrong


def measure(way, home, bin_dir, count):
    """What was wrong, in words; '' for nothing."""
    scene = Scene(home, bin_dir)
    busy, services, each = [], [], LINES // count
    try:
        services = [scene.service(f"s{number}", run=WRITER.replace("{lines}", str(each)), log=LOGGER)
                    for number in range(count)]
        leave = begin(way, scene)
        pids = {service: until(lambda: service.starts() and service.starts()[0], "it is not started", 200)
                for service in services}
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
        turn_to(way, scene)
        code, text = adopt(scene, *leave)
        gaps = [int(gap) / 1000 for gap in re.findall(r"taken over, (\d+) us", text)]
        if code != 0 or (not gaps and way != "release"):
            return f"adopt ended with {code}: {text}"
        until(lambda: all(os.path.exists(service.file("written")) for service in services), "writers go on", 600)
        until(lambda: all(whole(service, each) == 0 for service in services) or time.sleep(1),
              lambda: "lines are missing", 60)
        restarts = [len(service.starts()) - 1 for service in services]
        dead = sum(not alive(service.starts()[-1]) for service in services)
        without = (f"; without a supervisor: median {statistics.median(gaps):.1f} ms, longest {max(gaps):.1f} ms"
                   if gaps else "")
        print(f"{title(way, home)}: {count} services, {each * count} lines: {sum(restarts)} restarts, {dead} dead, 0 lines "
              f"lost{without}", flush=True)
        right = restarts == [way == "release"] * count and dead == 0
        # From another kindred all go at once: the time is that of all of them, and has no goal.
        return "" if right and (way != "original" or max(gaps) <= 50) else "the goals are not reached"
    except AssertionError as problem:
        return f"{problem}; {sum(whole(service, each) for service in services)} lines are missing"
    finally:
        for process in busy:
            process.kill()
            process.wait()
        scene.end()


def kill_once(way, home, bin_dir, moment):
    """Kills adopt so long after its start; what was wrong."""
    scene = Scene(home, bin_dir)
    try:
        services = [scene.service(f"s{number}") for number in range(5)]
        leave = begin(way, scene)
        pids = {service: service.wait_started() for service in services}
        if home is not PERPD:
            until(lambda: all(service.supervised() for service in services), "a service has no supervisor")
        turn_to(way, scene)
        process = subprocess.Popen([f"{bin_dir}/kindred", "adopt", *leave, scene.scan], env=scene.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(moment)
        process.kill()
        process.wait()
        taken = process.stdout.read().count(b"taken over")
        if home is not PERPD:
            until(lambda: all(service.supervised() for service in services), "a service has no supervisor")
        if way == "original" and taken < len(services):
            code, text = adopt(scene)
            if code != 0 and "no supervisor of an original" not in text:
                return f"killed after {moment:.4f} s, {taken} taken over, then: {text}"
        if way == "release":
            until(lambda: all(alive(service.starts()[-1]) for service in services), "a service does not run")
        time.sleep(1.5)   # a second life would begin within the throttle
        for service, pid in pids.items():
            living = [life for life in service.starts() if alive(life)]
            if len(living) != 1 or (way != "release" and living != [pid]) or len(service.starts()) > 2:
                return f"killed after {moment:.4f} s: {service.name} of {pid} has {service.starts()}, {service.record()}"
            if home is not PERPD and not service.supervised():
                return f"killed after {moment:.4f} s: {service.name} has no supervisor"
        print(f"{title(way, home)}: killed after {moment * 1000:.1f} ms, {taken} taken over: good", flush=True)
        return ""
    except AssertionError as problem:
        return f"killed after {moment:.4f} s: {problem}"
    finally:
        scene.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the build's bin directory")
    parser.add_argument("--services", type=int, default=50)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--way", action="append", choices=list(WAYS))
    parser.add_argument("home", nargs="*", help="by name; all that there are for the way if there is none")
    options = parser.parse_args()
    known = {home.name or home.program for homes in WAYS.values() for home in homes}
    if unknown := set(options.home) - known:
        print(f"no such home: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    bin_dir = os.path.abspath(options.bin)
    failed = 0
    for way in options.way or list(WAYS):
        # What is handed back takes its time: services are told to stop, and waited for.
        latest = 0.4 if way == "release" else 0.08
        for home in WAYS[way]:
            if options.home and (home.name or home.program) not in options.home:
                continue
            try:
                troubles = [measure(way, home, bin_dir, options.services)] if options.services else []
                troubles += [kill_once(way, home, bin_dir, random.uniform(0, latest)) for _ in range(options.kills)]
            except Skip as reason:
                print(f"{title(way, home)}: skipped: {reason}", flush=True)
                continue
            for trouble in filter(None, troubles):
                print(f"{title(way, home)}: FAILED: {trouble}", flush=True)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
