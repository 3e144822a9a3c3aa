#!/usr/bin/env python3
"""Service directories of each family, converted to each other, run below the target's supervisor.

    convert.py --bin BUILD/bin [FROM-TO ...]        all 49 pairs without words

Twelve services in the shapes of interfaces/in-the-wild.md. What a service sees of itself (user, groups, limits, masks,
directory, environment, niceness, descriptors), its end by TERM, and what finish is told, are compared with what the same
service sees in its own family. The supervisors of daemontools, runit and s6 are Debian's where they are installed;
all others are kindred's. Exit code: 0 passed, 1 failed.
"""

import argparse
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "faults"))
from harness import until  # noqa: E402

FAMILIES = ("runit", "daemontools", "s6", "perp", "nosh", "encore", "freedt")
# With a program that is an original's, where Debian has it.
ORIGINALS = {"daemontools": ("svscan", "supervise"), "runit": ("runsvdir", "runsv"), "s6": ("s6-svscan", "s6-supervise")}
ROOT = os.geteuid() == 0
USER = "nobody"

# What a service tells of itself; then it waits for its TERM.
PROBE = """#!/bin/sh
out=$1
trap 'echo TERM >>"$out"; exit 7' TERM
trap 'echo INT >>"$out"; exit 8' INT
{
  echo "user $(id -u) $(id -g) $(id -G)"
  echo "limits $(ulimit -n) $(ulimit -c)"
  echo "mask $(umask)"
  echo "nice $(nice)"
  echo "variables $GREETING $PORT"
  echo "session $(test "$(ps -o sid= -p $$ | tr -d ' ')" = $$ && echo own)"
  test "$2" = directory && pwd
  test -e /proc/self/fd/5 && echo "descriptor 5"
} >"$out.new" 2>&1
mv "$out.new" "$out"
echo "$out says hello"
echo "$out complains" >&2
while :; do sleep 1 & wait $!; done
"""


class Shapes:
    """Twelve services of runit's, from which those of the other families are made; {probe} and {out} stand in scripts."""

    def __init__(self, directory, probe, out):
        self.directory, self.probe, self.out = directory, probe, out
        own = "chpst -u %s " % USER if ROOT else "chpst "
        self.put("plain", run="exec {probe} {out}")
        self.put("errors", run="exec 2>&1\nexec {probe} {out}", log="exec svlogd ./main")
        self.put("account", run="exec " + own + "{probe} {out}")
        self.put("groups", run="exec " + ("chpst -u nobody:daemon:mail " if ROOT else "") + "{probe} {out}")
        self.put("limits", run="exec chpst -o 77 -c 0 {probe} {out}")
        self.put("environment", run="exec chpst -e ./env {probe} {out}", **{"env/GREETING": "good day \n", "env/PORT": "80\n"})
        self.put("shell", run="cd /usr || exit 1\numask 027\nexport GREETING='it is \"so\"'\nexec 5</dev/null\nexec {probe} {out} directory")
        self.put("sourced", run="PORT=1\n[ -r ./conf ] && . ./conf\nexport PORT\nexec {probe} {out}", conf="PORT=8080\n")
        self.put("finished", run="exec {probe} {out}", finish="echo \"finish $1 $2\" >>{out}.finish")
        self.put("again", run="test -e {out}.once || {{ touch {out}.once; exit 3; }}\nexec {probe} {out}")
        self.put("nice", run="exec nice -n 4 env PORT=9 {probe} {out}")
        self.put("logged", run="exec 2>&1\nexec {probe} {out}", log="exec svlogd -t ./main", **{"log/main/config": "s20000\nn3\n"})

    def put(self, name, run, log=None, finish=None, **files):
        out = f"{self.out}/{name}"
        head = "#!/bin/sh\n"
        scripts = {"run": head + run.format(probe=self.probe, out=out) + "\n"}
        if log:
            scripts["log/run"] = head + log + "\n"
        if finish:
            scripts["finish"] = head + finish.format(out=out) + "\n"
        for path, text in {**scripts, **files}.items():
            whole = f"{self.directory}/{name}/{path}"
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "w") as file:
                file.write(text)
            if path in scripts:
                os.chmod(whole, 0o755)
        if log:
            os.makedirs(f"{self.directory}/{name}/log/main", exist_ok=True)


class Run:
    """A scan directory below its family's supervisor, with the family's tools first on PATH."""

    def __init__(self, family, scan, kindred_bin, work):
        self.family, self.scan = family, scan
        usual = "/usr/sbin:/usr/bin:/sbin:/bin"
        original = all(shutil.which(name, path=usual) for name in ORIGINALS.get(family, ("no such program",)))
        # What Debian has not of the family's tools, kindred has.
        path = f"{usual}:{kindred_bin}/{family}" if original else f"{kindred_bin}/{family}:{usual}"
        # The interpreter of s6's scripts, and runit's tools for scripts that are carried as they are.
        path += f":{kindred_bin}/execline:{kindred_bin}/runit"
        self.environment = {"PATH": path, "LC_ALL": "C", "KINDRED_RUN_DIR": f"{work}/run"}
        os.makedirs(f"{work}/run", mode=0o700, exist_ok=True)
        words = {"daemontools": ["svscan", scan], "runit": ["runsvdir", scan], "s6": ["s6-svscan", scan]}.get(family) if original else None
        if words is None:
            words = [f"{kindred_bin}/kindred", "scan", "--home", family, scan]
        self.kindred = not original
        self.log = open(f"{work}/supervisor.log", "w")
        self.process = subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    def end(self):
        if self.kindred:
            self.process.send_signal(signal.SIGTERM)
        elif self.family == "s6":
            subprocess.run(["s6-svscanctl", "-t", self.scan], env=self.environment, check=True)
        elif self.family == "runit":
            self.process.send_signal(signal.SIGHUP)
        else:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            for name in os.listdir(self.scan):
                for part in (f"{self.scan}/{name}", f"{self.scan}/{name}/log"):
                    if os.path.exists(f"{part}/supervise/ok"):
                        subprocess.run(["svc", "-dx", part], env=self.environment, check=True)
        self.process.wait(timeout=30)
        self.log.close()
        # Whoever ended the scanner may leave supervisors that are about to end.
        for name in os.listdir(self.scan):
            for part in (f"{self.scan}/{name}", f"{self.scan}/{name}/log"):
                until(lambda: not is_supervised(part), f"the supervisor of {part} to end", 20)


def is_supervised(directory):
    try:
        os.close(os.open(f"{directory}/supervise/ok", os.O_WRONLY | os.O_NONBLOCK))
        return True
    except OSError:
        return False


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def lines_of_logs(directory):
    """What the service's log has, wherever its family keeps it; without stamps."""
    text = ""
    for base, _, files in os.walk(directory):
        text += "".join(read(f"{base}/{name}") for name in files if name == "current")
    return text


def observe(family, definitions, kindred_bin, work, out):
    """Runs the directories of `definitions` and returns what their services have told, by name."""
    scan = f"{work}/scan"
    shutil.copytree(definitions, scan, symlinks=True)
    for name in os.listdir(scan):
        os.chmod(f"{scan}/{name}", os.stat(f"{definitions}/{name}").st_mode & 0o7777)
    names = sorted(os.listdir(scan))
    if ROOT:
        os.chmod(out, 0o777)
    run = Run(family, scan, kindred_bin, work)
    try:
        for name in names:
            until(lambda: read(f"{out}/{name}"), f"{name} to run below {family}", 20)
        for name in ("errors", "logged"):
            if name in names:
                until(lambda: "complains" in lines_of_logs(f"{scan}/{name}"), f"{name} to be logged below {family}", 20)
    finally:
        try:
            run.end()
        except Exception:
            print(read(f"{work}/supervisor.log"), file=sys.stderr)
            raise
    for name in names:
        until(lambda: "TERM" in read(f"{out}/{name}"), f"{name} to end by TERM below {family}", 20)
    seen = {name: read(f"{out}/{name}") for name in names}
    if "finished" in names and os.path.exists(f"{out}/finished.finish"):
        seen["finished"] += read(f"{out}/finished.finish")
    return seen


def convert(kindred, source, target, directory, to, losses):
    done = subprocess.run([kindred, "convert", "--json", "--from", source, "--to", target,
                           *(f"{directory}/{name}" for name in sorted(os.listdir(directory))), to], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)["services"]
    for service in found:
        losses.setdefault(service["name"], []).extend(loss["thing"] + " " + loss["why"] for loss in service["losses"])
    assert (done.returncode == 1) == any(service["losses"] for service in found)


def without_session(text):
    """Whether a service leads a session is its family's rule."""
    return "".join(line for line in text.splitlines(True) if not line.startswith("session"))


def check_pair(source, target, kindred_bin):
    """What differs between the two and is in no list."""
    kindred = f"{kindred_bin}/kindred"
    with tempfile.TemporaryDirectory(prefix="kindred-convert-") as work:
        os.chmod(work, 0o755)
        probe = f"{work}/probe"
        with open(probe, "w") as file:
            file.write(PROBE)
        os.chmod(probe, 0o755)
        out = f"{work}/out"
        os.mkdir(out)
        Shapes(f"{work}/runit", probe, out)
        losses = {}
        before = f"{work}/before"
        convert(kindred, "runit", source, f"{work}/runit", before, losses)
        losses = {}
        after = f"{work}/after"
        convert(kindred, source, target, before, after, losses)
        seen = {}
        for family, definitions in ((source, before), (target, after)):
            os.mkdir(f"{work}/at")
            shutil.rmtree(out)
            os.mkdir(out)
            seen[definitions] = observe(family, definitions, kindred_bin, f"{work}/at", out)
            shutil.rmtree(f"{work}/at")
        wrong = []
        for name, told in seen[before].items():
            if without_session(told) != without_session(seen[after][name]) and not losses.get(name):
                wrong.append(f"{name}: {source} says\n{told}{target} says\n{seen[after][name]}")
        return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("pairs", nargs="*")
    options = parser.parse_args()
    pwd.getpwnam(USER)
    pairs = options.pairs or [f"{source}-{target}" for source in FAMILIES for target in FAMILIES]
    failed = 0
    for pair in pairs:
        source, target = pair.split("-")
        try:
            wrong = check_pair(source, target, os.path.realpath(options.bin))
        except (AssertionError, OSError, subprocess.SubprocessError) as problem:
            wrong = [str(problem)]
        print(f"{pair}: {'FAILED' if wrong else 'ok'}", flush=True)
        for each in wrong:
            print("  " + each.replace("\n", "\n  "))
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
