"""Full disks, no more descriptors, no more processes, and a standard error that nobody reads."""

import ctypes
import os
import re
import resource
import socket
import subprocess
import sys

from harness import (EVERY, KINDRED_SCAN, LIMIT, PAIRING, QUIET, S6_SVSCAN, SCANNERS, SCANNING, SINGLE, STEADY, SUPERVISE,
                     SVSCAN, Service, Skip, alive, case, kill, never, restart_and_obey, until, wait_gone,
                     write_until_full)
from killed_cores import kill_core

BROKEN = "#!/nowhere/sh\n"
RETRY = 5.5   # longer than any supervisor waits before it tries again what a resource refused
PR_CAPBSET_DROP, CAP_SYS_RESOURCE = 24, 24


# --- disk ---

@case(*EVERY)
def a_full_disk_under_a_supervise_directory_stops_nothing_but_the_record(scene):
    service, other = scene.service("service"), scene.service("other")
    os.mkdir(service.file("supervise"), 0o700)
    scene.mounts.add(service.file("supervise"), "size=64k,mode=700")
    scene.start()
    first, untouched = service.wait_running(), other.wait_up()
    write_until_full(service.file("supervise/filler"))
    kill(first)
    second = service.wait_started(2)
    service.control(b"d")
    wait_gone(second)
    service.control(b"u")
    third = service.wait_started(3)
    said = scene.errors("out of disk space")
    # A file that has become shorter leaves room for the next one: each of the three changes may be the first to fail.
    assert 1 <= len(said) <= 3, scene.errors()
    os.unlink(service.file("supervise/filler"))
    until(lambda: service.up() == third, lambda: f"space is there again, but not the record: {service.describe()}")
    assert other.starts() == [untouched] and other.up() == untouched
    restart_and_obey(service)
    assert scene.errors() == said, scene.errors()


@case(*EVERY)
def supervision_begins_on_a_full_disk_without_a_second_copy(scene):
    service, other = scene.service("service"), scene.service("other")
    os.mkdir(service.file("supervise"), 0o700)
    # Inodes for the directory itself, lock and control, but none for ok or the record.
    scene.mounts.add(service.file("supervise"), "nr_inodes=16,mode=700")
    for number in range(13):
        open(service.file(f"supervise/filler{number}"), "w").close()
    scene.start()
    other.wait_up()
    pid = service.wait_started()
    never(lambda: len(service.starts()) > 1, "it was started twice", limit=RETRY if scene.home.scans else QUIET)
    assert len(scene.errors()) == 1 and scene.errors("out of disk space"), scene.errors()
    service.control(b"t")
    wait_gone(pid)
    pid = service.wait_started(2)
    for number in range(13):
        os.unlink(service.file(f"supervise/filler{number}"))
    until(lambda: service.up() == pid and service.supervised(), "space is there again, but not the record")
    restart_and_obey(service)


@case(*SCANNING)
def a_service_that_a_full_disk_kept_out_is_taken_up_when_there_is_space(scene):
    service, other = scene.service("service"), scene.service("other")
    os.mkdir(service.file("supervise"), 0o700)
    scene.mounts.add(service.file("supervise"), "nr_inodes=16,mode=700")
    for number in range(15):
        open(service.file(f"supervise/filler{number}"), "w").close()
    scene.start()
    other.wait_up()
    until(lambda: scene.errors("out of disk space"), "nothing is said of it")
    never(lambda: service.starts() or len(scene.errors()) > 1, "started, or said twice", limit=RETRY)
    for number in range(15):
        os.unlink(service.file(f"supervise/filler{number}"))
    service.wait_up()
    restart_and_obey(service)


@case(*PAIRING)
def a_logger_on_a_full_disk_makes_only_its_own_service_wait(scene):
    service = scene.service("service", run="#!/bin/sh\nexec yes\n",
                            log="#!/bin/sh\ncat >>disk/lines || { echo full >>trouble; exit 1; }\n")
    other = scene.service("other")
    os.mkdir(service.file("log/disk"))
    scene.mounts.add(service.file("log/disk"), "size=256k")
    scene.start()
    service.wait_up()
    until(lambda: len(service.lines("log/trouble")) >= 2, "its logger is not tried again")
    assert service.up(), "the service has not outlived its logger"
    restart_and_obey(other)
    service.control(b"d")
    service.wait_down()


def in_turns(scene):
    """Services of which the last come when the run directory is full."""
    services = [scene.service(f"s{number:02}") for number in range(30)]
    late = services[4:]
    for service in late:
        os.rename(service.path, scene.file(service.name))
    scene.mounts.add(scene.run_dir, "size=64k,mode=700")
    scene.start()
    for service in services[:4]:
        service.wait_running()
    write_until_full(f"{scene.run_dir}/filler")
    for service in late:
        os.rename(scene.file(service.name), service.path)
    for service in late:
        service.wait_started()
    return services


def none_is_started_twice(scene, services, pids, about):
    for service in services:
        until(lambda: service.up() == pids[service], lambda: f"{about}: {service.name} has started {service.starts()}")
    assert all(service.starts() == [pids[service]] for service in services), about


@case(SVSCAN, KINDRED_SCAN)
def a_run_directory_that_becomes_full_costs_no_second_copy(scene):
    services = in_turns(scene)
    pids = {service: service.wait_running() for service in services}
    assert len(scene.errors("out of disk space")) == 1, scene.errors()
    kill_core(scene)
    none_is_started_twice(scene, services, pids, "without a core")
    scene.kill_supervisors()
    scene.start()
    none_is_started_twice(scene, services, pids, "without a supervisor")
    restart_and_obey(*services[:2], *services[-2:])


@case(SUPERVISE, SVSCAN)
def where_nothing_can_be_written_the_keeper_remembers(scene):
    scene.mounts.add(scene.run_dir, "size=64k,mode=700")
    scene.mounts.add("/dev/shm", "size=64k,mode=1777")
    for full in (scene.run_dir, "/dev/shm"):
        write_until_full(f"{full}/filler")
    services = [scene.service(f"s{number:02}") for number in range(30 if scene.home.scans else 2)]
    scene.start()
    pids = {service: service.wait_running() for service in services}
    for _ in range(2):
        kill_core(scene)
        none_is_started_twice(scene, services, pids, "without a core")
    restart_and_obey(*services[:2])


# --- descriptors ---

def few_descriptors(limit):
    """Around a program that may not raise its hard limit."""
    def surround():
        # Root's programs have no capability that is not in this set; others have none.
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    return surround


@case(*SCANNING)
def services_that_find_no_descriptor_wait_until_others_leave(scene):
    services = [scene.service(f"s{number:02}", log=None if number % 4 else "#!/bin/sh\nexec cat >>lines\n")
                for number in range(24)]
    scene.start(preexec_fn=few_descriptors(64))
    core = scene.supervisor()
    until(lambda: len(scene.errors()) >= 4, "nothing is said")
    # Until everything has been tried again.
    never(lambda: not alive(core), "the core has ended", limit=RETRY)
    said = scene.errors()
    assert len(set(said)) == len(said), f"said again: {said}"
    assert all("cannot open more files" in line for line in said), said
    assert not any(re.search(r"(s\d\d)/\1", line) for line in said), f"a name is doubled: {said}"

    up = [service for service in services if service.starts()]
    waiting = [service for service in services if service not in up]
    assert len(up) >= 4 and waiting, f"{len(up)} run, {len(waiting)} wait"
    assert all(len(service.starts()) == 1 for service in up)
    restart_and_obey(*up)

    # As these leave, others are taken up; and as those leave, the rest.
    while waiting:
        for service in up:
            os.rename(service.path, scene.file(f"gone-{service.name}"))
            service.path = scene.file(f"gone-{service.name}")
            if scene.home is SVSCAN:
                service.control(b"dx")
                if os.path.exists(service.file("log")):
                    service.control(b"dx", of="log/")
        up = until(lambda: [service for service in waiting if service.starts()], "nothing is taken up")
        waiting = [service for service in waiting if service not in up]
    assert scene.supervisor() == core and scene.scanner().poll() is None


@case(*SCANNING)
def a_core_that_finds_fewer_descriptors_than_the_last_starts_no_second_copy(scene):
    services = [scene.service(f"s{number:02}") for number in range(24)]
    scene.start(preexec_fn=few_descriptors(64))
    core = scene.supervisor()
    until(lambda: len(scene.errors()) >= 4, "nothing is said")
    never(lambda: not alive(core), "the core has ended")
    pids = {service: service.starts()[-1] for service in services if service.starts()}
    # A process that was taken on costs a descriptor more than one that was started.
    kill(core)
    wait_gone(core)
    until(lambda: scene.core() not in (0, core), "there is no new core")
    taken_on = lambda: [service for service in pids if service.supervised()]
    until(lambda: len(taken_on()) >= 4, "nothing is taken on")
    never(lambda: any(service.starts() != [pid] for service, pid in pids.items()), "there is a second copy",
          limit=RETRY)
    assert all(map(alive, pids.values()))
    restart_and_obey(*taken_on())


@case(*SINGLE)
def one_service_needs_few_descriptors(scene):
    service = scene.service("service")
    scene.start(preexec_fn=few_descriptors(20))
    service.wait_up()
    restart_and_obey(service)
    assert not scene.errors(), scene.errors()


@case(*SCANNING)
def a_limit_that_was_raised_for_the_core_is_not_passed_on(scene):
    service = scene.service("service", run="#!/bin/sh\nulimit -Sn >soft\nulimit -Hn >hard\nexec sleep 100000\n")
    scene.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 4000)))
    until(lambda: (service.read("soft"), service.read("hard")) == ("100\n", "4000\n"),
          lambda: f"the limits are {service.read('soft')!r} and {service.read('hard')!r}")
    assert resource.prlimit(scene.supervisor(), resource.RLIMIT_NOFILE)[0] >= 4000


@case(*SCANNERS)
def a_hard_limit_that_may_be_raised_is(scene):
    services = [scene.service(f"s{number:02}") for number in range(40)]
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if subprocess.run(["/bin/sh", "-c", "ulimit -n 65"], preexec_fn=few, stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("this process may not raise its hard limits")
    scene.start(preexec_fn=few)
    for service in services:
        service.wait_started()
    assert not scene.errors(), scene.errors()


# --- inotify ---

HOARD = """
import ctypes, signal
libc = ctypes.CDLL(None)
while libc.inotify_init() >= 0:
    pass
print(flush=True)
signal.pause()
"""


@case(*SCANNING)
def new_services_are_found_without_inotify(scene):
    service = scene.service("service")
    user = scene.give_to_a_user()
    hoard = subprocess.Popen([sys.executable, "-IS", "-c", HOARD], env=scene.environment, user=user,
                             stdout=subprocess.PIPE)
    assert hoard.stdout.readline() == b"\n"
    scene.start(user=user, group=user, extra_groups=[])
    service.wait_up()
    until(lambda: scene.errors("watch"), "nothing is said of it")
    new = Service(scene, "new")
    os.chown(new.path, user, user)
    new.wait_up()
    hoard.kill()
    hoard.wait()
    newest = Service(scene, "newest")
    os.chown(newest.path, user, user)
    newest.wait_up()
    assert len(scene.errors()) == 1, scene.errors()


# --- processes ---

@case(*SCANNING)
def services_that_find_no_process_wait_until_others_leave(scene):
    services = [scene.service(f"s{number}") for number in range(10)]
    user = scene.give_to_a_user()
    limit = 7  # scanner, core and five services
    scene.start(user=user, group=user, extra_groups=[],
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit)))
    core = scene.supervisor()
    running = lambda: [service for service in services if service.starts()]
    until(lambda: len(running()) == limit - 2, lambda: f"{len(running())} run")
    until(lambda: scene.errors("unable to fork"), "nothing is said of it")
    up = running()
    for service in up:
        service.wait_up()
    waiting = [service for service in services if service not in up]
    # One that dies may lose its place to one that waits, but nobody is forgotten.
    for service in up:
        service.control(b"d")
    for service in up:
        service.wait_down()
    for service in waiting:
        service.wait_up()
    assert scene.supervisor() == core and scene.scanner().poll() is None
    most = 3 * len(waiting)
    assert len(scene.errors()) <= most, f"more than {most} lines: {scene.errors()}"


# --- standard error ---

def fill(writing):
    os.set_blocking(writing, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(writing, b"x" * size)
        except BlockingIOError:
            pass


def full_pipe():
    reading, writing = os.pipe()
    fill(writing)
    os.set_blocking(writing, True)
    return reading, writing


def full_pipe_without_waiting():
    reading, writing = os.pipe()
    fill(writing)
    return reading, writing


def full_socket():
    reading, writing = (end.detach() for end in socket.socketpair())
    fill(writing)
    os.set_blocking(writing, True)
    return reading, writing


def terminal_that_is_not_read():
    reading, writing = os.openpty()
    fill(writing)
    os.set_blocking(writing, True)
    return reading, writing


def where_nobody_reads(scene, errors):
    good = scene.service("good")
    broken = scene.service("broken", run=BROKEN)
    reading, writing = errors()
    scene.start(stderr=writing)
    good.wait_up()
    restart_and_obey(good)
    broken.write("run", STEADY)
    broken.wait_up()
    restart_and_obey(broken, good)
    os.close(reading)
    os.close(writing)


@case(*EVERY)
def a_standard_error_that_nobody_reads_stops_no_service(scene):
    where_nobody_reads(scene, full_pipe)


@case(*EVERY)
def a_standard_error_that_does_not_wait_stops_no_service(scene):
    where_nobody_reads(scene, full_pipe_without_waiting)


@case(*EVERY)
def a_full_socket_as_standard_error_stops_no_service(scene):
    where_nobody_reads(scene, full_socket)


@case(*EVERY)
def a_terminal_that_is_not_read_stops_no_service(scene):
    where_nobody_reads(scene, terminal_that_is_not_read)


@case(KINDRED_SCAN)
def a_stop_that_must_kill_ends_though_nobody_reads_of_it(scene):
    stubborn = scene.service("stubborn", run="#!/bin/sh\ntrap '' TERM\necho $$ >>starts\nwhile :; do sleep 1; done\n")
    reading, writing = full_pipe()
    scan = scene.launch("kindred", "scan", "--run-dir", scene.run_dir, "--stop-timeout", "0", scene.scan, stderr=writing)
    stubborn.wait_started()
    scan.terminate()
    assert scan.wait(LIMIT) == 0
    os.close(reading)
    os.close(writing)


@case(S6_SVSCAN)
def a_scanner_that_must_complain_though_nobody_reads_obeys(scene):
    service = scene.service("service")
    reading, writing = full_pipe()
    scene.start(stderr=writing)
    service.wait_started()
    with open(f"{scene.scan}/.s6-svscan/control", "wb", buffering=0) as control:
        control.write(b"???t")
    assert scene.scanner().wait(LIMIT) == 0
    os.close(reading)
    os.close(writing)


@case(*EVERY)
def a_standard_error_whose_reader_has_gone_ends_nobody(scene):
    good, broken = scene.service("good"), scene.service("broken", run=BROKEN)
    reading, writing = os.pipe()
    scene.start(stderr=writing)
    os.close(writing)
    untouched = good.wait_up()
    until(lambda: os.read(reading, 1), "nothing is said of a broken run")
    os.close(reading)
    supervisor = scene.supervisor(broken)
    never(lambda: not alive(supervisor) or not alive(untouched), "somebody has ended", limit=2.5)
    broken.write("run", STEADY)
    broken.wait_up()
    restart_and_obey(broken, good)
    assert scene.lives(good) and scene.lives(broken)


@case(*EVERY)
def closed_standard_descriptors_become_nobodys_files(scene):
    service = scene.service("service", run="#!/bin/sh\nls -l /proc/self/fd >descriptors 2>&1\nexec sleep 100000\n")
    scene.start(preexec_fn=lambda: [os.close(descriptor) for descriptor in (0, 1, 2)])
    service.wait_up()
    listed = until(lambda: service.read("descriptors"), "it has not listed its descriptors")
    assert "supervise" not in listed and "socket" not in listed, listed
    service.control(b"d")
    service.wait_down()
