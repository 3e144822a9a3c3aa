"""Supervisors that are killed: what they leave running is taken on by the next, never started a second time."""

import os

from harness import (ADOPTING, ENCORE, EVERY, RELATED, RUNIT, SCANNING, SINGLE, alive, case, children, kill, never, parent,
                     process_state, restart_and_obey, until, wait_gone)


@case(*ADOPTING)
def a_service_outlives_its_supervisor_and_the_next_takes_it_on(scene):
    services = [scene.service("one"), scene.service("two")]
    resting = scene.service("resting", down="")
    scene.start()
    pids = {service: service.wait_started() for service in services}
    since = {service: service.wait_up() and service.record().seconds for service in services}
    resting.wait_down()
    for _ in range(2):
        scene.kill_supervisors()
        for service in services:
            assert alive(pids[service]) and not service.supervised()
        scene.start()
        for service in (*services, resting):
            until(service.supervised, "it is not supervised again")
        for service in services:
            assert service.wait_up() == pids[service], "it is shown with another process"
            assert service.record().seconds == since[service], "it is shown as younger than it is"
    never(lambda: any(len(service.starts()) > 1 for service in services), "it was started a second time")
    assert not resting.starts()
    restart_and_obey(*services)
    assert all(len(service.starts()) == 3 for service in services)
    assert not scene.errors(), scene.errors()


@case(*ADOPTING)
def a_service_that_was_taken_on_obeys_every_command(scene):
    heard = "; ".join(f"trap 'echo {name} >>heard' {name}" for name in ("HUP", "ALRM", "INT"))
    service = scene.service(run=f"#!/bin/sh\n{heard}\necho $$ >>starts\nwhile :; do sleep 0.05; done\n")
    scene.start()
    pid = service.wait_started()
    scene.kill_supervisors()
    scene.start()
    until(service.supervised, "it is not supervised again")
    for command, name in ((b"h", "HUP"), (b"a", "ALRM"), (b"i", "INT")):
        service.control(command)
        until(lambda: service.lines("heard")[-1:] == [name], f"it has not heard {name}")
    service.control(b"p")
    until(lambda: process_state(pid) == "T" and service.record().paused, "it is not paused")
    service.control(b"c")
    until(lambda: process_state(pid) != "T" and not service.record().paused, "it is not continued")
    service.control(b"o")
    service.control(b"t")
    wait_gone(pid)
    service.wait_down()
    never(lambda: len(service.starts()) > 1, "what ran once was started again")


@case(*EVERY)
def a_clock_that_is_set_while_nobody_supervises_makes_no_second_copy(scene):
    services = {scene.service("forward"): -1_000_000, scene.service("back"): 1000}
    scene.start()
    pids = {service: service.wait_running() for service in services}
    scene.kill_supervisors()
    for service, seconds in services.items():
        # To the record it is the same whether the clock has been set, or the record was made by another clock.
        raw = service.record().raw
        with open(service.file("supervise/status"), "wb") as status:
            status.write((int.from_bytes(raw[:8], "big") + seconds).to_bytes(8, "big") + raw[8:])
    scene.start()
    for service, pid in pids.items():
        until(service.supervised, "it is not supervised again")
        assert service.wait_up() == pid
    never(lambda: any(len(service.starts()) > 1 for service in services), "it was started a second time")
    restart_and_obey(*services)


@case(*EVERY)
def a_service_that_ended_while_nobody_looked_is_started(scene):
    service = scene.service()
    scene.start()
    first = service.wait_running()
    scene.kill_supervisors()
    kill(first)
    wait_gone(first)
    scene.start()
    second = service.wait_up(but=first)
    assert service.wait_started(2) == second
    restart_and_obey(service)


@case(*ADOPTING)
def a_paused_service_is_taken_on_and_can_be_continued(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_started()
    service.control(b"p")
    until(lambda: process_state(pid) == "T" and service.record().paused, "it is not paused")
    scene.kill_supervisors()
    scene.start()
    until(service.supervised, "it is not supervised again")
    assert service.wait_up() == pid
    assert service.record().paused, "it is shown as running"
    service.control(b"c")
    until(lambda: process_state(pid) != "T" and not service.record().paused, "it is not continued")
    restart_and_obey(service)


@case(*RUNIT)
def a_finish_that_still_runs_is_waited_for(scene):
    service = scene.service(finish="#!/bin/sh\necho $$ >>finishing\nuntil [ -e end ]; do sleep 0.05; done\n")
    scene.start()
    first = service.wait_running()
    kill(first)
    finish = int(until(lambda: service.lines("finishing"), "finish has not begun")[0])
    until(lambda: service.record().pid == finish, "finish is not shown")
    scene.kill_supervisors()
    scene.start()
    until(service.supervised, "it is not supervised again")
    assert service.record().pid == finish and service.record().state == service.record().FINISH
    never(lambda: len(service.starts()) > 1, "run was started beside its finish")
    open(service.file("end"), "w").close()
    assert service.wait_started(2) == service.wait_up(but=first)
    assert len(service.lines("finishing")) == 1
    restart_and_obey(service)


@case(*RELATED)
def a_start_that_still_runs_is_waited_for(scene):
    service = scene.service(start="#!/bin/sh\necho $$ >>starting\nuntil [ -e end ]; do sleep 0.05; done\n")
    scene.start()
    start = int(until(lambda: service.lines("starting"), "start has not begun")[0])
    until(lambda: service.record().pid == start, "start is not shown")
    scene.kill_supervisors()
    scene.start()
    until(service.supervised, "it is not supervised again")
    assert service.record().pid == start
    never(lambda: len(service.lines("starting")) > 1 or service.starts(), "something was started beside it")
    open(service.file("end"), "w").close()
    service.wait_running()
    # Where its end matters nobody knows how it ended, and it is run again.
    assert len(service.lines("starting")) == (2 if scene.home.family == "encore" else 1)
    restart_and_obey(service)


@case(*RELATED)
def a_stop_that_still_runs_is_waited_for(scene):
    service = scene.service(stop="#!/bin/sh\necho $$ >>stopping\nuntil [ -e end ]; do sleep 0.05; done\n")
    scene.start()
    first = service.wait_running()
    service.control(b"d")
    stop = int(until(lambda: service.lines("stopping"), "stop has not begun")[0])
    until(lambda: service.record().pid == stop, "stop is not shown")
    scene.kill_supervisors()
    scene.start()
    until(service.supervised, "it is not supervised again")
    assert service.record().pid == stop
    never(lambda: len(service.lines("stopping")) > 1 or service.starts() != [first], "there is something beside it")
    open(service.file("end"), "w").close()
    # Who loads a bundle has it started; elsewhere it was wanted down, and is.
    if scene.home.family != "nosh":
        service.wait_down()
        never(lambda: service.starts() != [first], "it was wanted down, and is up")
        service.control(b"u")
    service.wait_up(but=first)
    assert len(service.lines("stopping")) == 1, "it was run again"
    restart_and_obey(service)


@case(*EVERY)
def a_service_that_is_being_ended_is_taken_on_and_not_doubled(scene):
    # Ends in its own time, when there is another supervisor already.
    service = scene.service(run="#!/bin/sh\ntrap '>asked; until [ -e end ]; do sleep 0.05; done; exit' TERM\n"
                                "echo $$ >>starts\nwhile :; do sleep 0.05; done\n")
    scene.start()
    pid = service.wait_running()
    service.control(b"d")
    until(lambda: os.path.exists(service.file("asked")), "it has not been asked to end")
    scene.kill_supervisors()
    scene.start()
    until(service.supervised, "it is not supervised again")
    assert service.wait_up() == pid
    never(lambda: len(service.starts()) > 1, "there is a second copy")
    service.write("end", "")
    wait_gone(pid)


@case(*SINGLE)
def children_of_the_program_that_it_replaced_are_reaped(scene):
    service = scene.service()

    def strangers():
        """One that is dead when the supervisor begins, and one that lives."""
        dead = os.fork()
        if dead == 0:
            os._exit(0)
        os.waitid(os.P_PID, dead, os.WEXITED | os.WNOWAIT)
        if os.fork() == 0:
            os.execve("/bin/sleep", ["sleep", "100000"], scene.environment)
    scene.start(preexec_fn=strangers)
    pid = service.wait_running()
    supervisor = scene.supervisor(service)

    def others():
        return set(children(supervisor)) - {pid, *scene.cores()}
    until(lambda: len(others()) == 1, lambda: f"children: {children(supervisor)}")
    stranger, = others()
    kill(stranger)
    until(lambda: not others(), "a stranger's zombie stays")
    restart_and_obey(service)


@case(*SCANNING)
def a_core_that_dies_is_replaced_and_nobody_notices(scene):
    # More than are taken up in one turn.
    services = [scene.service(f"s{number}") for number in range(40)]
    scene.start()
    scanner = scene.scanner().pid
    pids = {service: service.wait_started() for service in services}
    for _ in range(2):
        core = scene.supervisor()
        for service in services:
            until(service.supervised, "it is not supervised")
        kill(core)
        wait_gone(core)
        until(lambda: scene.core() not in (0, core), "there is no new core")
    for service in services:
        until(service.supervised, "it is not supervised again")
        assert service.wait_up() == pids[service] and service.starts() == [pids[service]]
    assert scene.scanner().poll() is None and scene.scanner().pid == scanner
    assert len(scene.cores()) == 1
    restart_and_obey(*services)


@case(*SINGLE)
def a_supervisor_that_is_told_to_end_takes_its_service_down_first(scene):
    quick, slow = scene.service("quick"), scene.service(
        "slow", run="#!/bin/sh\ntrap 'echo asked; until [ -e end ]; do sleep 0.05; done; exit' TERM\n"
                    "echo $$ >>starts\nwhile :; do sleep 0.05; done\n")
    scene.start()
    pids = {service: service.wait_started() for service in (quick, slow)}
    for service in (quick, slow):
        service.wait_up()
        scene.processes[service.name].terminate()
    assert scene.processes["quick"].wait(30) == 0
    assert not alive(pids[quick])
    never(lambda: scene.processes["slow"].poll() is not None, "it left a living process behind", limit=0.5)
    assert alive(pids[slow])
    slow.write("end", "")
    assert scene.processes["slow"].wait(30) == 0
    assert not alive(pids[slow]) and quick.starts() == [pids[quick]] and slow.starts() == [pids[slow]]


@case(*EVERY, ENCORE)
def what_a_dead_supervisor_has_written_is_not_taken_for_live(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_up()
    # The record is there before what clients knock at.
    until(service.supervised, "it is not supervised")
    if scene.home.runit:
        assert scene.client("sv", "status", service.path)[1].startswith("run: ")
    else:
        assert scene.client("svstat", service.path)[1].startswith(f"{service.path}: up (pid {pid}) ")
        assert scene.client("svok", service.path)[0] == 0
    scene.kill_supervisors()
    if scene.home.runit:
        code, said = scene.client("sv", "status", service.path)
        assert code != 0 and "runsv not running" in said, said
        code, said = scene.client("sv", "-w1", "down", service.path)
        assert code != 0 and "runsv not running" in said, said
    else:
        assert scene.client("svstat", service.path)[1] == f"{service.path}: supervise not running\n"
        assert scene.client("svok", service.path)[0] == 100
        assert "supervise not running" in scene.client("svc", "-t", service.path)[1]
    assert alive(pid)


@case(*SCANNING)
def a_service_that_has_left_is_free_for_another_supervisor(scene):
    service, other = scene.service("service"), scene.service("other")
    scene.start()
    first, untouched = service.wait_running(), other.wait_up()
    # Lock and reader may be one inode for all: the name of this one is free all the same.
    service.control(b"dx")
    until(lambda: not service.supervised(), "it is still supervised")
    by_hand = scene.launch("runsv" if scene.home.runit else "supervise", "service", key="by hand", cwd=scene.scan)
    second = service.wait_up(but=first)
    until(lambda: by_hand.pid in (parent(second), parent(parent(second))), "the core was faster")
    until(lambda: scene.errors("lock") or scene.errors("acquire"), "the core says nothing of it")
    never(lambda: len(scene.errors()) > 1, "it is said more than once", limit=0.5)
    by_hand.terminate()
    assert by_hand.wait(30) == 0
    third = service.wait_up(but=(first, second))
    assert third in children(scene.supervisor()), "the core has not taken it up again"
    assert other.starts() == [untouched] and other.up() == untouched


@case(*EVERY, ENCORE)
def a_second_supervisor_touches_nothing(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_running()
    second = scene.launch("runsv" if scene.home.runit else "supervise", service.name, key="second", cwd=scene.scan)
    assert second.wait(30) == 111
    assert len(scene.errors()) == 1 and "temporary failure" in scene.errors()[0], scene.errors()
    if scene.home.family == "encore":
        assert scene.errors() == ["supervise: fatal: unable to acquire supervise/lock: temporary failure"]
    assert service.up() == pid and service.starts() == [pid] and service.supervised()
    restart_and_obey(service)
