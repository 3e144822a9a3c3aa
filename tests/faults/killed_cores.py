"""Cores that are killed while the keeper lives: the next goes on where the one before stopped."""

import contextlib
import errno
import os
import platform
import random
import shutil
import signal
import socket
import struct
import subprocess
import time

from harness import (CORE, ENCORE, KINDRED_SCAN, MANAGER, PERPD, RUNSV, RUNSVDIR, S6, S6_SVSCAN, STEADY, SUPERVISE, SVSCAN, Skip, alive, case,
                     children, descriptors, kill, name_of, never, process_state, restart_and_obey, until, wait_gone)
from refused_calls import can_hide, hide, refuse

KEPT_SCANNERS = (SVSCAN, RUNSVDIR, S6_SVSCAN, PERPD, KINDRED_SCAN)
KEPT_SINGLE = (SUPERVISE, RUNSV, ENCORE, S6)
KEPT = (*KEPT_SCANNERS, *KEPT_SINGLE, MANAGER)


def kept_by(keeper):
    """The core. What it has made and is not executed yet has its name, too, for a moment."""
    def named():
        return {child for child in children(keeper) if alive(child) and name_of(child) == CORE}
    first = named()
    time.sleep(0.03)
    return sorted(first & named())


def kept_cores(scene):
    return [core for process in scene.processes.values() for core in kept_by(process.pid)]


def kept_core(scene):
    return next(iter(kept_cores(scene)), 0)


def kill_core(scene):
    """Kills all cores there are; returns when there are as many others."""
    before = until(lambda: kept_cores(scene), "there is no core")
    for core in before:
        kill(core)
    until(lambda: len(set(kept_cores(scene)) - set(before)) == len(before), "a core has not been replaced")


@contextlib.contextmanager
def no_core(scene):
    """Of one keeper, which is stopped meanwhile and replaces none."""
    core = until(lambda: kept_core(scene), "there is no core")
    keeper = next(iter(scene.processes.values())).pid
    kill(keeper, signal.SIGSTOP)
    kill(core)
    until(lambda: not alive(core), "the core lives")
    yield
    kill(keeper, signal.SIGCONT)


@case(*KEPT)
def a_core_that_is_killed_is_replaced_and_its_services_go_on(scene):
    services = [scene.service("one"), scene.service("two")]
    scene.start()
    pids = {service: service.wait_running() for service in services}
    keepers = {key: process.pid for key, process in scene.processes.items()}
    for _ in range(3):
        kill_core(scene)
    for service in services:
        assert service.wait_up() == pids[service], "it is shown with another process"
    restart_and_obey(*services)
    assert all(service.starts()[0] == pids[service] for service in services)
    assert {key: process.pid for key, process in scene.processes.items() if process.poll() is None} == keepers
    assert not scene.errors(), scene.errors()


@case(SVSCAN, KINDRED_SCAN, MANAGER)
def a_core_that_is_killed_again_and_again_starts_nothing_twice(scene):
    services = [scene.service(f"s{number}") for number in range(20)]
    scene.start()
    chance = random.Random(11)
    # From the first moment on, also while services are being started for the first time.
    for _ in range(12):
        core = until(lambda: kept_core(scene), "there is no core")
        never(lambda: False, "", limit=chance.random() * 0.05)
        kill(core)
        wait_gone(core)
    pids = {service: service.wait_running() for service in services}
    never(lambda: any(service.starts() != [pids[service]] for service in services), "a service was started twice")
    restart_and_obey(*services[:3])
    assert not scene.errors(), scene.errors()


def control_views(scene, views):
    subprocess.run([f"{scene.bin_dir}/kindred", "control", "--run-dir", scene.run_dir, "--views", views],
                   env=scene.environment, check=True)


@case(*KEPT)
def views_are_to_be_had_under_every_supervisor(scene):
    scene.environment["KINDRED_VIEWS"] = "daemontools"
    service = scene.service("web")
    scene.start()
    pid = service.wait_running()
    views = f"{scene.run_dir}/views"
    def shown():
        with open(f"{views}/daemontools/web/supervise/status", "rb") as record:
            return int.from_bytes(record.read()[12:16], "little")
    until(lambda: shown() == pid, "it is not shown")
    with open(f"/proc/{pid}/environ", "rb") as environment:
        assert b"KINDRED_VIEWS" not in environment.read()
    control_views(scene, "daemontools,runit")
    kill_core(scene)
    until(lambda: shown() == pid, "it is not shown any more")
    with open(f"{views}/runit/web/supervise/control", "wb") as control:
        control.write(b"d")
    wait_gone(pid)
    until(lambda: shown() == 0, "it is shown as up")
    control_views(scene, "none")
    assert os.listdir(views) == []
    assert not scene.errors(), scene.errors()


@case(PERPD, KINDRED_SCAN)
def who_has_asked_for_half_is_answered_by_the_next_core(scene):
    service = scene.service("web")
    scene.start()
    service.wait_running()
    base = scene.scan
    if scene.home is KINDRED_SCAN:
        control_views(scene, "perp")
        base = f"{scene.run_dir}/views/perp"
    known = os.stat(f"{base}/web")
    request = struct.pack("<BcBQQ", 2, b"Q", 16, known.st_dev, known.st_ino)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(60)
        at = os.open(f"{base}/.control", os.O_RDONLY)
        client.connect(f"/proc/self/fd/{at}/perpd.sock")
        os.close(at)
        for _ in range(2):
            client.send(request[:5])
            kill_core(scene)
            client.send(request[5:])
            assert client.recv(400)[:3] == b"\x02S\x42", "it is answered otherwise"
            upgrade(scene)
    assert not scene.errors(), scene.errors()


@case(SVSCAN, RUNSVDIR, MANAGER, SUPERVISE)
def who_ends_a_view_ends_its_supervisor(scene):
    scene.environment["KINDRED_VIEWS"] = "s6"
    service = scene.service("web")
    scene.start()
    pid = service.wait_running()
    kill_core(scene)
    done = subprocess.run([f"{scene.bin_dir}/s6/s6-svscanctl", "-t", f"{scene.run_dir}/views/s6"], env=scene.environment,
                          check=False)
    assert done.returncode == 0
    wait_gone(pid)
    assert [process.wait(60) for process in scene.processes.values()] == [0]
    assert service.starts() == [pid]
    assert not scene.errors(), scene.errors()


@case(KINDRED_SCAN)
def views_are_what_they_were_when_a_core_is_killed(scene):
    service, gone = scene.service("one"), scene.service("two")
    scene.start()
    pid, other = service.wait_running(), gone.wait_running()
    control_views(scene, "runit,s6,perp")
    views = f"{scene.run_dir}/views"
    fifo = f"{views}/runit/one/supervise/control"
    before = os.stat(fifo)
    waiting = subprocess.Popen([f"{scene.bin_dir}/s6/s6-svwait", "-D", "-t", "60000", f"{views}/s6/one"],
                               env=scene.environment)
    until(lambda: any(name.startswith("ftrig") for name in os.listdir(f"{views}/s6/one/event")), "nobody waits")
    with no_core(scene):
        with open(fifo, "wb") as control:
            control.write(b"p")
        kill(other)
        shutil.rmtree(gone.path)
    until(lambda: not os.path.exists(f"{views}/runit/two"), "it is still shown")
    until(lambda: process_state(pid) == "T", "it is not paused")
    after = os.stat(fifo)
    assert after.st_ino == before.st_ino and sorted(os.listdir(views)) == ["perp", "runit", "s6"], os.listdir(views)
    assert not os.path.exists(f"{views}/s6/two") and not os.path.exists(f"{views}/perp/two")
    with open(fifo, "wb") as control:
        kill_core(scene)
        control.write(b"cd")
    assert waiting.wait(60) == 0
    wait_gone(pid)
    assert not scene.errors(), scene.errors()


@case(*KEPT_SINGLE)
def how_a_service_ended_while_there_was_no_core_is_known(scene):
    # finish is told; where there is none, the record tells.
    service = scene.service(run="#!/bin/sh\necho $$ >>starts\nread word <hold\nexit 7\n",
                            finish='#!/bin/sh\necho "$@" >>finished\n')
    os.mkfifo(service.file("hold"))
    if scene.home in (SUPERVISE, ENCORE):
        service.write("finish", "")
    scene.start()
    pid = service.wait_running()
    with no_core(scene):
        with open(service.file("hold"), "w") as hold:
            hold.write("go\n")
        wait_gone(pid)
    service.wait_started(2)
    if scene.home in (RUNSV, S6):
        assert service.lines("finished")[0].split()[0] == "7", service.lines("finished")
    assert not scene.errors(), scene.errors()


@case(SVSCAN, RUNSV, S6)
def commands_that_came_while_there_was_no_core_are_obeyed(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_running()
    with no_core(scene):
        assert service.supervised(), "who asks finds nobody"
        service.control(b"d")
        assert alive(pid)
    wait_gone(pid)
    service.wait_down()
    service.wait_wanted("d")
    assert service.starts() == [pid]


@case(SVSCAN, RUNSV)
def without_proc_or_fallocate_a_core_that_is_killed_starts_nothing_twice(scene):
    can_hide()
    if platform.machine() != "x86_64":
        raise Skip("the number of fallocate is another here")
    fallocate = 285
    # Nobody knows who lives: there is no keeper's death here.
    for surround in (lambda: hide("/proc"), lambda: refuse(fallocate, errno.EPERM)):
        service = scene.service(f"s{len(scene.services)}")
        scene.start(preexec_fn=surround)
        pid = service.wait_running()
        for _ in range(2):
            kill_core(scene)
            until(lambda: service.supervised() and service.up() == pid, lambda: f"it has started {service.starts()}")
        kill(pid)
        service.wait_started(2)
        assert service.wait_up() == service.starts()[-1] and len(service.starts()) == 2
        scene.kill_supervisors()
        kill(service.starts()[-1])
        shutil.rmtree(service.path)
        scene.services.clear()


@case(SVSCAN, RUNSVDIR)
def what_is_deleted_and_made_again_while_there_is_no_core_runs_once(scene):
    service = scene.service(log="#!/bin/sh\nexec cat >>../../said\n", run="#!/bin/sh\necho line\n" + STEADY[10:])
    other = scene.service("other")
    scene.start()
    first, untouched = service.wait_running(), other.wait_running()
    with no_core(scene):
        shutil.rmtree(service.path)
        again = scene.service("main")
    wait_gone(first)
    again.wait_running()
    assert other.starts() == [untouched] and len(again.starts()) == 1


@case(SVSCAN, RUNSV, RUNSVDIR)
def no_line_is_lost_between_a_service_and_its_log_when_cores_are_killed(scene):
    service = scene.service(run="#!/bin/sh\nexec 3<go\ni=0\nwhile [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done\nexec sleep 100000\n",
                            log="#!/bin/sh\nexec cat >>../said\n")
    os.mkfifo(service.file("go"))
    scene.start()
    hold = os.open(service.file("go"), os.O_RDWR)
    for _ in range(5):
        kill_core(scene)
    until(lambda: service.lines("said")[-1:] == ["2000"], lambda: f"{len(service.lines('said'))} lines")
    os.close(hold)
    assert service.lines("said") == [str(number) for number in range(1, 2001)]


@case(MANAGER)
def what_a_manager_was_asked_for_is_known_to_the_next_core(scene):
    plumb, activate, unload, connectable = 1, 3, 4, 5
    count = "#!/bin/sh\nexec 3<go\ni=0\nwhile [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done\nexec sleep 100000\n"
    one = scene.service("one", run=count)
    log = scene.service("its log", run="#!/bin/sh\necho $$ >>starts\nexec cat >>../said\n")
    gone = scene.service("gone")
    os.mkfifo(one.file("go"))
    scene.start()
    for service in (one, gone):
        service.wait_up()
    log.control(b"d")
    log.wait_down()
    scene.ask_manager(connectable, log.file("supervise"))
    scene.ask_manager(plumb, one.file("supervise"), log.file("supervise"))
    gone.control(b"d")
    gone.wait_down()
    scene.ask_manager(unload, gone.file("supervise"))
    until(lambda: not gone.supervised(), "it is not unloaded")
    # It inherits the pipe from now on; its log is to be started by what comes through that.
    first = one.up()
    kill(first)
    pid = one.wait_up(but=first)
    scene.ask_manager(activate, log.file("supervise"))
    # Requests are obeyed in order.
    late = scene.service("late")
    scene.load(late)
    until(late.supervised, "the request is not obeyed")
    kill_core(scene)
    upgrade(scene)
    assert one.wait_up() == pid and log.supervised() and not gone.supervised() and len(log.starts()) == 1
    hold = os.open(one.file("go"), os.O_RDWR)
    log.wait_up()
    for _ in range(5):
        kill_core(scene)
    said = f"{scene.scan}/said"
    lines = [str(number) for number in range(1, 2001)]
    until(lambda: os.path.exists(said) and open(said).read().split("\n")[:-1] == lines, "lines are missing")
    os.close(hold)
    # Who comes back is a service like others, and all end where that was said while there was no core.
    scene.load(gone)
    until(gone.supervised, "it is not loaded again")
    for service in (gone, late):
        service.control(b"u")
    restart_and_obey(gone, late)
    with no_core(scene):
        kill(scene.processes[""].pid, signal.SIGTERM)
    until(lambda: scene.processes[""].poll() is not None, lambda: f"they go on: {[(s.name, s.describe(), s.supervised()) for s in scene.services]}")
    assert scene.processes[""].poll() == 0
    until(lambda: not any(service.supervised() for service in scene.services), "something is loaded still")


@case(SVSCAN, RUNSVDIR)
def a_core_whose_keeper_is_killed_goes_on_and_hears_of_every_end(scene):
    services = [scene.service("one"), scene.service("two")]
    scene.start()
    pids = {service: service.wait_running() for service in services}
    kill_core(scene)
    core = kept_core(scene)
    scanner = scene.processes.pop("")
    kill(scanner.pid)
    scanner.wait()
    # Made by a core that has gone, told of by a keeper that has gone.
    kill(pids[services[0]])
    services[0].wait_started(2)
    assert alive(core) and services[1].starts() == [pids[services[1]]]
    scene.start()
    restart_and_obey(*services)
    until(lambda: len(scene.cores()) == 1, "there is a second core")


@case(SVSCAN, KINDRED_SCAN, MANAGER)
def cores_that_are_killed_leave_no_descriptor_open(scene):
    services = [scene.service(f"s{number}") for number in range(5)]
    scene.start()
    for service in services:
        service.wait_running()
    keeper = scene.processes[""].pid
    before = descriptors(keeper)
    for _ in range(6):
        kill_core(scene)
        for service in services:
            service.wait_up()
    until(lambda: descriptors(keeper) <= before + 1, lambda: f"{descriptors(keeper)} descriptors, and {before} at first")


@case(SUPERVISE, RUNSV, S6, PERPD, KINDRED_SCAN, MANAGER)
def signals_to_the_keeper_are_the_supervisors(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_running()
    kill_core(scene)
    process = next(iter(scene.processes.values()))
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    wait_gone(pid)
    until(lambda: not scene.cores(), "its core stays")
    assert service.starts() == [pid]


@case(SUPERVISE, RUNSV, S6, PERPD, KINDRED_SCAN, MANAGER)
def a_signal_that_a_core_does_not_live_to_obey_is_the_next_ones(scene):
    # More than a core takes up in one turn, where there may be more than one.
    services = [scene.service(f"s{number}") for number in range(40 if scene.home is KINDRED_SCAN else 1)]
    scene.start()
    pids = {service: service.wait_running() for service in services}
    keeper, core = next(iter(scene.processes.values())), until(lambda: kept_core(scene), "there is no core")
    # It has been told, and does not hear it any more.
    kill(core, signal.SIGSTOP)
    keeper.send_signal(signal.SIGTERM)
    until(lambda: is_pending(core, signal.SIGTERM), "it is not told")
    kill(core)
    assert keeper.wait(30) == 0
    for service, pid in pids.items():
        wait_gone(pid)
        assert service.starts() == [pid]


@case(SVSCAN)
def without_a_keeper_a_core_is_a_process_of_its_own(scene):
    scene.environment["KINDRED_KEEPER"] = "none"
    service = scene.service()
    scene.start()
    pid = service.wait_running()
    kill(until(lambda: kept_core(scene), "there is no core"))
    until(lambda: service.wait_up() == pid and scene.core(), "it is not taken on")
    assert service.starts() == [pid]
    restart_and_obey(service)


def upgrade(scene):
    """Returns when every keeper of the case is another program in the same process."""
    before = until(lambda: kept_cores(scene), "there is no core")
    done = subprocess.run([f"{scene.bin_dir}/kindred", "control", "--run-dir", scene.run_dir, "--upgrade"],
                          env=scene.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    until(lambda: len(set(kept_cores(scene)) - set(before)) == len(before), "there is no new core")


def is_pending(pid, number):
    with open(f"/proc/{pid}/status") as status:
        pending = next(line for line in status if line.startswith("ShdPnd"))
    return int(pending.split()[1], 16) >> (number - 1) & 1


@case(*KEPT)
def an_upgrade_changes_neither_keeper_nor_services(scene):
    services = [scene.service("one"), scene.service("two")]
    scene.start()
    pids = {service: service.wait_running() for service in services}
    for _ in range(2):
        upgrade(scene)
    for service in services:
        assert service.wait_up() == pids[service], "it is shown with another process"
    restart_and_obey(*services)
    assert all(service.starts()[0] == pids[service] for service in services)
    assert all(process.poll() is None for process in scene.processes.values())
    assert not scene.errors(), scene.errors()


@case(SUPERVISE)
def an_upgrade_does_not_wait_for_a_keeper_that_ends_meanwhile(scene):
    service = scene.service()
    scene.start()
    service.wait_running()
    keeper = scene.processes[service.name]
    # It neither obeys nor ends before it is killed.
    kill(keeper.pid, signal.SIGSTOP)
    asking = subprocess.Popen([f"{scene.bin_dir}/kindred", "control", "--run-dir", scene.run_dir, "--upgrade"],
                              env=scene.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until(lambda: is_pending(keeper.pid, signal.SIGRTMIN), "it is not asked")
    kill(keeper.pid)
    said = asking.communicate(timeout=60)[1]
    assert asking.returncode == 111 and said.endswith(f"process {keeper.pid} has ended\n"), said


@case(S6)
def who_waits_for_a_service_is_answered_after_an_upgrade(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_running()
    waiting = subprocess.Popen([f"{scene.bin_dir}/s6/s6-svwait", "-D", "-t", "60000", service.path], env=scene.environment)
    until(lambda: any(name.startswith("ftrig") for name in os.listdir(service.file("event"))), "nobody waits")
    upgrade(scene)
    assert waiting.poll() is None
    service.control(b"d")
    assert waiting.wait(60) == 0
    wait_gone(pid)


@case(RUNSVDIR)
def a_program_that_does_not_understand_is_not_handed_over_to(scene):
    service = scene.service()
    # Its own copy, which is then replaced by something else.
    build = f"{scene.root}/build"
    shutil.copytree(scene.bin_dir, f"{build}/bin", symlinks=True)
    program = f"{build}/kindred-runit"
    shutil.copy(os.path.realpath(f"{scene.bin_dir}/runit/runsvdir"), program)
    scene.bin_dir = f"{build}/bin"
    scene.start()
    pid, core = service.wait_running(), until(lambda: kept_core(scene), "there is no core")
    os.unlink(program)
    with open(program, "w") as other:
        other.write("#!/bin/sh\nexit 100\n")
        os.fchmod(other.fileno(), 0o755)
    scene.scanner().send_signal(signal.SIGRTMIN)
    until(lambda: scene.errors("not upgraded"), "nothing is said")
    until(lambda: kept_core(scene) not in (0, core), "there is no core again")
    assert service.wait_up() == pid and service.starts() == [pid]
    restart_and_obey(service)
