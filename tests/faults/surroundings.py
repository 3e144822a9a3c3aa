"""What a supervisor is started in: signals that its parent ignores or blocks, a terminal, another scan's run directory."""

import os
import pty
import signal
import subprocess

from harness import (ENCORE, ENCORE_SVSCAN, KINDRED_SCAN, LIMIT, MANAGER, PERPD, RUNSV, RUNSVDIR, S6, S6_SVSCAN, STEADY, SUPERVISE,
                     SVSCAN, alive, case, kill, never, until, wait_gone)

IGNORED = {"HUP", "INT", "QUIT", "USR1", "PIPE", "ALRM", "TERM", "TSTP"}
BLOCKED = {"USR2", "TERM", "CHLD", "WINCH", "PIPE", "HUP"}
# What a service below the original finds at its default, and what unblocked (daemontools, runit and s6 observed, the
# others by the documents).
CHANGED = {
    SUPERVISE: ((), {"CHLD"}),
    SVSCAN: ((), {"CHLD"}),
    RUNSV: ({"TERM"}, {"CHLD", "TERM"}),
    RUNSVDIR: ({"TERM", "HUP", "ALRM"}, {"CHLD", "TERM"}),
    S6: ({"PIPE"}, BLOCKED),
    S6_SVSCAN: ({"PIPE"}, BLOCKED),
    ENCORE: ({"INT", "TERM", "TSTP"}, {"CHLD"}),
    ENCORE_SVSCAN: ({"INT", "TERM", "TSTP"}, {"CHLD"}),
    PERPD: ({"HUP", "INT", "TERM", "PIPE"}, BLOCKED),
    MANAGER: ({"TERM", "INT", "HUP", "QUIT", "TSTP"}, ()),
    KINDRED_SCAN: ({"PIPE", "TERM"}, BLOCKED),
}


def named(mask):
    number = int(mask, 16)
    return {each.name[3:] for each in signal.Signals if number >> (each - 1) & 1}


@case(*CHANGED)
def a_service_finds_the_signals_as_below_its_familys_own_supervisor(scene):
    def surround():
        for name in IGNORED:
            signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, f"SIG{name}") for name in BLOCKED])

    # A shell would clear the mask.
    service = scene.service("service", run="""#!/usr/bin/awk -f
BEGIN {
  while ((getline line <"/proc/self/status") > 0) if (line ~ /^Sig(Ign|Blk)/) print line >"signals.new"
  close("signals.new")
  system("mv signals.new signals && exec sleep 1000")
}
""")
    scene.start(preexec_fn=surround, restore_signals=False)
    seen = dict(line.split(":\t") for line in until(lambda: service.lines("signals"), "it does not run"))
    at_default, unblocked = CHANGED[scene.home]
    # Python, which starts it, ignores one more.
    assert named(seen["SigIgn"]) - {"XFSZ"} == IGNORED - set(at_default), seen
    assert named(seen["SigBlk"]) == BLOCKED - set(unblocked), seen


def session(pid):
    """Process group, session and terminal."""
    with open(f"/proc/{pid}/stat") as stat:
        return [int(field) for field in stat.read().rpartition(")")[2].split()[2:5]]


@case(RUNSVDIR)
def with_P_services_are_in_sessions_that_they_do_not_lead(scene):
    loop = "#!/bin/sh\necho $$ >>starts\n"
    service = scene.service("service", run=loop + "(trap '' TERM; exec sleep 1000) &\necho $! >child\nexec sleep 1000\n",
                            log="#!/bin/sh\necho $$ >>starts\nexec cat >lines\n")
    getty = scene.service("getty", run=loop + "exec setsid sh -c 'echo $$ >leader; exec sleep 1000'\n")
    master, terminal = pty.openpty()

    def on_terminal():
        os.setsid()
        os.close(os.open(os.ttyname(terminal), os.O_RDWR))

    scanner = scene.launch("runsvdir", "-P", scene.scan, preexec_fn=on_terminal, stdin=terminal)
    pid, log = service.wait_running(), service.wait_up("log/")
    assert session(scanner.pid)[2] != 0, "the scanner is on no terminal"
    core = scene.supervisor()
    assert session(core)[1] != session(scanner.pid)[1] and session(core)[2] == 0, "the core is on the terminal"
    for process in (pid, log):
        group, of, on = session(process)
        assert group not in (process, session(core)[0]) and of not in (process, session(scanner.pid)[1]) and on == 0
    # setsid(1) forks where it is called by the leader of a group: the service would end at once.
    leader = int(until(lambda: getty.lines("leader"), "it does not run")[0])
    assert getty.wait_running() == leader and session(leader)[1] == leader
    # What is sent to a service's group reaches the service whole, and nobody else.
    child = int(service.lines("child")[0])
    os.killpg(session(pid)[0], signal.SIGKILL)
    until(lambda: not alive(pid) and not alive(child), "not the whole group is signalled")
    service.wait_up(but=pid)
    assert alive(core) and getty.starts() == [leader] and scanner.poll() is None
    # An interrupt at the terminal ends runsvdir, and it alone.
    os.write(master, b"\x03")
    assert scanner.wait(30) == -signal.SIGINT
    never(lambda: not alive(core) or not alive(leader), "services are ended by the terminal's interrupt", limit=0.5)
    os.close(master)
    os.close(terminal)
    never(lambda: not alive(core) or not alive(leader), "services are ended by the terminal's end", limit=0.5)


def scan_words(scene, scan):
    return ("kindred", "scan", "--run-dir", scene.run_dir, "--views", "runit,s6", scan)


def is_controlled(scene):
    return scene.client("kindred", "control", "--run-dir", scene.run_dir, "--views", "runit,perp")


@case(KINDRED_SCAN)
def a_second_scan_of_a_run_directory_is_refused_by_name_and_touches_nothing(scene):
    service = scene.service("service")
    os.mkdir(scene.file("others"))
    first = scene.launch(*scan_words(scene, scene.scan))
    pid = service.wait_running()

    def everything():
        seen = {}
        for place, directories, files in os.walk(scene.run_dir):
            for name in (*directories, *files):
                status = os.lstat(f"{place}/{name}")
                seen[f"{place}/{name}"] = status.st_ino, status.st_mtime_ns
        return seen

    until(lambda: os.path.exists(f"{scene.run_dir}/views/s6/service/supervise/status"), "there is no view")
    before = everything()
    os.symlink(scene.run_dir, scene.file("same"))
    for run_dir in (scene.run_dir, scene.file("same")):
        second = subprocess.run([f"{scene.bin_dir}/kindred", "scan", "--run-dir", run_dir, "--views", "all",
                                 scene.file("others")], env=scene.environment, stderr=subprocess.PIPE, text=True, timeout=40)
        assert second.returncode == 111, second
        assert run_dir in second.stderr and str(first.pid) in second.stderr and second.stderr.count("\n") == 1, second
    assert everything() == before
    assert is_controlled(scene) == (0, ""), "the first one's socket is gone"
    assert service.up() == pid and first.poll() is None
    # A lock whose holder is dead is none.
    kill(first.pid)
    first.wait()
    assert os.path.exists(f"{scene.run_dir}/scan.lock")
    third = scene.launch(*scan_words(scene, scene.scan))
    until(lambda: is_controlled(scene) == (0, ""), "it does not begin")
    assert third.poll() is None and service.wait_up() == pid


@case(KINDRED_SCAN)
def of_scans_that_begin_at_once_in_a_run_directory_one_stays(scene):
    service = scene.service("service")
    scans = [scene.launch(*scan_words(scene, scene.scan), key=str(number)) for number in range(8)]
    ended = until(lambda: len(over := [scan.poll() for scan in scans if scan.poll() is not None]) == 7 and over,
                  "more than one stays")
    assert ended == [111] * 7, ended
    service.wait_running()
    until(lambda: is_controlled(scene) == (0, ""), "the one that stays cannot be controlled")
    assert len(service.starts()) == 1 and len(scene.errors("another kindred scan")) == 7


READER = "#!/bin/sh\necho $$ >>starts\nwhile read -r line; do echo \"$line\" >>lines; done\necho end >>ends\n"


# Its process forks another, which keeps the pipe of the log.
FORKING = "#!/bin/sh\necho $$ >>starts\nsetsid sh -c 'trap \"\" TERM; echo $$ >daemon; exec sleep 1000' &\nexec sleep 1000\n"


@case(KINDRED_SCAN)
def a_stop_ends_in_time_where_a_daemon_holds_the_logs_pipe(scene):
    shapes = {"plain": {}, "runits": {"finish": "#!/bin/sh\nexit 0\n"}, "s6s": {"notification-fd": "3\n"},
              "encores": {"stop": "#!/bin/sh\nexit 0\n"}}
    services = []
    for name, files in shapes.items():
        service = scene.service(name, run=FORKING, log=READER, **files)
        services.append(service)
    perp = scene.service("perps", run=None)
    os.mkdir(perp.file("log"))
    perp.write("rc.main", FORKING.replace("\n", '\n[ "$1" = start ] || exit 0\n', 1))
    perp.write("rc.log", READER.replace("\n", '\n[ "$1" = start ] || exit 0\ncd log || exit\n', 1))
    services.append(perp)
    # It ignores TERM, and its finish never ends.
    stubborn = scene.service("stubborn", run="#!/bin/sh\ntrap '' TERM\necho $$ >>starts\nwhile :; do sleep 1; done\n",
                             finish="#!/bin/sh\ntrap '' TERM\necho $$ >>finishes\nwhile :; do sleep 1; done\n", log=READER)
    scan = scene.launch("kindred", "scan", "--run-dir", scene.run_dir, "--stop-timeout", "1", scene.scan)
    for service in (*services, stubborn):
        service.wait_started()
    for service in services:
        until(lambda: service.lines("daemon"), f"{service.name} does not run")
    scan.terminate()
    assert scan.wait(30) == 0
    for service in (*services, stubborn):
        assert not alive(service.starts()[-1]), service.name
        for log in service.lines("log/starts"):
            assert not alive(int(log)), f"the log of {service.name} is left"


CATCH_ALL = """#!/bin/sh
exec >/dev/null
echo complaint of its own >&2
while read -r line; do echo "$line" >>lines; done <fifo
echo end >>ends
"""


@case(S6_SVSCAN)
def who_logs_for_all_speaks_to_the_console_and_ends_last(scene):
    log = scene.service("s6-svscan-log", run=CATCH_ALL)
    # Not a log of its own.
    os.mkdir(log.file("log"))
    log.write("log/run", STEADY)
    os.mkfifo(log.file("fifo"))
    slow = scene.service("slow", run="#!/bin/sh\ntrap 'sleep 0.3; echo last words >&2; exit' TERM\n"
                                     "echo $$ >>starts\nwhile :; do sleep 0.05; done\n")
    console = os.open(scene.file("console"), os.O_WRONLY | os.O_CREAT, 0o600)
    fifo = os.open(log.file("fifo"), os.O_RDWR)
    scanner = scene.launch("s6-svscan", "-X", str(console), scene.scan, stdout=fifo, stderr=fifo, pass_fds=[console])
    os.close(fifo)
    os.close(console)
    slow.wait_started()
    scanner.terminate()
    assert scanner.wait(LIMIT) == 0
    assert log.lines("ends") == ["end"] and log.lines("lines")[-1:] == ["last words"], log.lines("lines")
    with open(scene.file("console")) as said:
        assert said.read() == "complaint of its own\n"
    assert not log.lines("log/starts")


@case(ENCORE_SVSCAN)
def an_absolute_supervisedir_holds_what_is_kept_of_each_service(scene):
    scene.environment["SUPERVISEDIR"] = place = scene.file("place")
    first, second = scene.service("first", log=STEADY), scene.service("second")
    os.mkdir(place)
    scene.start()
    names = {}
    for service, path in ((first, first.path), (first, first.file("log")), (second, second.path)):
        physical = os.path.realpath(path)
        names[path] = f"{place}/{physical[1:].replace('/', ':')}"
        until(lambda: scene.client("svup", path)[0] == 0, lambda: f"{path}: {scene.client('svstat', path)[1]}")
        assert sorted(os.listdir(names[path])) == ["control", "lock", "ok", "status"]
        assert not os.path.exists(f"{path}/supervise")
    pid = second.wait_started()
    assert scene.client("svc", "-d", second.path) == (0, "")
    wait_gone(pid)
    until(lambda: ": down " in scene.client("svstat", second.path)[1], "it is not told of as down")
    # The core is killed with its scanner, and the next one finds its services there.
    pids = first.wait_started()
    scene.kill_supervisors()
    scene.start()
    until(lambda: scene.client("svok", first.path)[0] == 0, "it is not supervised again")
    assert f"(pid {pids})" in scene.client("svstat", first.path)[1], scene.client("svstat", first.path)[1]
    assert first.starts() == [pids]
