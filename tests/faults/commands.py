"""Commands at awkward moments: in the first second, beside a death, behind a script that hangs."""

import os
import signal
import time

from harness import (ENCORE, EVERY, RUNIT, RUNSV, RUNSVDIR, SINGLE, SUPERVISE, SVSCAN, alive, case, kill, never, process_state,
                     restart_and_obey, until, wait_gone, zombies_of)

# Notes the second in which it is asked to end.
ATTENTIVE = """#!/bin/sh
now() { read uptime idle </proc/uptime; echo $uptime; }
trap 'now >>asked; exit' TERM
echo $$ $(now) >>starts
while :; do sleep 0.02; done
"""

STUBBORN = "#!/bin/sh\ntrap '' TERM\necho $$ >>starts\nexec sleep 100000\n"


# --- a service that commands itself ---

@case(*EVERY)
def a_process_that_asks_to_be_down_and_ends_is_not_started_again(scene):
    ask = "printf d >supervise/control\nexit 0\n"
    young = scene.service("young", run="#!/bin/sh\necho $$ >>starts\n" + ask)
    # Past its first second an end is followed by a start at once.
    old = scene.service("old", run="#!/bin/sh\necho $$ >>starts\nsleep 1.2\n" + ask)
    failing = scene.service("failing", run="#!/bin/sh\necho $$ >>starts\nsleep 1.2\n"
                                           "printf d >supervise/control\nkill -9 $$\n")
    scene.start()
    for service in (young, old, failing):
        service.wait_started()
        service.wait_wanted("d")
        service.wait_down()
    never(lambda: any(len(service.starts()) > 1 for service in (young, old, failing)), "it was started again")


@case(*SINGLE)
def a_process_that_asks_its_supervisor_to_leave_and_ends_is_the_last(scene):
    services = [scene.service(name, run=f"#!/bin/sh\necho $$ >>starts\nsleep {seconds}\nprintf x >supervise/control\n")
                for name, seconds in (("young", 0), ("old", 1.2))]
    scene.start()
    for service in services:
        assert scene.processes[service.name].wait(30) == 0
        assert len(service.starts()) == 1


@case(*EVERY)
def a_run_that_becomes_the_client_which_takes_it_down_stays_down(scene):
    client = "sv down ." if scene.home.runit else "svc -d ."
    service = scene.service(run=f"#!/bin/sh\necho $$ >>starts\nexec {client}\n")
    scene.start()
    service.wait_started()
    service.wait_wanted("d")
    service.wait_down()
    never(lambda: len(service.starts()) > 1, "it was started again")


@case(*EVERY)
def the_very_first_run_finds_itself_supervised(scene):
    run = "#!/bin/sh\n[ -p supervise/ok ] && [ -s supervise/status ]\necho $? >>found\nexec sleep 100000\n"
    services = [scene.service(f"s{number}", run=run) for number in range(10)]
    scene.start()
    for service in services:
        until(lambda: service.lines("found"), "it has not started")
        assert service.lines("found") == ["0"], "it has started before clients could reach it"


@case(*RUNIT)
def what_a_restart_changes_is_written_anew_and_nothing_else(scene):
    service = scene.service()
    scene.start()
    first = service.wait_running()
    until(lambda: service.read("supervise/pid").split() == [str(first)], "its pid is not shown")
    before = {name: os.stat(service.file(f"supervise/{name}")) for name in ("pid", "stat", "status")}
    assert service.read("supervise/stat") == "run\n"
    until(lambda: time.time() > before["stat"].st_mtime + 1.2, "the second passes")
    kill(first)
    second = service.wait_up(but=first)
    until(lambda: service.read("supervise/pid").split() == [str(second)], "the new pid is not shown")
    after = {name: os.stat(service.file(f"supervise/{name}")) for name in before}
    assert after["pid"].st_ino != before["pid"].st_ino and after["status"].st_ino != before["status"].st_ino
    assert (after["stat"].st_ino, after["stat"].st_mtime_ns) == (before["stat"].st_ino, before["stat"].st_mtime_ns)


@case(*RUNIT)
def a_finish_that_takes_its_service_down_is_heard(scene):
    service = scene.service(run="#!/bin/sh\necho $$ >>starts\nsleep 1.2\n",
                            finish="#!/bin/sh\nprintf d >supervise/control\n")
    scene.start()
    service.wait_started()
    service.wait_wanted("d")
    service.wait_down()
    never(lambda: len(service.starts()) > 1, "it was started again")


# --- the first second ---

@case(*EVERY)
def a_command_right_after_a_start_acts_at_once(scene):
    service = scene.service(run=ATTENTIVE)
    scene.start()

    def delay(life):
        service.wait_started(life)
        service.control(b"t")
        until(lambda: len(service.lines("asked")) >= life, "it is not asked to end")
        return float(service.lines("asked")[life - 1]) - service.start_times()[life - 1]
    # The originals are deaf for a second; a busy machine may be slow once.
    assert any(delay(life) < 0.7 for life in range(1, 6)), "commands wait for the first second to pass"


@case(*EVERY)
def up_after_down_within_the_throttle_second_ends_up(scene):
    apart, together = scene.service("apart"), scene.service("together")
    scene.start()
    first = {service: service.wait_started() for service in (apart, together)}
    for service in first:
        service.wait_up()
        kill(first[service])
    together.control(b"du")
    apart.control(b"d")
    apart.wait_wanted("d")
    apart.control(b"u")
    for service in first:
        pid = service.wait_up(but=first[service])
        until(lambda: service.starts() == [first[service], pid], lambda: f"started: {service.starts()}")
    restart_and_obey(*first)


@case(*EVERY)
def down_within_the_throttle_second_stays_down(scene):
    service = scene.service()
    scene.start()
    pid = service.wait_running()
    kill(pid)
    wait_gone(pid)
    service.control(b"d")
    service.wait_wanted("d")
    pids = service.starts()
    service.wait_down()
    never(lambda: service.starts() != pids, "it was started all the same", limit=2.5)


# --- deaths ---

@case(*EVERY)
def a_killed_process_is_shown_until_it_is_reaped_and_finishes_once(scene):
    service = scene.service(finish="#!/bin/sh\necho $* >>finished\n")
    scene.start()
    pid = service.wait_started()
    for deaths in range(1, 4):
        service.wait_up()
        service.control(b"kk" if deaths == 2 else b"k")

        def replaced():
            record = service.record()
            assert record.pid == pid or not alive(pid), f"{record}, and {pid} lives"
            return service.up(but=(pid,))
        until(replaced, "it is not restarted")
        pid = service.wait_started(deaths + 1)
        assert not zombies_of(scene.supervisor(service))
    if scene.home.runit:
        until(lambda: service.lines("finished") == ["-1 9"] * 3, lambda: f"finished: {service.lines('finished')}")
    assert len(service.starts()) == 4


@case(*EVERY)
def a_pause_does_not_outlive_its_process(scene):
    killed, ended = scene.service("killed"), scene.service("ended")
    scene.start()
    pids = {service: service.wait_started() for service in (killed, ended)}
    for service, pid in pids.items():
        service.wait_up()
        service.control(b"p")
        until(lambda: process_state(pid) == "T" and service.record().paused, "it is not paused")
    killed.control(b"k")
    fresh = killed.wait_up(but=pids[killed])
    assert not killed.record().paused and process_state(fresh) != "T"
    ended.control(b"d")
    ended.wait_down()
    assert not ended.record().paused, "what is down is shown as paused"
    ended.control(b"pu")
    fresh = ended.wait_up(but=pids[ended])
    assert not ended.record().paused and process_state(fresh) != "T", "a pause was kept for the next process"


# --- processes and scripts that take their time ---

@case(*EVERY)
def a_process_that_ignores_its_end_delays_nobody_else(scene):
    stubborn, other = scene.service("stubborn", run=STUBBORN), scene.service("other")
    scene.start()
    pid = stubborn.wait_running()
    stubborn.control(b"d")
    restart_and_obey(other)
    assert alive(pid) and stubborn.record().pid == pid and stubborn.record().want == "d"
    stubborn.control(b"k")
    wait_gone(pid)
    stubborn.wait_down()
    assert stubborn.starts() == [pid]


@case(RUNSVDIR)
def one_stubborn_process_delays_only_its_own_end_of_all(scene):
    stubborn = scene.service("stubborn", run=STUBBORN)
    others = [scene.service(f"other{number}", log="#!/bin/sh\nexec cat\n") for number in range(3)]
    scene.start()
    pid, core = stubborn.wait_running(), scene.supervisor()
    pids = [other.wait_up() for other in others] + [other.wait_up("log/") for other in others]
    scene.scanner().send_signal(signal.SIGHUP)
    assert scene.scanner().wait(30) == 111
    for each in pids:
        wait_gone(each)
    never(lambda: not alive(core), "the core has left a living process", limit=0.5)
    stubborn.control(b"k")
    wait_gone(pid)
    wait_gone(core)


@case(*RUNIT)
def a_finish_that_hangs_delays_only_its_own_service(scene):
    hanging = scene.service("hanging", finish="#!/bin/sh\necho $$ >>finishing\nexec sleep 100000\n")
    other = scene.service("other", finish="#!/bin/sh\nexit 0\n")
    scene.start()
    first = hanging.wait_running()
    kill(first)
    finish = int(until(lambda: hanging.lines("finishing"), "finish has not begun")[0])
    until(lambda: hanging.record().pid == finish and hanging.record().state == hanging.record().FINISH,
          lambda: f"not shown as finishing: {hanging.describe()}")
    restart_and_obey(other)
    for command, want in ((b"d", "d"), (b"u", "u")):
        hanging.control(command)
        hanging.wait_wanted(want)
    assert alive(finish) and hanging.starts() == [first], "a command has reached finish"
    kill(finish)
    hanging.wait_up(but=first)


@case(*RUNIT)
def a_control_script_that_hangs_delays_only_later_commands_of_its_service(scene):
    def note(letter, then=""):
        return f"#!/bin/sh\necho {letter} >>asked\n{then}exit 0\n"
    hanging = scene.service("hanging", control__t=note("t", "until [ -e go ]; do sleep 0.05; done\n"),
                            control__1=note("1"), control__2=note("2"))
    other = scene.service("other", control__t="#!/bin/sh\nexit 1\n")
    scene.start()
    pid = hanging.wait_running()
    hanging.control(b"t2")
    hanging.control(b"1")
    until(lambda: hanging.lines("asked") == ["t"], "the script is not run")
    restart_and_obey(other)
    assert hanging.lines("asked") == ["t"], "a later command has overtaken the script"
    hanging.write("go", "")
    until(lambda: hanging.lines("asked") == ["t", "2", "1"], lambda: f"ran in this order: {hanging.lines('asked')}")
    assert hanging.up() == pid and hanging.starts() == [pid], "a command that a script took over was executed too"
    hanging.control(b"k")
    hanging.wait_up(but=pid)


@case(*RUNIT)
def a_process_that_dies_while_its_control_script_hangs_is_reaped_and_restarted(scene):
    service = scene.service(control__t="#!/bin/sh\necho t >>asked\nuntil [ -e go ]; do sleep 0.05; done\nexit 0\n")
    scene.start()
    pid = service.wait_running()
    service.control(b"t")
    until(lambda: service.lines("asked") == ["t"], "the script is not run")
    kill(pid)
    until(lambda: process_state(pid) == "", "it is not reaped")
    service.write("go", "")
    second = service.wait_up(but=pid)
    until(lambda: service.starts() == [pid, second], lambda: f"started: {service.starts()}")


@case(*RUNIT)
def a_control_script_that_does_not_succeed_takes_nothing_over(scene):
    services = [scene.service("killed", control__t="#!/bin/sh\nkill -9 $$\n"),
                scene.service("failing", control__t="#!/bin/sh\nexit 1\n"),
                scene.service("empty-interpreter", control__t="#!/nowhere/sh\n"),
                scene.service("not-executable", control__t="exit 0\n"),
                scene.service("directory", control__t__file="")]
    scene.start()
    pids = {service: service.wait_started() for service in services}
    for service in services:
        service.wait_up()
        service.control(b"t")
    for service, pid in pids.items():
        service.wait_up(but=pid)


# --- clients ---

@case(RUNSV)
def a_check_that_hangs_or_cannot_be_executed_is_not_ok(scene):
    services = {scene.service("hanging", check="#!/bin/sh\nexec sleep 100000\n"): "timeout: ",
                scene.service("unexecutable", check="#!/nowhere/sh\n"): "",
                scene.service("killed", check="#!/bin/sh\nkill -9 $$\n"): ""}
    scene.start()
    for service in services:
        service.wait_up()
    for service, says in services.items():
        code, said = scene.client("sv", "-w1", "check", service.path)
        assert code != 0 and not said.startswith("ok: "), f"{service.name}: {code}, {said}"
        assert says in said, said


@case(SUPERVISE, SVSCAN)
def svstat_never_shows_what_it_has_not_read(scene):
    good, bad = scene.service("good"), scene.service("bad")
    scene.start()
    pid = good.wait_up()
    bad.wait_up()
    os.unlink(bad.file("supervise/status"))
    os.mkdir(bad.file("supervise/status"))
    code, said = scene.client("svstat", "good", "bad", "good")
    lines = said.splitlines()
    assert code == 0 and len(lines) == 3
    assert lines[0].startswith(f"good: up (pid {pid}) ") and lines[2].startswith(f"good: up (pid {pid}) ")
    assert lines[1].startswith("bad: unable to "), lines[1]


@case(ENCORE)
def modifiers_hold_for_all_that_is_said_in_one_breath(scene):
    # However many bytes come before them: what is read at a time is nobody's affair.
    quiet = "#!/bin/sh\necho $$ >>logs\nexec sleep 100000\n"
    services = {before: scene.service(f"s{before}") for before in (0, 14, 15, 16, 255, 256, 1000)}
    for service in services.values():
        service.write("log", quiet)
    scene.start()
    for before, service in services.items():
        pid = service.wait_started()
        log = int(until(lambda: service.lines("logs"), "its log does not start")[0])
        service.control(b"l" * before + b"Ldl")
        wait_gone(log)
        assert alive(pid) and service.starts() == [pid], f"main heard it, after {before} bytes"
