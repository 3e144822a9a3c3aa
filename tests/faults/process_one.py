"""Process 1 of a container: what it ends, what it leaves, and surroundings that lack what a machine has."""

import os
import shutil
import signal
import subprocess

from harness import (ENCORE_SVSCAN, FREEDT_SVSCAN, KINDRED_SCAN, MANAGER, PERPD, RUNIT_INIT, RUNSVDIR, S6_SVSCAN, SCANNERS, SVSCAN,
                     SYSTEM_MANAGER, SYSTEM_PATH, Skip, case, children, kill, until, zombies_of)
from surroundings import FORKING, READER

# Notes its end, which takes a moment, and what it says there is its log's.
SLOW = """#!/bin/sh
trap 'sleep 0.3; echo last; echo end >>ends; exit' TERM
echo $$ >>starts
(setsid sh -c 'exec sleep 0.1' &)
while :; do sleep 0.05; done
"""
NOT_PERMITTED = 99
OWN_MOUNTS = "mount --make-rprivate / && mount -t tmpfs -o {run} none /run"
READ_ONLY = OWN_MOUNTS.format(run="noexec") + " && mount --bind {root} {root} && mount -o remount,bind,ro /"


def as_process_1(scene, *words, before="true", through=(), name=""):
    """Starts it in namespaces of its own, which the shell's `before` prepares: its number, once it has that name; the process
    whose end is its is the scene's."""
    if os.geteuid() != 0:
        raise Skip("without root there is no pid namespace")
    words = words or (scene.home.program, *(word.format(run_dir=scene.run_dir) for word in scene.home.words), scene.scan)
    script = f"{{ {before.format(root=scene.root)}; }} || exit {NOT_PERMITTED}\nexec \"$@\""
    unshare = shutil.which("unshare", path=SYSTEM_PATH)  # nosh has one, too
    outside = subprocess.Popen([unshare, "--mount", "--pid", "--fork", "--mount-proc", "/bin/sh", "-c", script, "sh", *through,
                                f"{scene.bin_dir}/{scene.home.family}/{words[0]}", *words[1:]],
                               env=scene.environment, cwd=scene.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=open(scene.file("errors"), "a"))
    scene.processes[""] = outside

    def program():
        if outside.poll() == NOT_PERMITTED:
            raise Skip("its surroundings are not permitted here: " + "".join(scene.errors()[-1:]))
        assert outside.poll() is None, f"it does not start: {outside.returncode}"
        for init in children(outside.pid):
            with open(f"/proc/{init}/cmdline") as line:
                if (name or words[0]) in line.read().split("\0")[0]:
                    return init
        return None

    return until(program, "it does not start")


def logged_service(scene, name="service"):
    service = scene.service(name, run=SLOW, log=READER)
    if scene.home.family == "freedt":
        os.chmod(service.path, 0o1755)
    return service


def end_in_order(scene, service, init, number, code=0):
    """It ends as it is to where nothing is missing."""
    service.wait_started()
    until(lambda: service.lines("log/starts"), "its log does not run")
    # Orphans come to process 1, and are not left there as zombies.
    until(lambda: not zombies_of(init), "an orphan's end is not taken")
    kill(init, number)
    assert scene.processes[""].wait(60) == code
    assert service.lines("ends") == ["end"] and len(service.starts()) == 1, "it was not ended with TERM, once"
    if scene.home is not PERPD:  # whose logs are sent TERM
        assert service.lines("log/lines") == ["last"] and service.lines("log/ends") == ["end"], "its log lost a line"


@case(*SCANNERS, FREEDT_SVSCAN)
def as_process_1_it_ends_all_services_in_order_before_itself(scene):
    sent = {"s6": (signal.SIGTERM,), "perp": (signal.SIGTERM, signal.SIGINT), ".": (signal.SIGTERM, signal.SIGINT)}
    for number in sent.get(scene.home.family, (signal.SIGTERM, signal.SIGHUP)):
        service = logged_service(scene, f"on-{number.name}")
        code = 111 if scene.home.runit and number == signal.SIGHUP else 0
        end_in_order(scene, service, as_process_1(scene), number, code)
        os.rename(service.path, scene.file(f"done-{number.name}"))


@case(MANAGER)
def as_process_1_it_ends_what_was_loaded_before_itself(scene):
    service = scene.service("service", run=SLOW)
    scene.door = scene.file("door")
    init = as_process_1(scene, "local-datagram-socket-listen", scene.door, "service-manager", name="service-manager")
    scene.load(service)
    until(service.supervised, "it is not loaded")
    service.control(b"u")
    service.wait_started()
    until(lambda: not zombies_of(init), "an orphan's end is not taken")
    kill(init, signal.SIGTERM)
    assert scene.processes[""].wait(60) == 0
    assert service.lines("ends") == ["end"] and len(service.starts()) == 1, "it was not ended with TERM, once"


@case(*SCANNERS, FREEDT_SVSCAN)
def as_process_1_it_needs_no_root_that_can_be_written_and_nothing_executable_in_run(scene):
    del scene.environment["KINDRED_RUN_DIR"]
    end_in_order(scene, logged_service(scene), as_process_1(scene, before=READ_ONLY), signal.SIGTERM)
    assert not scene.errors("warning"), scene.errors()


@case(*SCANNERS, FREEDT_SVSCAN)
def as_process_1_it_may_be_any_user(scene):
    service = logged_service(scene)
    user = str(scene.give_to_a_user())
    setpriv = ("setpriv", "--reuid", user, "--regid", user, "--clear-groups")
    end_in_order(scene, service, as_process_1(scene, through=setpriv), signal.SIGTERM)


@case(KINDRED_SCAN, SVSCAN, RUNSVDIR, ENCORE_SVSCAN, S6_SVSCAN, PERPD)
def as_process_1_a_stop_is_over_in_a_container_engines_time(scene):
    service = scene.service("service", run=FORKING.replace("exec sleep 1000\n", "trap '' TERM\nwhile :; do sleep 1; done\n"),
                            log=READER)
    init = as_process_1(scene)
    until(lambda: service.lines("daemon"), "it does not run")
    kill(init, signal.SIGTERM)
    assert scene.processes[""].wait(10) == 0


@case(S6_SVSCAN)
def as_process_1_it_becomes_its_finish_script_whose_code_is_the_containers(scene):
    service = logged_service(scene)
    os.mkdir(f"{scene.scan}/.s6-svscan")
    with open(f"{scene.scan}/.s6-svscan/finish", "w") as finish:
        finish.write("#!/bin/sh\ntest $$ = 1 && exit 37\n")
        os.fchmod(finish.fileno(), 0o755)
    end_in_order(scene, service, as_process_1(scene), signal.SIGTERM, 37)


@case(KINDRED_SCAN)
def as_process_1_it_ends_with_the_code_that_a_service_has_left(scene):
    code = scene.file("code")
    words = ("kindred", "scan", "--exit-code", code, scene.scan)
    for left, expected in ((f"echo $1 >{code}", 37), (f"echo 256 >{code}", 0), (":", 0)):
        with open(code, "w") as stale:
            stale.write("99\n")
        service = scene.service(f"ends-with-{expected}-{len(left)}", run="#!/bin/sh\nexit 37\n",
                                finish=f"#!/bin/sh\n{left}\nkill -TERM 1\n")
        as_process_1(scene, *words)
        assert scene.processes[""].wait(30) == expected, scene.errors()
        shutil.rmtree(service.path)
    assert len(scene.errors("no exit code in")) == 1, scene.errors()


@case(RUNIT_INIT)
def where_it_may_not_stop_the_machine_it_exits(scene):
    if not os.path.isdir("/etc/runit"):
        raise Skip("there is no /etc/runit")
    stages = scene.file("stages")
    os.mkdir(stages)
    scripts = {"1": "", "2": f"trap 'exit 0' TERM\n: >{scene.root}/up\nwhile :; do sleep 0.05; done\n",
               "3": f"echo end >>{scene.root}/ends\ntest ! -e {scene.root}/again || {{ : >/run/runit.reboot; chmod 100 /run/runit.reboot; }}\n"}
    for stage, text in scripts.items():
        with open(f"{stages}/{stage}", "w") as script:
            script.write("#!/bin/sh\n" + text)
            os.fchmod(script.fileno(), 0o755)
    before = READ_ONLY + " && mount --bind {root}/stages /etc/runit"
    for file, code in (("never", 0), ("again", 128 + signal.SIGHUP)):
        open(scene.file(file), "w").close()
        init = as_process_1(scene, "runit", before=before, through=("setpriv", "--bounding-set", "-sys_boot"))
        until(lambda: os.path.exists(scene.file("up")), "stage 2 is not run")
        os.remove(scene.file("up"))
        kill(init, signal.SIGPWR)
        assert scene.processes[""].wait(30) == code, scene.errors()
    with open(scene.file("ends")) as ends:
        assert ends.read() == "end\nend\n"


CONTAINED = (OWN_MOUNTS.format(run="mode=755") + " && mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && mkdir -p "
             "/run/service-bundles && mount -t tmpfs none /var/log && mount -t tmpfs -o ro none /sys/fs/cgroup")


@case(SYSTEM_MANAGER)
def without_control_groups_everything_is_started_and_ended(scene):
    for target in ("sysinit", "normal"):
        service = f"{scene.root}/bundles/targets/{target}/service"
        os.makedirs(service)
        scripts = {"start": "exit 0", "stop": f"echo stopped {target} >>{scene.root}/trace", "restart": "exit 1",
                   "run": f"trap 'echo {target} got TERM >>{scene.root}/trace; exit' TERM\necho run {target} >>{scene.root}/trace\n"
                          "while :; do sleep 0.05; done"}
        for name, text in scripts.items():
            with open(f"{service}/{name}", "w") as script:
                script.write(f"#!/bin/sh\n{text}\n")
                os.fchmod(script.fileno(), 0o755)
    init = as_process_1(scene, "system-manager", before=CONTAINED + " && cp -r {root}/bundles/. /run/service-bundles")
    trace = scene.file("trace")

    def lines():
        return open(trace).read().splitlines() if os.path.exists(trace) else []

    until(lambda: "run normal" in lines(), "nothing is started")
    kill(init, signal.SIGTERM)
    assert scene.processes[""].wait(30) == 0
    assert sorted(lines()) == sorted(f"{word}" for target in ("sysinit", "normal")
                                     for word in (f"run {target}", f"{target} got TERM", f"stopped {target}")), lines()


@case(SYSTEM_MANAGER)
def it_ends_where_nothing_runs(scene):
    scene.environment["container"] = "test"
    init = as_process_1(scene, "system-manager", before=CONTAINED)
    socket = f"/proc/{init}/root/run/service-manager/control"
    until(lambda: os.path.exists(socket) and children(init), "it does not begin")
    kill(init, signal.SIGRTMIN + 13)
    assert scene.processes[""].wait(30) == 0
