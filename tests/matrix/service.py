"""A service directory whose `run` records what happens to it, and evidence that no client had a hand in."""

import os
import signal
import sys
import time
from dataclasses import dataclass

LIMIT = 12.0     # for a condition that must come true
POLL = 0.02
QUIET = 1.6      # for proving that nothing happens: longer than every family's throttle of a second

RUN = """#!{python} -IS
import os, signal, sys
here = os.path.exists
trace = os.open("trace", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
def note(word): os.write(trace, b"%s %d\\n" % (word.encode(), os.getpid()))
heard = {{signal.SIGHUP, signal.SIGALRM, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2}}
signal.pthread_sigmask(signal.SIG_BLOCK, heard)
note("start")
if here("fails"): sys.exit(1)
if here("slow-to-start"):
    signal.sigtimedwait({{signal.SIGKILL}}, 0.7)
    open("ready", "w").close()
while True:
    number = signal.Signals(signal.sigwait(heard))
    note(number.name)
    if number == signal.SIGTERM and not here("ignores-term"):
        if here("slow-to-end"): signal.sigtimedwait({{signal.SIGKILL}}, 0.7)
        break
"""

FINISH = """#!{python} -IS
import os, signal
trace = os.open("trace", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
os.write(trace, b"finish %d\\n" % os.getpid())
signal.pause()
"""

LOG_RUN = """#!/bin/sh
exec cat >>lines
"""

CHECK = """#!/bin/sh
exec test -e ready
"""


class Wrong(Exception):
    """What a cell found not to be so."""


def until(condition, what, limit=LIMIT):
    """Waits for the condition; returns its true value."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Wrong(what() if callable(what) else what)
        time.sleep(POLL)


def never(condition, what, limit=QUIET):
    """Watches for a short, bounded time that the condition does not come true."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if condition():
            raise Wrong(what)
        time.sleep(POLL)


def process_state(pid):
    """The letter in /proc/PID/stat; '' when there is no such process, or only its zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            letter = stat.read().rpartition(b")")[2].split()[0].decode()
    except OSError:
        return ""
    return "" if letter in "ZX" else letter


@dataclass(frozen=True)
class Kind:
    """A family's status record, by the documents."""
    sizes: tuple
    offset: int                 # its labels beside the clock
    once: str                   # the want that it shows for "once"
    states: tuple = ()          # the byte for down, up, finish; none where it has none
    ok: str = "ok"              # the FIFO that has a reader while somebody supervises


KINDS = {
    "daemontools": Kind((18,), 10, ""),
    "runit": Kind((20,), 10, "d", (0, 1, 2)),
    "s6": Kind((35,), 37, "d", (0, 1, 2), "control"),
}


class Record:
    """supervise/status, decoded."""

    def __init__(self, raw, kind):
        self.size, self.kind = len(raw), kind
        raw = raw.ljust(35, b"\0")
        self.seconds = int.from_bytes(raw[0:8], "big") - (1 << 62) - KINDS[kind].offset
        self.ready_seconds = self.exit = self.term = self.state = 0
        self.ready = False
        if kind == "s6":
            self.ready_seconds = int.from_bytes(raw[12:20], "big") - (1 << 62) - KINDS[kind].offset
            self.pid = int.from_bytes(raw[24:32], "big")
            self.exit = int.from_bytes(raw[32:34], "big")
            flags = raw[34]
            self.paused, self.want, self.ready = flags & 1, "u" if flags & 4 else "d", bool(flags & 8)
            self.state = 2 if flags & 2 else 1 if self.pid else 0
        else:
            self.pid = int.from_bytes(raw[12:16], "little")
            self.paused = raw[16]
            self.want = chr(raw[17]) if raw[17] else ""
            self.term, self.state = raw[18:20]

    def __str__(self):
        return (f"{self.size} bytes: pid {self.pid}, paused {self.paused}, want {self.want or 'NUL'}, "
                f"term {self.term}, state {self.state}")


class Service:
    """One service directory. Everything in it is made before its supervisor starts."""

    def __init__(self, path, record, down=False, finish=False, log=False, check=False, flags=(), shown="",
                 convention=""):
        self.home = path                # what its author made, and what the service itself writes
        self.path = shown or path       # where clients look
        self.record_kind = record
        self.convention = convention or record
        os.makedirs(path)
        self._script("run", RUN)
        if finish:
            self._script("finish", FINISH)
        if check:
            self._script("check", CHECK)
        if log:
            os.mkdir(f"{path}/log")
            self._script("log/run", LOG_RUN)
        for flag in flags:
            self._touch(flag)
        if down:
            self._touch("down")

    def _script(self, name, text):
        with open(f"{self.home}/{name}", "w") as script:
            script.write(text.format(python=sys.executable))
            os.fchmod(script.fileno(), 0o755)

    def _touch(self, name):
        open(f"{self.home}/{name}", "w").close()

    def has(self, name):
        return os.path.exists(f"{self.home}/{name}")

    # What the service itself recorded.

    def trace(self):
        try:
            with open(f"{self.home}/trace") as trace:
                return [line.split() for line in trace.read().splitlines()]
        except FileNotFoundError:
            return []

    def pids(self, word="start"):
        return [int(pid) for what, pid in self.trace() if what == word]

    def heard(self, word):
        return bool(self.pids(word))

    def alive(self):
        """The pid of `run` while it lives, else 0."""
        starts = self.pids()
        return starts[-1] if starts and process_state(starts[-1]) else 0

    def wait_started(self, times=1):
        until(lambda: len(self.pids()) >= times and self.alive(),
              lambda: f"`run` not started {times} times: {self.trace()}")
        return self.pids()[-1]

    def wait_gone(self, pid):
        until(lambda: not process_state(pid), lambda: f"process {pid} still lives ({process_state(pid)})")

    # What its supervisor shows.

    def record(self, of=""):
        with open(f"{self.path}/{of}supervise/status", "rb") as status:
            return Record(status.read(), self.record_kind)

    def supervised(self):
        """Whether a supervisor holds supervise/ok, or what takes its place, open for reading."""
        try:
            os.close(os.open(f"{self.path}/supervise/{KINDS[self.record_kind].ok}", os.O_WRONLY | os.O_NONBLOCK))
            return True
        except OSError:
            return False

    def control(self, commands):
        """Control bytes straight into the FIFO: how a cell gets to its first state, whatever client it tests."""
        fifo = os.open(f"{self.path}/supervise/control", os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(fifo, commands)
        finally:
            os.close(fifo)

    def mismatch(self, facts):
        """What the files under supervise/ say otherwise than they should; '' when all agree."""
        try:
            record = self.record()
        except OSError as error:
            return str(error)
        kind = KINDS[self.record_kind]
        if record.size not in kind.sizes:
            return f"status has {record.size} bytes"
        pid = self.pids("finish")[-1:] if facts.finish else self.pids()[-1:] if facts.up else [0]
        if [record.pid] != pid:
            return f"pid in status is not {pid}; {record}"
        if bool(record.paused) != facts.paused:
            return f"paused is not {facts.paused}; {record}"
        want = {"up": "u", "down": "d", "once": kind.once or KINDS[self.convention].once}[facts.want]
        if record.want != want:
            return f"want is not {want or 'NUL'}; {record}"
        if kind.states and record.state != kind.states[2 if facts.finish else 1 if facts.up else 0]:
            return f"not as {facts}; {record}"
        if self.record_kind == "runit":
            if bool(record.term) != facts.term:
                return f"not as {facts}; {record}"
            state = "finish" if facts.finish else "run" if facts.up else "down"
            text = (state + (", paused" if facts.paused else "") + (", got TERM" if facts.term else "")
                    + (", want down" if want == "d" and state != "down" else "") + "\n")
            for name, right in (("stat", text), ("pid", f"{record.pid}\n" if record.pid else "")):
                with open(f"{self.path}/supervise/{name}") as file:
                    found = file.read()
                if found != right:
                    return f"supervise/{name} is {found!r}, not {right!r}"
        now = time.time()
        if not now - 120 < record.seconds <= now + 1:
            return f"time stamp {record.seconds} at {now:.0f}"
        return ""

    def wait_for(self, facts):
        until(lambda: not self.mismatch(facts), lambda: f"status: {self.mismatch(facts)}")


def marked(mark):
    """Descriptors of the processes whose environment holds the mark, and their pids."""
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            descriptor = os.pidfd_open(int(name))
        except OSError:
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as environ:
                if mark in environ.read() and process_state(name):
                    yield int(name), descriptor
        except OSError:
            pass
        finally:
            os.close(descriptor)


def end_marked(mark):
    """Ends a cell's processes, and what they start meanwhile."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = False
        for _, descriptor in marked(mark):
            found = True
            try:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if not found:
            return
        time.sleep(POLL)
