"""Scanner and core: two processes of which either may go, and a directory with more than a thousand services."""

import fcntl
import os
import resource
import signal
import struct
import subprocess
import termios

from harness import (RUNSVDIR, SCANNING, Service, alive, case, descriptors, kill, never, restart_and_obey,
                     until)

MANY = 1200   # the originals know no more than a thousand
BUSY = 150    # seconds


def leave(scene, how=signal.SIGTERM):
    """Ends the scanner, and it alone."""
    scanner = scene.processes.pop("")
    scanner.send_signal(how)
    code = scanner.wait(30)
    assert code == (0 if scene.home.runit and how == signal.SIGTERM else -how), f"exit code {code}"


def end_all(scene, services):
    """What the family has for ending everything; the core goes with the last of them."""
    core = scene.supervisor()
    if scene.home.runit:
        scene.scanner().send_signal(signal.SIGHUP)
        assert scene.scanner().wait(30) == 111
    else:
        leave(scene)
        for service in services:
            service.control(b"dx")
    until(lambda: not alive(core), "the core has not gone with its last service", limit=BUSY)


@case(*SCANNING)
def twelve_hundred_services_outlive_their_scanner_and_end_together(scene):
    os.mkfifo(scene.file("hold"))
    # One program a service: opening the FIFO takes as long as nobody writes to it.
    shared = scene.service("../shared", run=f"#!/bin/sh\necho $$ >>starts\nread word <{scene.file('hold')}\n")
    services = [scene.service(f"s{number:04}", run=None) for number in range(MANY)]
    for service in services:
        os.symlink(shared.file("run"), service.file("run"))
    scene.start()
    # Thousands of processes take a busy machine as long as they take.
    pids = {service: service.wait_started(limit=BUSY) for service in services}
    for service in services:
        assert service.wait_up() == pids[service]
    core = scene.supervisor()
    for number, how in enumerate((signal.SIGTERM, signal.SIGKILL)):
        leave(scene, how)
        scene.start()
        new = Service(scene, f"new{number}")
        services.append(new)
        pids[new] = new.wait_started()
        new.wait_up()
        assert scene.supervisor() == core and len(scene.cores()) == 1
    for service in services:
        assert service.up() == pids[service] and service.starts() == [pids[service]], service.name
    end_all(scene, services)
    assert not any(alive(pid) for pid in pids.values())
    assert not scene.errors(), scene.errors()


@case(*SCANNING)
def a_second_scanner_of_a_directory_starts_no_second_copy(scene):
    service = scene.service("service")
    scene.start()
    pid, core = service.wait_running(), scene.supervisor()
    second = scene.launch(scene.home.program, scene.scan, key="second")
    never(lambda: service.starts() != [pid] or len(scene.cores()) > 1, "there is a second copy")
    assert second.poll() is None and scene.scanner().poll() is None
    # Whichever stays, the directory is looked after.
    leave(scene)
    new = Service(scene, "new")
    new.wait_up()
    second.send_signal(signal.SIGTERM)
    second.wait(30)
    never(lambda: not alive(pid) or not alive(core), "a scanner has taken services with it", limit=0.5)
    unseen = Service(scene, "unseen")
    never(unseen.starts, "nobody scans, and something new was started")
    scene.start()
    unseen.wait_up()
    assert scene.supervisor() == core and service.starts() == [pid]


@case(*SCANNING)
def scanners_that_start_at_once_share_one_core(scene):
    service = scene.service("service")
    for round in range(10):
        scanners = [scene.launch(scene.home.program, scene.scan, key=f"{round}.{each}") for each in range(6)]
        pid = service.wait_up()
        core, = until(lambda: len(scene.cores()) == 1 and scene.cores(), "there is more than one core")
        never(lambda: service.up() != pid or scene.cores() != [core], "there is a second core", limit=0.3)
        assert not scene.errors(service.name), scene.errors()
        for scanner in scanners:
            scanner.kill()
            scanner.wait(30)
        os.kill(core, signal.SIGTERM)
        until(lambda: not alive(core), "the core has not ended", limit=BUSY)


@case(*SCANNING)
def a_core_that_is_stopped_keeps_no_scanner_from_leaving(scene):
    service = scene.service("service")
    scene.start()
    pid, core = service.wait_up(), scene.supervisor()
    os.kill(core, signal.SIGSTOP)
    # More than its socket has room for.
    scanners = [scene.launch(scene.home.program, scene.scan, key=f"{each}") for each in range(16)]
    never(lambda: len(scene.cores()) > 1, "there is a second core")
    for scanner in scanners:
        scanner.terminate()
    for scanner in scanners:
        scanner.wait(30)
    os.kill(core, signal.SIGCONT)
    scene.start()
    assert scene.supervisor() == core and service.up() == pid
    restart_and_obey(service)


@case(*SCANNING)
def a_scanner_that_is_killed_leaves_its_core_to_the_next(scene):
    service = scene.service("service", log="#!/bin/sh\nexec cat >>lines\n")
    scene.start()
    pid, log, core = service.wait_running(), service.wait_up("log/"), scene.supervisor()
    for _ in range(3):
        leave(scene, signal.SIGKILL)
        kill(service.wait_up())
        pid = service.wait_up(but=pid)  # supervised meanwhile
        scene.start()
        until(lambda: len(scene.cores()) == 1, "there is another core")
    assert scene.supervisor() == core and service.up("log/") == log
    restart_and_obey(service)


@case(*SCANNING)
def the_core_speaks_where_the_newest_scanner_does(scene):
    broken = scene.service("broken", run="#!/nowhere/sh\n")
    reading, writing = os.pipe()
    scene.start(stderr=writing)
    os.close(writing)
    until(lambda: os.read(reading, 1), "nothing is said of a broken run")
    leave(scene)
    os.close(reading)
    scene.start()
    until(lambda: scene.errors(broken.name), "nothing is said to the new scanner")
    assert len(scene.cores()) == 1


@case(*SCANNING)
def services_that_come_and_go_leave_no_descriptor_behind(scene):
    staying = scene.service("staying")
    scene.start()
    untouched, core = staying.wait_up(), scene.supervisor()
    def come_and_go(name):
        services = [scene.service(f"{name}{number}", log="#!/bin/sh\nexec cat\n") for number in range(4)]
        for service in services:
            service.wait_up()
            service.wait_up("log/")
        for service in services:
            os.rename(service.path, scene.file(service.name))
            service.path = scene.file(service.name)
            if not scene.home.runit:
                service.control(b"dx")
                service.control(b"dx", of="log/")
        for service in services:
            until(lambda: not service.supervised() and not service.supervised("log/"), "it has not left")
    come_and_go("first")
    before = descriptors(core)
    for turn in range(2):
        come_and_go(f"turn{turn}-")
    until(lambda: descriptors(core) <= before, lambda: f"{descriptors(core)} descriptors, {before} before")
    assert staying.starts() == [untouched]


@case(*SCANNING)
def without_a_run_directory_services_run_and_none_runs_twice(scene):
    service = scene.service("service")
    os.rmdir(scene.run_dir)
    open(scene.run_dir, "w").close()
    scene.start()
    pid = service.wait_running()
    # It finds no core, and locks that are held.
    second = scene.launch(scene.home.program, scene.scan, key="second")
    until(lambda: scene.errors("lock") or scene.errors("acquire"), "the second scanner says nothing of it")
    assert service.starts() == [pid] and service.up() == pid
    second.send_signal(signal.SIGHUP if scene.home.runit else signal.SIGTERM)
    second.wait(30)
    restart_and_obey(service)


@case(*SCANNING)
def a_core_socket_that_somebody_planted_is_not_trusted(scene):
    service = scene.service("service")
    scene.start()
    pid = service.wait_running()
    socket_name, = (name for name in os.listdir(scene.run_dir) if name.startswith("core-"))
    scene.kill_supervisors()
    os.unlink(f"{scene.run_dir}/{socket_name}")
    os.symlink("/nowhere/at/all", f"{scene.run_dir}/{socket_name}")
    scene.start()
    until(service.supervised, "it is not supervised again")
    assert service.wait_up() == pid and service.starts() == [pid]
    # Others may write where the socket lies: it is not used at all.
    os.chmod(scene.run_dir, 0o777)
    core = scene.core()
    kill(core)
    until(lambda: scene.core() not in (0, core) and service.supervised(), "there is no new core")
    assert service.wait_up() == pid and service.starts() == [pid]


@case(*SCANNING)
def a_scanner_that_is_replaced_at_once_finds_the_core_of_the_last(scene):
    services = [scene.service(f"s{number}") for number in range(60)]
    scene.start()
    # As soon as there is a sign of the core, and long before it has started everything.
    until(lambda: any(service.starts() for service in services), "nothing is started")
    leave(scene, signal.SIGKILL)
    scene.start()
    for service in services:
        service.wait_running()
    assert len(scene.cores()) == 1 and not scene.errors(), scene.errors()
    assert all(len(service.starts()) == 1 for service in services)


@case(RUNSVDIR)
def an_alarm_scans_at_once_and_says_when(scene):
    service = scene.service("service")
    scene.start()
    service.wait_up()
    for turn in range(2):
        Service(scene, f"new{turn}")
        scene.scanner().send_signal(signal.SIGALRM)
        until(lambda: len(service.read("../.forced-rescan")) == 25, "the time of the request is not noted")
        os.unlink(f"{scene.scan}/.forced-rescan")
    until(lambda: all(os.path.exists(f"{scene.scan}/new{turn}/starts") for turn in range(2)), "not started")
    assert scene.lives(service)


@case(RUNSVDIR)
def an_alarm_in_a_directory_that_is_gone_ends_nothing(scene):
    service = scene.service("service")
    scene.start()
    pid = service.wait_running()
    os.rename(scene.scan, scene.file("aside"))
    for _ in range(5):
        scene.scanner().send_signal(signal.SIGALRM)
    never(lambda: not alive(pid) or scene.scanner().poll() is not None or not scene.core(), "something has ended")


@case(*SCANNING)
def a_core_that_cannot_be_replaced_at_once_is_replaced_later(scene):
    service = scene.service("service")
    user = scene.give_to_a_user()
    scene.start(user=user, group=user, extra_groups=[],
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (4, 4)))
    pid, core = service.wait_running(), scene.supervisor()
    crowd = [subprocess.Popen(["sleep", "100000"], env=scene.environment, user=user) for _ in range(4)]
    kill(core)
    until(lambda: scene.errors("start a core"), "nothing is said of it")
    for one in crowd:
        one.kill()
        one.wait()
    until(service.supervised, "it is not supervised again")
    assert service.wait_up() == pid and service.starts() == [pid]
    assert len(scene.errors()) <= 3, scene.errors()


@case(RUNSVDIR)
def a_pipe_in_place_of_the_record_of_forced_scans_is_not_written_into(scene):
    service = scene.service("service")
    os.mkfifo(f"{scene.scan}/.forced-rescan")
    scene.start()
    pid = service.wait_up()
    # With a reader it could be.
    reader = os.open(f"{scene.scan}/.forced-rescan", os.O_RDWR | os.O_NONBLOCK)
    scene.scanner().send_signal(signal.SIGALRM)
    new = Service(scene, "new")
    new.wait_up()
    # It is written before the next request is heard of.
    scene.scanner().send_signal(signal.SIGALRM)
    try:
        never(lambda: struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, b"\0" * 4))[0], "it was written into")
    finally:
        os.close(reader)
    assert service.up() == pid
