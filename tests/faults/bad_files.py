"""What may lie in the place of supervise/status and of its temporary name."""

import os
import random
import shutil
import subprocess

from harness import ENCORE, EVERY, S6, alive, case, forged_record, never, restart_and_obey, until

# What takes its place, by name; each is given the path.


def empty(path):
    open(path, "w").close()


def truncated(path):
    with open(path, "wb") as file:
        file.write(random.Random(1).randbytes(7))


def noisy(path):
    with open(path, "wb") as file:
        file.write(random.Random(2).randbytes(20))


def oversized(path):
    with open(path, "wb") as file:
        file.write(b"\xff" * (1 << 20))


def fifo(path):
    os.mkfifo(path)


def directory(path):
    os.mkdir(path)
    open(f"{path}/not-empty", "w").close()


def dangling_link(path):
    os.symlink("nowhere", path)


def endless_link(path):
    os.symlink("/dev/zero", path)


KINDS = (empty, truncated, noisy, oversized, fifo, directory, dangling_link, endless_link)


def clear(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def services_by_kind(scene):
    return {kind: scene.service(kind.__name__.replace("_", "-")) for kind in KINDS}


def check_blocked_by_directory(scene, service, name, others):
    """A directory cannot be replaced: that is said once, and over when the directory goes."""
    path = service.file(f"supervise/{name}")
    pid = service.wait_started()
    until(lambda: scene.errors(f"{service.name}"), "nothing is said of a directory in the place of a file")
    service.control(b"d")
    until(lambda: not alive(pid), "a record that cannot be written keeps commands from acting")
    service.control(b"u")
    pid = service.wait_started(2)
    for other in others:
        assert other.up(), f"{other.name} is not up: {other.describe()}"
    complaints = scene.errors(service.name)
    assert len(complaints) == 1, complaints
    clear(path)
    until(lambda: service.up() == pid, lambda: f"the record is not right again: {service.describe()}")


@case(*EVERY, ENCORE, S6)
def whatever_lies_in_the_place_of_status_the_service_starts(scene):
    services = services_by_kind(scene)
    for kind, service in services.items():
        os.makedirs(service.file("supervise"), mode=0o700)
        kind(service.file("supervise/status"))
    scene.start()
    blocked = services.pop(directory)
    for service in services.values():
        pid = service.wait_up()
        assert service.wait_started() == pid
        assert not os.path.islink(service.file("supervise/status"))
    restart_and_obey(*services.values())
    check_blocked_by_directory(scene, blocked, "status", services.values())


@case(*EVERY)
def whatever_takes_the_place_of_status_the_next_change_puts_right(scene):
    services = services_by_kind(scene)
    scene.start()
    pids = {kind: service.wait_started() for kind, service in services.items()}
    for service in services.values():
        service.wait_up()
    for kind, service in services.items():
        os.unlink(service.file("supervise/status"))
        kind(service.file("supervise/status"))
        service.control(b"t")
    for kind, service in services.items():
        if kind is not directory:
            service.wait_up(but=pids[kind])
            assert not os.path.islink(service.file("supervise/status"))
    blocked = services.pop(directory)
    until(lambda: len(blocked.starts()) == 2, "it is not restarted")
    until(lambda: scene.errors(blocked.name), "nothing is said of it")
    clear(blocked.file("supervise/status"))
    until(lambda: blocked.up() == blocked.starts()[-1], lambda: f"not right again: {blocked.describe()}")


@case(*EVERY)
def nothing_is_written_through_what_is_planted_as_the_temporary_status(scene):
    victim = scene.file("victim")
    with open(victim, "w") as file:
        file.write("precious\n")
    os.chmod(victim, 0o600)

    def link(path):
        os.symlink(victim, path)

    def hard_link(path):
        os.link(victim, path)

    readers = []

    def fifo_with_reader(path):
        os.mkfifo(path)
        readers.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))

    plants = {plant: scene.service(plant.__name__.replace("_", "-"))
              for plant in (link, hard_link, fifo, fifo_with_reader, dangling_link, oversized)}
    for plant, service in plants.items():
        os.makedirs(service.file("supervise"), mode=0o700)
        plant(service.file("supervise/status.new"))
    scene.start()
    for again in range(2):
        for plant, service in plants.items():
            pid = service.wait_up()
            assert not os.path.islink(service.file("supervise/status")), f"{service.name}: status is a link"
            with open(victim) as file:
                assert file.read() == "precious\n", "a file elsewhere has been written"
            assert os.stat(victim).st_mode & 0o777 == 0o600
            for reader in readers:
                try:
                    assert os.read(reader, 64) == b"", "the record went into a FIFO"
                except BlockingIOError:
                    pass
            if not again:
                clear(service.file("supervise/status.new"))
                plant(service.file("supervise/status.new"))
                service.control(b"t")
                service.wait_up(but=pid)


@case(*EVERY)
def a_directory_in_the_place_of_the_temporary_status_delays_the_record_only(scene):
    blocked, other = scene.service("blocked"), scene.service("other")
    os.makedirs(blocked.file("supervise"), mode=0o700)
    directory(blocked.file("supervise/status.new"))
    scene.start()
    other.wait_up()
    check_blocked_by_directory(scene, blocked, "status.new", [other])


def supervise_is_a_file(service):
    service.write("supervise", "")


def lock_is_a_directory(service):
    os.makedirs(service.file("supervise/lock"))


def lock_is_a_link(service):
    os.mkdir(service.file("supervise"))
    os.symlink("/nowhere/at/all", service.file("supervise/lock"))


def control_is_a_file(service):
    service.write("supervise/control", "")


def control_is_a_directory(service):
    os.makedirs(service.file("supervise/control"))


def control_is_a_link(service):
    os.mkdir(service.file("supervise"))
    os.symlink("/dev/null", service.file("supervise/control"))


UNUSABLE = (supervise_is_a_file, lock_is_a_directory, lock_is_a_link, control_is_a_file, control_is_a_directory,
            control_is_a_link)


@case(*EVERY)
def a_supervise_directory_that_cannot_be_used_is_said_once_and_taken_when_repaired(scene):
    services = [scene.service(unusable.__name__) for unusable in UNUSABLE]
    for unusable, service in zip(UNUSABLE, services):
        unusable(service)
    good = scene.service("good")
    scene.start()
    untouched = good.wait_up()
    for service in services:
        until(lambda: scene.errors(service.name), f"nothing is said of {service.name}")
    if scene.home.scans:
        never(lambda: len(scene.errors()) > len(services), lambda: f"said again: {scene.errors()}", limit=5.5)
    else:
        for service in services:
            assert scene.processes.pop(service.name).wait(30) == 111
    assert not any(service.starts() for service in services), "it was started without supervision"
    for service in services:
        clear(service.file("supervise"))
    if not scene.home.scans:
        scene.start()
    for service in services:
        assert service.wait_up() == service.wait_started()
    assert len(scene.errors()) == len(services), scene.errors()
    assert good.starts() == [untouched]


@case(*EVERY)
def a_record_that_names_somebody_elses_process_adopts_nothing(scene):
    bystander = subprocess.Popen(["sleep", "100000"], env=scene.environment)
    scene.processes["bystander"] = bystander
    services = []
    for name, pid, age in (("older", bystander.pid, 1000), ("newer", bystander.pid, -1000), ("init", 1, 0),
                           ("nobody", 4194303, 0), ("negative", (1 << 32) - 1, 0), ("largest", (1 << 31) - 1, 0)):
        service = scene.service(name)
        os.makedirs(service.file("supervise"), mode=0o700)
        with open(service.file("supervise/status"), "wb") as status:
            status.write(forged_record(scene.home, pid, age))
        services.append(service)
    scene.start()
    for service in services:
        pid = service.wait_started()
        assert until(service.up, "it is not up") == pid
        service.control(b"d")
        service.wait_down()
    assert bystander.poll() is None, "a process of somebody else has been ended"
