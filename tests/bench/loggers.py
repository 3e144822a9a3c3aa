#!/usr/bin/env python3
"""How fast loggers write, beside the originals that this machine has.

    loggers.py --kindred-bin BUILD/bin --tools BUILD/tests/bench [--quick] [--out DIR] [--dir DIR]

Every contestant reads the same lines from a pipe, stamps them, keeps them in a directory and rotates at 16 MiB.
Contestants take turns, so that a busy machine is busy for all; the best of their runs counts, by the clock and by
processor time. On a disk every rotation waits for it, which is the same for all: where nothing else is asked for,
the directory is in memory.

Measures: lines of 100, 10 and 10,240 bytes; of 100 with four patterns that match and three that do not; one line
a second (here: every 100 ms): processor time and wake-ups a line; memory of an idle logger. Beside them stand what
no logger can beat by much: cat to one file, and bare loops (log.c) that rotate, without and with stamps.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import svg
from supervisors import file_system, memory_parent

ROTATION = 16 * 1024 * 1024
MEGA = 1_000_000
# Bytes of each measure: for whom ten are fast, and for the others.
MEASURES = {"100-byte lines": 100, "10-byte lines": 10, "10 KiB lines": 10_240, "patterns": 100}
# A line has h, m, o and v, but neither x, y nor z, and is selected in the end. A pattern that would change nothing is
# not looked at: so those that match come in turns.
STARS = ("-*h*", "+*m*", "-*o*", "+*v*", "-*x*", "-*y*", "-*z*")
EXPRESSIONS = tuple(star.replace("*", "") for star in STARS)


@dataclass(frozen=True)
class Contestant:
    key: str
    words: tuple            # with {log} for the directory
    first: tuple = ()       # words that go before all others
    patterns: tuple = ()    # before the directory
    config: str = ""        # in the directory
    pattern_config: str = ""
    original: str = ""      # the key of the original
    family: str = ""        # in which of kindred's directories the program is
    limit: str = ""         # it is no logger: its program, of --tools if there is one of that name

    def command(self, program, log, patterns):
        words = [word.format(log=log) for word in self.words]
        return [program, *self.first, *(self.patterns if patterns else ()), *words]


def _multilog(key, **facts):
    return Contestant(key, (f"s{ROTATION - 1}", "n5", "{log}"), ("t",), STARS, **facts)


def _svlogd(key, **facts):
    return Contestant(key, ("-tt", "{log}"), config=f"s{ROTATION}\nn5\n",
                      pattern_config="".join(f"{word}\n" for word in STARS), **facts)


def _s6_log(key, **facts):
    return Contestant(key, (f"s{ROTATION}", "n5", "t", "{log}"), ("--",), EXPRESSIONS, **facts)


# A line for each; what is not there is left out, with a line that says so.
CONTESTANTS = {
    "multilog": _multilog("daemontools multilog"),
    "svlogd": _svlogd("runit svlogd"),
    "s6-log": _s6_log("s6 s6-log"),
    "kindred multilog": _multilog("kindred multilog", original="multilog", family="daemontools"),
    "kindred encore multilog": _multilog("kindred encore multilog", family="encore"),
    "kindred svlogd": _svlogd("kindred svlogd", original="svlogd", family="runit"),
    "kindred s6-log": _s6_log("kindred s6-log", original="s6-log", family="s6"),
    "kindred tinylog": Contestant("kindred tinylog", ("-t", "-s", str(ROTATION), "-k", "5", "{log}"), family="perp"),
    "kindred cyclog": Contestant("kindred cyclog", ("--max-file-size", str(ROTATION), "--max-total-size",
                                                    str(5 * ROTATION), "{log}"), family="nosh"),
    # It neither stamps nor rotates, unless it is told to.
    "kindred dumblog": Contestant("kindred dumblog", ("{log}/current",), family="freedt"),
    "cat > file": Contestant("cat > file", ("-c", "exec cat >{log}/file"), limit="sh"),
    "bare loop": Contestant("bare loop", ("{log}", "0"), limit="bench_log"),
    "bare loop, stamps": Contestant("bare loop, stamps", ("{log}", "26"), limit="bench_log"),
}
LIMIT = "bare loop, stamps"
FASTEST, TIMES_FASTEST, TIMES_OWN = "s6-log", 5, 10


class Arena:
    def __init__(self, options):
        self.options = options
        self.programs = {}
        for name in CONTESTANTS:
            program = self._find(name)
            if program:
                self.programs[name] = program
            else:
                print(f"left out: {name}", flush=True)
        self.root = tempfile.mkdtemp(prefix="kindred-loggers-", dir=options.dir or memory_parent())

    def _find(self, name):
        family = CONTESTANTS[name].family
        if limit := CONTESTANTS[name].limit:
            return shutil.which(f"{self.options.tools}/{limit}") or shutil.which(limit)
        word = name.split()[-1]
        if family:
            path = f"{self.options.kindred_bin}/{family}/{word}"
            return path if self.options.kindred_bin and os.access(path, os.X_OK) else None
        return shutil.which(word, path="/usr/bin:/usr/local/bin:/bin:/command")

    def fresh(self, contestant, patterns):
        log = f"{self.root}/log"
        shutil.rmtree(log, ignore_errors=True)
        os.mkdir(log)
        if contestant.config:
            with open(f"{log}/config", "w") as config:
                config.write(contestant.config + (contestant.pattern_config if patterns else ""))
        return log

    def start(self, name, patterns=False):
        """The process and the descriptor to write to."""
        contestant = CONTESTANTS[name]
        log = self.fresh(contestant, patterns)
        reader, writer = os.pipe()
        process = subprocess.Popen(contestant.command(self.programs[name], log, patterns), stdin=reader,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(reader)
        return process, writer

    def lines(self, *words):
        return f"{self.options.tools}/bench_lines", *map(str, words)

    def throughput(self, name, size, total, patterns):
        """MB/s by the clock and by processor time."""
        process, writer = self.start(name, patterns)
        began = time.monotonic()
        source = subprocess.Popen(self.lines(size, total), stdout=writer)
        os.close(writer)
        usage = os.wait4(process.pid, 0)[2]
        took = time.monotonic() - began
        assert source.wait() == 0, f"{name} stopped reading"
        return total / took / MEGA, total / (usage.ru_utime + usage.ru_stime) / MEGA

    def trickle(self, name, count, pause):
        """Microseconds of processor time and wake-ups a line, and KiB of the idle logger."""
        process, writer = self.start(name)
        subprocess.run(self.lines(100, 0, 1, 300), stdout=writer, check=True)
        before = wake_ups(process.pid), processor_time(process.pid)
        subprocess.run(self.lines(100, 0, count, pause), stdout=writer, check=True)
        after = wake_ups(process.pid), processor_time(process.pid)
        memory = proportional_kib(process.pid)
        os.close(writer)
        process.wait()
        return (after[1] - before[1]) / count / 1000, (after[0] - before[0]) / count, memory

    def end(self):
        shutil.rmtree(self.root, ignore_errors=True)


def wake_ups(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))


def processor_time(pid):
    """Nanoseconds."""
    with open(f"/proc/{pid}/schedstat") as schedule:
        return int(schedule.read().split()[0])


def proportional_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def loggers(names):
    return [name for name in names if not CONTESTANTS[name].limit]


def measure(arena, options):
    found = {"throughput": {}, "processor": {}, "trickle": {}}
    for measure_name, size in MEASURES.items():
        found["throughput"][measure_name], found["processor"][measure_name] = {}, {}
        for _ in range(options.rounds):
            for name in arena.programs:
                # Originals are slow, and as slow after a tenth of the bytes.
                total = options.megabytes * MEGA // (1 if CONTESTANTS[name].family or CONTESTANTS[name].limit else 4)
                if size == 10:
                    total //= 4
                if measure_name == "patterns" and not (CONTESTANTS[name].patterns or CONTESTANTS[name].pattern_config):
                    continue
                clock, processor = arena.throughput(name, size, total, measure_name == "patterns")
                for kind, value in (("throughput", clock), ("processor", processor)):
                    best = found[kind][measure_name]
                    best[name] = max(best.get(name, 0), value)
        print(f"measured: {measure_name}", flush=True)
    for name in loggers(arena.programs):
        runs = [arena.trickle(name, options.trickle, options.pause) for _ in range(3)]
        found["trickle"][name] = [statistics.median(values) for values in zip(*runs)]
    return found


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(['---', *['---:'] * (len(head) - 1)])}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def report(found):
    """Markdown: figures with their ratios."""
    parts = []
    for kind, words in (("throughput", "MB/s by the clock"), ("processor", "MB for a second of processor time")):
        rows = [[name, *(svg.figure(found[kind][measure_name][name]) if name in found[kind][measure_name] else "-"
                         for measure_name in MEASURES)] for name in found[kind]["100-byte lines"]]
        parts.append(f"## {words}\n\n" + table(["logger", *MEASURES], rows))
    kindred = [name for name in found["trickle"] if CONTESTANTS[name].family]
    for other, words in ((lambda name: FASTEST, f"Times `{FASTEST} t`"),
                         (lambda name: CONTESTANTS[name].original, "Times its own original"),
                         (lambda name: LIMIT, f"Of the {LIMIT}")):
        rows = [[name, *(ratio(found["throughput"][measure_name], name, other(name)) for measure_name in MEASURES)]
                for name in kindred]
        parts.append(f"## {words}, by the clock\n\n" + table(["logger", *MEASURES], rows))
    parts.append("## Goals, lines of 100 bytes by the clock\n\n" + table(["goal", "logger", "", "figures"], [
        [f"{times} x {original}", name, "met" if rate >= times * best else "missed",
         f"{svg.figure(rate)} MB/s, {original} {svg.figure(best)}: {rate / best:.1f} x"]
        for original, times, name, rate, best in goals(found["throughput"]["100-byte lines"], kindred)]))
    rows = [[name, f"{micros:.0f}", f"{wakes:.2f}", f"{memory:.0f}"]
            for name, (micros, wakes, memory) in found["trickle"].items()]
    parts.append("## One line at a time\n\n" + table(["logger", "us a line", "wake-ups a line", "PSS (KiB)"], rows))
    return "\n\n".join(parts)


def ratio(values, name, other):
    return f"{values[name] / values[other]:.1f}" if name in values and other in values else "-"


def goals(values, kindred):
    """(original, how many times as fast, logger, its MB/s, the original's)"""
    for original, times in ((FASTEST, TIMES_FASTEST), (None, TIMES_OWN)):
        for name in kindred:
            key = original or CONTESTANTS[name].original
            # The fastest original has the first goal.
            if key in values and not (original is None and key == FASTEST):
                yield key, times, name, values[name], values[key]


def plot(found, path):
    groups = [(measure_name, [(name.split()[0] if name.startswith("kindred") else name, name, value, None)
                              for name, value in found["throughput"][measure_name].items()])
              for measure_name in MEASURES]
    svg.bars(path, "Throughput of loggers", "through a pipe, stamped, rotated at 16 MiB; more is better", groups,
             "MB/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kindred-bin", help="the build's bin directory")
    parser.add_argument("--tools", required=True, help="where bench_lines is")
    parser.add_argument("--dir", help="where logs are written (else in memory)")
    parser.add_argument("--out", help="where loggers.md, loggers.json and loggers.svg go")
    parser.add_argument("--quick", action="store_true", help="a short run that only shows that all works")
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.trickle, options.pause = 50, 100
    if options.quick:
        options.megabytes, options.rounds, options.trickle, options.pause = 20, 1, 10, 10
    arena = Arena(options)
    try:
        about = {"file_system": file_system(arena.root), "kernel": os.uname().release,
                 "processors": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0]}
        found = measure(arena, options)
    finally:
        arena.end()
    text = f"{json.dumps(about)}\n\n{report(found)}\n"
    print(text)
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        with open(f"{options.out}/loggers.md", "w") as file:
            file.write(f"# Loggers\n\n{text}")
        with open(f"{options.out}/loggers.json", "w") as file:
            json.dump({"about": about, **found}, file, indent=1)
        plot(found, f"{options.out}/loggers.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
