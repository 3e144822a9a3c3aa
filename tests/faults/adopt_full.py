#!/usr/bin/env python3
"""The long run of kindred adopt: fifty services with logs, a million lines and a busy machine; and kills at random moments.

    adopt_full.py --bin BUILD/bin [--services N] [--kills N] [HOME…]

For each home prints the restarts, the lines that are missing, how long services had no supervisor, and what came of
adopting that was killed. Exit code: 0 nothing was restarted, lost or supervised twice; 1 something was; 2 there is no such
home.
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
from harness import Scene, Skip, alive, until
from numbered_lines import LOGGER

LINES = 1_000_000
BUSY = 4   # processes that do nothing but compute

# As that of numbered_lines.py, to an end.
WRITER = f"""#!{sys.executable} -IS
import os, time
life = os.getpid()
os.write(os.open("starts", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), b"%d\\n" % life)
for number in range({{lines}}):
    os.write(1, b"%d %d\\n" % (life, number))
    if number % 50 == 0:
        time.sleep(0.01)
open("written", "w").close()
time.sleep(100000)
"""


def whole(service, pid, lines):
    """How many lines of that life are missing, or come twice or late."""
    wanted, wrong = 0, 0
    for line in service.lines("log/lines"):
        if line == f"{pid} {wanted}":
            wanted += 1
        else:
            wrong += 1
    return lines - wanted + wrong


def measure(home, bin_dir, count):
    """What was wrong, in words; '' for nothing."""
    scene = Scene(home, bin_dir)
    busy = []
    try:
        each = LINES // count
        services = [scene.service(f"s{number}", run=WRITER.replace("{lines}", str(each)), log=LOGGER)
                    for number in range(count)]
        start_original(scene)
        pids = {service: service.wait_started(limit=200) for service in services}
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
        code, text = adopt(scene)
        gaps = [int(gap) / 1000 for gap in re.findall(r"taken over, (\d+) us", text)]
        if code != 0 or not gaps:
            return f"adopt ended with {code}: {text}"
        until(lambda: all(os.path.exists(service.file("written")) for service in services), "writers go on", 600)
        until(lambda: all(whole(service, pid, each) == 0 for service, pid in pids.items()) or time.sleep(1),
              lambda: "lines are missing", 30)
        restarts = sum(len(service.starts()) - 1 for service in services)
        dead = sum(not alive(pid) for pid in pids.values())
        print(f"{home.program}: {count} services, {each * count} lines: {restarts} restarts, {dead} dead, 0 lines lost; "
              f"without a supervisor: median {statistics.median(gaps):.1f} ms, longest {max(gaps):.1f} ms", flush=True)
        return "" if restarts == dead == 0 and max(gaps) <= 50 else "the goals are not reached"
    except AssertionError as problem:
        missing = sum(whole(service, pid, each) for service, pid in pids.items())
        return f"{problem}; {missing} lines are missing"
    finally:
        for process in busy:
            process.kill()
            process.wait()
        scene.end()


def kill_once(home, bin_dir, moment):
    """Kills adopt so long after its start; what was wrong."""
    scene = Scene(home, bin_dir)
    try:
        services = [scene.service(f"s{number}") for number in range(5)]
        start_original(scene)
        pids = {service: service.wait_started() for service in services}
        until(lambda: all(service.supervised() for service in services), "a service has no supervisor")
        process = subprocess.Popen([f"{bin_dir}/kindred", "adopt", scene.scan], env=scene.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(moment)
        process.kill()
        process.wait()
        taken = process.stdout.read().count(b"taken over")
        until(lambda: all(service.supervised() for service in services), "a service has no supervisor")
        code, text = adopt(scene) if taken < len(services) else (0, "")
        if code != 0 and "no supervisor of an original" not in text:
            return f"killed after {moment:.4f} s, {taken} taken over, then: {text}"
        until(lambda: all(service.supervised() for service in services), "a service has no supervisor")
        time.sleep(1.5)   # a second life would begin within the throttle
        for service, pid in pids.items():
            if service.starts() != [pid] or not alive(pid) or service.record().pid != pid:
                return f"killed after {moment:.4f} s: {service.name} of {pid} has {service.starts()}, {service.record()}"
        print(f"{home.program}: killed after {moment * 1000:.1f} ms, {taken} of {len(services)} taken over: good",
              flush=True)
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
    parser.add_argument("home", nargs="*", help=f"of {', '.join(home.program for home in ADOPTED)}; all if there is none")
    options = parser.parse_args()
    by_name = {home.program: home for home in ADOPTED}
    if unknown := set(options.home) - set(by_name):
        print(f"no such home: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    bin_dir = os.path.abspath(options.bin)
    failed = 0
    for home in [by_name[name] for name in options.home] or ADOPTED:
        try:
            troubles = [measure(home, bin_dir, options.services)] if options.services else []
            troubles += [kill_once(home, bin_dir, random.uniform(0, 0.08)) for _ in range(options.kills)]
        except Skip as reason:
            print(f"{home.program}: skipped: {reason}", flush=True)
            continue
        for trouble in filter(None, troubles):
            print(f"{home.program}: FAILED: {trouble}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
