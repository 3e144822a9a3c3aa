"""What a service says as it ends, and its log: an ordered stop lasts until the log has read to the end."""

import os
import signal

from harness import (ENCORE, ENCORE_SVSCAN, FREEDT_SVSCAN, KINDRED_SCAN, MANAGER, PERPD, RUNSV, RUNSVDIR, S6_SVSCAN, SVSCAN,
                     alive, case, until, wait_gone)

STOPS, LINES = 30, 200

# On TERM it says its last lines, faster than the log takes them.
TALKER = f"""#!/bin/sh
trap 'i=0; while [ $i -lt {LINES} ]; do echo $i; i=$((i+1)); done; exit 0' TERM
echo $$ >>starts
while :; do sleep 0.02; done
"""
# A line at a time: a shell reads no further than it must.
LISTENER = """#!/bin/sh
while read -r line; do echo "$line" >>lines; done
echo end >>ends
"""
HELD = """#!/bin/sh
echo $$ >>starts
[ -e held ] || { >held; (trap '' TERM; echo $$ >holder; exec sleep 100000) & }
exec sleep 100000
"""
DEAF = """#!/bin/sh
trap 'echo term >>ends; exit 0' TERM
echo $$ >>logs
while :; do sleep 0.02; done
"""

GROUPED = (RUNSV, ENCORE)
ORDERED = (RUNSVDIR, ENCORE_SVSCAN, S6_SVSCAN, PERPD, KINDRED_SCAN)


COMMANDED = (SVSCAN, FREEDT_SVSCAN, ENCORE_SVSCAN, S6_SVSCAN)


def talkers(scene):
    beside = scene.home is ENCORE
    log = {"log": LISTENER} if not beside else {}
    services = [scene.service(f"s{number}", run=TALKER, **log) for number in range(STOPS)]
    for service in services:
        if beside:
            service.write("log", LISTENER)
    return services


def order_the_stop(scene, services):
    """As the family's users do it; waits until nothing is supervised."""
    home = scene.home
    if home in GROUPED:
        for service in services:
            service.control(b"dx" if home is ENCORE else b"x")
        for service in services:
            scene.processes[service.name].wait(40)
        return
    supervisor = scene.supervisor()
    scene.scanner().send_signal(signal.SIGHUP if home is RUNSVDIR else signal.SIGTERM)
    scene.processes.pop("").wait(40)
    wait_gone(supervisor)


@case(*GROUPED, *ORDERED)
def an_ordered_stop_loses_none_of_the_last_lines(scene):
    services = talkers(scene)
    scene.start()
    for service in services:
        service.wait_started()
    order_the_stop(scene, services)
    said = [str(number) for number in range(LINES)]
    for service in services:
        where = "lines" if scene.home is ENCORE else "log/lines"
        assert service.lines(where) == said, f"{service.name}: {len(service.lines(where))} of {LINES} have arrived"


@case(MANAGER)
def a_manager_that_ends_lets_logs_read_the_last_lines(scene):
    make_pipe, plumb = 5, 1
    logs = [scene.service(f"s{number}-log", run=LISTENER) for number in range(STOPS)]
    mains = [scene.service(f"s{number}", run=TALKER) for number in range(STOPS)]
    for service in scene.services:
        service.write("down", "")
    scene.start()
    for main, log in zip(mains, logs):
        scene.ask_manager(make_pipe, log.file("supervise"))
        scene.ask_manager(plumb, main.file("supervise"), log.file("supervise"))
        log.control(b"u")
        main.control(b"u")
    for main in mains:
        main.wait_started()
    manager = scene.processes.pop("")
    manager.terminate()
    manager.wait(40)
    said = [str(number) for number in range(LINES)]
    for log in logs:
        assert log.lines("lines") == said, f"{log.name}: {len(log.lines('lines'))} of {LINES} have arrived"


@case(*COMMANDED)
def service_and_log_told_to_go_at_once_lose_none_of_the_last_lines(scene):
    """What `svc -dx SERVICE SERVICE/log` does, after SERVICE's name has gone."""
    services = talkers(scene)
    scene.start()
    for service in services:
        service.wait_started()
        until(lambda: service.supervised("log/"), "its log is not supervised")
    for service in services:
        os.rename(service.path, scene.file(service.name))
        service.path = scene.file(service.name)
    for service in services:
        service.control(b"dx")
        service.control(b"dx", of="log/")
    for service in services:
        until(lambda: not service.supervised("log/") and not service.supervised(), "it does not go")
    said = [str(number) for number in range(LINES)]
    for service in services:
        assert service.lines("log/lines") == said, f"{service.name}: {len(service.lines('log/lines'))} of {LINES} have arrived"


@case(*COMMANDED)
def a_log_told_to_go_alone_goes_at_once(scene):
    service = scene.service(log=DEAF)
    scene.start()
    main = service.wait_up()
    until(lambda: service.lines("log/logs"), "its log does not start")
    service.control(b"d", of="log/")
    wait_gone(int(service.lines("log/logs")[0]))
    assert service.lines("log/ends") == ["term"]
    assert service.up() == main


@case(ENCORE)
def a_log_that_never_reads_or_never_hears_the_end_is_terminated(scene):
    deaf, held = scene.service("deaf"), scene.service("held", run=HELD)
    deaf.write("log", DEAF)
    held.write("log", DEAF)
    scene.start()
    for service in (deaf, held):
        service.wait_started()
        until(lambda: service.lines("logs"), "its log does not start")
    for service in (deaf, held):
        service.control(b"dx")
        assert scene.processes[service.name].wait(40) == 0
        assert service.lines("ends") == ["term"]
        assert not alive(int(service.lines("logs")[0]))
