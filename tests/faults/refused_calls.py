"""What a kernel or a container withholds: system calls that are newer than Linux 4.9, one at a time, /proc, /dev/null, and
kindred's own directory. Services start all the same, and commands, records, logs and an orderly end work."""

import ctypes
import errno
import os
import platform
import signal
import struct
import subprocess

from harness import (ENCORE, ENCORE_SVSCAN, FREEDT_SVSCAN, KINDRED_SCAN, LIMIT, MANAGER, PERPD, REPORTS, RUNSV, RUNSVDIR, S6,
                     S6_SVSCAN, SUPERVISE, SVSCAN, Scene, Skip, alive, case, kill, processor_seconds, until)

HOMES = (SUPERVISE, SVSCAN, RUNSV, RUNSVDIR, ENCORE, ENCORE_SVSCAN, S6, S6_SVSCAN, FREEDT_SVSCAN, PERPD, MANAGER, KINDRED_SCAN)

# Numbers from 424 on are the same everywhere.
NEWER = {"pidfd_send_signal": 424, "pidfd_open": 434, "clone3": 435, "close_range": 436, "openat2": 437,
         "pidfd_getfd": 438, "faccessat2": 439, "epoll_pwait2": 441, "fchmodat2": 452}
if platform.machine() == "x86_64":
    # Some are older, but refused by file systems, or to units that have nothing to do with limits.
    NEWER |= {"statx": 332, "rseq": 334, "renameat2": 316, "preadv2": 327, "pwritev2": 328}
    if not REPORTS:  # a sanitizer's own runtime ends without it
        NEWER["prlimit64"] = 302
UNSHARE = 272  # there
REFUSALS = (errno.ENOSYS, errno.EPERM)

RUN = "#!/bin/sh\necho words\necho $$ >>starts\nexec sleep 100000\n"
LOG = "#!/bin/sh\nexec cat >lines\n"

# What brings about a restart, and what shows the service: words of the family's clients.
CLIENTS = {"daemontools": (("svc", "-t"), ("svstat",)), "encore": (("svc", "-t"), ("svstat",)),
           "freedt": (("svc", "-t"), ("svstat",)), "runit": (("sv", "restart"), ("sv", "status")),
           "s6": (("s6-svc", "-t"), ("s6-svstat",)), "perp": (("perpctl", "t"), ("perpstat",)),
           "nosh": (("service-control", "--terminate"), ("service-status",)), ".": (None, ("kindred", "status"))}

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def refuse(number, error):
    """In this process and all that it starts, the system call fails with the error."""
    load_number, return_, same = 0x20, 0x06, 0x15
    code = [(load_number, 0, 0, 0), (same, 0, 1, number), (return_, 0, 0, 0x50000 | error), (return_, 0, 0, 0x7fff0000)]
    raw = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in code))
    program = _Program(len(code), ctypes.addressof(raw))
    set_no_new_privileges, set_seccomp, filter_ = 38, 22, 2
    assert _libc.prctl(set_no_new_privileges, 1, 0, 0, 0) == 0
    assert _libc.prctl(set_seccomp, filter_, ctypes.byref(program), 0, 0) == 0


def hide(directory):
    """In this process and all that it starts, the directory is empty."""
    new_mounts, recursive, private = 0x00020000, 0x4000, 0x40000
    if (_libc.unshare(new_mounts) != 0 or _libc.mount(b"none", b"/", None, recursive | private, None) != 0
            or _libc.mount(b"none", directory.encode(), b"tmpfs", 0, b"") != 0):
        os._exit(99)


def can_hide():
    child = os.fork()
    if child == 0:
        hide("/proc")
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise Skip("mounting is not permitted here")


class Cell:
    """A supervisor with one service, in surroundings of its own, which its clients share or do not."""

    def __init__(self, scene, what, surround, shared=True):
        self.scene, self.what, self.surround = scene, what, surround
        self.around_clients = surround if shared else None
        home = scene.home
        self.service = scene.service("service", run=RUN, log=LOG if home.pairs else None)

    def start(self):
        self.scene.start(preexec_fn=self.surround)

    def ask(self, *words):
        scene = self.scene
        done = subprocess.run([f"{scene.bin_dir}/{scene.home.family}/{words[0]}", *words[1:]], cwd=scene.scan,
                              env=scene.environment | {"PERP_BASE": scene.scan}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT,
                              preexec_fn=self.around_clients)
        return done.returncode, done.stdout

    def wait_running(self):
        self.pid = self.service.wait_running()
        if self.scene.home.pairs:
            until(lambda: "words" in (self.service.lines("log/lines") or self.service.lines("lines")),
                  "its log hears nothing")

    def restart(self):
        command = CLIENTS[self.scene.home.family][0]
        if command is None:
            self.service.control(b"t")
        else:
            code, text = self.ask(*command, self.name())
            assert code == 0, f"{command}: {code} {text}"
        before, self.pid = self.pid, self.service.wait_started(2)
        assert not alive(before)
        if self.scene.home.record_size:
            assert self.service.wait_running() == self.pid

    def is_shown(self):
        status = CLIENTS[self.scene.home.family][1]
        told = None

        def right():
            nonlocal told
            told = self.ask(*status, self.name())
            return told[0] == 0 and str(self.pid) in told[1]
        until(right, lambda: f"{status}: {told}")

    def name(self):
        return "service" if self.scene.home is PERPD else self.service.path

    def stop(self):
        """What the family has for an orderly end."""
        scene, home = self.scene, self.scene.home
        if home in (SVSCAN, FREEDT_SVSCAN):
            core = scene.supervisor()
            scene.scanner().send_signal(signal.SIGTERM)
            self.service.control(b"dx")
            until(lambda: not alive(self.pid), "it does not end")
            self.service.control(b"dx", of="log/")
            until(lambda: not alive(core), "the core has not gone with its last service")
        elif home.scans or home.loads:
            scene.scanner().send_signal(signal.SIGHUP if home is RUNSVDIR else signal.SIGTERM)
        else:
            self.service.control(b"dx")
        for process in scene.processes.values():
            process.wait(LIMIT)
        until(lambda: not alive(self.pid), "it does not end")

    def live_through(self):
        yield self.start
        yield self.wait_running
        yield self.restart
        yield self.is_shown
        yield self.stop


def live_through(*cells):
    """All at once: each waits for its own processes only."""
    for steps in zip(*(cell.live_through() for cell in cells)):
        for cell, step in zip(cells, steps):
            try:
                step()
            except BaseException as problem:
                said = cell.scene.errors()
                raise AssertionError(f"{cell.what}: {step.__name__}: {problem}; said {said}") from problem


@case(*HOMES)
def each_call_newer_than_Linux_4_9_may_be_refused(scene):
    scenes = []
    try:
        cells = []
        for name, number in NEWER.items():
            for error in REFUSALS:
                scenes.append(Scene(scene.home, scene.bin_dir))
                cells.append(Cell(scenes[-1], f"{name}: {errno.errorcode[error]}",
                                  lambda number=number, error=error: refuse(number, error)))
        # Old container profiles permit neither.
        if platform.machine() == "x86_64":
            def both():
                refuse(UNSHARE, errno.EPERM)
                refuse(NEWER["close_range"], errno.EPERM)
            scenes.append(Scene(scene.home, scene.bin_dir))
            cells.append(Cell(scenes[-1], "close_range and unshare", both))
        live_through(*cells)
        for cell in cells:
            assert not cell.scene.errors(), (cell.what, cell.scene.errors())
    finally:
        for each in scenes:
            each.end()


@case(*HOMES)
def without_proc_everything_works(scene):
    can_hide()
    live_through(Cell(scene, "no /proc", lambda: hide("/proc")))
    assert not scene.errors(), scene.errors()


@case(*HOMES)
def without_dev_everything_works(scene):
    can_hide()

    def surround():
        hide("/dev")
        os.close(0)

    live_through(Cell(scene, "no /dev/null", surround))
    assert len(scene.errors()) <= 1 and scene.errors() == scene.errors("/dev/null"), scene.errors()


@case(*HOMES)
def a_supervisor_that_is_given_no_standard_descriptors_works(scene):
    def surround():
        for descriptor in (0, 1, 2):
            os.close(descriptor)

    live_through(Cell(scene, "no descriptors", surround, shared=False))


@case(*(home for home in HOMES if home is not KINDRED_SCAN))
def where_there_can_be_no_run_directory_services_start_and_it_is_said_once(scene):
    scene.environment["KINDRED_RUN_DIR"] = scene.file("nowhere/below/this")
    live_through(Cell(scene, "no run directory", None))
    assert len(scene.errors()) <= 1 and scene.errors() == scene.errors("nowhere/below/this"), scene.errors()


@case(SUPERVISE, S6, RUNSV)
def a_timer_runs_without_a_busy_wait_where_fine_waits_are_refused(scene):
    # What cannot be run is tried again after seconds.
    service = scene.service("service", run="#!/nowhere/sh\n")
    scene.start(preexec_fn=lambda: refuse(NEWER["epoll_pwait2"], errno.EPERM))
    until(lambda: scene.errors("run"), "it is not tried")
    supervisor = scene.supervisor(service)
    before = processor_seconds(supervisor)
    service.write("run", RUN)
    service.control(b"u")
    service.wait_running()
    kill(service.starts()[-1])
    service.wait_started(2)
    assert processor_seconds(supervisor) - before < 0.5, "it is busy"


if platform.machine() == "x86_64":
    WAIT, PAUSE, SIGNAL, REAP = (232, 281, NEWER["epoll_pwait2"]), (7, 271), 62, 247

    @case(SUPERVISE, SVSCAN, KINDRED_SCAN)
    def what_nothing_works_without_is_missed_by_name(scene):
        service = scene.service()
        for calls in (WAIT, PAUSE, (REAP,)):
            # Without the second there is no keeper, and a scanner has nothing to do.
            goes_on = calls is PAUSE and not (scene.home.scans and not scene.home.alone)
            before = len(scene.errors("unable to wait for"))
            scene.start(preexec_fn=lambda: [refuse(call, errno.EPERM) for call in calls])
            process = scene.processes.popitem()[1]
            if goes_on:
                service.wait_running()
            else:
                until(lambda: len(scene.errors("unable to wait for")) > before, f"nothing is said of {calls}")
                assert not service.starts()
            kill(process.pid)
            for core in scene.cores():
                kill(core)
            process.wait()
            for pid in service.starts():
                kill(pid)
            if os.path.exists(service.file("starts")):
                os.unlink(service.file("starts"))

    @case(SUPERVISE, RUNSV, S6)
    def a_signal_that_cannot_be_sent_is_told_of_once(scene):
        service = scene.service()
        scene.start(preexec_fn=lambda: refuse(SIGNAL, errno.EPERM))
        pid = service.wait_running()
        service.control(b"tt")
        service.control(b"p")
        until(lambda: scene.errors("signal"), "nothing is said of it")
        service.control(b"o")
        service.wait_wanted("" if scene.home is SUPERVISE else "d" if scene.home is RUNSV else "u")
        assert alive(pid) and not service.record().paused, service.describe()
        assert len(scene.errors()) == 1 and scene.errors("ermitted" if scene.home is S6 else "permission denied"), scene.errors()
