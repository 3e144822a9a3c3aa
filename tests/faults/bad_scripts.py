"""Every way in which `run` cannot be executed, and the ways in which it can although it looks odd."""

import os
import re
import time

from harness import (EVERY, PAIRING, QUIET, STEADY, Service, case, never, processor_seconds, restart_and_obey,
                     until, wake_ups)

TRIES = 3


def missing(path):
    pass


def directory(path):
    os.mkdir(path)


def not_executable(path):
    with open(path, "w") as file:
        file.write(STEADY)


def without_interpreter_line(path):
    with open(path, "w") as file:
        file.write("exec sleep 100000\n")
    os.chmod(path, 0o755)


def empty(path):
    open(path, "w").close()
    os.chmod(path, 0o755)


def dangling_link(path):
    os.symlink("/nowhere/at/all", path)


def missing_interpreter(path):
    with open(path, "w") as file:
        file.write("#!/nowhere/sh\n")
    os.chmod(path, 0o755)


def endless_link(path):
    os.symlink("run", path)


KINDS = (missing, directory, not_executable, without_interpreter_line, empty, dangling_link, missing_interpreter,
         endless_link)


@case(*EVERY)
def a_run_that_cannot_be_executed_costs_one_line_a_try_until_it_can(scene):
    good = scene.service("good")
    broken = {kind: scene.service(kind.__name__, run=None) for kind in KINDS}
    for kind, service in broken.items():
        kind(service.file("run"))
    scene.start()
    untouched = good.wait_up()
    line = re.compile({"daemontools": r"supervise: fatal: unable to start \w+/run: [a-z -]+",
                       "runit": r"runsv \w+: fatal: unable to start \./run: [a-z -]+"}[scene.home.family])
    for service in broken.values():
        until(lambda: len(scene.errors(service.name)) >= TRIES, f"{service.name} is not said, or not tried again")
    for service in broken.values():
        said = scene.errors(service.name)
        assert all(line.fullmatch(each) for each in said), said
        assert scene.lives(service)
    counts = {service: len(scene.errors(service.name)) for service in broken.values()}
    assert max(counts.values()) <= 3 * min(counts.values()) + 3, f"tries a second differ: {counts.values()}"

    for service in broken.values():
        if os.path.isdir(service.file("run")):
            os.rmdir(service.file("run"))
        service.write("run", STEADY)
    for service in broken.values():
        service.wait_up()
        assert service.wait_started() == service.up()
    restart_and_obey(*broken.values())
    assert good.starts() == [untouched] and good.up() == untouched


@case(*EVERY)
def a_run_that_ends_at_once_is_tried_once_a_second_and_nothing_spins(scene):
    hasty = scene.service("hasty", run=STEADY.replace("exec sleep 100000", "exit 1"))
    good = scene.service("good")
    scene.start()
    untouched = good.wait_up()
    hasty.wait_started(2)
    supervisor = scene.supervisor(hasty)
    busy_before, starts_before = processor_seconds(supervisor), len(hasty.starts())
    hasty.wait_started(starts_before + 4)
    assert processor_seconds(supervisor) - busy_before < 0.5, "the supervisor is busy"
    times = hasty.start_times()
    apart = [later - earlier for earlier, later in zip(times, times[1:])]
    # The script notes the time, and may do so late once; two tries in a row are two seconds apart all the same.
    assert all(a + b > 1.5 for a, b in zip(apart, apart[1:])), f"tries too close together: {apart}"
    assert good.starts() == [untouched]


@case(*EVERY)
def after_trouble_a_supervisor_sleeps_again(scene):
    broken, blocked = scene.service("broken", run="#!/nowhere/sh\n"), scene.service("blocked")
    os.makedirs(blocked.file("supervise/status.new"))
    scene.start()
    until(lambda: scene.errors("broken") and scene.errors("blocked"), "nothing is said")
    broken.write("run", STEADY)
    os.rmdir(blocked.file("supervise/status.new"))
    for service in (broken, blocked):
        service.wait_up()
    restart_and_obey(broken, blocked)
    if scene.home.scans:
        new = Service(scene, "new")
        new.wait_up()
    supervisors = {scene.supervisor(service) for service in (broken, blocked)}
    awake = [*supervisors] + ([scene.scanner().pid] if scene.home.scans else [])

    def sleeps():
        before = [wake_ups(pid) for pid in awake]
        time.sleep(QUIET)
        return [wake_ups(pid) for pid in awake] == before
    until(sleeps, "something wakes it up again and again")


@case(*EVERY)
def scripts_and_service_directories_may_be_links(scene):
    os.mkdir(scene.file("elsewhere"))
    linked_run = scene.service("linked-run", run=None)
    with open(scene.file("elsewhere/start.sh"), "w") as script:
        script.write(STEADY)
        os.fchmod(script.fileno(), 0o755)
    os.symlink(scene.file("elsewhere/start.sh"), linked_run.file("run"))
    linked_directory = scene.service("linked-directory")
    os.rename(linked_directory.path, scene.file("elsewhere/real"))
    os.symlink(scene.file("elsewhere/real"), linked_directory.path)
    odd = scene.service("a name with spaces, and 'quotes'")
    no_newline = scene.service("no-newline", run=STEADY.rstrip("\n"))
    services = (linked_run, linked_directory, odd, no_newline)
    scene.start()
    for service in services:
        assert service.wait_up() == service.wait_started()
    restart_and_obey(*services)
    assert not scene.errors(), scene.errors()


@case(*PAIRING)
def a_log_may_be_a_link_and_a_dangling_one_is_no_log(scene):
    os.makedirs(scene.file("elsewhere/log"))
    with open(scene.file("elsewhere/log/run"), "w") as script:
        script.write("#!/bin/sh\nexec cat >>lines\n")
        os.fchmod(script.fileno(), 0o755)
    linked = scene.service("linked", run="#!/bin/sh\necho hello from $$\nexec sleep 100000\n")
    os.symlink(scene.file("elsewhere/log"), linked.file("log"))
    dangling = scene.service("dangling")
    os.symlink("/nowhere/at/all", dangling.file("log"))
    plain = scene.service("plain", log__what="a directory without run\n")
    scene.start()
    pid = linked.wait_up()
    dangling.wait_up()
    until(lambda: linked.read("log/lines") == f"hello from {pid}\n", "the log does not hear its service")
    # A log that cannot start is tried again like any other service, and its main runs.
    until(lambda: len(scene.errors("plain")) >= 2, "a log without run is not said")
    main = plain.wait_up()
    plain.write("log/run", "#!/bin/sh\nexec sleep 100000\n")
    plain.wait_up("log/")
    assert plain.up() == main


@case(*PAIRING)
def a_log_that_is_a_file_leaves_its_service_supervised(scene):
    service, other = scene.service("service", log__x=""), scene.service("other")
    os.unlink(service.file("log/x"))
    os.rmdir(service.file("log"))
    open(service.file("log"), "w").close()
    scene.start()
    other.wait_up()
    pid = service.wait_up()
    until(lambda: scene.errors("service"), "nothing is said of it")
    never(lambda: len(scene.errors("service")) > 1, "it is said more than once")
    assert service.up() == pid and service.starts() == [pid]
