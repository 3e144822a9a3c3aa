#!/usr/bin/env python3
"""How soon chain tools have become their program, beside the originals that this machine has.

    chain.py --kindred-bin BUILD/bin --tools BUILD/tests/bench [--rounds N] [--out DIR]
    chain.py --kindred-bin BUILD/bin --tools BUILD/tests/bench --counts

Each tool becomes a program that does nothing. All commands take turns, so that a busy machine is busy for all; the
ratio is that of the medians. Page faults and system calls do not depend on what else the machine does: with --counts
they alone are looked at, and the exit code is 1 where a tool of kindred makes more system calls than its original, or
more of either than a chain tool has need of.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import svg

ORIGINALS = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/lib/execline/bin:/command"
GOAL_ORIGINAL, GOAL_BARE, GOAL_SCRIPT = 1.0, 1.2, 0.25
ACCOUNT = "daemon"
# 14 and 28 are a static program's own. What a script of ten commands needs is another matter.
MOST_CALLS, MOST_FAULTS = 50, 50


@dataclass(frozen=True)
class Tool:
    family: str
    name: str
    words: tuple = ()            # before the program; {env}, {lock} and {file} are there
    has_original: bool = True    # in Debian
    looks_up: bool = False       # an account, in files
    forks: bool = False          # stays, and waits for the program
    script: bool = False         # of ten commands
    becomes_program: bool = True # which follows the words

    def label(self):
        return f"{self.family} {self.name}"


def tools_as_daemontools(family, has_original):
    """What several families have alike."""
    return [Tool(family, "envdir", ("{env}",), has_original),
            Tool(family, "envuidgid", (ACCOUNT,), has_original, looks_up=True),
            Tool(family, "setuidgid", (ACCOUNT,), has_original, looks_up=True),
            Tool(family, "softlimit", ("-o", "100", "-c", "0"), has_original),
            Tool(family, "setlock", ("{lock}",), has_original)]


# Runs in one process, but what it does can be seen from outside: each step costs a program in the original.
SCRIPT = ("export A 1\nexport B 2\ncd /\numask 022\nredirfd -r 0 /dev/null\nfdmove -c 2 1\nunexport A\n"
          "define -s words \"a b c\"\nimportas -D none HOME HOME\n{program}\n")

# Blocks that are done at once, and one that fails.
DOES_NOTHING = (" {program}", "")
FAILS = (" exit", " 1", "")

TOOLS = [
    *tools_as_daemontools("daemontools", True),
    Tool("daemontools", "pgrphack"),
    Tool("daemontools", "fghack", forks=True),
    *tools_as_daemontools("encore", False),
    Tool("encore", "setuser", (ACCOUNT,), False, looks_up=True),
    Tool("encore", "envini", ("{file}",), False),
    Tool("encore", "pgrphack", (), False),
    *tools_as_daemontools("freedt", False),
    Tool("freedt", "argv0", (), False, becomes_program=False),
    Tool("runit", "chpst", ("-P", "-o", "100")),
    Tool("runit", "chpst", ("-e", "{env}")),
    Tool("runit", "chpst", ("-u", ACCOUNT), looks_up=True),
    Tool("runit", "chpst", ("-u", f"{ACCOUNT}:{ACCOUNT}"), looks_up=True),
    Tool("runit", "chpst", ("-u", ":1:1")),
    Tool("runit", "chpst", ("-U", ACCOUNT), looks_up=True),
    Tool("runit", "chpst", ("-L", "{lock}")),
    Tool("runit", "chpst", ("-b", "name")),
    Tool("runit", "chpst", ("-/", "/")),
    Tool("runit", "chpst", ("-n", "1")),
    Tool("runit", "chpst", ("-012",)),
    Tool("runit", "chpst", ("-m", "1000000000")),
    Tool("s6", "s6-envdir", ("{env}",)),
    Tool("s6", "s6-envuidgid", (ACCOUNT,), looks_up=True),
    Tool("s6", "s6-setuidgid", (ACCOUNT,), looks_up=True),
    Tool("s6", "s6-applyuidgid", ("-u", "65534", "-g", "65534", "-G", "")),
    Tool("s6", "s6-softlimit", ("-o", "100")),
    Tool("s6", "s6-setlock", ("{lock}",)),
    Tool("s6", "s6-setsid"),
    Tool("s6", "s6-fghack", forks=True),
    Tool("s6", "ucspilogd", becomes_program=False),
    Tool("execline", "execlineb", ("-c", SCRIPT), script=True, becomes_program=False),
    Tool("execline", "execlineb", ("-Pc", "{program}"), becomes_program=False),
    Tool("execline", "cd", ("/",)),
    Tool("execline", "umask", ("022",)),
    Tool("execline", "export", ("NAME", "value")),
    Tool("execline", "unexport", ("NAME",)),
    Tool("execline", "emptyenv"),
    Tool("execline", "envfile", ("{file}",)),
    Tool("execline", "exec"),
    Tool("execline", "define", ("name", "value")),
    Tool("execline", "importas", ("-D", "none", "name", "NAME")),
    Tool("execline", "redirfd", ("-r", "0", "/dev/null")),
    Tool("execline", "fdmove", ("-c", "2", "1")),
    Tool("execline", "fdclose", ("0",)),
    Tool("execline", "getpid", ("PID",)),
    Tool("execline", "getcwd", ("PWD",)),
    Tool("execline", "fdblock", ("0",)),
    Tool("execline", "fdreserve", ("2",)),
    Tool("execline", "fdswap", ("1", "2")),
    Tool("execline", "piperw", ("3", "4")),
    Tool("execline", "heredoc", ("0", "text"), forks=True),
    Tool("execline", "execline-cd", ("/",)),
    Tool("execline", "execline-umask", ("022",)),
    Tool("execline", "posix-cd", ("/",)),
    Tool("execline", "posix-umask", ("022",)),
    Tool("execline", "homeof", (ACCOUNT,), looks_up=True, becomes_program=False),
    Tool("execline", "eltest", ("-n", "x", "-a", "3", "-lt", "4"), becomes_program=False),
    Tool("execline", "exit", becomes_program=False),
    Tool("execline", "dollarat", becomes_program=False),
    Tool("execline", "elgetopt", ("a:",)),
    Tool("execline", "elgetpositionals"),
    Tool("execline", "shift"),
    Tool("execline", "runblock", ("1", "{program}"), becomes_program=False),
    Tool("execline", "elglob", ("name", "*")),
    Tool("execline", "multidefine", ("a b", " x", " y", "")),
    Tool("execline", "multisubstitute", (" define", " x", " a", "")),
    Tool("execline", "withstdinas", ("name",)),
    Tool("execline", "wait", ("",)),
    Tool("execline", "tryexec", DOES_NOTHING),
    Tool("execline", "case", ("x", " x", "  {program}", " ", "")),
    Tool("execline", "foreground", DOES_NOTHING, forks=True),
    Tool("execline", "background", DOES_NOTHING, forks=True),
    Tool("execline", "pipeline", DOES_NOTHING, forks=True),
    Tool("execline", "backtick", ("name", *DOES_NOTHING), forks=True),
    Tool("execline", "if", DOES_NOTHING, forks=True),
    Tool("execline", "ifelse", (*FAILS, *DOES_NOTHING), forks=True),
    Tool("execline", "ifte", (*DOES_NOTHING, *DOES_NOTHING), forks=True),
    Tool("execline", "ifthenelse", (*DOES_NOTHING, *DOES_NOTHING, *DOES_NOTHING), forks=True),
    Tool("execline", "forx", ("name", " a", " b", ""), forks=True),
    Tool("execline", "forstdin", ("name",), forks=True),
    Tool("execline", "forbacktickx", ("name", " homeof", f" {ACCOUNT}", ""), forks=True),
    Tool("execline", "loopwhilex", ("-x", "0"), forks=True),
    Tool("execline", "trap", (" TERM", " ", ""), forks=True),
    Tool("perp", "runargv0", (), False, becomes_program=False),
    Tool("perp", "runargs", ("{file}",), False),
    Tool("perp", "runchoom", ("-s", "0"), False),
    Tool("perp", "runenv", ("{file}",), False),
    Tool("perp", "runlimit", ("-o", "100"), False),
    Tool("perp", "runlock", ("{lock}",), False),
    Tool("perp", "runsession", (), False),
    Tool("perp", "runtool", ("-s", "-c", "/", "-m", "022", "-R", "o=100"), False),
    Tool("perp", "runuid", (ACCOUNT,), False, looks_up=True),
    Tool("nosh", "chdir", ("/",), False),
    Tool("nosh", "clearenv", ("--keep-path",), False),
    Tool("nosh", "fdmove", ("-c", "2", "1"), False),
    Tool("nosh", "fdredir", ("--read", "0", "/dev/null"), False),
    Tool("nosh", "getuidgid", (), False),
    Tool("nosh", "hardlimit", ("-o", "100"), False),
    Tool("nosh", "envdir", ("{env}",), False),
    Tool("nosh", "setenv", ("NAME", "value"), False),
    Tool("nosh", "setlock", ("{lock}",), False),
    Tool("nosh", "setpgrp", (), False),
    Tool("nosh", "setsid", (), False),
    Tool("nosh", "unsetenv", ("NAME",), False),
    Tool("nosh", "setuidgid", (ACCOUNT,), False, looks_up=True),
    Tool("nosh", "softlimit", ("-o", "100"), False),
    Tool("nosh", "umask", ("022",), False),
]


@dataclass
class Figures:
    median: float  # microseconds
    least: float
    faults: int
    calls: int


class Arena:
    """What the tools need: an environment directory, a file to lock, a program that does nothing."""

    def __init__(self, options):
        self.options = options
        self.root = tempfile.mkdtemp(prefix="kindred-chain-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        os.chmod(self.root, 0o755)
        self.places = {"env": f"{self.root}/env", "lock": f"{self.root}/lock", "file": f"{self.root}/file",
                       "program": f"{self.root}/nothing"}
        os.mkdir(self.places["env"])
        for name in ("HOST", "PORT", "USER_NAME", "LANG", "REMOVED"):
            with open(f"{self.places['env']}/{name}", "w", encoding="ascii") as file:
                file.write("" if name == "REMOVED" else f"{name.lower()}\n")
        with open(self.places["file"], "w", encoding="ascii") as file:
            file.write("A=1\nB=2\n")
        # Where everybody may run it.
        shutil.copy(f"{options.tools}/bench_nothing", self.places["program"])

    def end(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def command(self, path, tool):
        words = list(tool.words)
        for name, place in self.places.items():
            words = [word.replace(f"{{{name}}}", place) for word in words]
        program = self.places["program"]
        if tool.becomes_program:
            words.append(program)
        elif tool.family != "execline":
            words += [program, "name"]  # as argv[0]
        return [path, *words]

    def measure(self, commands, rounds):
        # Kindred's script finds kindred's commands; Debian's execlineb puts its own before all others.
        text = "".join("\t".join(words).replace("\n", " ") + "\n" for words in commands)
        ran = subprocess.run([f"{self.options.tools}/bench_start", str(rounds), self.places["file"]], input=text, capture_output=True, text=True,
                             cwd=self.root, env={"PATH": f"{self.options.kindred_bin}/execline:{ORIGINALS}", "HOME": "/",
                                  "#": "1", "0": "script", "1": ""})
        if ran.returncode != 0:
            sys.exit(f"bench_start: {ran.stderr.strip()}")
        rows = (map(int, line.split()) for line in ran.stdout.splitlines())
        return [Figures(median / 1000, least / 1000, faults, calls) for median, least, faults, calls in rows]


def present(tools, bin_directory):
    found = []
    for tool in tools:
        path = f"{bin_directory}/{tool.family}/{tool.name}"
        if os.access(path, os.X_OK):
            found.append((tool, path))
        else:
            print(f"left out: {tool.label()}", flush=True)
    return found


def measure(arena, options):
    """Of the program alone, of the bare exec, and for each tool kindred's and the original's, if there is one."""
    own = present(TOOLS, options.kindred_bin)
    commands = [[arena.places["program"]], [f"{options.tools}/bench_bare_exec", arena.places["program"]]]
    places = []
    for tool, path in own:
        commands.append(arena.command(path, tool))
        original = shutil.which(tool.name, path=ORIGINALS) if tool.has_original else None
        places.append((tool, len(commands) - 1, len(commands) if original else None))
        if original:
            commands.append(arena.command(original, tool))
    figures = arena.measure(commands, options.rounds)
    rows = [(tool, figures[ours], figures[theirs] if theirs else None) for tool, ours, theirs in places]
    return figures[0], figures[1], rows


def label(tool):
    shown = " ".join(word for word in tool.words if word and "\n" not in word).replace("{", "").replace("}", "").upper()
    return f"{tool.label()} {'SCRIPT' if tool.script else shown}".strip()


def missed(tool, own, bare, original):
    goals = []
    if original:
        goal = GOAL_SCRIPT if tool.script else GOAL_ORIGINAL
        if own.median > goal * original.median:
            goals.append(f"{goal} x original")
    if not (tool.looks_up or tool.forks or tool.script or tool.family == "execline") and own.median > GOAL_BARE * bare.median:
        goals.append(f"{GOAL_BARE} x bare")
    return ", ".join(goals)


def report(program, bare, rows):
    head = ["tool", "us", "original", "x original", "x bare exec", "page faults", "original", "system calls", "original",
            "missed"]
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 2)}---|"]
    lines.append(f"| the program alone | {svg.figure(program.median)} | | | | {program.faults} | | {program.calls} | | |")
    lines.append(f"| a bare exec | {svg.figure(bare.median)} | | | 1 | {bare.faults} | | {bare.calls} | | |")
    for tool, own, original in rows:
        cells = [label(tool), svg.figure(own.median), svg.figure(original.median) if original else "",
                 f"{own.median / original.median:.2f}" if original else "", f"{own.median / bare.median:.2f}",
                 str(own.faults), str(original.faults) if original else "",
                 str(own.calls), str(original.calls) if original else "", missed(tool, own, bare, original)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def too_many(program, rows):
    wrong = []
    for tool, own, original in rows:
        faults = own.faults - program.faults
        if tool.forks or tool.script:
            continue
        if original and own.calls > original.calls:
            wrong.append(f"{label(tool)}: {own.calls} system calls, the original {original.calls}")
        if own.calls > MOST_CALLS:
            wrong.append(f"{label(tool)}: {own.calls} system calls, more than {MOST_CALLS}")
        if faults > MOST_FAULTS:
            wrong.append(f"{label(tool)}: {faults} page faults, more than {MOST_FAULTS}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kindred-bin", required=True, help="the build's bin directory")
    parser.add_argument("--tools", required=True, help="where bench_start, bench_nothing and bench_bare_exec are")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--counts", action="store_true", help="only what does not depend on the clock, asserted")
    parser.add_argument("--out", help="where chain.md and chain.json go")
    options = parser.parse_args()
    options.kindred_bin, options.tools = os.path.realpath(options.kindred_bin), os.path.realpath(options.tools)
    if options.counts:
        options.rounds = 1
    arena = Arena(options)
    try:
        program, bare, rows = measure(arena, options)
    finally:
        arena.end()
    if options.counts:
        for tool, own, _ in rows:
            print(f"{label(tool)}: {own.faults - program.faults} page faults, {own.calls} system calls")
        wrong = too_many(program, rows)
        print("\n".join(wrong))
        return 1 if wrong else 0
    about = {"kernel": os.uname().release, "processors": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0],
             "rounds": options.rounds}
    text = f"{json.dumps(about)}\n\n{report(program, bare, rows)}\n"
    print(text)
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        with open(f"{options.out}/chain.md", "w", encoding="utf-8") as file:
            file.write(f"# Chain tools\n\n{text}")
        with open(f"{options.out}/chain.json", "w", encoding="utf-8") as file:
            json.dump({"about": about, "program": vars(program), "bare": vars(bare),
                       "tools": {label(tool): {"own": vars(own), "original": vars(original) if original else None}
                                 for tool, own, original in rows}}, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
