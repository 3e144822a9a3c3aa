"""The stage of one case: directories of its own, supervisors under test, and what can be seen of them from outside.

Nothing here asks kindred about itself: services are known by what they record and by /proc, supervisors by the bytes
of the status file and by standard error. A condition is waited for; only a proof that nothing happens takes a
bounded time. Processes are found by a mark in their environment and ended by descriptor, never by name.
"""

import ctypes
import errno
import fcntl
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass

LIMIT = 40.0   # for what must come true, on a busy machine too
QUIET = 1.6    # for proving that nothing happens: longer than the throttle of a second
POLL = 0.02
MARK = "KINDRED_FAULT_CASE"
CORE = "kindred-core"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where sanitized programs report to (sanitized.py).
REPORTS = {name: value for name, value in os.environ.items() if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}

# Records each start: its pid, and the seconds since boot.
STEADY = """#!/bin/sh
read uptime idle </proc/uptime
echo $$ $uptime >>starts
exec sleep 100000
"""


@dataclass(frozen=True)
class Home:
    """A program under test."""
    program: str
    family: str
    scans: bool = False    # supervises what is in a directory, in a core of its own
    pairs: bool = False    # knows log services
    record_size: int = 18
    running: bytes = b""   # what follows the want in the record of a service that runs
    ok: str = "ok"         # the FIFO that has a reader while somebody supervises
    loads: bool = False    # supervises what it is asked to, at a socket
    name: str = ""         # of its cases, where the program's is not enough
    words: tuple = ()      # of its command line, before the directory; {run_dir} is kindred's
    alone: bool = False    # it scans and supervises in one process

    @property
    def runit(self):
        return self.family == "runit"


SUPERVISE = Home("supervise", "daemontools")
SVSCAN = Home("svscan", "daemontools", scans=True, pairs=True)
RUNSV = Home("runsv", "runit", pairs=True, record_size=20, running=b"\0\1")
RUNSVDIR = Home("runsvdir", "runit", scans=True, pairs=True, record_size=20, running=b"\0\1")
ENCORE = Home("supervise", "encore", record_size=20, running=b"\3\0", name="encore-supervise")
S6 = Home("s6-supervise", "s6", record_size=35, ok="control")
MANAGER = Home("service-manager", "nosh", record_size=87, running=b"\3", loads=True)

ENCORE_SVSCAN = Home("svscan", "encore", scans=True, pairs=True, record_size=20, running=b"\3\0", name="encore-svscan")
S6_SVSCAN = Home("s6-svscan", "s6", scans=True, pairs=True, record_size=35, ok="control")
FREEDT_SVSCAN = Home("svscan", "freedt", scans=True, pairs=True, name="freedt-svscan")
# What it keeps of a service is not in the service's directory; services are seen by what they record themselves.
PERPD = Home("perpd", "perp", scans=True, pairs=True, record_size=0, alone=True)
KINDRED_SCAN = Home("kindred", ".", scans=True, pairs=True, name="kindred-scan", words=("scan", "--run-dir", "{run_dir}"),
                    alone=True)

# They supervise nothing themselves.
RUNIT_INIT = Home("runit", "runit")
SYSTEM_MANAGER = Home("system-manager", "nosh")

EVERY = (SUPERVISE, SVSCAN, RUNSV, RUNSVDIR)
SCANNING = (SVSCAN, RUNSVDIR)
SCANNERS = (*SCANNING, ENCORE_SVSCAN, S6_SVSCAN, PERPD, KINDRED_SCAN)
SINGLE = (SUPERVISE, RUNSV)
PAIRING = (SVSCAN, RUNSV, RUNSVDIR)
RUNIT = (RUNSV, RUNSVDIR)
RELATED = (ENCORE, MANAGER)  # in the cases that would differ for them
ADOPTING = (*EVERY, *RELATED, S6)

CASES = {}


def case(*homes):
    """Registers the function as a case of each home: it is given a scene."""
    def register(function):
        for home in homes:
            CASES[f"{home.name or home.program}.{function.__name__}"] = (function, home)
        return function
    return register


class Skip(Exception):
    """What this machine does not permit."""


def until(condition, what, limit=LIMIT):
    """Waits for the condition; returns its true value."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"after {limit:.0f} s: " + (what() if callable(what) else what)
        time.sleep(POLL)


def never(condition, what, limit=QUIET):
    """Watches for a short, bounded time that the condition does not come true."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        assert not condition(), what() if callable(what) else what
        time.sleep(POLL)


# --- processes, as /proc shows them ---

def _stat_fields(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()
    except OSError:
        return None


def process_state(pid):
    """The letter of ps(1); '' when there is no such process."""
    fields = _stat_fields(pid)
    return fields[0].decode() if fields else ""


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as comm:
            return comm.read().strip()
    except OSError:
        return ""


def alive(pid):
    return process_state(pid) not in ("", "Z", "X")


def parent(pid):
    fields = _stat_fields(pid)
    return int(fields[1]) if fields else 0


def processor_seconds(pid):
    fields = _stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def private_kib(pid):
    """Memory that the process has to itself."""
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))


def wake_ups(pid):
    """How many times it has gone to sleep."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(child) for child in listed.read().split()]


def zombies_of(pid):
    return [child for child in children(pid) if process_state(child) == "Z"]


def wait_gone(pid):
    until(lambda: not alive(pid), f"process {pid} still lives")


def kill(pid, number=signal.SIGKILL):
    os.kill(pid, number)


def _marked(mark, name=None):
    """Descriptor and pid of each process whose environment holds the mark."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            if name is not None:
                with open(f"/proc/{entry}/comm") as comm:
                    if comm.read().strip() != name:
                        continue
            descriptor = os.pidfd_open(int(entry))
        except OSError:
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if mark in environ.read() and alive(int(entry)):
                    yield descriptor, int(entry)
        except OSError:
            pass
        finally:
            os.close(descriptor)


# --- a file system that belongs to the case ---

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS = 0x00020000
_MS_REMOUNT, _MS_REC, _MS_PRIVATE = 0x20, 0x4000, 0x40000
_MNT_DETACH = 2


class Mounts:
    """Mounts that only this process and its children see; they go with them."""

    def __init__(self):
        self.paths = []

    def add(self, path, options):
        """A tmpfs on the directory."""
        if not self.paths:
            self._attempt(_libc.unshare(_CLONE_NEWNS))
            self._attempt(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
        self._attempt(_libc.mount(b"none", path.encode(), b"tmpfs", 0, options.encode()))
        self.paths.append(path)

    def resize(self, path, options):
        self._attempt(_libc.mount(b"none", path.encode(), b"tmpfs", _MS_REMOUNT, options.encode()))

    def end(self):
        for path in self.paths:
            _libc.umount2(path.encode(), _MNT_DETACH)

    @staticmethod
    def _attempt(result):
        if result != 0:
            raise Skip(f"mounting is not permitted here: {os.strerror(ctypes.get_errno())}")


# --- services ---

class Record:
    """supervise/status, decoded by the documents: 18 bytes of daemontools, 20 of runit and encore, 35 of s6, 87 of
    nosh."""

    DOWN, RUN, FINISH = 0, 1, 2

    def __init__(self, raw):
        self.raw = raw
        self.size = len(raw)
        if self.size == 35:
            self._read_s6()
            return
        raw = raw.ljust(20, b"\0")
        self.seconds = int.from_bytes(raw[0:8], "big") - (1 << 62) - 10
        self.pid = int.from_bytes(raw[12:16], "little")
        self.paused = raw[16] != 0
        self.want = chr(raw[17]) if raw[17] else ""
        self.term = raw[18] != 0
        self.state = raw[19]

    def _read_s6(self):
        flags = self.raw[34]
        self.seconds = int.from_bytes(self.raw[0:8], "big") - (1 << 62) - 37
        self.pid = int.from_bytes(self.raw[24:32], "big")
        self.paused, self.want, self.term = bool(flags & 1), "u" if flags & 4 else "d", False
        self.state = Record.FINISH if flags & 2 else Record.RUN if self.pid else Record.DOWN

    def is_run(self, running):
        """Whether the process is that of `run`; `running` is what then follows the want, where there is such."""
        return self.state == Record.RUN if self.size == 35 else self.raw[18:].startswith(running)

    def __str__(self):
        return f"{self.size} bytes: pid {self.pid}, paused {self.paused}, want {self.want or 'NUL'}, state {self.state}"


def forged_record(home, pid, age, want="u"):
    """What a supervisor would have written `age` seconds ago."""
    label = struct.pack(">QI", (1 << 62) + 10 + int(time.time() - age), 500)
    raw = label + struct.pack("<I", pid) + b"\0" + want.encode()
    return raw + home.running


class Service:
    """A service directory. Files are given by name, with `run` and `log` for short; those with #! are scripts."""

    def __init__(self, scene, name, run=STEADY, log=None, **files):
        self.scene, self.name = scene, name
        self.path = f"{scene.scan}/{name}"
        os.makedirs(self.path)
        if log is not None:
            self.write("log/run", log)
        for file, text in files.items():
            self.write(file.replace("__", "/"), text)
        if run is not None:
            self.write("run", run)
        if scene.home is PERPD:
            self._be_perps()

    def _be_perps(self):
        for script, main in (("rc.main", "run"), ("rc.log", "log/run")):
            directory = os.path.dirname(main) or "."
            if os.path.exists(self.file(main)):
                self.write(script, f'#!/bin/sh\n[ "$1" = start ] || exit 0\ncd {directory} && exec ./{os.path.basename(main)}\n')
        os.chmod(self.path, 0o1755)

    def file(self, name):
        return f"{self.path}/{name}"

    def write(self, name, text):
        """Replaces the file whole: nobody is to execute half of it."""
        path = self.file(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".made", "w") as made:
            made.write(text)
            if text.startswith("#!"):
                os.fchmod(made.fileno(), 0o755)
        os.rename(path + ".made", path)

    def read(self, name):
        try:
            with open(self.file(name)) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def lines(self, name):
        """Complete lines."""
        return self.read(name).split("\n")[:-1]

    # What it recorded itself.

    def starts(self):
        return [int(line.split()[0]) for line in self.lines("starts")]

    def start_times(self):
        return [float(line.split()[1]) for line in self.lines("starts")]

    # What its supervisor shows.

    def record(self, of=""):
        with open(self.file(of + "supervise/status"), "rb") as status:
            return Record(status.read())

    def _record_or_none(self, of):
        """A record of the right size in a regular file."""
        path = self.file(of + "supervise/status")
        if not os.path.isfile(path):
            return None
        record = self.record(of)
        return record if record.size == self.scene.home.record_size else None

    def up(self, of="", but=()):
        """The pid of a living process that the record names and `but` does not, else 0."""
        if not self.scene.home.record_size:
            pid = self.starts()[-1] if self.starts() else 0
            return pid if pid not in but and alive(pid) else 0
        record = self._record_or_none(of)
        if record is None or record.pid in but or not alive(record.pid):
            return 0
        return record.pid if record.is_run(self.scene.home.running) else 0

    def wait_up(self, of="", but=()):
        but = (but,) if isinstance(but, int) else but
        return until(lambda: self.up(of, but), lambda: f"{self.name}/{of} is not up: {self.describe(of)}")

    def wait_started(self, times=1, limit=LIMIT):
        """Waits until `run` itself has recorded so many starts; the pid of the last."""
        until(lambda: len(self.starts()) >= times,
              lambda: f"{self.name} has started {self.starts()}, not {times} times", limit)
        return self.starts()[-1]

    def wait_running(self):
        """Waits until record and `run` itself agree on a start: nothing is being written any more."""
        return until(lambda: (pid := self.up()) and self.starts()[-1:] == [pid] and pid,
                     lambda: f"{self.name} has started {self.starts()}, and shows {self.describe()}")

    def wait_down(self, of=""):
        if not self.scene.home.record_size:
            until(lambda: self.starts() and not alive(self.starts()[-1]), f"{self.name} does not end")
            return
        until(lambda: (record := self._record_or_none(of)) and record.pid == 0,
              lambda: f"{self.name}/{of} is not down: {self.describe(of)}")

    def wait_wanted(self, want, of=""):
        """Waits until the record says that it is wanted so: 'u', 'd', or '' for once."""
        until(lambda: (record := self._record_or_none(of)) and record.want == want,
              lambda: f"{self.name}/{of} is not wanted {want!r}: {self.describe(of)}")

    def describe(self, of=""):
        try:
            return str(self.record(of))
        except OSError as error:
            return str(error)

    def supervised(self, of=""):
        """Whether somebody holds supervise/ok, or what takes its place, open, as the originals define it."""
        try:
            os.close(os.open(self.file(f"{of}supervise/{self.scene.home.ok}"), os.O_WRONLY | os.O_NONBLOCK))
            return True
        except OSError:
            return False

    def control(self, commands, of=""):
        """Control bytes, straight into the FIFO, or through the family's client where there is none."""
        if not self.scene.home.record_size:
            for letter in commands.decode():
                code, text = self.scene.client("perpctl", "-b", self.scene.scan, letter, self.name)
                assert code == 0, text
            return
        fifo = os.open(self.file(of + "supervise/control"), os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(fifo, commands)
        finally:
            os.close(fifo)

    def unread_control(self, of=""):
        fifo = os.open(self.file(of + "supervise/control"), os.O_RDONLY | os.O_NONBLOCK)
        try:
            return struct.unpack("i", fcntl.ioctl(fifo, termios.FIONREAD, b"\0" * 4))[0]
        finally:
            os.close(fifo)


def restart_and_obey(*services):
    """Proves that they are supervised in every way: restarted when they die, taken down and up."""
    def note_starts(but):
        for service in services:
            service.wait_up(but=but.get(service, 0))
        return {service: service.wait_running() for service in services}
    first = note_starts({})
    for pid in first.values():
        kill(pid)
    second = note_starts(first)
    for service in services:
        service.control(b"d")
    for service, pid in second.items():
        wait_gone(pid)
        service.wait_down()
        service.control(b"u")
    note_starts(second)


class Scene:
    """One case: its directories, its services, its supervisors."""

    def __init__(self, home, bin_dir):
        self.home, self.bin_dir = home, bin_dir
        self.root = tempfile.mkdtemp(prefix="kindred-fault-")
        self.scan = f"{self.root}/services"
        self.run_dir = f"{self.root}/run"
        os.mkdir(self.scan)
        os.mkdir(self.run_dir, 0o700)
        value = secrets.token_hex(8)
        self.mark = f"{MARK}={value}".encode()
        self.environment = {"PATH": f"{bin_dir}/{home.family}:{SYSTEM_PATH}", "KINDRED_RUN_DIR": self.run_dir,
                            MARK: value, "LC_ALL": "C.UTF-8", **REPORTS}
        self.services = []
        self.mounts = Mounts()
        self.processes = {}   # of single supervisors by service name, of scanners by the empty one
        open(self.file("errors"), "w").close()

    def file(self, name):
        return f"{self.root}/{name}"

    def service(self, name="main", **files):
        if self.home.loads:
            files.setdefault("restart", "#!/bin/sh\nexit 0\n")
        service = Service(self, name, **files)
        self.services.append(service)
        return service

    def launch(self, *words, key="", cwd=None, **options):
        """A program of the build, with standard error where errors() finds it."""
        with open(self.file("errors"), "a") as errors:
            options.setdefault("stderr", errors)
            options.setdefault("stdin", subprocess.DEVNULL)
            options.setdefault("stdout", subprocess.DEVNULL)
            program = f"{self.bin_dir}/{self.home.family}/{words[0]}"
            self.processes[key] = subprocess.Popen([program, *words[1:]], cwd=cwd or self.root, env=self.environment,
                                                   **options)
        return self.processes[key]

    def start(self, **options):
        """Begins supervision: a scanner, or one supervisor for each service."""
        if self.home.scans:
            words = (word.format(run_dir=self.run_dir) for word in self.home.words)
            self.launch(self.home.program, *words, self.scan, **options)
            return
        if self.home.loads:
            self._start_manager(**options)
            return
        for service in self.services:
            if service.name not in self.processes:
                self.launch(self.home.program, service.name, key=service.name, cwd=self.scan, **options)

    def _start_manager(self, **options):
        """It finds its socket at descriptor 3, and is asked to load every service and to bring it up."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.bind(f"{self.root}/door-{secrets.token_hex(4)}")
            at_three = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"
            program = f"{self.bin_dir}/{self.home.family}/{self.home.program}"
            with open(self.file("errors"), "a") as errors:
                self.processes[""] = subprocess.Popen(
                    [sys.executable, "-c", at_three, str(door.fileno()), program], cwd=self.root, stderr=errors,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=self.environment, pass_fds=[door.fileno()],
                    **options)
            self.door = door.getsockname()
            for service in self.services:
                self.load(service)
        for service in self.services:
            until(service.supervised, "it is not loaded")
            if not os.path.exists(service.file("down")):
                service.control(b"u")

    def load(self, service):
        os.makedirs(service.file("supervise"), mode=0o700, exist_ok=True)
        self.ask_manager(2, service.file("supervise"), service.path, name=service.name)

    def ask_manager(self, request, *directories, name=""):
        files = [os.open(directory, os.O_RDONLY) for directory in directories]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(self.door)
            socket.send_fds(client, [(bytes([request]) + name.encode()).ljust(262, b"\0")], files)
        for file in files:
            os.close(file)

    def supervisor(self, service=None):
        """The pid of what supervises the service."""
        if self.home.loads or self.home.alone:
            return self.processes[""].pid
        if self.home.scans:
            return until(self.core, "there is no core")
        return self.processes[(service or self.services[0]).name].pid

    def core(self):
        return next((pid for _, pid in _marked(self.mark, CORE)), 0)

    def cores(self):
        return [pid for _, pid in _marked(self.mark, CORE)]

    def scanner(self):
        return self.processes[""]

    def lives(self, service):
        """Whether the supervisor of the service does; the scanner too."""
        return self.processes["" if self.home.scans else service.name].poll() is None and alive(self.supervisor(service))

    def kill_supervisors(self):
        """KILL to scanner and core, or to every single supervisor; services stay."""
        pids = [process.pid for process in self.processes.values()] + self.cores()
        for pid in pids:
            kill(pid)
        for process in self.processes.values():
            process.wait()
        for pid in pids:
            wait_gone(pid)
        self.processes.clear()

    def give_to_a_user(self):
        """Everything of the case, programs included, to a user whose processes are counted apart: the number."""
        if os.geteuid() != 0:
            raise Skip("without root there is no user for whom processes are counted apart")
        user = 1_600_000_000 + os.getpid()
        # The build may lie where no other user may look.
        build = os.path.dirname(self.bin_dir)
        copy = self.file("build")
        shutil.copytree(self.bin_dir, f"{copy}/bin", symlinks=True)
        for program in os.listdir(build):
            if os.path.isfile(f"{build}/{program}") and program.startswith("kindred-"):
                shutil.copy(f"{build}/{program}", copy)
        self.bin_dir = f"{copy}/bin"
        for path, _, files in os.walk(self.root):
            os.chown(path, user, user)
            for file in files:
                os.chown(f"{path}/{file}", user, user, follow_symlinks=False)
        return user

    def client(self, *words):
        """Exit code and output of a client of the build."""
        done = subprocess.run([f"{self.bin_dir}/{self.home.family}/{words[0]}", *words[1:]], cwd=self.scan,
                              env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
        return done.returncode, done.stdout

    def errors(self, about=""):
        """Lines on standard error that contain the text."""
        with open(self.file("errors")) as errors:
            return [line for line in errors.read().splitlines()
                    if about in line and ": INFO: " not in line and ": DEBUG: " not in line
                    and not line.startswith("perpd[")]

    def end(self):
        """Ends everything that the case has started, and what that starts meanwhile."""
        def kill_all():
            found = False
            for descriptor, _ in _marked(self.mark):
                found = True
                try:
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            return not found
        until(kill_all, "processes of the case do not end")
        for process in self.processes.values():
            process.wait()
        self.mounts.end()
        shutil.rmtree(self.root, ignore_errors=True)


def write_until_full(path):
    """Takes all the space that is left on a file system."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC, error
