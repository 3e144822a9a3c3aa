"""The contestants, and one running instance of a contestant: starting it, watching it, ending it.

Everything an instance starts carries KINDRED_BENCH=TOKEN in its environment and descends from the
driver, which is a sub-reaper. Both together tell whose a process is, even when the supervisor that
started it is gone; nothing is ever found, or ended, by its name.
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "KINDRED_BENCH"
RECORD = struct.Struct("=QIIII")  # record.h
START, HANGUP, LAUNCH = 1, 2, 3
MOST_FILES = 20000  # a process: what common hosts allow
DISKS = ("ext4", "ext3", "xfs", "btrfs", "f2fs")
THROTTLE_NS = 1_200_000_000  # every family waits 1 s between two starts; be clear of it


class Trouble(Exception):
    """A contestant did not do what the measure asks; the measure goes on without it."""


# --- contestants ---------------------------------------------------------------------------------


def end_by_term(run):
    run.signal_root(signal.SIGTERM)


def end_by_hangup(run):
    run.signal_root(signal.SIGHUP)


def end_by_term_and_controls(run):
    """daemontools: the scanner's end leaves the services alone, `svc -dx` ends them."""
    run.signal_root(signal.SIGTERM)
    for index in range(run.count):
        with contextlib.suppress(OSError):
            run.control(index, b"dx")


@dataclass(frozen=True)
class Contestant:
    key: str
    label: str
    program: str  # looked for in `folder` of kindred's bin, or on the originals' path
    args: tuple  # {scan}, {run} and {most} are filled in
    end: object
    folder: str = None  # None: an original
    most: int = None  # services, as far as the program goes
    bare: bool = False

    @property
    def kindred(self):
        return self.folder is not None


CONTESTANTS = (
    Contestant("bare", "bare loop", "bench_bare", ("{scan}",), end_by_term, bare=True),
    Contestant("k-svscan", "kindred svscan", "svscan", ("{scan}",), end_by_term_and_controls,
               folder="daemontools"),
    Contestant("k-runsvdir", "kindred runsvdir", "runsvdir", ("{scan}",), end_by_hangup, folder="runit"),
    Contestant("k-scan", "kindred scan", "kindred", ("scan", "--run-dir", "{run}", "{scan}"),
               end_by_term_and_controls, folder="."),
    Contestant("svscan", "daemontools svscan", "svscan", ("{scan}",), end_by_term_and_controls, most=999),
    Contestant("runsvdir", "runit runsvdir", "runsvdir", ("{scan}",), end_by_hangup, most=999),
    Contestant("s6-svscan", "s6 s6-svscan", "s6-svscan", ("-c", "{most}", "{scan}"), end_by_term),
)

# Not compared with anybody: no original shows a service in another family's way.
VIEWED = Contestant("k-views", "kindred scan --views all", "kindred",
                    ("scan", "--views", "all", "--run-dir", "{run}", "{scan}"), end_by_term_and_controls, folder=".")


# --- processes -----------------------------------------------------------------------------------


def become_subreaper():
    """Orphans of a supervisor come back to us: none can leave our tree, and all are reaped."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0) != 0:
        raise SystemExit("bench: cannot become a sub-reaper (Linux 3.4 or later is needed)")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def process_tree():
    """pid -> parent and pid -> time of its start, of all processes that are not dead."""
    parents, born = {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        fields = read(f"/proc/{name}/stat").rpartition(b")")[2].split()
        if len(fields) > 19 and fields[0] not in (b"Z", b"X", b"x"):
            parents[int(name)], born[int(name)] = int(fields[1]), fields[19]
    return parents, born


def descendants(parents, root):
    children = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found, todo = set(), [root]
    while todo:
        for child in children.get(todo.pop(), ()):
            found.add(child)
            todo.append(child)
    return found


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def send(pid, number):
    """Signals a process we found by looking: through a pidfd, so that a reused pid is not hit."""
    with contextlib.suppress(OSError):
        fd = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(fd, number)
        finally:
            os.close(fd)


def memory(pids):
    """Sums over the processes, in KiB: proportional, private, and page tables (kernel)."""
    total = {"pss": 0.0, "private": 0.0, "page_tables": 0.0}
    for pid in pids:
        for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                total["pss"] += int(line.split()[1])
            elif line.startswith((b"Private_Clean:", b"Private_Dirty:")):
                total["private"] += int(line.split()[1])
        for line in read(f"/proc/{pid}/status").splitlines():
            if line.startswith(b"VmPTE:"):
                total["page_tables"] += int(line.split()[1])
    return total


def descriptors(pids):
    """Of all processes; of those that share one table, once."""
    tables = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                above = int(stat.read().rpartition(")")[2].split()[1])
            with open(f"/proc/{pid}/comm") as comm:
                kept = comm.read().strip() == "kindred-core" and above in pids
            table = above if kept else pid
            tables[table] = max(tables.get(table, 0), len(os.listdir(f"/proc/{pid}/fd")))
        except OSError:
            pass
    return sum(tables.values())


def switches(pids):
    """Times that a thread of these processes was put on a processor."""
    count = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                for line in read(f"/proc/{pid}/task/{thread}/status").splitlines():
                    if b"ctxt_switches" in line:
                        count += int(line.split()[1])
    return count


# --- the arena: what all runs share --------------------------------------------------------------


class Arena:
    """A temporary directory, with the tools and the runs that live in it."""

    def __init__(self, parent, tools, kindred_bin, original_path, keeps_runs=False, files=MOST_FILES):
        self.original_path = original_path
        self.keeps_runs = keeps_runs
        self.kindred_bin = os.path.abspath(kindred_bin)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with contextlib.suppress(OSError, ValueError):
            if hard != resource.RLIM_INFINITY and hard < files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
                hard = files
        self.files = files if hard == resource.RLIM_INFINITY else min(hard, files)
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, hard))
        self.dir = tempfile.mkdtemp(prefix="kindred-bench-", dir=os.path.abspath(parent))
        spread_directories(self.dir)
        self.runs = []
        self.serial = 0
        try:
            if os.statvfs(self.dir).f_flag & os.ST_NOEXEC:
                raise SystemExit("bench: programs cannot run below --dir (mounted noexec)")
            self.tools = self.make_tools(tools)
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise
        self.file_system = file_system(self.dir)
        become_subreaper()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def make_tools(self, tools):
        """Copies, or compiles, the C programs onto the file system that the services live on."""
        if tools and not os.path.exists(f"{tools}/bench_tick"):
            raise SystemExit(f"bench: no bench_tick in {tools}")
        bare = ["-O2", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-pie",
                "-fno-asynchronous-unwind-tables", "-nostdlib", "-no-pie", "-Wl,--build-id=none",
                "-Wl,-z,noseparate-code", "-Wl,-z,norelro"]
        for name, flags in (("tick", bare), ("bare", ["-O2", "-static"]), ("launch", ["-O2", "-static"])):
            target = f"{self.dir}/bench_{name}"
            if tools:
                shutil.copy(f"{tools}/bench_{name}", target)
            else:
                compiler = os.environ.get("CC", "cc")
                subprocess.run([compiler, *flags, "-o", target, f"{HERE}/{name}.c"], check=True)
        return self.dir

    def find(self, contestant):
        """The contestant's program and the PATH it runs with, or None."""
        if contestant.bare:
            return f"{self.tools}/{contestant.program}", os.defpath
        if contestant.kindred:
            folder = os.path.normpath(f"{self.kindred_bin}/{contestant.folder}")
            path = f"{folder}:{self.original_path}"
            program = shutil.which(contestant.program, path=folder)
        else:
            path = self.original_path
            program = shutil.which(contestant.program, path=path)
        return (program, path) if program else None

    def reap(self):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def close(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for run in list(self.runs):
            run.close()
        for _ in range(200):  # whatever still descends from us belongs to a run
            self.reap()
            left = descendants(process_tree()[0], os.getpid())
            if not left:
                break
            for pid in left:
                send(pid, signal.SIGKILL)
            time.sleep(0.01)
        shutil.rmtree(self.dir, ignore_errors=True)


def spread_directories(path):
    """Asks ext4 to place each directory made in this one among inodes of its own.

    It does not use again what was removed minutes ago if it has no journal, and looks at each such inode anew
    for each new one: a run would pay for all files that were removed nearby before it.
    """
    get_flags, set_flags, top_of_hierarchy = 0x80086601, 0x40086602, 0x20000
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY)
        try:
            flags = struct.unpack("l", fcntl.ioctl(fd, get_flags, bytes(struct.calcsize("l"))))[0]
            fcntl.ioctl(fd, set_flags, struct.pack("l", flags | top_of_hierarchy))
        finally:
            os.close(fd)


def file_system(path):
    """Its type, as the kernel names it."""
    mounts = [line.split()[1:3] for line in read("/proc/mounts").decode().splitlines()]
    mounts = [(where.rstrip("/") + "/", kind) for where, kind in mounts]
    holding = [mount for mount in mounts if f"{os.path.realpath(path)}/".startswith(mount[0])]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def can_hold_programs(path):
    return os.access(path, os.W_OK) and not os.statvfs(path).f_flag & os.ST_NOEXEC


def memory_parent():
    shm = "/dev/shm"
    return shm if os.path.isdir(shm) and can_hold_programs(shm) else tempfile.gettempdir()


def disk_parent():
    """A directory on a disk, or None."""
    for path in (tempfile.gettempdir(), "/var/tmp", HERE):
        if os.path.isdir(path) and can_hold_programs(path) and file_system(path) in DISKS:
            return path
    return None


# --- one run of one contestant -------------------------------------------------------------------


@dataclass
class Service:
    pid: int = 0
    started: int = 0  # ns
    starts: int = 0
    hangup: int = 0  # ns


@dataclass
class Run:
    """`count` services below one supervisor. A context manager: whatever happens, nothing is left."""

    arena: Arena
    contestant: Contestant
    count: int
    services: list = field(default_factory=list)

    def __enter__(self):
        where, number = self.arena, self.arena.serial
        where.serial += 1
        where.runs.append(self)
        self.token = f"{os.path.basename(where.dir)}.{number}."
        self.dir = f"{where.dir}/{number}"
        self.scan = f"{self.dir}/scan"
        self.root = 0
        self.launched = 0
        self.known = {}
        self.ticks = -1
        self.services = [Service() for _ in range(self.count)]
        self.missing = self.count  # services without a start since expect_starts()
        self.since = 0
        for path in (self.dir, self.scan, f"{self.dir}/run"):
            os.mkdir(path)
        for index in range(self.count):
            service = self.service(index)
            os.mkdir(service)
            os.link(f"{where.dir}/bench_tick", f"{service}/run")
        # runsvdir waits until the directory's last change is a second old: let it be.
        os.utime(self.scan, (time.time() - 60,) * 2)
        self.ticks = os.open(f"{self.dir}/ticks", os.O_RDONLY | os.O_CREAT, 0o666)
        self.position = 0
        self.tick = os.stat(f"{where.dir}/bench_tick")
        return self

    def __exit__(self, *_):
        self.close()

    def service(self, index):
        return f"{self.scan}/s{index:05d}"

    # Starting, and hearing from the services.

    def start(self):
        found = self.arena.find(self.contestant)
        program, path = found
        words = {"scan": self.scan, "run": f"{self.dir}/run", "most": str(max(self.count + 50, 100))}
        argv = [f"{self.arena.tools}/bench_launch", self.dir, str(self.arena.files), program]
        argv += [word.format(**words) for word in self.contestant.args]
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 1, f"{self.dir}/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                   (os.POSIX_SPAWN_DUP2, 1, 2)]
        # What supervisors that were killed have left elsewhere on this machine is not this one's to read.
        environment = {"PATH": path, "LC_ALL": "C", MARK: self.token, "KINDRED_RUN_DIR": f"{self.dir}/run"}
        self.root = os.posix_spawn(argv[0], argv, environment, file_actions=actions)
        return self

    def hear(self):
        """Takes in what the services wrote since the last call."""
        while True:
            data = os.pread(self.ticks, RECORD.size * 4096, self.position)
            data = data[: len(data) - len(data) % RECORD.size]
            if not data:
                return
            self.position += len(data)
            for ns, index, pid, kind, _ in RECORD.iter_unpack(data):
                if kind == LAUNCH:
                    self.launched = ns
                    continue
                service = self.services[index]
                if kind == HANGUP:
                    service.hangup = ns
                elif kind == START:
                    if service.started <= self.since < ns:
                        self.missing -= 1
                    service.pid, service.started = pid, ns
                    service.starts += 1

    def expect_starts(self):
        """From now on, await_starts() waits for a further start of every service."""
        self.hear()
        self.since = time.monotonic_ns()
        self.missing = self.count
        return self.since

    def await_starts(self, what):
        """Waits for the first instruction of the last service; returns its time."""
        limit = time.monotonic() + 30 + self.count / 50
        look, missing = time.monotonic() + 1, self.missing
        while True:
            self.hear()
            if self.missing == 0:
                return max(service.started for service in self.services)
            if self.missing != missing:
                # Looking at thousands of processes takes time that they need themselves: only in silence.
                look, missing = time.monotonic() + 1, self.missing
            if time.monotonic() > look:
                look += 1
                self.arena.reap()
                if not any(self.members()):
                    raise self.trouble(f"{what}: it ended, {self.missing} services were missing")
            if time.monotonic() > limit:
                raise self.trouble(f"{what}: {self.missing} of {self.count} services are missing")
            time.sleep(0.003)

    def trouble(self, text):
        log = read(f"{self.dir}/log").decode(errors="replace").replace(self.dir, "DIR")
        lines = [f"{self.contestant.label} at {self.count} services: {text}", *log.strip().splitlines()[-3:]]
        return Trouble("\n    ".join(lines))

    # Its processes.

    def members(self):
        """(supervisors, services): pids of everything alive that belongs to this run."""
        parents, born = process_tree()
        candidates = descendants(parents, os.getpid())
        mark = f"{MARK}={self.token}".encode()
        place = self.dir.encode() + b"/"
        mine = {
            pid
            for pid in candidates
            if pid == self.root
            or self.known.get(pid) == born[pid]
            or mark in read(f"/proc/{pid}/environ")
            or f"{link(f'/proc/{pid}/cwd')}/".startswith(self.dir + "/")
            or place in read(f"/proc/{pid}/cmdline")
        }
        mine |= descendants(parents, self.root) if self.root in mine else set()
        # Once ours, always ours: also when the scanner is gone and the environment tells nothing.
        self.known = {pid: born[pid] for pid in mine}
        supervisors, services = [], []
        for pid in sorted(mine):
            with contextlib.suppress(OSError):  # one that is about to exit has no exe any more
                is_service = os.path.samestat(os.stat(f"/proc/{pid}/exe"), self.tick)
                (services if is_service else supervisors).append(pid)
        return supervisors, services

    def supervisors(self):
        return self.members()[0]

    def names(self):
        """What the supervisors are: name -> how many."""
        names = {}
        for pid in self.supervisors():
            name = read(f"/proc/{pid}/comm").decode(errors="replace").strip()
            names[name] = names.get(name, 0) + 1
        return names

    # Control.

    def signal_root(self, number):
        with contextlib.suppress(OSError):
            os.kill(self.root, number)

    def open_control(self, index):
        return os.open(f"{self.service(index)}/supervise/control", os.O_WRONLY | os.O_NONBLOCK)

    def control(self, index, data):
        fd = self.open_control(index)
        try:
            os.write(fd, data)
        finally:
            os.close(fd)

    def await_change(self, index, attribute, old, limit=5.0):
        """Waits until a service's attribute differs from `old`; says whether it did."""
        until = time.monotonic() + limit
        time.sleep(0.0012)  # mostly enough, and the driver keeps out of the way meanwhile
        while True:
            self.hear()
            if getattr(self.services[index], attribute) != old:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.0005)

    def clear_of_throttle(self, index=None):
        """Sleeps until a service (or every one) has run for long enough to be restarted at once."""
        started = max(s.started for s in self.services) if index is None else self.services[index].started
        wait = started + THROTTLE_NS - time.monotonic_ns()
        if wait > 0:
            time.sleep(wait / 1e9)

    # Ending.

    def stop(self):
        """Ends the services as the family does; (nanoseconds until the last was gone, processes left)."""
        self.hear()
        self.members()  # while the scanner still tells what descends from it
        poll, watched = select.epoll(), {}
        try:
            for service in self.services:
                with contextlib.suppress(OSError):
                    fd = os.pidfd_open(service.pid)
                    watched[fd] = service.pid
                    poll.register(fd, select.EPOLLIN)
            began = time.monotonic_ns()
            self.contestant.end(self)
            limit = time.monotonic() + 30 + self.count / 50
            while watched:
                for fd, _ in poll.poll(0.5):
                    poll.unregister(fd)
                    os.close(fd)
                    del watched[fd]
                if watched and time.monotonic() > limit:
                    raise self.trouble(f"stop: {len(watched)} of {self.count} services still run")
            took = time.monotonic_ns() - began
        finally:
            poll.close()
            for fd in watched:
                os.close(fd)
        limit = time.monotonic() + 3 + self.count / 200
        left = self.supervisors()
        while left and time.monotonic() < limit:
            time.sleep(0.05)
            self.arena.reap()
            left = self.supervisors()
        return took, len(left)

    def close(self):
        """Ends and removes whatever is left: frozen first, so that no supervisor replaces another."""
        if self not in self.arena.runs:
            return
        for _ in range(200):
            self.arena.reap()
            supervisors, services = self.members()
            if not supervisors and not services:
                break
            for pid in supervisors:
                send(pid, signal.SIGSTOP)
            for pid in supervisors + services:
                send(pid, signal.SIGKILL)
            time.sleep(0.01)
        self.arena.reap()
        self.arena.runs.remove(self)
        if self.ticks >= 0:
            os.close(self.ticks)
        if not self.arena.keeps_runs:
            shutil.rmtree(self.dir, ignore_errors=True)
