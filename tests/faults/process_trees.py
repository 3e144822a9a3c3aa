"""What a service has forked away, where its directory wishes that to be known: in control groups of its own, and by a
process that is the sub-reaper of all of it."""

import contextlib
import os
import secrets

from harness import (CORE, KINDRED_SCAN, MANAGER, PERPD, RUNSVDIR, S6_SVSCAN, SVSCAN, alive, case, kill, name_of, never, parent, until,
                     wait_gone)
from killed_cores import kill_core

EVERYWHERE = (SVSCAN, RUNSVDIR, S6_SVSCAN, PERPD, KINDRED_SCAN, MANAGER)
HEAD = "kindred-tree"
# Forked twice, in a session of its own, and deaf to TERM where it is told to be.
DAEMON = "( setsid sh -c '{trap}echo $$ >>daemons; while :; do sleep 0.1; done' >/dev/null 2>&1 & )\n"
STAYS = "#!/bin/sh\necho $$ >>starts\n" + DAEMON + "exec sleep 100000\n"
LEAVES = "#!/bin/sh\necho $$ >>starts\n" + DAEMON + "until [ -s daemons ]; do sleep 0.02; done\n"


def unified():
    """Where control groups of version 2 are, if groups can be made there."""
    with open("/proc/self/mounts") as mounts:
        places = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    return next((place for place in places if os.access(place, os.W_OK)), None)


@contextlib.contextmanager
def own_group(scene):
    """What puts a process into a group of its own, in which it may make others; None where there is none."""
    root = unified()
    path = f"{root}/kindred-test-{secrets.token_hex(4)}"
    try:
        os.mkdir(path)
        with open(f"{path}/cgroup.procs"):
            pass
    except OSError:
        yield None
        return
    def enter():
        with open(f"{path}/cgroup.procs", "w") as processes:
            processes.write("0")
    try:
        yield enter
    finally:
        scene.end()
        for directory, _, _ in list(os.walk(path, topdown=False)):
            os.rmdir(directory)


def daemon_of(service, times=1):
    until(lambda: len(service.lines("daemons")) >= times, f"{service.name} has made no daemon")
    return int(service.lines("daemons")[-1])


def both_ways(scene, act):
    """With a head, and in control groups."""
    act(scene, {}, "head")
    with own_group(scene) as enter:
        if enter is None:
            return
        scene.kill_supervisors()
        scene.end()
        act(scene, {"preexec_fn": enter}, "group")


def is_below_head(pid):
    while pid > 1:
        pid = parent(pid)
        if name_of(pid) == HEAD:
            return True
    return False


def stop_reaches(scene, options, way):
    wish = {"kindred.d__process-tree": "wait 300\n"}
    kind, deaf = (scene.service(f"{name}-{way}", run=STAYS.format(trap=trap), **wish)
                  for name, trap in (("kind", ""), ("deaf", 'trap "" TERM; ')))
    plain = scene.service(f"plain-{way}", run=STAYS.format(trap=""))
    scene.start(**options)
    daemons = {service: daemon_of(service) for service in (kind, deaf, plain)}
    pids = {service: service.wait_running() for service in (kind, deaf, plain)}
    assert is_below_head(pids[kind]) == (way == "head") and not is_below_head(pids[plain])
    if way == "group":
        with open(f"/proc/{daemons[kind]}/cgroup") as groups:
            assert "/kindred/" in groups.read(), "it is in no group of its own"
    # A core that takes the place of another knows them.
    kill_core(scene)
    for service in (kind, deaf, plain):
        until(lambda: service.up() == pids[service], "it does not go on")
        service.control(b"d")
        wait_gone(pids[service])
        if service is not plain and not scene.home.record_size:
            wait_gone(daemons[service])
        service.wait_down()
    assert not alive(daemons[kind]) and not alive(daemons[deaf]), "a daemon is left"
    assert alive(daemons[plain]), "who wished nothing has lost its daemon"
    kind.control(b"u")
    daemon_of(kind, 2)
    kind.wait_started(2)
    assert [len(service.starts()) for service in (kind, deaf, plain)] == [2, 1, 1]


@case(*EVERYWHERE)
def a_stop_reaches_a_daemon_that_left(scene):
    both_ways(scene, stop_reaches)


def daemon_is_service(scene, options, way):
    service = scene.service(f"follow-{way}", run=LEAVES.format(trap=""), **{"kindred.d__process-tree": "after-run follow\n"})
    scene.start(**options)
    daemon = daemon_of(service)
    record = scene.home.record_size
    if record:
        until(lambda: service.up() == daemon, lambda: f"{service.describe()} is shown, and not {daemon}")
    kill_core(scene)
    if record:
        until(lambda: service.up() == daemon, lambda: f"{service.describe()} is shown, and not {daemon}")
    never(lambda: len(service.starts()) > 1, "it was started again while its daemon lives", limit=1.2)
    # Its daemon's end is the service's.
    kill(daemon)
    daemon = daemon_of(service, 2)
    assert len(service.starts()) == 2
    if record:
        until(lambda: service.up() == daemon, lambda: f"{service.describe()} is shown, and not {daemon}")
    service.control(b"d")
    wait_gone(daemon)
    if record:
        service.wait_down()
    assert len(service.starts()) == 2


@case(SVSCAN, RUNSVDIR, S6_SVSCAN, KINDRED_SCAN, MANAGER)
def a_daemon_that_run_has_left_is_the_service_where_that_is_wished(scene):
    both_ways(scene, daemon_is_service)


@case(SVSCAN)
def a_head_that_is_killed_takes_no_service_with_it(scene):
    service = scene.service(run=STAYS.format(trap=""), **{"kindred.d__process-tree": ""})
    scene.start()
    daemon = daemon_of(service)
    pid = service.wait_running()
    kill(until(lambda: parent(pid) if name_of(parent(pid)) == HEAD else 0, "it has no head"))
    until(lambda: name_of(parent(pid)) != HEAD, "its head lives")
    service.control(b"d")
    wait_gone(pid)
    service.wait_down()
    assert alive(daemon)
    service.control(b"u")
    service.wait_started(2)
