"""Tables, goals and plots from what a Bench found; knows no processes."""

import json
import os
import statistics

import svg
from supervisors import VIEWED

CROWD_MEASURES = {"start": "start", "restart_all": "all killed to all back", "stop": "stop"}


def ratio(value, base):
    return f"{svg.figure(value / base)} x" if value is not None and base else "-"


def shown(value):
    return "-" if value is None else svg.figure(value)


def quotient(value, base):
    return value / base if value is not None and base else None


def section(title, head, rows, words=1):
    """A Markdown table that is readable as it stands; the first `words` columns are text."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        fitted = (cell.ljust(widths[i]) if i < words else cell.rjust(widths[i]) for i, cell in enumerate(cells))
        return f"| {' | '.join(fitted)} |"

    rule = "|".join("-" * (width + 1) + ("-" if i < words else ":") for i, width in enumerate(widths))
    return "\n".join([f"## {title}\n", line(head), f"|{rule}|", *map(line, rows)])


class Report:
    def __init__(self, bench, about):
        self.about, self.options, self.found = about, bench.options, bench.found
        self.trouble, self.skipped = bench.trouble, bench.skipped
        self.contestants = bench.contestants
        self.supervisors = [c for c in self.contestants if not c.bare]
        self.kindred = [c for c in self.contestants if c.kindred]
        self.large, self.crowds, self.most = self.options.large_sizes, bench.crowds, bench.most_large
        self.sizes = self.options.sizes + self.large
        self.main = 500 if 500 in self.options.sizes else max(self.options.sizes)
        self.shared = max(self.options.original_sizes)  # where kindred and the originals are compared
        self.few = self.options.latency_services
        self.disk = self.options.disk_services

    # What was found; None where it was not measured.

    def get(self, measure, key, count):
        return self.found[measure].get(key, {}).get(count)

    def median(self, measure, key, count):
        values = self.get(measure, key, count)
        return statistics.median(values) if values else None

    def latency(self, measure, key, count, what="median"):
        figures = self.get(measure, key, count)
        return figures[what] if figures else None

    def best_disk_start(self):
        values = [self.median("disk_start", c.key, self.disk) for c in self.supervisors if not c.kindred]
        return min((value for value in values if value is not None), default=None)

    def best_original(self, measure, what="median"):
        keys = [c.key for c in self.supervisors if not c.kindred]
        values = [self.latency(measure, key, self.few, what) for key in keys]
        return min((value for value in values if value is not None), default=None)

    def pss(self, key, count):
        figures = self.get("memory", key, count)
        return figures["pss"] if figures else None

    def a_service(self, key, count):
        return quotient(self.pss(key, count), count)

    def a_further(self, key, less, more):
        """What each service beyond `less` costs."""
        low, high = self.pss(key, less), self.pss(key, more)
        return (high - low) / (more - less) if low is not None and high is not None and more > less else None

    def fds(self, key, count):
        """For each service; what comes with the first services, once for all, counts at the smallest size only."""
        base = self.sizes[0] if count > self.sizes[0] else 0
        less, full = self.get("descriptors", key, base), self.get("descriptors", key, count)
        return quotient(full - less, count - base) if less is not None and full is not None else None

    # Tables.

    def text(self):
        about = self.about
        versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
        parts = [
            "# kindred's benchmark",
            f"{about['date']}, Linux {about['kernel']}, {about['processors']} x {about['processor']}, "
            f"{about['file_system']}{' and ' + about['disk'] if about['disk'] else ''}; {versions or 'no originals'}; load {about['load'][0]} at the start, "
            f"{about['seconds']} s.",
        ]
        if self.found["start"]:
            parts += [self.start_table(), self.memory_table(), self.descriptor_table(), self.crowd_table()]
        if self.found["restart"]:
            parts.append(self.latency_table("restart", "Restart: from SIGKILL to the next instance"))
            parts.append(self.latency_table("control", "Control: from `h` in supervise/control to HUP"))
        if self.found["idle"]:
            parts.append(self.idle_table())
        if self.found["disk_start"]:
            parts.append(self.disk_table())
        parts.append(self.goal_table())
        if self.trouble:
            parts.append("## Trouble\n\n" + "\n".join(f"- {text}" for *_, text in self.trouble))
        return "\n\n".join(parts) + "\n"

    def start_table(self):
        bases = sorted({self.main, self.most} - {0})
        old = self.median("start", "svscan", self.shared)
        rows = []
        for c in self.contestants:
            times = {n: self.median("start", c.key, n) for n in self.sizes}
            of_bare = [ratio(times[n], self.median("start", "bare", n)) for n in bases]
            rows.append([c.label, *map(shown, times.values()), *of_bare, ratio(old, times[self.shared])])
        head = ["start, ms", *(f"{n:,}" for n in self.sizes), *(f"of bare, {n:,}" for n in bases)]
        head.append(f"daemontools / it, {self.shared}")
        return section("Start: from exec of the scanner to the last service", head, rows)

    def memory_table(self):
        rows = []
        for c in self.supervisors:
            measured = [n for n in self.sizes if self.pss(c.key, n) is not None] or [0]
            less = self.main if measured[-1] > self.main else measured[0]
            processes = self.get("processes", c.key, self.shared) or {}
            rows.append([
                c.label,
                *(shown(self.a_service(c.key, n)) for n in self.sizes),
                shown(self.a_further(c.key, less, measured[-1])),
                ratio(self.a_service(c.key, self.shared), self.a_service("svscan", self.shared)),
                sum(processes.values()) or "-",
            ])
        head = ["PSS, KiB a service", *(f"{n:,}" for n in self.sizes), "a further one"]
        head += [f"of daemontools, {self.shared}", f"processes, {self.shared}"]
        return section("Memory of all supervising processes", head, rows)

    def descriptor_table(self):
        sizes = sorted({self.sizes[0], self.shared, self.main, self.most} - {0})
        rows = []
        for c in self.supervisors:
            old = ratio(self.fds(c.key, self.shared), self.fds("svscan", self.shared))
            fixed = shown(self.get("descriptors", c.key, 0))
            rows.append([c.label, fixed, *(shown(self.fds(c.key, n)) for n in sizes), old])
        head = ["descriptors a service", "fixed", *(f"{n:,}" for n in sizes), f"of daemontools, {self.shared}"]
        return section("Descriptors of all supervising processes", head, rows)

    def crowd_table(self):
        rows = []
        for n in self.crowds:
            for c in self.contestants:
                if not self.get("start", c.key, n):
                    continue
                times = {m: self.median(m, c.key, n) for m in CROWD_MEASURES}
                of_bare = [ratio(time, self.median(m, "bare", n)) for m, time in times.items()]
                rows.append([c.label, f"{n:,}", *map(shown, times.values()), *of_bare,
                             shown(self.get("left", c.key, n))])
        head = ["all at once, ms", "services", "start", "kill to all back", "stop"]
        head += ["start of bare", "back of bare", "stop of bare", "left over"]
        title = f"All at once, with at most {self.about['files_a_process']:,} descriptors a process"
        return section(title, head, rows)

    def latency_table(self, measure, title):
        rows = []
        for n in sorted({n for found in self.found[measure].values() for n in found}):
            for c in self.contestants:
                if not (figures := self.get(measure, c.key, n)):
                    continue
                median = figures["median"]
                bare, best = self.latency(measure, "bare", n), self.best_original(measure)
                rows.append([c.label, f"{n:,}", shown(median), shown(figures["p99"]), ratio(median, bare),
                             ratio(median, best), figures["samples"]])
        head = [f"{measure}, µs", "services", "median", "p99", "of bare", "of the best original", "samples"]
        return section(title, head, rows)

    def idle_table(self):
        rows = []
        for c in self.supervisors:
            for n, idle in self.found["idle"].get(c.key, {}).items():
                rows.append([c.label, f"{n:,}", idle["switches"], shown(idle["seconds"]), shown(idle["a_second"])])
        return section("Wake-ups while idle", ["wake-ups", "services", "in all", "seconds", "a second"], rows)

    def disk_table(self):
        rows = []
        for c in self.contestants:
            start, restart = self.median("disk_start", c.key, self.disk), self.get("disk_restart", c.key, self.few)
            median = restart["median"] if restart else None
            rows.append([c.label, shown(start), ratio(start, self.best_disk_start()), shown(median),
                         shown(restart and restart["p99"]), ratio(median, self.best_original("disk_restart")),
                         restart["samples"] if restart else "-"])
        head = [f"on {self.about['disk']}", f"start of {self.disk}, ms", "of the best original",
                f"restart at {self.few}, µs", "p99", "of the best original", "samples"]
        return section("On a disk: start, and restart from SIGKILL to the next instance", head, rows)

    # Goals.

    def goals(self):
        """[{goal, contestant, met: True, False or None, figures, asserted}], equal goals side by side."""
        goals = []
        for c in self.kindred:
            for text, value, bound, figures, asserted in self.goals_of(c.key):
                met = None if value is None else value <= bound
                goals.append({"goal": text, "contestant": c.label, "met": met, "asserted": asserted,
                              "figures": "-" if met is None else figures})
        if self.kindred and "views" in self.options.parts:
            for text, value, bound, figures, asserted in self.view_goals():
                met = None if value is None else value <= bound
                goals.append({"goal": text, "contestant": VIEWED.label, "met": met, "asserted": asserted,
                              "figures": "-" if met is None else figures})
        texts = list(dict.fromkeys(goal["goal"] for goal in goals))
        return sorted(goals, key=lambda goal: texts.index(goal["goal"]))

    def goals_of(self, key):
        """Yields (goal, value, bound, figures, asserted): met when value <= bound, None: not measured.

        Asserted goals, which no clock decides, make the exit status.
        """
        if "start" in self.options.parts:
            yield from self.start_goals(key)
            yield from self.memory_goals(key)
            yield from self.size_goals(key)
        if "latency" in self.options.parts:
            yield from self.restart_goals(key)
        if "idle" in self.options.parts:
            idle = self.get("idle", key, self.options.idle_services)
            woken = idle["switches"] if idle else None
            words = f"{woken} in {idle['seconds']:.0f} s" if idle else ""
            yield "no wake-up while idle", woken, 0, words, True
        if self.about["disk"]:
            yield from self.disk_goals(key)

    def start_goals(self, key):
        for n in sorted({self.main, self.most} - {0}):
            mine, bare = self.median("start", key, n), self.median("start", "bare", n)
            words = f"{shown(mine)} ms, bare {shown(bare)} ms: {ratio(mine, bare)}"
            yield f"start {n:,}: at most 1.5 x the bare loop", quotient(mine, bare), 1.5, words, False
        n = self.shared
        mine, old = self.median("start", key, n), self.median("start", "svscan", n)
        words = f"{shown(mine)} ms, daemontools {shown(old)} ms: {ratio(old, mine)} as fast"
        yield f"start {n:,}: at least twice as fast as daemontools", quotient(mine, old), 0.5, words, False

    def memory_goals(self, key):
        if self.main == 500:
            value = self.a_service(key, 500)
            yield "memory at 500: at most 4 KiB a service", value, 4, f"{shown(value)} KiB", True
        if 150 in self.sizes:
            value = self.pss(key, 150)
            yield "memory at 150: at most 1 MiB in all", value, 1024, f"{shown(value)} KiB", True
        if self.most > self.main:
            value = self.a_further(key, self.main, self.most)
            steps = [self.a_further(key, less, more) for less, more in zip([self.main, *self.large], self.large)]
            worst = max((step for step in steps if step is not None), default=None)
            goal = f"memory: at most 1.5 KiB for each further service, {self.main} to {self.most:,}"
            yield goal, value, 1.5, f"{shown(value)} KiB (worst step {shown(worst)})", True

    def size_goals(self, key):
        for n in sorted({self.main, self.most} - {0}):
            value = self.fds(key, n)
            yield f"descriptors at {n:,}: at most 3 a service", value, 3, shown(value), True
        if self.most:
            times = [self.median(measure, key, self.most) for measure in CROWD_MEASURES]
            words = "up in {} ms, killed and back in {} ms, stopped in {} ms".format(*map(shown, times))
            goal = f"{self.most:,} services with {self.about['files_a_process']:,} descriptors"
            yield goal, times.count(None), 0, words, True

    def restart_goals(self, key):
        mine, best = self.latency("restart", key, self.few), self.best_original("restart")
        tail, best_tail = self.latency("restart", key, self.few, "p99"), self.best_original("restart", "p99")
        words = f"median {shown(mine)} µs, best {shown(best)}: {ratio(mine, best)}; "
        words += f"p99 {shown(tail)}, best {shown(best_tail)}"
        yield f"restart at {self.few}: no worse than the best original", quotient(mine, best), 1, words, False
        if self.most > self.few and self.options.large_samples:
            many, beside = self.latency("restart", key, self.most), self.latency("beside", key, self.few)
            words = f"median {shown(many)} µs, at {self.few} {shown(beside)}: {ratio(many, beside)}"
            goal = f"restart at {self.most:,}: at most 1.5 x that at {self.few}"
            yield goal, quotient(many, beside), 1.5, words, False

    def disk_goals(self, key):
        disk = self.about["disk"]
        mine, best = self.median("disk_start", key, self.disk), self.best_disk_start()
        words = f"{shown(mine)} ms, best {shown(best)}: {ratio(mine, best)}"
        goal = f"on {disk}, start {self.disk}: at most half of the best original's"
        yield goal, quotient(mine, best), 0.5, words, False
        mine, best = self.latency("disk_restart", key, self.few), self.best_original("disk_restart")
        words = f"median {shown(mine)} µs, best {shown(best)}: {ratio(mine, best)}"
        goal = f"on {disk}, restart at {self.few}: at most 3/4 of the best original's"
        yield goal, quotient(mine, best), 0.75, words, False

    def view_goals(self):
        n = self.options.view_services
        size = self.get("viewed", VIEWED.key, n) or {}
        value = quotient(size.get("pss"), n)
        yield f"all views, memory at {n}: at most 16 KiB a service", value, 16, f"{shown(value)} KiB", True
        value = quotient(size.get("descriptors"), n)
        yield f"all views, descriptors at {n}: at most 12 a service", value, 12, shown(value), True
        spread = self.get("spread", VIEWED.key, n) or {}
        words = f"median {shown(spread.get('median'))} µs, p99 {shown(spread.get('p99'))}" if spread else ""
        yield "a change, from the first view to the last: at most 1 ms", spread.get("median"), 1000, words, False

    def goal_table(self):
        if not self.kindred:
            return "## Goals\n\nNot measured: kindred's programs are not there."
        words = {True: "met", False: "NOT MET", None: "not measured"}
        rows = [[g["goal"], g["contestant"], words[g["met"]], g["figures"]] for g in self.goals()]
        return section("Goals", ["goal", "supervisor", "", "figures"], rows, words=4)

    def failed(self):
        """What makes the exit status 1."""
        missed = [goal for goal in self.goals() if goal["asserted"] and not goal["met"]]
        keys = {c.key for c in self.kindred}
        failures = [f"{goal['contestant']}: {goal['goal']}: {goal['figures']}" for goal in missed]
        return failures + [text for _, key, _, text in self.trouble if key in keys]

    # Plots and files.

    def curves(self, value):
        def points(c):
            return [(n, value(c.key, n)) for n in self.sizes if value(c.key, n) is not None]

        return [(c.key, c.label, points(c)) for c in self.contestants]

    def rows(self, value, high=lambda key: None):
        found = [(c.key, c.label, value(c.key), high(c.key)) for c in self.contestants]
        return [row for row in found if row[2] is not None]

    def plots(self, folder):
        if self.found["start"]:
            svg.lines(
                f"{folder}/start.svg", "Time to start all services",
                "from exec of the scanner to the first instruction of the last service; lower is better",
                self.curves(lambda key, n: self.median("start", key, n)), "milliseconds")
            svg.lines(
                f"{folder}/memory.svg", "Memory for each service",
                "proportional set size of all supervising processes, fixed costs included; lower is better",
                self.curves(self.a_service), "KiB a service", goal=(4, "goal at 500: 4 KiB"))
            svg.bars(
                f"{folder}/descriptors.svg", "Descriptors for each service",
                f"of all supervising processes at {self.shared} services, beyond those of an empty scan directory",
                [("", self.rows(lambda key: self.fds(key, self.shared)))], "descriptors", log=False,
                goal=(3, "goal: 3"))
            groups = [
                (f"{heading}: {n:,} services", self.rows(lambda key, m=measure, n=n: self.median(m, key, n)))
                for measure, heading in CROWD_MEASURES.items()
                for n in self.crowds
            ]
            svg.bars(
                f"{folder}/crowd.svg", "All services at once",
                f"with at most {self.about['files_a_process']:,} descriptors a process; lower is better",
                groups, "ms")
        for measure, title, subtitle in (
            ("restart", "Restart latency", "from SIGKILL to the first instruction of the next instance"),
            ("control", "Control latency", "from the byte in supervise/control to HUP seen by the service"),
        ):
            groups = [
                (f"{n:,} services", self.rows(lambda key, n=n: self.latency(measure, key, n),
                                              lambda key, n=n: self.latency(measure, key, n, "p99")))
                for n in sorted({n for found in self.found[measure].values() for n in found})
            ]
            svg.bars(f"{folder}/{measure}.svg", title, f"{subtitle}; dot: median, whisker: p99", groups, "µs")
        if self.found["idle"]:
            n = self.options.idle_services
            rows = self.rows(lambda key: (self.get("idle", key, n) or {}).get("a_second"))
            svg.bars(
                f"{folder}/idle.svg", "Wake-ups a second while nothing happens",
                f"context switches of all supervising processes, {n} idle services",
                [("", rows)], "a second", log=False)

    def save(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.plots(folder)
        with open(f"{folder}/summary.md", "w", encoding="utf-8") as file:
            file.write(self.text())
        everything = {"about": self.about, "goals": self.goals(), "found": self.found, "skipped": self.skipped,
                      "trouble": [text for *_, text in self.trouble]}
        with open(f"{folder}/results.json", "w", encoding="utf-8") as file:
            json.dump(everything, file, indent=1)
            file.write("\n")
