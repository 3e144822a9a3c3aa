"""Services with a log: the pipe between the two belongs to the supervisor, and outlives either side."""

import os
import shutil
import time

from harness import (PAIRING, RUNIT, RUNSV, SVSCAN, alive, case, kill, never, restart_and_obey, until, wait_gone,
                     zombies_of)
from numbered_lines import LOGGER, check_complete, missing, pair, wait_flowing, written

PAIRS, ROUNDS = 4, 5   # each side is killed twenty times


@case(*PAIRING)
def no_line_is_lost_when_either_side_is_killed_again_and_again(scene):
    pairs = [pair(scene, f"pair{number}") for number in range(PAIRS)]
    scene.start()
    mains = {service: service.wait_up() for service in pairs}
    logs = {service: service.wait_up("log/") for service in pairs}
    for _ in range(ROUNDS):
        wait_flowing(*pairs)
        for service in pairs:
            kill(logs[service])
        logs = {service: service.wait_up("log/", but=logs[service]) for service in pairs}
        for service in pairs:
            assert service.up() == mains[service], "a logger has taken its service with it"
            kill(mains[service])
        mains = {service: service.wait_up(but=mains[service]) for service in pairs}
    for service in pairs:
        assert service.up("log/") == logs[service], "a service has taken its logger with it"
    check_complete(*pairs)


@case(*PAIRING)
def both_sides_killed_together_return_and_leave_no_zombie(scene):
    service, other = pair(scene), scene.service("other")
    scene.start()
    untouched = other.wait_up()
    main, log = service.wait_up(), service.wait_up("log/")
    for _ in range(3):
        wait_flowing(service)
        kill(main)
        kill(log)
        main, log = service.wait_up(but=main), service.wait_up("log/", but=log)
        assert not zombies_of(scene.supervisor(service))
    check_complete(service)
    assert other.starts() == [untouched]


@case(SVSCAN)
def a_side_that_was_taken_out_comes_back_to_the_same_pipe(scene):
    service = pair(scene)
    scene.start()
    main, log = service.wait_up(), service.wait_up("log/")
    wait_flowing(service)
    service.control(b"dx", of="log/")
    wait_gone(log)
    assert service.up() == main
    log = service.wait_up("log/", but=log)
    wait_flowing(service)
    service.control(b"dx")
    wait_gone(main)
    assert service.up("log/") == log
    service.wait_up(but=main)
    wait_flowing(service)
    assert service.up("log/") == log
    check_complete(service)


@case(*PAIRING)
def a_writer_waits_while_its_log_is_down(scene):
    service, other = pair(scene), scene.service("other")
    scene.start()
    main, log = service.wait_up(), service.wait_up("log/")
    wait_flowing(service)
    service.control(b"d", of="log/")
    wait_gone(log)

    def stands_still():
        before = written(service, main)
        time.sleep(0.3)  # against the two milliseconds between its bursts
        return before and written(service, main) == before
    until(stands_still, "it writes on and on, and nobody reads")
    assert service.up() == main
    restart_and_obey(other)
    service.control(b"u", of="log/")
    service.wait_up("log/")
    wait_flowing(service)
    assert service.up() == main
    check_complete(service)


@case(*RUNIT)
def a_log_reads_to_the_end_of_file_when_its_service_leaves(scene):
    service = pair(scene)
    scene.start()
    main, log = service.wait_up(), service.wait_up("log/")
    wait_flowing(service)
    if scene.home is RUNSV:
        service.control(b"x")
        assert scene.processes[service.name].wait(30) == 0
    else:
        os.rename(service.path, scene.file("aside"))
        service.path = scene.file("aside")
        until(lambda: not service.supervised("log/"), "it is still supervised")
    wait_gone(main)
    wait_gone(log)
    assert service.read("log/ends") == "end of file\n"
    assert not missing(service), missing(service)


@case(*PAIRING)
def what_run_leaves_in_the_background_keeps_the_pipe(scene):
    background = ("#!/bin/sh\necho $$ >>starts\n"
                  "[ -e sown ] || { >sown\n"
                  "(trap '' TERM; echo $$; until [ -e reap ]; do sleep 0.05; done; echo late) & }\n"
                  "exec sleep 100000\n")
    service = scene.service("service", run=background, log=LOGGER)
    scene.start()
    main, log = service.wait_started(), service.wait_up("log/")
    until(lambda: service.lines("log/lines"), "the background process does not write")
    kill(main)
    service.wait_up(but=main)
    if scene.home is RUNSV:
        # Its main has left, but the pipe has not ended.
        service.control(b"x")
        never(lambda: not alive(log) or scene.processes["service"].poll() is not None, "the log was not waited for")
    service.write("reap", "")
    until(lambda: service.lines("log/lines")[1:] == ["late"], lambda: f"arrived: {service.lines('log/lines')}")
    if scene.home is RUNSV:
        assert scene.processes["service"].wait(30) == 0
        assert service.read("log/ends") == "end of file\n"


@case(*PAIRING)
def no_line_is_lost_when_the_supervisor_is_killed(scene):
    pairs = [pair(scene, f"pair{number}") for number in range(2)]
    scene.start()
    mains = {service: service.wait_up() for service in pairs}
    logs = {service: service.wait_up("log/") for service in pairs}
    for _ in range(2):
        wait_flowing(*pairs)
        scene.kill_supervisors()
        wait_flowing(*pairs)
        scene.start()
        for service in pairs:
            until(service.supervised, "it is not taken on")
            assert (service.wait_up(), service.wait_up("log/")) == (mains[service], logs[service])
    # The pipe is the supervisor's again: either side may go.
    for service in pairs:
        kill(logs[service])
    for service in pairs:
        service.wait_up("log/", but=logs[service])
        assert service.up() == mains[service], "it did not outlive its logger"
    wait_flowing(*pairs)
    for service in pairs:
        kill(mains[service])
    for service in pairs:
        service.wait_up(but=mains[service])
    wait_flowing(*pairs)
    check_complete(*pairs)


@case(*PAIRING)
def a_log_directory_that_is_removed_leaves_its_service_running(scene):
    service, other = pair(scene), scene.service("other")
    scene.start()
    main, log = service.wait_up(), service.wait_up("log/")
    untouched = other.wait_up()
    wait_flowing(service)
    shutil.rmtree(service.file("log"))
    kill(log)
    wait_gone(log)
    never(lambda: service.up() != main or other.up() != untouched, "its log is gone, and it was touched")
    assert service.starts() == [main] and scene.lives(service)
