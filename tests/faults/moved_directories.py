"""Directories that are renamed, removed, replaced and made again while their services are up."""

import os
import shutil

from harness import (ENCORE, EVERY, RUNSVDIR, S6, SCANNING, SINGLE, SVSCAN, Service, alive, case, kill, never,
                     restart_and_obey, until)


@case(*EVERY)
def a_renamed_service_runs_on_and_is_controlled_at_its_new_place(scene):
    service, other = scene.service("before"), scene.service("other")
    scene.start()
    pid, untouched = service.wait_up(), other.wait_up()
    supervisor = scene.supervisor(service)
    os.rename(service.path, f"{scene.scan}/after")
    service.path = f"{scene.scan}/after"
    never(lambda: service.up() != pid or len(service.starts()) > 1, "a new name has touched the service")
    restart_and_obey(service)
    assert len(service.starts()) == 3, "there was a second copy"
    assert alive(supervisor) and other.starts() == [untouched]
    assert not scene.errors(), scene.errors()


@case(*EVERY, ENCORE, S6)
def a_removed_service_directory_touches_no_other_service(scene):
    doomed, other = scene.service("doomed"), scene.service("other")
    scene.start()
    pid, untouched = doomed.wait_running(), other.wait_up()
    supervisor = scene.supervisor(doomed)
    shutil.rmtree(doomed.path)
    if scene.home.runit and scene.home.scans:
        until(lambda: not alive(pid), "a service whose directory is gone is not ended")
    else:
        never(lambda: not alive(pid), "its directory was removed, and it was ended")
        kill(pid)
        until(lambda: not alive(pid), "it cannot be killed")
    until(lambda: scene.home.runit and scene.home.scans or scene.errors("doomed"), "nothing is said of it")
    never(lambda: len(scene.errors("doomed")) > 1, lambda: f"more is said than what is wrong: {scene.errors()}",
          limit=3)
    assert other.starts() == [untouched] and other.up() == untouched
    restart_and_obey(other)
    if scene.home.scans:
        assert scene.lives(other) and scene.supervisor() == supervisor
    else:
        # Nothing is left for it to do.
        assert scene.processes["doomed"].wait(30) == 0


@case(*SCANNING)
def a_service_made_again_under_the_same_name_is_a_new_service(scene):
    old, other = scene.service("again"), scene.service("other")
    scene.start()
    first, untouched = old.wait_running(), other.wait_up()
    shutil.rmtree(old.path)
    new = Service(scene, "again")
    second = new.wait_up(but=first)
    assert new.wait_started() == second
    restart_and_obey(new)
    if scene.home.runit:
        until(lambda: not alive(first), "the service of the directory that is gone is not ended")
    else:
        assert alive(first), "svscan has ended a service that was removed"
    assert other.starts() == [untouched] and other.up() == untouched


@case(RUNSVDIR)
def a_service_that_comes_back_while_it_is_being_ended_is_started_when_it_has_ended(scene):
    slow = scene.service("slow", run="#!/bin/sh\ntrap '>asked; until [ -e end ]; do sleep 0.05; done; exit' TERM\n"
                                     "echo $$ >>starts\nwhile :; do sleep 0.05; done\n")
    scene.start()
    first = slow.wait_running()
    os.rename(slow.path, scene.file("aside"))
    until(lambda: os.path.exists(scene.file("aside/asked")), "it is not ended")
    os.rename(scene.file("aside"), slow.path)
    never(lambda: len(slow.starts()) > 1, "it was started beside itself", limit=2)
    slow.write("end", "")
    second = slow.wait_up(but=first)
    until(lambda: slow.starts() == [first, second], lambda: f"started: {slow.starts()}")


@case(*EVERY)
def a_supervise_directory_that_is_removed_comes_back_with_the_next_change(scene):
    service, other = scene.service("service"), scene.service("other")
    linked = scene.service("linked")
    os.symlink(scene.file("linked-supervise"), linked.file("supervise"))
    scene.start()
    firsts = {each: each.wait_running() for each in (service, linked)}
    untouched = other.wait_up()
    supervisors = [scene.supervisor(each) for each in firsts]
    shutil.rmtree(service.file("supervise"))
    shutil.rmtree(scene.file("linked-supervise"))
    never(lambda: not all(map(alive, firsts.values())), "its supervise directory was removed, and it was ended",
          limit=0.5)
    for each, first in firsts.items():
        kill(first)
        until(lambda: len(each.starts()) == 2, "it is not restarted")
        until(each.supervised, "clients cannot reach it again")
        each.wait_up(but=first)
    restart_and_obey(*firsts)
    for each in firsts:
        assert len(each.starts()) == 4, "there was a second copy"
    assert os.path.islink(linked.file("supervise"))
    assert all(map(alive, supervisors)) and other.starts() == [untouched] and other.up() == untouched
    assert not scene.errors(), scene.errors()


@case(*SINGLE)
def a_supervisor_whose_directory_is_gone_still_ends_its_service(scene):
    service = scene.service("service")
    scene.start()
    pid = service.wait_running()
    shutil.rmtree(service.path)
    scene.processes["service"].terminate()
    assert scene.processes["service"].wait(30) == 0
    assert not alive(pid)


@case(RUNSVDIR)
def a_link_that_is_pointed_elsewhere_changes_the_runlevel(scene):
    sets = {}
    for name in ("one", "two"):
        os.mkdir(scene.file(name))
        sets[name] = scene.service(f"../{name}/only-{name}")
    both = scene.service("../shared")
    for name in sets:
        os.symlink(both.path, f"{scene.root}/{name}/both")
    os.rmdir(scene.scan)
    os.symlink("one", scene.file("current"))
    os.symlink("current", scene.scan)
    scene.start()
    first, shared = sets["one"].wait_up(), both.wait_up()
    os.symlink("two", scene.file("next"))
    os.rename(scene.file("next"), scene.file("current"))
    sets["two"].wait_up()
    until(lambda: not alive(first), "what the other runlevel does not have is not ended")
    never(lambda: both.up() != shared, "what both have has been touched", limit=0.5)
    assert both.starts() == [shared]
    assert scene.lives(both)


@case(RUNSVDIR)
def a_scan_directory_may_go_and_come_back(scene):
    service = scene.service("service")
    scene.start()
    pid = service.wait_up()
    os.rename(scene.scan, scene.file("aside"))
    until(lambda: scene.errors("unable to"), "nothing is said of it")
    never(lambda: not alive(pid), "its services were ended")
    assert len(scene.errors()) == 1, scene.errors()
    os.rename(scene.file("aside"), scene.scan)
    assert service.up() == pid
    new = Service(scene, "new")
    new.wait_up()
    assert service.up() == pid and service.starts() == [pid]


@case(RUNSVDIR)
def a_scan_directory_that_is_replaced_is_followed(scene):
    old = scene.service("old")
    scene.start()
    first = old.wait_up()
    os.rename(scene.scan, scene.file("aside"))
    os.mkdir(scene.scan)
    new = Service(scene, "new")
    second = new.wait_running()
    until(lambda: not alive(first), "what the new directory does not have is not ended")
    assert new.up() == second
    shutil.rmtree(scene.scan)
    os.mkdir(scene.scan)
    newer = Service(scene, "newer")
    newer.wait_up()
    until(lambda: not alive(second), "what the newest directory does not have is not ended")


@case(SVSCAN)
def a_scan_directory_that_is_moved_away_stays_the_one_that_is_scanned(scene):
    service = scene.service("service")
    scene.start()
    pid = service.wait_up()
    # svscan works in its directory: it knows it by that, and not by its name.
    os.rename(scene.scan, scene.file("aside"))
    scene.scan = scene.file("aside")
    service.path = f"{scene.scan}/service"
    new = Service(scene, "new")
    new.wait_up()
    assert service.up() == pid and service.starts() == [pid]
    restart_and_obey(service)


@case(SVSCAN)
def services_outlive_the_scan_directory_that_only_linked_to_them(scene):
    os.mkdir(scene.file("elsewhere"))
    service = scene.service("service")
    os.rename(service.path, scene.file("elsewhere/service"))
    service.path = scene.file("elsewhere/service")
    os.symlink(service.path, f"{scene.scan}/service")
    scene.start()
    pid = service.wait_up()
    core = scene.supervisor()
    shutil.rmtree(scene.scan)
    never(lambda: not alive(pid) or not alive(core), "an empty scan directory has ended something")
    restart_and_obey(service)
    assert scene.lives(service)
