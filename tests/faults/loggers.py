"""Loggers under fire: numbered lines arrive once and in order, whatever happens to the logger and its disk."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field

from harness import LIMIT, Home, Mounts, case, until

# A million lines in all cases of a logger together; KINDRED_LOG_LINES sets another number for each case.
LINES = int(os.environ.get("KINDRED_LOG_LINES", 200_000))
AT_RISK = 64 * 1024  # bytes that KILL may cost
LONGEST = 90         # without its number
LINE_SIZE = 52       # on average


@dataclass(frozen=True)
class Logger:
    """How a logger is told to keep its lines in ./log, in files of a few hundred KiB, all of them."""
    home: Home
    words: tuple                # the command line
    processor: tuple = ()       # … with a processor that passes everything on
    config: str = ""            # log/config
    processor_config: str = ""
    rotates_by: int = signal.SIGALRM
    skip: int = 0               # bytes of the stamp
    environment: dict = field(default_factory=dict, hash=False)

    def prepare(self, directory, processed=False):
        os.makedirs(directory, exist_ok=True)
        config = self.processor_config if processed else self.config
        if config and not os.path.exists(f"{directory}/config"):
            with open(f"{directory}/config", "w") as file:
                file.write(config)


def _multilog(family):
    home = Home("multilog", family, name=f"{family}-multilog")
    return Logger(home, ("s500000", "n10000", "./log"), ("s500000", "n10000", "!cat", "./log"))


SVLOGD = Logger(Home("svlogd", "runit"), ("log",), ("log",), "s500000\nn0\n", "s500000\nn0\n!cat\n")

S6_LOG = Logger(Home("s6-log", "s6"), ("n10000", "s500000", "./log"), ("n10000", "s500000", "?cat", "./log"))
TINYLOG = Logger(Home("tinylog", "perp"), ("-k", "10000", "-s", "500000", "log"),
                 ("-z", "-k", "10000", "-s", "500000", "log"), rotates_by=signal.SIGHUP,
                 environment={"TINYLOG_ZIP": shutil.which("cat")})
# It has no processors, and stamps every line.
CYCLOG = Logger(Home("cyclog", "nosh"), ("--max-file-size", "500000", "log"), skip=26)

# A line for each logger.
LOGGERS = (_multilog("daemontools"), _multilog("encore"), SVLOGD, S6_LOG, TINYLOG, CYCLOG)
# It keeps one file, and has it again by HUP.
DUMBLOG = Logger(Home("dumblog", "freedt"), ("log/current",), rotates_by=signal.SIGHUP)
BY_NAME = {logger.home.name or logger.home.program: logger for logger in (*LOGGERS, DUMBLOG)}
HOMES = tuple(logger.home for logger in LOGGERS)
PROCESSING = tuple(logger.home for logger in LOGGERS if logger.processor)
EVERY = (*HOMES, DUMBLOG.home)

# Numbers its lines; more than a line in a write, and not whole ones: pipes divide them anyway.
WRITER = """
import os, sys
first, last, longest = map(int, sys.argv[1:])
while first < last:
    text = b"".join(b"%d %s\\n" % (n, b"x" * (n * 7 % longest)) for n in range(first, min(first + 500, last)))
    first += 500
    while text:
        text = text[os.write(1, text):]
"""


class NumberedLines:
    """The proof that every line is there once and in order, file after file."""

    def __init__(self, skip):
        self.skip, self.lost, self.longest = skip, False, LONGEST  # `lost`: some may be missing
        self.expected, self.gaps, self.rest = 0, [], b""

    def take(self, text):
        *lines, self.rest = (self.rest + text).split(b"\n")
        for line in lines:
            digits, _, rest = line[self.skip:].partition(b" ")
            if not (digits.isdigit() and rest == b"x" * (int(digits) * 7 % self.longest)):
                # The beginning of a line whose end was lost, or the other way round.
                assert self.lost, f"a torn line after {self.expected}: {line!r}"
                continue
            number = int(digits)
            # By chance, what is left of a line may look like one with a shorter number, or a number from nowhere.
            if self.lost and (len(digits) < len(str(self.expected)) or number > self.expected + AT_RISK):
                continue
            assert number == self.expected or (self.lost and number > self.expected), \
                f"line {number} where {self.expected} was due"
            if number > self.expected:
                self.gaps.append(number - self.expected)
            self.expected = number + 1


class Stage:
    """A writer, a pipe that outlives the logger, as a supervisor keeps it, and one logger after another."""

    def __init__(self, scene, processed=False, room=None):
        self.logger = BY_NAME[scene.home.name or scene.home.program]
        self.scene, self.processed = scene, processed
        self.path = scene.file("stage")
        os.makedirs(self.path)
        self.directory = f"{self.path}/log"
        os.makedirs(self.directory)
        self.mounts = Mounts()
        if room is not None:
            self.mounts.add(self.directory, f"size={room},mode=755")
        self.logger.prepare(self.directory, processed)
        self.reader, self.end_to_write = os.pipe()
        self.process = self.writer = None
        self.number = 0
        self.seen = NumberedLines(self.logger.skip)
        scene.environment.update(self.logger.environment)

    def start(self):
        """A logger that knows its signals."""
        words = self.logger.processor if self.processed else self.logger.words
        self.process = self.scene.launch(self.scene.home.program, *words, cwd=self.path, stdin=self.reader)
        until(lambda: self.process.poll() is not None or self._knows_term(), "it takes no signals")
        return self.process

    def _knows_term(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            masks = [int(line.split()[1], 16) for line in status if line.startswith(("SigBlk", "SigCgt"))]
        return any(mask >> (signal.SIGTERM - 1) & 1 for mask in masks)

    def write(self, lines):
        """Begins to write so many more lines."""
        numbers = map(str, (self.number, self.number + lines, self.seen.longest))
        self.writer = subprocess.Popen([sys.executable, "-IS", "-c", WRITER, *numbers],
                                       stdout=self.end_to_write, env=self.scene.environment)
        self.number += lines
        return self.writer

    def unread(self):
        return int.from_bytes(fcntl.ioctl(self.reader, termios.FIONREAD, b"\0" * 4), sys.byteorder)

    def ended(self, limit=LIMIT):
        """The exit code of the logger, which must end."""
        return self.process.wait(timeout=limit)

    def end_input(self):
        self.writer.wait(timeout=600)
        os.close(self.end_to_write)
        os.close(self.reader)
        self.end_to_write = self.reader = -1

    def old_files(self):
        return sorted(name for name in os.listdir(self.directory)
                      if name[0] in "@_" and not name.endswith(".t"))

    def carry_away(self):
        """Finished files leave the directory."""
        for name in self.old_files():
            if name.endswith(".u"):
                continue  # it gets another name in a moment
            self._see(name)
            os.unlink(f"{self.directory}/{name}")

    def _see(self, name):
        with open(f"{self.directory}/{name}", "rb") as file:
            self.seen.take(file.read())

    def is_full(self):
        """Whether the disk has filled, and all waits for it."""
        facts = os.statvfs(self.directory)
        return (facts.f_bavail * facts.f_bsize < 600 * 1024
                and (self.unread() >= 32_000 or self.writer.poll() is not None))

    def files(self):
        names = [*self.old_files(), "current"]
        return [name for name in names if os.path.exists(f"{self.directory}/{name}")]

    def size(self):
        """Of all files; 0 while a rotation takes one away."""
        try:
            return sum(os.path.getsize(f"{self.directory}/{name}") for name in self.files())
        except FileNotFoundError:
            return 0

    def text(self):
        whole = b""
        for name in self.files():
            with open(f"{self.directory}/{name}", "rb") as file:
                whole += file.read()
        return whole

    def stray(self):
        return [name for name in os.listdir(self.directory) if name in ("previous", "processed", "newstate", "zipped")]

    def check(self, lost=False):
        """Every line is there once and in order; returns how many are missing at each gap, which `lost` permits."""
        self.seen.lost = lost
        for name in self.files():
            self._see(name)
        assert self.seen.expected == self.number or lost, \
            f"{self.number} lines were written, {self.seen.expected} have arrived"
        return self.seen.gaps + [self.number - self.seen.expected]

    def end(self):
        for process in (self.writer, self.process):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        self.mounts.end()


def on_stage(processed=False, room=None):
    """The case is given a stage."""
    def wrap(function):
        def run(scene):
            stage = Stage(scene, processed, room)
            try:
                function(stage)
            finally:
                stage.end()
        run.__name__ = function.__name__
        return run
    return wrap


def _storm(stage, signals, pause=0.02, between=lambda: None):
    """Until the writer has ended: one signal after another; a logger that they end is started again."""
    turn = ends = 0
    while stage.writer.poll() is None or stage.unread() > 0:
        between()
        number = signals[turn % len(signals)]
        turn += 1
        stage.process.send_signal(number)
        if number in (signal.SIGTERM, signal.SIGKILL):
            stage.ended()
            ends += 1
            stage.start()
        try:
            stage.writer.wait(timeout=pause)
        except subprocess.TimeoutExpired:
            pass
    return ends


@case(*EVERY)
@on_stage()
def term_and_restart_again_and_again_lose_no_line(stage):
    stage.start()
    stage.write(LINES)
    ends = _storm(stage, (signal.SIGTERM, stage.logger.rotates_by, stage.logger.rotates_by))
    stage.end_input()
    stage.ended()
    stage.check()
    assert ends > 0 and not stage.stray(), f"{ends} ends, stray files {stage.stray()}"
    print(f"{stage.number} lines, {ends} restarts, {len(stage.old_files())} old files")


@case(*PROCESSING)
@on_stage(processed=True)
def a_processor_under_restarts_loses_no_line(stage):
    stage.start()
    stage.write(LINES)
    ends = _storm(stage, (stage.logger.rotates_by, signal.SIGTERM), pause=0.1)
    stage.end_input()
    stage.ended()
    stage.check()
    assert stage.old_files() and not stage.stray(), f"stray files {stage.stray()}"
    print(f"{stage.number} lines, {ends} restarts, {len(stage.old_files())} old files")


@case(*HOMES)
@on_stage(room="2m")
def a_disk_that_fills_and_is_freed_loses_no_line(stage):
    """What the logger has finished is carried away, over and over, only after the disk has been full."""
    stage.start()
    stage.write(LINES)
    fills = 0

    def full():
        return (stage.writer.poll() is not None and stage.unread() == 0) or stage.is_full()

    while stage.writer.poll() is None or stage.unread() > 0:
        until(full, "the disk does not fill", limit=120)
        stage.carry_away()
        fills += 1
    stage.end_input()
    stage.ended(limit=60)
    stage.check()
    print(f"{stage.number} lines, {fills} times carried away")


@case(*HOMES)
@on_stage(room="2m")
def restarts_rotations_and_a_full_disk_at_once_lose_no_line(stage):
    fills = 0

    def free():
        nonlocal fills
        if stage.is_full():
            stage.carry_away()
            fills += 1

    stage.start()
    stage.write(LINES)
    ends = _storm(stage, (stage.logger.rotates_by, signal.SIGTERM), pause=0.05, between=free)
    stage.mounts.resize(stage.directory, "size=64m")
    stage.end_input()
    stage.ended(limit=60)
    stage.check()
    print(f"{stage.number} lines, {ends} restarts, {fills} times carried away")


@case(*HOMES)
@on_stage(room="1m")
def term_while_the_disk_is_full_ends_it_and_loses_nothing(stage):
    # Few lines end where the disk is full.
    stage.seen.longest = 900
    stage.start()
    stage.write(6_000)
    size = -1

    def at_rest():
        nonlocal size
        before, size = size, stage.size()
        return stage.unread() > 32_000 and size == before
    until(at_rest, "the disk does not fill", limit=60)
    stage.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    code = stage.ended(limit=30)
    print(f"ended with {code} after {time.monotonic() - began:.1f} s")
    # The next life has room for the rest.
    stage.mounts.resize(stage.directory, "size=64m")
    stage.start()
    stage.end_input()
    stage.ended(limit=60)
    stage.check()


@case(*EVERY)
@on_stage()
def kill_costs_less_than_64_kib(stage):
    stage.start()
    stage.write(LINES)
    ends = _storm(stage, (signal.SIGKILL,), pause=0.1)
    stage.end_input()
    stage.ended()
    gaps = stage.check(lost=True)
    worst = max(gaps) * LINE_SIZE
    print(f"{ends} kills, {sum(gaps)} of {stage.number} lines missing, at most {worst} bytes at once")
    assert worst < AT_RISK + 2 * LINE_SIZE, f"{worst} bytes"


@case(*HOMES)
@on_stage()
def the_unterminated_last_line_is_kept(stage):
    for by_signal in (False, True):
        directory = stage.directory = f"{stage.path}/log"
        stage.start()
        os.write(stage.end_to_write, b"0 \n1 xxxxxxx\n2 xxxx")
        until(lambda: stage.unread() == 0, "it does not read")
        if by_signal:
            stage.process.send_signal(signal.SIGTERM)
            os.write(stage.end_to_write, b"xxxxxxxxxx\n")
            stage.ended()
            stage.number = 3
            if stage.unread() > 0:  # for the next life, which goes on with the line
                stage.start()
            os.close(stage.end_to_write)
            os.close(stage.reader)
            stage.ended()
            stage.check()
        else:
            os.close(stage.end_to_write)
            stage.ended()
            assert stage.text().endswith(b"2 xxxx\n") or stage.text().endswith(b"2 xxxx"), stage.text()[-40:]
            os.close(stage.reader)
            stage.reader, stage.end_to_write = os.pipe()
            for name in os.listdir(directory):
                os.unlink(f"{directory}/{name}")
