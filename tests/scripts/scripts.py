#!/usr/bin/env python3
"""Run scripts as people write them, each below the supervisors that may meet them, on a system that has only kindred.

    scripts.py --list
    scripts.py --install PREFIX_ROOT --build BUILD      what every case's system is made of, once
    scripts.py --system PREFIX_ROOT CASE.SUPERVISOR

The system is a root directory of a case's own, with processes and mounts of its own: kindred as it is installed, a shell
with the usual small tools, and no program of any original. services/CASE holds the service directories. Exit code: 0
passed, 1 failed, 77 where a root of one's own is not permitted.
"""

import argparse
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "faults"))
from harness import never, until  # noqa: E402

FAMILIES = "/usr/local/libexec/kindred"
TOOLS = ("sh", "basename", "cat", "chmod", "chown", "cp", "date", "dirname", "env", "grep", "head", "id", "install", "kill",
         "ln", "ls", "mkdir", "mv", "rm", "sed", "sleep", "sort", "tail", "test", "touch", "wc")
INVOKE_RUN = os.path.join(HERE, "../../core/packages/runit/invoke-run")
CHROOT = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin")
# Where a name is several families', the supervisor's own family comes first and then these.
ORDER = ("runit", "s6", "daemontools", "perp", "freedt", "nosh", "encore", "execline")

# Each supervisor, with its family and its words.
SUPERVISORS = {
    "svscan": ("daemontools", "svscan", "/service"),
    "encore-svscan": ("encore", "svscan", "/service"),
    "freedt-svscan": ("freedt", "svscan", "/service"),
    "runsvdir": ("runit", "runsvdir", "-P", "/service"),
    "s6-svscan": ("s6", "s6-svscan", "/service"),
    "perpd": ("perp", "perpd", "/service"),
    "service-manager": ("nosh", "service-manager"),
    "kindred-scan": ("runit", "kindred", "scan", "--run-dir", "/run/kindred", "/service"),
}
ALL = tuple(SUPERVISORS)
RUNIT = ("runsvdir", "kindred-scan")


# --- the system ---

def libraries_of(program):
    """The shared objects that the program loads, its loader among them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(?:=> |^\t)(/\S+) \(0x", listed, re.MULTILINE)


def install(root, build):
    """kindred, a shell and small tools, with what they load, below `root`."""
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cmake", "--install", build, "--prefix", root + "/usr/local"], check=True, stdout=subprocess.DEVNULL)
    programs = [os.path.realpath(shutil.which(tool, path="/usr/bin:/bin")) for tool in TOOLS]
    own = f"{root}{FAMILIES}"
    installed = [f"{own}/{name}" for name in os.listdir(own) if os.path.isfile(f"{own}/{name}")]
    needed = {library for program in programs + installed + [f"{root}/usr/local/bin/kindred"]
              for library in libraries_of(program)}
    families = {name for family in ORDER if os.path.isdir(f"{own}/{family}") for name in os.listdir(f"{own}/{family}/bin")}
    assert not families.intersection(TOOLS), "what is to be kindred's would not be"
    os.makedirs(f"{root}/bin")
    for tool, program in zip(TOOLS, programs):
        shutil.copy(program, f"{root}/bin/{tool}")
    for place, program in (("usr/bin", f"{root}/bin/env"), ("lib/runit", INVOKE_RUN)):
        os.makedirs(f"{root}/{place}", exist_ok=True)
        shutil.copy(program, f"{root}/{place}")
    for library in needed:
        os.makedirs(os.path.dirname(root + library), exist_ok=True)
        shutil.copy(library, root + library)


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def may_have_a_root():
    with tempfile.TemporaryDirectory() as place:
        tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", place],
                               capture_output=True, text=True)
    if tried.returncode != 0:
        print("skipped:", tried.stderr.strip())
    return tried.returncode == 0


class System:
    """A root directory with kindred in it, and who supervises there."""

    def __init__(self, installed, root, supervisor):
        self.root, self.supervisor = root, supervisor
        self.family = SUPERVISORS[supervisor][0]
        mount("-t", "tmpfs", "none", root)
        for name in ("dev", "proc", "etc", "run/runit", "tmp", "service", "result", "var/log"):
            os.makedirs(f"{root}/{name}")
        os.symlink("../run", f"{root}/var/run")
        os.chmod(root, 0o755)
        for name in ("tmp", "result"):
            os.chmod(f"{root}/{name}", 0o1777)
        for name in os.listdir(installed):
            os.mkdir(f"{root}/{name}")
            mount("--bind", f"{installed}/{name}", f"{root}/{name}")
        mount("-t", "proc", "none", f"{root}/proc")
        for device in ("null", "zero", "urandom"):
            self.write(f"/dev/{device}", "")
            mount("--bind", f"/dev/{device}", f"{root}/dev/{device}")
        self.write("/etc/passwd", "root:x:0:0:root:/:/bin/sh\ndaemon:x:1:1:daemon:/:/bin/sh\n")
        self.write("/etc/group", "root:x:0:\ndaemon:x:1:\n")
        families = (self.family, *(family for family in ORDER if family != self.family))
        self.environment = {"PATH": ":".join([*(f"{FAMILIES}/{family}/bin" for family in families), "/usr/local/bin", "/bin"]),
                            "FAMILIES": FAMILIES, "SVDIR": "/service", "PERP_BASE": "/service"}

    # -- files, by their names in there --

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.root + path, mode)

    def text(self, path):
        try:
            with open(self.root + path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def lines(self, path):
        return self.text(path).splitlines()

    def expect(self, path, lines, limit=40):
        """Waits until the file holds these lines."""
        until(lambda: self.lines(path) == lines, lambda: f"{path} is {self.lines(path)}, not {lines}; {self.errors()}", limit)

    def errors(self):
        return f"standard error: {self.text('/errors')!r}"

    # -- programs --

    def start(self, *words, **options):
        with open(self.root + "/errors", "a", encoding="utf-8") as errors:
            return subprocess.Popen([CHROOT, self.root, *words], env=self.environment, stdin=subprocess.DEVNULL,
                                    stdout=errors, stderr=errors, **options)

    def succeeds(self, *words):
        return self._run(*words).returncode == 0

    def run(self, *words, code=0):
        """A command in there; its output."""
        ran = self._run(*words)
        assert code is None or ran.returncode == code, f"{words}: {ran.returncode}, {ran.stdout!r} {ran.stderr!r}"
        return ran.stdout

    def _run(self, *words):
        return subprocess.run([CHROOT, self.root, *words], env=self.environment, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=60)

    def bring(self, source, place):
        """The case's service directories, made this supervisor's where they are not."""
        os.makedirs(self.root + place, exist_ok=True)
        for name in sorted(os.listdir(source)):
            shutil.copytree(f"{source}/{name}", f"{self.root}{place}/.{name}", symlinks=True)
            for directory in (f"{place}/.{name}", f"{place}/.{name}/log"):
                self._translate(directory, name)
            os.rename(f"{self.root}{place}/.{name}", f"{self.root}{place}/{name}")

    def _translate(self, directory, name):
        if not os.path.isdir(self.root + directory):
            return
        if self.family == "nosh":
            for script, text in (("start", ""), ("stop", ""), ("restart", "")):
                self.write(f"{directory}/{script}", f"#!/bin/sh\n{text}", 0o755)
        if self.family == "perp" and not directory.endswith("/log"):
            for script, main, place in (("rc.main", "run", "."), ("rc.log", "log/run", "log")):
                if os.path.exists(f"{self.root}{directory}/{main}"):
                    self.write(f"{directory}/{script}", f'#!/bin/sh\n[ "$1" = start ] || exit 0\ncd {place} && exec ./run\n',
                               0o755)
            os.chmod(self.root + directory, 0o1755)

    def supervise(self):
        words = list(SUPERVISORS[self.supervisor][1:])
        if self.supervisor != "service-manager":
            return self.start(*words)
        os.makedirs(self.root + "/run/service-manager", 0o700)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.bind(self.root + "/run/service-manager/control")
            manager = self.start("sh", "-c", f'exec 3<&{door.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec service-manager',
                                 pass_fds=[door.fileno()])
        self.start("service-dt-scanner", "/service")
        return manager


# --- the cases ---

CASES = {}


def case(*supervisors):
    def register(function):
        CASES[function.__name__.replace("_", "-")] = (function, supervisors)
        return function
    return register


@case(*ALL)
def four_families(system):
    """Steps of five families in one line; and the lock is free again for the next run."""
    line = "worker hello 1 1 77 unset"
    system.expect("/result/mixed", [line])
    system.run(f"{FAMILIES}/daemontools/bin/svc", "-t", "/service/mixed")
    system.expect("/result/mixed", [line] * 2)


@case(*ALL)
def one_tool(system):
    """perp's way: one tool with many options, whatever supervises."""
    system.expect("/result/perps", ["renamed hello from perp 1 66 0027 /"])


@case(*ALL)
def interpreted(system):
    """Scripts for the family's interpreters, whatever supervises."""
    system.expect("/result/execline", ["hello from execline 0 1 71 0027 /"])
    # s6 hands run its service's name, and nosh takes no word after the script's.
    if system.family != "s6":
        system.expect("/result/nosh", ["hello from nosh 1 70 0027 /"])


@case(*ALL)
def loggers(system):
    """A log service of each family's logger, each as another user, each with what its service says."""
    stamped = {"svlogd": r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{5} ", "multilog": "@[0-9a-f]{24} ",
               "s6-log": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}  ", "tinylog": r"\d{8}T\d{6}\.\d{6}: ",
               "cyclog": "@[0-9a-f]{24} "}
    said = {"svlogd": ["to standard output", "to standard error"], "multilog": ["from an envdir"],
            "s6-log": ["for s6-log"], "tinylog": ["for tinylog"], "cyclog": ["for cyclog"]}
    for logger, texts in said.items():
        path = f"/result/{logger}/current"
        until(lambda: len(system.lines(path)) == len(texts), lambda: f"{path}: {system.lines(path)}; {system.errors()}")
        for line, text in zip(system.lines(path), texts):
            assert re.fullmatch(f"(?:{stamped[logger]}){text}", line), f"{path}: {line!r}"
        assert os.stat(system.root + path).st_uid == 1, f"{path} is not the logger's own"


@case(*ALL)
def dependency(system):
    """`sv check` of another service, within run, whoever supervises both."""
    system.expect("/result/web", ["after"])
    assert system.lines("/result/db-asked"), "the check was not asked"


@case("runsvdir", "kindred-scan", "svscan", "s6-svscan")
def void_shape(system):
    """A service that is links: its script, its configuration, and its supervise directory, which leads into /run."""
    until(lambda: sorted(system.lines("/result/tty")) == ["generic-tty9 nine", "tty1 nine"],
          lambda: f"{system.lines('/result/tty')}; {system.errors()}")
    assert os.path.exists(system.root + "/run/runit/supervise.tty1/status")


@case(*RUNIT)
def own_signal(system):
    """control/t sends another signal than TERM, to the process that supervise/pid names."""
    system.expect("/result/signals", ["started"])
    system.run("sv", "term", "worker")
    system.expect("/result/signals", ["started", "INT", "started"])


@case(*RUNIT)
def stops_itself(system):
    """finish looks at how run ended and takes its own service down."""
    system.expect("/result/once", ["run", "finish 3 0"])
    until(lambda: system.run("sv", "status", "once", code=None).startswith("down: once: "), lambda: system.errors())
    never(lambda: system.lines("/result/once").count("run") > 1, "it was started again")


@case("runsvdir")
def logs_out(system):
    """A getty's finish logs its line out, in utmp and in wtmp."""
    user_process, dead_process, rest = 7, 8, 52
    fields = struct.Struct("@hi32s4s32s256s")  # type, pid, line, id, user, host, and more
    record = fields.pack(user_process, 4711, b"tty9", b"9", b"joe", b"") + bytes(rest)
    with open(system.root + "/run/utmp", "wb") as file:
        file.write(record)
    until(lambda: system.run("sv", "status", "getty", code=None).startswith("run: "), lambda: system.errors())
    system.run("sv", "restart", "getty")

    def record_of(path):
        try:
            with open(system.root + path, "rb") as file:
                return fields.unpack(file.read(fields.size))
        except (OSError, struct.error):
            return None

    until(lambda: record_of("/var/log/wtmp"), lambda: system.errors())
    for path, pid in (("/run/utmp", 4711), ("/var/log/wtmp", 0)):
        kind, found_pid, line, _, user, _ = record_of(path)
        assert (kind, found_pid, line.rstrip(b"\0"), user.rstrip(b"\0")) == (dead_process, pid, b"tty9", b""), f"{path}: {kind} {line}"


@case(*RUNIT)
def packaged(system):
    """A package's maintainer script puts its service below the scanner, and takes it away. Its script has an interpreter
    that reads its settings: what they say the directory env overrules."""
    system.run("update-service", "--add", "/etc/sv/web")
    until(lambda: len(system.lines("/result/packaged")) == 1, lambda: system.errors())
    pid, settings = system.lines("/result/packaged")[0].split(" ", 1)
    pid = int(pid)
    assert settings == "two words 8080", settings
    assert os.readlink(system.root + "/etc/sv/web/supervise") == "/run/runit/supervise/web"
    system.run("update-service", "--remove", "/etc/sv/web")
    until(lambda: not os.path.exists(f"{system.root}/proc/{pid}"), f"process {pid} still lives; {system.errors()}")


@case("s6-svscan", "runsvdir", "svscan", "kindred-scan")
def container(system):
    """An image's interpreter line: the script's environment is read from a directory, by way of another script."""
    system.expect("/result/contenv", ["from the container unset"])


@case("s6-svscan")
def permanent_failure(system):
    """Three deaths are enough: finish says so, and the supervisor believes it."""
    until(lambda: system.lines("/result/flaky").count("run") == 3, lambda: system.errors())
    until(lambda: system.run("s6-svstat", "-o", "up,exitcode", "/service/flaky") == "false 7\n", lambda: system.errors())
    never(lambda: system.lines("/result/flaky").count("run") > 3, "it was started again")
    assert system.lines("/result/flaky")[1] == "finish 7 0 flaky"
    assert "PERMANENT FAILURE" in system.text("/errors"), system.errors()


@case("s6-svscan")
def readiness(system):
    """A service that is ready when its check says so."""
    late = 99
    until(lambda: system.succeeds("s6-svok", "/service/slow"), lambda: system.errors())
    system.run("s6-svwait", "-u", "-t", "30000", "/service/slow")
    system.run("s6-svwait", "-U", "-t", "300", "/service/slow", code=late)
    system.write("/result/open", "")
    system.run("s6-svwait", "-U", "-t", "30000", "/service/slow")


# What a case's system needs before anything is supervised.
PREPARED = {
    "packaged": {"/etc/default/web": ('OPTIONS="two words"\nPORT=80\nset -- nothing\n', 0o644)},
    "container": {"/command/with-contenv": ('#!/bin/sh\nunset HOME\nexec s6-envdir -fn -- /run/environment /bin/sh "$@"\n', 0o755),
                  "/run/environment/SECRET": ("from the container", 0o600)},
}

# Where its service directories lie, if the scanner is not to see them at once.
PLACES = {"packaged": "/etc/sv"}


def run_inside(installed, name):
    what, _, supervisor = name.partition(".")
    function, _ = CASES[what]
    root = tempfile.mkdtemp(prefix="kindred-scripts-")
    try:
        system = System(installed, root, supervisor)
        for path, (text, mode) in PREPARED.get(what, {}).items():
            system.write(path, text, mode)
        system.bring(f"{HERE}/services/{what}", PLACES.get(what, "/service"))
        system.supervise()
        function(system)
        print("passed")
        return 0
    except AssertionError as wrong:
        print(f"failed: {wrong}")
        print(f"standard error of all: {system.text('/errors')}")
        return 1
    finally:
        # Whatever runs in there ends with this process, the first of its process namespace; the mounts go with it.
        subprocess.run(["umount", "--lazy", root], check=False)
        os.rmdir(root)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--install", metavar="DIRECTORY")
    parser.add_argument("--build")
    parser.add_argument("--system", metavar="DIRECTORY")
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("case", nargs="?")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name}.{supervisor}" for name, (_, supervisors) in CASES.items() for supervisor in supervisors))
        return 0
    if options.install:
        install(os.path.realpath(options.install), options.build)
        return 0
    if options.inside:
        return run_inside(os.path.realpath(options.system), options.case)
    if not may_have_a_root():
        return 77
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, __file__,
                           "--inside", "--system", options.system, options.case]).returncode


if __name__ == "__main__":
    sys.exit(main())
