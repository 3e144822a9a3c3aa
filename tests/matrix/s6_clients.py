#!/usr/bin/env python3
"""The original's s6 clients whose commands no other family has, so that no cell of the matrix has them: waiting
for readiness and for deaths, the death tally, the scanner's own control.

    s6_clients.py --bin BUILD/bin home|view      below s6-svscan; in the s6 tree of kindred scan
"""

import argparse
import os
import subprocess
import sys

from matrix import SYSTEM_PATH
from mixed import below
from service import LIMIT, Wrong, until

RUN = "#!/bin/sh\nwhile ! test -e go; do sleep 0.02; done\necho >&3\nexec sleep 1000\n"
# Whose program, its words, and where its services show below {home}.
PLACES = {
    "home": ("s6/s6-svscan", [], "scan"),
    "view": ("kindred", ["scan", "--home", "s6", "--views", "s6", "--run-dir", "{home}/run"], "run/views/s6"),
}


def client(*words):
    return ["/usr/bin/" + words[0], *words[1:]]


def say(*words, code=0):
    done = subprocess.run(client(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=30, env={"PATH": SYSTEM_PATH})
    if done.returncode != code:
        raise Wrong(f"{' '.join(words)}: exit {done.returncode}: {done.stdout}")
    return done.stdout.rstrip("\n")


def is_so(found, right, what):
    if found != right:
        raise Wrong(f"{what}: {found!r} is not {right!r}")


def woken(waiter, act, service):
    """A client that waits is asleep until something is done, and then ends with 0."""
    waiting = subprocess.Popen(client("s6-svwait", waiter, "-t", "20000", service), stdin=subprocess.DEVNULL)
    try:
        event = f"{service}/event"
        until(lambda: [name for name in os.listdir(event) if name.startswith("ftrig1")], "s6-svwait does not listen")
        if waiting.poll() is not None:
            raise Wrong(f"s6-svwait {waiter} ended with {waiting.returncode} before its time")
        act()
        is_so(waiting.wait(LIMIT), 0, f"s6-svwait {waiter}")
    except subprocess.TimeoutExpired:
        raise Wrong(f"s6-svwait {waiter} is not woken") from None
    finally:
        waiting.kill()
        waiting.wait()


def write(path, text, mode):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)


def add(scan, name):
    write(f"{scan}/{name}/run", RUN, 0o755)
    write(f"{scan}/{name}/notification-fd", "3\n", 0o644)


def state(service):
    return say("s6-svstat", "-o", "up,ready", service)


def prove(home, place, process):
    scan, web = f"{home}/scan", f"{home}/{place}/web"
    until(lambda: os.path.exists(f"{web}/supervise/status"), "not supervised")
    say("s6-svwait", "-u", "-t", "20000", web)
    is_so(state(web), "true false", "before it is ready")
    woken("-U", lambda: write(f"{scan}/web/go", "", 0o644), web)
    is_so(state(web), "true true", "when it is ready")
    woken("-D", lambda: say("s6-svc", "-d", web), web)
    is_so(state(web), "false false", "when it is down")
    is_so(say("s6-svdt", "-s", web)[26:], "signal 15", "its death")
    woken("-U", lambda: say("s6-svc", "-u", web), web)
    woken("-R", lambda: say("s6-svc", "-k", web), web)
    is_so([line[26:] for line in say("s6-svdt", web).splitlines()], ["signal SIGTERM", "signal SIGKILL"], "its deaths")
    say("s6-svdt-clear", web)
    is_so(say("s6-svdt", web), "", "deaths that are forgotten")
    say("s6-svok", web)

    add(scan, "late")
    late = f"{home}/{place}/late"
    say("s6-svscanctl", "-a", f"{home}/{place}")
    until(lambda: os.path.exists(f"{late}/supervise/status"), "s6-svscanctl -a finds nothing")
    say("s6-svwait", "-u", "-t", "20000", late)
    os.rename(f"{scan}/late", f"{home}/late")
    say("s6-svscanctl", "-an", f"{home}/{place}")
    until(lambda: subprocess.run(client("s6-svok", f"{home}/late")).returncode == 1, "what has gone is not ended")
    say("s6-svscanctl", "-t", f"{home}/{place}")
    try:
        is_so(process.wait(LIMIT), 0, "the scanner after s6-svscanctl -t")
    except subprocess.TimeoutExpired:
        raise Wrong("s6-svscanctl -t does not end the scanner") from None
    say("s6-svok", f"{scan}/web", code=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", metavar="DIR", required=True)
    parser.add_argument("place", choices=PLACES)
    options = parser.parse_args()
    program, words, place = PLACES[options.place]
    try:
        below(options.bin, program, words, lambda scan: add(scan, "web"),
              lambda home, process: prove(home, place, process))
    except Wrong as wrong:
        sys.exit(f"s6_clients: {options.place}: {wrong}")
    print(f"{options.place}: the original's clients wait, count and scan as at home")
    return 0


if __name__ == "__main__":
    sys.exit(main())
