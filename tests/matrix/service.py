"""A service directory whose `run` records what happens to it, and evidence that no client had a hand in."""

import os
import time
from dataclasses import dataclass

from records import KINDS, Door, expected_state, expected_want

LIMIT = 12.0     # for a condition that must come true
POLL = 0.02
QUIET = 1.6      # for proving that nothing happens: longer than every family's throttle of a second

LOG_RUN = """#!/bin/sh
exec cat >>lines
"""

LOG_RC = """#!/bin/sh
[ "$1" = start ] || exit 0
exec cat >>lines
"""


@dataclass(frozen=True)
class Shape:
    """How a family's author lays a service out. The scripts are all one program, see recorder.c."""
    run: str = "run"
    finish: str = ""            # what follows a run, if the cell wants that
    others: tuple = ()          # further scripts, which are always there
    place: str = ""             # below the service directory: where they lie and run
    down: str = "down"
    log: str = "log/run"
    sticky: bool = False        # the directory has the bit
    last: str = ""              # the script that runs last on the way down, though no cell asks for it


SHAPES = {
    "daemontools": Shape(),
    "freedt": Shape(sticky=True),
    "runit": Shape(finish="finish"),
    "encore": Shape(finish="stop"),
    "s6": Shape(finish="finish"),
    "perp": Shape("rc.main", down="flag.down", log="rc.log", sticky=True, last="finish"),
    "nosh": Shape(finish="restart", others=("start", "restart", "stop"), place="service/", log="log/service/run",
                  last="stop"),
}


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
        time.sleep(5 * POLL)


def process_state(pid):
    """The letter in /proc/PID/stat; '' when there is no such process, or only its zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            letter = stat.read().rpartition(b")")[2].split()[0].decode()
    except OSError:
        return ""
    return "" if letter in "ZX" else letter


class Service:
    """One service directory. Everything in it is made before its supervisor starts."""

    def __init__(self, path, record, recorder, down=False, finish=False, log=False, check=False, flags=(),
                 shown="", convention="", log_script=""):
        self.home = path                # what its author made
        self.path = shown or path       # where clients look
        self.record_kind = record
        self.convention = convention or record
        self.recorder = recorder
        self.shape = SHAPES[self.convention]
        self.place = f"{path}/{self.shape.place}".rstrip("/")
        os.makedirs(self.place)
        for script in (self.shape.run, *self.shape.others, *([self.shape.finish] if finish else [])):
            self._script(f"{self.place}/{script}")
        if finish:
            flags = (*flags, "holds")
        if check:
            # Only runit has it, where its clients look.
            self._script(f"{path}/check")
            if self.shape.place:
                os.symlink(f"{self.place}/ready", f"{path}/ready")
        if log:
            script = f"{path}/{log_script or self.shape.log}"
            os.makedirs(os.path.dirname(script), exist_ok=True)
            with open(script, "w") as file:
                file.write(LOG_RC if script.endswith("rc.log") else LOG_RUN)
                os.fchmod(file.fileno(), 0o755)
        for flag in (*flags, *([self.shape.down] if down else [])):
            open(f"{self.place}/{flag}", "w").close()
        if self.shape.sticky:
            os.chmod(path, 0o1755)

    def _script(self, path):
        if not os.path.exists(path):
            os.link(self.recorder, path)

    def has(self, name):
        return os.path.exists(f"{self.place}/{name}")

    # What the service itself recorded.

    def _lines(self, name):
        try:
            with open(f"{self.place}/{name}") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def trace(self):
        return [line.split() for line in self._lines("trace")]

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

    def wait_at_rest(self):
        """Until the last script runs: before that, there may be no process for a moment."""
        if self.shape.last:
            until(lambda: any(line.startswith(f"{self.shape.last} ") for line in self._lines("passed")),
                  f"no {self.shape.last}")

    def wait_gone(self, pid):
        until(lambda: not process_state(pid), lambda: f"process {pid} still lives ({process_state(pid)})")

    # What its supervisor shows.

    @property
    def kind(self):
        return KINDS[self.record_kind]

    @property
    def log_apart(self):
        """Whether the log is told of in a directory of its own."""
        return not {"*", self.convention} & set(self.kind.log_inside) or (
            self.record_kind == "encore" == self.convention and os.path.isdir(f"{self.path}/log"))

    def record(self, log=False):
        if self.record_kind == "perp":
            return self.kind.decode(Door(self.path).query(), log)
        apart = log and self.log_apart
        with open(f"{self.path}/{'log/' if apart else ''}supervise/status", "rb") as status:
            raw = status.read()
        # A reader may come while the record is made.
        if len(raw) < self.kind.sizes[-1 if log and not apart else 0]:
            raise OSError(f"status has {len(raw)} bytes")
        return self.kind.decode(raw, log and not apart)

    def log_pid(self):
        """0 while there is no log process, or nothing is told of it."""
        try:
            return self.record(log=True).pid
        except OSError:
            return 0

    def supervised(self):
        """Whether a supervisor holds supervise/ok, or what takes its place, open for reading; or answers."""
        try:
            if self.record_kind == "perp":
                Door(self.path).query()
            else:
                os.close(os.open(f"{self.path}/supervise/{self.kind.ok}", os.O_WRONLY | os.O_NONBLOCK))
            return True
        except OSError:
            return False

    def control(self, commands):
        """Control bytes straight into the FIFO: how a cell gets to its first state, whatever client it tests."""
        if self.record_kind == "perp":
            for letter in commands:
                Door(self.path).command(letter)
            return
        fifo = os.open(f"{self.path}/supervise/control", os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(fifo, commands)
        finally:
            os.close(fifo)

    def mismatch(self, facts):
        """What the supervisor shows otherwise than it should; '' when all agrees."""
        try:
            record = self.record()
        except OSError as error:
            return str(error)
        if record.size not in self.kind.sizes:
            return f"status has {record.size} bytes"
        pid = self.pids("finish")[-1:] if facts.finish else self.pids()[-1:] if facts.up else [0]
        if [record.pid] != pid:
            return f"pid in status is not {pid}; {record}"
        if record.paused != facts.paused:
            return f"paused is not {facts.paused}; {record}"
        want = expected_want(self.record_kind, facts, self.convention)
        if record.want != want:
            return f"want is not {want or 'NUL'}; {record}"
        if expected_state(self.record_kind, facts, self.convention) not in (None, record.state):
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
