"""What users of the originals reported or attackers would try, and no other module has: each case is one of them."""

import os
import random
import stat
import subprocess
import time

from harness import (ENCORE, ENCORE_SVSCAN, FREEDT_SVSCAN, KINDRED_SCAN, PERPD, RUNSV, RUNSVDIR, S6, S6_SVSCAN, SCANNERS,
                     SUPERVISE, SVSCAN, Skip, alive, case, kill, never, restart_and_obey, until, wait_gone,
                     write_until_full)

# How a family's own client is asked about the service in the working directory, and what it says of one that runs.
ASKED = {"daemontools": ("svstat .", ": up "), "encore": ("svstat .", ": up "), "freedt": ("svstat .", ": up "),
         "runit": ("sv status .", "run: "), "s6": ("s6-svstat .", "up "), ".": ("svstat .", ": up ")}


@case(SUPERVISE, SVSCAN, FREEDT_SVSCAN, RUNSV, RUNSVDIR, ENCORE, ENCORE_SVSCAN, S6, S6_SVSCAN, KINDRED_SCAN)
def a_run_that_asks_about_itself_at_once_is_never_told_down(scene):
    words, up = ASKED[scene.home.family]
    path = f"PATH={scene.bin_dir}/daemontools:$PATH\n" if scene.home is KINDRED_SCAN else ""
    run = f"#!/bin/sh\n{path}{words} >told.new 2>&1\nmv told.new told\nexec sleep 100000\n"
    services = [scene.service(f"s{number}", run=run) for number in range(40)]
    scene.start()
    for service in services:
        until(lambda: service.read("told"), "it has not started")
        assert up in service.read("told"), f"{service.name} was told: {service.read('told')}"


@case(RUNSV, RUNSVDIR, ENCORE, ENCORE_SVSCAN)
def a_log_that_asks_about_its_service_at_once_finds_it(scene):
    words, up = ASKED[scene.home.family]
    # Of one supervisor's main and log: encore's is a file, runit's a directory.
    file, place, path = ("log", ".", "told") if scene.home.family == "encore" else ("log/run", "..", "log/told")
    log = f"#!/bin/sh\n{words[:-1]}{place} >told.new 2>&1\nmv told.new told\nexec cat >lines\n"
    services = [scene.service(f"s{number}") for number in range(20)]
    for service in services:
        service.write(file, log)
    scene.start()
    for service in services:
        until(lambda: service.read(path), "its log has not started")
        told = service.read(path)
        assert up in told or "down" in told, f"the log of {service.name} was told: {told}"


@case(KINDRED_SCAN)
def a_run_that_asks_about_itself_in_a_view_is_never_told_down(scene):
    place = f"{scene.run_dir}/views/runit"
    run = f"#!/bin/sh\n{scene.bin_dir}/runit/sv status {place}/${{PWD##*/}} >told.new 2>&1\nmv told.new told\nexec sleep 100000\n"
    services = [scene.service(f"s{number}", run=run) for number in range(40)]
    scene.launch("kindred", "scan", "--views", "runit", "--run-dir", scene.run_dir, scene.scan)
    for service in services:
        until(lambda: service.read("told"), "it has not started")
        # Its view is made after its start; once it is there it says what is.
        assert "down: " not in service.read("told"), service.read("told")


def copies(service):
    return [pid for pid in service.starts() if alive(pid)]


@case(*SCANNERS)
def a_supervisor_that_is_killed_while_it_starts_services_starts_none_of_them_twice(scene):
    """Between the making of a process and its record, too: the intent is written first."""
    services = [scene.service(f"s{number:02}") for number in range(60)]

    def started():
        # What was just being started may still hold what its supervisor held.
        if scene.scanner().poll() is not None:
            scene.start()
        return sum(bool(copies(service)) for service in services)
    for wanted in (6, 24, 48):
        scene.start()
        until(lambda: started() >= wanted, "they do not start")
        scene.kill_supervisors()
    scene.start()
    until(lambda: started() == 60, "some do not run")
    assert not [service.name for service in services if len(copies(service)) > 1]
    never(lambda: any(len(copies(service)) > 1 for service in services), "there is a second copy")


@case(*(home for home in SCANNERS if home is not PERPD))
def a_supervisor_that_is_killed_again_and_again_leaves_one_of_each(scene):
    """By something quick: what is killed is at its end still when the next one looks at what it left."""
    services = [scene.service(f"s{number}", log="#!/bin/sh\necho $$ >>starts\nexec cat >/dev/null\n") for number in range(6)]
    moments = random.Random(1)
    for _ in range(10):
        scene.start()
        time.sleep(moments.random() * moments.choice((0.02, 0.08, 0.2)))
        for pid in [scene.scanner().pid, *scene.cores()]:
            kill(pid)
        scene.processes.pop("").wait()
    until(lambda: started(scene, services), "they do not run")
    never(lambda: doubled(services), lambda: f"twice there: {doubled(services)}")


def started(scene, services):
    if "" not in scene.processes or scene.scanner().poll() is not None:
        scene.start()
    return all(copies(service) and live_logs(service) for service in services)


def live_logs(service):
    return [pid for pid in map(int, service.lines("log/starts")) if alive(pid)]


def doubled(services):
    return [service.name for service in services if len(copies(service)) > 1 or len(live_logs(service)) > 1]


def survive_twice(scene, services, before_second=None):
    scene.start()
    until(lambda: all(copies(service) for service in services), "they do not run")
    for _ in range(2):
        scene.kill_supervisors()
        if before_second:
            before_second()
        scene.start()
        never(lambda: any(len(copies(service)) != 1 for service in services), "there is a second copy")


@case(*SCANNERS)
def a_run_directory_that_is_full_from_the_start_costs_no_second_copy(scene):
    services = [scene.service(f"s{number}") for number in range(4)]
    scene.mounts.add(scene.run_dir, "size=64k,mode=0700")
    write_until_full(f"{scene.run_dir}/filler")
    survive_twice(scene, services)


@case(*SCANNERS)
def a_run_directory_that_fills_up_costs_no_second_copy(scene):
    services = [scene.service(f"s{number}") for number in range(4)]
    scene.mounts.add(scene.run_dir, "size=64k,mode=0700")
    survive_twice(scene, services, lambda: write_until_full(f"{scene.run_dir}/filler"))


TALKATIVE = """#!/usr/bin/env python3
import os, signal, time
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
open("starts", "a").write(f"{os.getpid()}\\n")
number = 0
while True:
    try:
        os.write(1, b"%d\\n" % number)
    except OSError:
        open("lost", "a").write(f"{number}\\n")
    number += 1
    time.sleep(0.02)
"""
LOGGER = "#!/bin/sh\necho $$ >>starts\nexec cat >>lines\n"


@case(SVSCAN, RUNSVDIR, RUNSV, FREEDT_SVSCAN, ENCORE_SVSCAN, S6_SVSCAN, PERPD, KINDRED_SCAN)
def a_log_that_dies_together_with_the_supervisor_is_followed_at_the_same_pipe(scene):
    service = scene.service(run=TALKATIVE, log=LOGGER)
    scene.start()
    main = service.wait_started()
    until(lambda: len(service.lines("log/lines")) > 5, "nothing is logged")
    scene.kill_supervisors()
    kill(int(service.lines("log/starts")[-1]))
    scene.start()
    until(lambda: len(service.lines("log/starts")) == 2, "there is no second logger")
    until(lambda: scene.home.alone or service.supervised("" if scene.home is RUNSV else "log/"), "it is not supervised again")
    seen, lost = len(service.lines("log/lines")), service.lines("lost")
    until(lambda: len(service.lines("log/lines")) > seen + 20, "what main says goes nowhere")
    assert service.starts() == [main] and service.lines("lost") == lost


WANDERER = "#!/bin/sh\nread uptime idle </proc/uptime\necho $$ $uptime >>starts\ncd / && exec sleep 100000\n"


@case(SUPERVISE, *SCANNERS)
def a_service_that_went_to_another_directory_gets_no_second_copy(scene):
    services = [scene.service(f"s{number}", run=WANDERER) for number in range(3)]
    scene.start()
    pids = {service: service.wait_started() for service in services}
    for pid in pids.values():
        until(lambda: os.readlink(f"/proc/{pid}/cwd") == "/", "it does not go there")
    scene.kill_supervisors()
    scene.start()
    never(lambda: any(len(service.starts()) > 1 for service in services), "it was started a second time")
    for service, pid in pids.items():
        assert service.starts() == [pid] and alive(pid)


@case(SVSCAN, RUNSVDIR, FREEDT_SVSCAN, ENCORE_SVSCAN, KINDRED_SCAN)
def rights_given_on_one_services_files_stay_and_are_no_rights_on_anothers(scene):
    """supervise/ok and supervise/control given to a user, once; and a lock that he holds keeps one service back."""
    if os.geteuid() != 0:
        raise Skip("only root can give files away")
    given, other = scene.service("given"), scene.service("other")
    scene.start()
    first = {service: service.wait_running() for service in (given, other)}
    user = 1_600_000_000 + os.getpid()
    before = os.stat(other.file("supervise/ok")), os.stat(other.file("supervise/control"))
    for name, mode in (("ok", 0o660), ("control", 0o620)):
        os.chown(given.file(f"supervise/{name}"), user, user)
        os.chmod(given.file(f"supervise/{name}"), mode)

    def rights():
        return [(file.st_uid, stat.S_IMODE(file.st_mode)) for file in
                (os.stat(given.file("supervise/ok")), os.stat(given.file("supervise/control")))]
    assert rights() == [(user, 0o660), (user, 0o620)]
    for file, name in zip(before, ("ok", "control")):
        now = os.stat(other.file(f"supervise/{name}"))
        assert (now.st_uid, now.st_mode, now.st_ino) == (file.st_uid, file.st_mode, file.st_ino), "they are one file"
    scene.kill_supervisors()
    hold = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    holder = subprocess.Popen(["python3", "-c", hold, given.file("supervise/lock")], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, env=scene.environment)
    holder.stdout.readline()
    scene.start()
    until(other.supervised, "one lock keeps all services back")
    assert other.wait_up() == first[other]
    holder.stdin.close()
    holder.wait()
    until(given.supervised, "it is not supervised again when its lock is free")
    assert given.wait_up() == first[given]
    assert rights() == [(user, 0o660), (user, 0o620)], "what was given has been taken back"
    restart_and_obey(given, other)


@case(KINDRED_SCAN)
def views_may_go_and_come_while_clients_write_into_them(scene):
    services = [scene.service(f"s{number}") for number in range(8)]
    scan = scene.launch("kindred", "scan", "--views", "runit", "--run-dir", scene.run_dir, scene.scan)
    pids = {service: service.wait_started() for service in services}
    write = ("import os, sys\nwhile True:\n for path in sys.argv[1:]:\n  try:\n"
             "   f = os.open(path, os.O_WRONLY | os.O_NONBLOCK); os.write(f, b'u'); os.close(f)\n  except OSError: pass\n")
    fifos = [f"{scene.run_dir}/views/runit/{service.name}/supervise/control" for service in services]
    writer = subprocess.Popen(["python3", "-c", write, *fifos], env=scene.environment)
    for _ in range(40):
        for views in ("none", "runit"):
            code, said = scene.client("kindred", "control", "--run-dir", scene.run_dir, "--views", views)
            assert code == 0, said
    writer.kill()
    writer.wait()
    assert scan.poll() is None, "the scan has died"
    for service, pid in pids.items():
        assert service.starts() == [pid] and alive(pid)
    for service in services:
        service.control(b"d")
        wait_gone(pids[service])
