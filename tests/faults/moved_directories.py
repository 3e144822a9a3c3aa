"""Directories that are renamed, removed, replaced and made again while their services are up."""

import os
import shutil
import signal

from harness import (ENCORE, EVERY, KINDRED_SCAN, PERPD, RUNSVDIR, S6, S6_SVSCAN, SCANNERS, SINGLE, SVSCAN, Service, alive, case,
                     kill, never, restart_and_obey, until)


def look(scene):
    """Has the scan directory read by those that read it only when they are asked."""
    asked = {S6_SVSCAN: signal.SIGALRM, PERPD: signal.SIGHUP}
    if scene.home in asked:
        scene.scanner().send_signal(asked[scene.home])


@case(*SINGLE, *SCANNERS)
def a_renamed_service_runs_on_and_is_controlled_at_its_new_place(scene):
    service, other = scene.service("before"), scene.service("other")
    scene.start()
    pid, untouched = service.wait_up(), other.wait_up()
    supervisor = scene.supervisor(service)
    os.rename(service.path, f"{scene.scan}/after")
    service.path, service.name = f"{scene.scan}/after", "after"
    look(scene)
    never(lambda: service.up() != pid or len(service.starts()) > 1, "a new name has touched the service")
    restart_and_obey(service)
    assert len(service.starts()) == 3, "there was a second copy"
    assert alive(supervisor) and other.starts() == [untouched]
    assert not scene.errors(), scene.errors()


@case(*SINGLE, *SCANNERS, ENCORE, S6)
def a_removed_service_directory_touches_no_other_service(scene):
    doomed, other = scene.service("doomed"), scene.service("other")
    scene.start()
    pid, untouched = doomed.wait_running(), other.wait_up()
    supervisor = scene.supervisor(doomed)
    shutil.rmtree(doomed.path)
    look(scene)
    ends = scene.home in (RUNSVDIR, PERPD, KINDRED_SCAN)
    if ends:
        until(lambda: not alive(pid), "a service whose directory is gone is not ended")
    else:
        never(lambda: not alive(pid), "its directory was removed, and it was ended")
        kill(pid)
        until(lambda: not alive(pid), "it cannot be killed")
    until(lambda: ends or scene.errors("doomed"), "nothing is said of it")
    never(lambda: len(scene.errors("doomed")) > 1, lambda: f"more is said than what is wrong: {scene.errors()}",
          limit=3)
    assert other.starts() == [untouched] and other.up() == untouched
    restart_and_obey(other)
    if scene.home.scans:
        assert scene.lives(other) and scene.supervisor() == supervisor
    else:
        # Nothing is left for it to do.
        assert scene.processes["doomed"].wait(30) == 0


def made_again(scene, old, first, **files):
    """Another directory under the same name, whose process notes it if the old one still lives."""
    run = f"#!/bin/sh\nkill -0 {first} 2>/dev/null && echo both >>{scene.root}/both\necho $$ >>starts\nexec sleep 100000\n"
    return Service(scene, old.name, run=run, **files)


def prove_replaced(scene, new, first, other, untouched):
    """Exactly one process, a true record, and commands that work."""
    second = new.wait_up(but=first)
    assert new.wait_started() == second and new.wait_running() == second
    assert not alive(first) and not os.path.exists(scene.file("both")), "there were two copies"
    restart_and_obey(new)
    assert other.starts() == [untouched] and other.up() == untouched


@case(*SCANNERS)
def a_service_made_again_under_the_same_name_is_started_when_the_old_one_has_ended(scene):
    old, other = scene.service("again"), scene.service("other")
    scene.start()
    first, untouched = old.wait_running(), other.wait_up()
    shutil.rmtree(old.path)
    new = made_again(scene, old, first)
    look(scene)
    prove_replaced(scene, new, first, other, untouched)


@case(*SCANNERS)
def a_service_whose_removal_was_seen_is_replaced_all_the_same(scene):
    old, other, later = scene.service("again"), scene.service("other"), scene.service("later")
    scene.start()
    first, untouched, last = old.wait_running(), other.wait_up(), later.wait_running()
    shutil.rmtree(old.path)
    look(scene)
    # It is seen when what is made later is.
    new_one = Service(scene, "seen")
    look(scene)
    new_one.wait_up()
    new = made_again(scene, old, first)
    look(scene)
    prove_replaced(scene, new, first, other, untouched)
    # One that is moved away, to where nobody scans, and another moved to its place.
    os.rename(later.path, scene.file("away"))
    made = made_again(scene, later, last)
    look(scene)
    prove_replaced(scene, made, last, other, untouched)


@case(*SCANNERS)
def a_service_that_is_renamed_deleted_and_made_again_before_anybody_looks_is_replaced(scene):
    old, other = scene.service("before"), scene.service("other")
    scene.start()
    first, untouched = old.wait_running(), other.wait_up()
    # It is never seen under the name that it has last.
    old.name = "after"
    os.rename(old.path, f"{scene.scan}/{old.name}")
    shutil.rmtree(f"{scene.scan}/{old.name}")
    new = made_again(scene, old, first)
    look(scene)
    prove_replaced(scene, new, first, other, untouched)


@case(*SCANNERS)
def a_link_that_is_pointed_at_another_directory_is_a_new_service(scene):
    old, other = scene.service("../one"), scene.service("other")
    os.symlink("../one", f"{scene.scan}/service")
    scene.start()
    first, untouched = old.wait_running(), other.wait_up()
    os.rename(old.path, scene.file("before"))
    new = made_again(scene, old, first)
    os.rename(new.path, scene.file("two"))
    new.path, new.name = scene.file("two"), "service"
    os.symlink("../two", f"{scene.scan}/.next")
    os.rename(f"{scene.scan}/.next", f"{scene.scan}/service")
    look(scene)
    prove_replaced(scene, new, first, other, untouched)


@case(*[home for home in SCANNERS if home is not PERPD])
def a_reinstalled_service_whose_supervise_directory_stays_is_replaced(scene):
    # As the packages of Void and Debian have it: `supervise` is a link to where nobody deletes it.
    old, other = scene.service("../package"), scene.service("other")
    os.symlink(scene.file("kept"), old.file("supervise"))
    os.symlink("../package", f"{scene.scan}/package")
    if scene.home is KINDRED_SCAN:
        # The link makes it runit's; its record would be another.
        scene.launch("kindred", "scan", "--home", "daemontools", scene.scan)
    else:
        scene.start()
    first, untouched = old.wait_running(), other.wait_up()
    shutil.rmtree(old.path)
    new = made_again(scene, old, first)
    os.symlink(scene.file("kept"), new.file("supervise"))
    # A restart brings up the new one: nothing has changed in the scan directory itself.
    new.control(b"t")
    prove_replaced(scene, new, first, other, untouched)
    # So does a change in the scan directory.
    before = new.wait_running()
    shutil.rmtree(new.path)
    newer = made_again(scene, old, before)
    os.symlink(scene.file("kept"), newer.file("supervise"))
    Service(scene, "change")
    look(scene)
    prove_replaced(scene, newer, before, other, untouched)


@case(*SCANNERS)
def a_deleted_directory_of_a_service_that_is_down_is_let_go_of(scene):
    down = "flag.down" if scene.home is PERPD else "down"
    other = scene.service("other")
    scene.start()
    untouched = other.wait_running()
    core = scene.supervisor()

    def held():
        """Descriptors of what lies, or lay, in their directories."""
        links = []
        for entry in os.scandir(f"/proc/{core}/fd"):
            try:
                links.append(os.readlink(entry.path))
            except FileNotFoundError:
                pass
        return [link for link in links if link.startswith(f"{scene.scan}/s")]

    for _ in range(3):
        services = []
        for number in range(4):
            service = Service(scene, f"s{number}", run=None)
            service.write(down, "")
            service.write("rc.main" if scene.home is PERPD else "run", "#!/bin/sh\nexec sleep 1000\n")
            if scene.home is PERPD:
                os.chmod(service.path, 0o1755)
            services.append(service)
        look(scene)
        until(lambda: len(held()) >= len(services), "they are not supervised")
        for service in services:
            if scene.home.record_size:
                until(service.supervised, "it is not supervised")
        for service in services:
            shutil.rmtree(service.path)
        look(scene)
        until(lambda: not held(), lambda: f"kept: {held()}")
    assert other.starts() == [untouched] and other.up() == untouched and alive(core)


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
