"""kindred adopt takes over what an original supervises: the same processes go on, and no line of their logs is lost."""

import os
import re
import shutil
import subprocess
import threading
import time

from harness import (KINDRED_SCAN, MANAGER, RUNSV, RUNSVDIR, S6, S6_SVSCAN, SVSCAN, SYSTEM_PATH, Skip, case, kill, parent, process_state,
                     restart_and_obey, until)
from numbered_lines import check_complete, pair, wait_flowing

ADOPTED = (RUNSVDIR, S6_SVSCAN, SVSCAN)
LIMIT = 60


def start_original(scene, *words, cwd=None):
    """The original of the home's program, on the scene's services."""
    program = shutil.which(scene.home.program, path=SYSTEM_PATH)
    if program is None:
        raise Skip(f"there is no {scene.home.program} of the original")
    with open(scene.file("errors"), "a") as errors:
        scene.processes[""] = subprocess.Popen([program, *(words or (scene.scan,))], cwd=cwd or scene.root, stderr=errors,
                                               env={**scene.environment, "PATH": SYSTEM_PATH},
                                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return scene.processes[""]


def adopt(scene, *words, path=None, bin_dir=None):
    """Exit code and output of kindred adopt."""
    program = f"{bin_dir or scene.bin_dir}/kindred"
    done = subprocess.run([program, "adopt", *words, path or scene.scan], env=scene.environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    if "unable to hold" in done.stdout:
        raise Skip("this machine lets nobody be traced")
    return done.returncode, done.stdout


class Onlooker:
    """Asks again and again whether the service is supervised and which process it has, as clients do."""

    def __init__(self, service):
        self.service, self.pids, self.unsupervised, self.asked = service, set(), 0, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self):
        while not self.ended.is_set():
            self.unsupervised += not self.service.supervised()
            self.pids.add(self.service.record().pid)
            self.asked += 1
            time.sleep(0.0005)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


@case(*ADOPTED)
def what_an_original_supervises_goes_on_as_the_same_processes(scene):
    pairs = [pair(scene, f"pair{number}") for number in range(3)]
    resting = scene.service("resting", down="")
    steady = scene.service("steady")
    scanner = start_original(scene)
    mains = {service: service.wait_up() for service in pairs}
    logs = {service: service.wait_up("log/") for service in pairs}
    resting.wait_down()
    until(resting.supervised, "resting has no supervisor")
    first = steady.wait_started()
    steady.control(b"p")
    until(lambda: steady.record().paused, "steady is not paused")
    wait_flowing(*pairs)

    code, text = adopt(scene, "--dry-run")
    assert code == 0 and f"process {first}" in text, text
    assert scanner.poll() is None and not scene.cores()
    with Onlooker(pairs[1]) as onlooker:
        code, text = adopt(scene)
    assert code == 0, text
    assert onlooker.pids == {mains[pairs[1]]} and not onlooker.unsupervised and onlooker.asked > 10
    scanner.wait(LIMIT)
    assert {service: service.up() for service in pairs} == mains
    assert {service: service.up("log/") for service in pairs} == logs
    assert steady.up() == first and steady.record().paused and steady.starts() == [first]
    assert resting.supervised() and resting.record().pid == 0 and resting.record().want == "d"
    assert not scene.errors("unable to lock"), scene.errors()
    steady.control(b"c")
    wait_flowing(*pairs)

    # From now on they are services like any others.
    resting.control(b"u")
    for pid in (*mains.values(), *logs.values(), first):
        kill(pid)
    for service in pairs:
        service.wait_up(but=mains[service])
        service.wait_up("log/", but=logs[service])
    steady.wait_up(but=first)
    resting.wait_up()
    wait_flowing(*pairs)
    check_complete(*pairs)


@case(RUNSVDIR)
def what_is_killed_while_it_adopts_leaves_each_service_running_once(scene):
    services = [scene.service(f"s{number}") for number in range(4)]
    start_original(scene)
    pids = {service: service.wait_started() for service in services}
    for moment in range(1, 6):
        try:
            subprocess.run([f"{scene.bin_dir}/kindred", "adopt", scene.scan], env=scene.environment, timeout=moment / 150,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            pass  # it has been killed
    until(lambda: all(service.supervised() for service in services), "a service has no supervisor")
    adopt(scene)
    assert {service: service.starts() for service in services} == {service: [pid] for service, pid in pids.items()}
    restart_and_obey(*services)


@case(RUNSVDIR)
def what_services_say_into_the_process_list_is_shown_on(scene):
    service = scene.service(run="#!/bin/sh\necho $$ >>starts\nn=0\n"
                                "while :; do n=$((n + 1)); echo tick$n >&2; sleep 0.02; done\n")
    start_original(scene, scene.scan, "log: " + 50 * ".")
    pid = service.wait_started()
    code, text = adopt(scene)
    assert code == 0, text
    scanner = parent(until(scene.core, "there is no core"))

    def shown():
        with open(f"/proc/{scanner}/cmdline", "rb") as words:
            return [int(number) for number in re.findall(rb"tick(\d+)\n", words.read())]
    last = max(until(shown, "nothing is shown"))
    until(lambda: shown() and max(shown()) > last, "what is said is shown no more")
    assert service.starts() == [pid]


@case(RUNSV, S6)
def a_supervisor_that_no_scanner_has_started_is_taken_over_alone(scene):
    service = pair(scene) if scene.home is RUNSV else scene.service()
    start_original(scene, service.name, cwd=scene.scan)
    pid = service.wait_up()
    if scene.home is RUNSV:
        log = service.wait_up("log/")
        wait_flowing(service)
    code, text = adopt(scene, path=service.path)
    assert code == 0, text
    assert service.up() == pid and service.supervised()
    if scene.home is RUNSV:
        assert service.up("log/") == log
        kill(pid)
        service.wait_up(but=pid)
        wait_flowing(service)
        check_complete(service)
    else:
        service.control(b"d")
        service.wait_down()


@case(S6_SVSCAN)
def readiness_that_comes_after_the_adoption_is_heard(scene):
    service = scene.service(run="#!/bin/sh\necho $$ 0 >>starts\nread line <gate\necho >&3\nexec sleep 1000\n",
                            **{"notification-fd": "3\n"})
    os.mkfifo(service.file("gate"))
    start_original(scene)
    pid = service.wait_started()

    def ready():
        return scene.client("s6-svstat", "-o", "pid,ready", service.path)[1].split() == [str(pid), "true"]
    code, text = adopt(scene)
    assert code == 0, text
    assert not ready()
    with open(service.file("gate"), "w") as gate:
        gate.write("go\n")
    until(ready, "it is not ready")
    assert service.starts() == [pid]


@case(SVSCAN)
def what_cannot_be_done_leaves_all_as_it_was(scene):
    service = scene.service()
    scanner = start_original(scene)
    pid = service.wait_started()
    until(service.supervised, "it has no supervisor")
    code, text = adopt(scene, path=service.path)
    assert code == 111 and "name its scan directory" in text, text
    broken = scene.file("bin")
    os.makedirs(f"{broken}/{scene.home.family}")
    shutil.copy(f"{scene.bin_dir}/kindred", broken)
    program = f"{broken}/{scene.home.family}/{scene.home.program}"
    with open(program, "w") as script:
        script.write("#!/bin/sh\nexit 3\n")
    os.chmod(program, 0o755)
    code, text = adopt(scene, bin_dir=broken)
    assert code == 111 and "unable to keep running" in text, text
    assert scanner.poll() is None and service.starts() == [pid] and not scene.cores()
    service.control(b"d")
    service.wait_down()
    assert process_state(scanner.pid) in ("S", "R")


@case(*ADOPTED)
def what_is_released_is_started_again_once_by_an_original(scene):
    if shutil.which(scene.home.program, path=SYSTEM_PATH) is None:
        raise Skip(f"there is no {scene.home.program} of the original")
    service = pair(scene)
    resting = scene.service("resting")
    steady = scene.service("steady", down="")
    scene.start()
    pid = service.wait_up()
    until(steady.supervised, "steady has no supervisor")
    steady.control(b"u")
    first = steady.wait_started()
    rested = resting.wait_started()
    resting.control(b"d")
    resting.wait_down()
    wait_flowing(service)

    code, text = adopt(scene, "--release", "--dry-run")
    assert code == 0 and f"process {first} ends" in text, text
    assert scene.scanner().poll() is None and service.up() == pid
    code, text = adopt(scene, "--release")
    assert code == 0 and f"process {first} has ended" in text, text
    until(lambda: not scene.cores(), "kindred's core does not end")
    steady.wait_running()
    assert len(steady.starts()) == 2, steady.starts()
    assert "kindred" not in os.path.basename(os.readlink(f"/proc/{parent(steady.up())}/exe"))
    assert resting.supervised() and resting.starts() == [rested]
    assert os.path.exists(steady.file("down")) and not os.path.exists(resting.file("down"))
    resting.control(b"u")
    resting.wait_started(2)
    service.wait_up(but=pid)
    service.wait_started(2)
    wait_flowing(service)
    assert len(service.starts()) == 2, service.starts()
    check_complete(service)


@case(RUNSV)
def a_supervisor_alone_is_released_alone(scene):
    if shutil.which(scene.home.program, path=SYSTEM_PATH) is None:
        raise Skip(f"there is no {scene.home.program} of the original")
    service = pair(scene)
    scene.start()
    pid = service.wait_up()
    wait_flowing(service)
    code, text = adopt(scene, "--release", path=service.path)
    assert code == 0, text
    service.wait_up(but=pid)
    service.wait_started(2)
    wait_flowing(service)
    assert len(service.starts()) == 2, service.starts()
    check_complete(service)
    code, text = adopt(scene, "--release", path=service.path)
    assert code == 111 and "an original could follow has it" in text, text


@case(RUNSVDIR, RUNSV, KINDRED_SCAN)
def what_another_kindred_supervises_goes_on_as_the_same_processes(scene):
    service = pair(scene)
    scene.start()
    pid, log = until(lambda: service.starts() and service.starts()[0], "it is not started"), None
    wait_flowing(service)
    if scene.home is not KINDRED_SCAN:
        service.wait_up()
        log = service.wait_up("log/")
    path = service.path if scene.home is RUNSV else scene.scan
    other = scene.run_dir
    scene.run_dir = scene.file("run2")
    os.mkdir(scene.run_dir, 0o700)
    scene.environment["KINDRED_RUN_DIR"] = scene.run_dir
    code, text = adopt(scene, "--run-dir", other, "--dry-run", path=path)
    assert code == 0 and "goes on" in text, text
    old = scene.cores()
    code, text = adopt(scene, "--run-dir", other, path=path)
    assert code == 0, text
    assert scene.cores() and not set(old) & set(scene.cores())
    wait_flowing(service)
    assert service.starts() == [pid]
    if log:
        assert service.up() == pid and service.up("log/") == log
        kill(pid)
        service.wait_up(but=pid)
        wait_flowing(service)
        check_complete(service)


@case(MANAGER)
def what_was_given_its_services_by_others_is_not_taken_over(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_started()
    other = scene.run_dir
    scene.run_dir = scene.file("run2")
    os.mkdir(scene.run_dir, 0o700)
    scene.environment["KINDRED_RUN_DIR"] = scene.run_dir
    code, text = adopt(scene, "--run-dir", other, path=service.path)
    assert code == 111 and "unable to take over from service-manager" in text, text
    assert service.starts() == [pid] and service.up() == pid and service.supervised()
