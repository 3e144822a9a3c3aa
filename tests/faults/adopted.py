"""kindred adopt takes over what an original supervises: the same processes go on, and no line of their logs is lost."""

import re
import shutil
import subprocess

from harness import RUNSVDIR, S6_SVSCAN, SVSCAN, SYSTEM_PATH, Skip, case, kill, parent, restart_and_obey, until
from numbered_lines import check_complete, pair, wait_flowing

ADOPTED = (RUNSVDIR, S6_SVSCAN, SVSCAN)
LIMIT = 60


def start_original(scene, *words):
    """The original of the home's scanner, on the scene's services."""
    program = shutil.which(scene.home.program, path=SYSTEM_PATH)
    if program is None:
        raise Skip(f"there is no {scene.home.program} of the original")
    with open(scene.file("errors"), "a") as errors:
        scene.processes[""] = subprocess.Popen([program, *(words or (scene.scan,))], cwd=scene.root, stderr=errors,
                                               env={**scene.environment, "PATH": SYSTEM_PATH},
                                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return scene.processes[""]


def adopt(scene, *words):
    """Exit code and output of kindred adopt."""
    done = subprocess.run([f"{scene.bin_dir}/kindred", "adopt", *words, scene.scan], env=scene.environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    if "unable to hold" in done.stdout:
        raise Skip("this machine lets nobody be traced")
    return done.returncode, done.stdout


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
    code, text = adopt(scene)
    assert code == 0, text
    scanner.wait(LIMIT)
    assert {service: service.up() for service in pairs} == mains
    assert {service: service.up("log/") for service in pairs} == logs
    assert steady.up() == first and steady.record().paused and steady.starts() == [first]
    assert resting.supervised() and resting.record().pid == 0 and resting.record().want == "d"
    assert not scene.errors("unable to lock"), scene.errors()
    steady.control(b"c")
    wait_flowing(*pairs)

    for service in pairs:
        kill(logs[service])
    for service in pairs:
        service.wait_up("log/", but=logs[service])
        kill(mains[service])
    for service in pairs:
        service.wait_up(but=mains[service])
    wait_flowing(*pairs)
    check_complete(*pairs)
    resting.control(b"u")
    restart_and_obey(steady, resting)


@case(*ADOPTED)
def what_is_killed_while_it_adopts_leaves_each_service_running_once(scene):
    services = [scene.service(f"s{number}") for number in range(4)]
    start_original(scene)
    pids = {service: service.wait_started() for service in services}
    for moment in range(1, 7):
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
