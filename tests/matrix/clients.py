"""The columns: what asks and commands, and what each says of a state when it is right."""

import http.client
import os
import re
import socket
import subprocess
import time

from service import Wrong, until


class Said:
    """What a command left: exit code and text."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    def __str__(self):
        return f"`{' '.join(self.command)}` exit {self.code}: {(self.out + self.err).strip()!r}"


def seconds_right(seconds, record):
    return abs(time.time() - record.seconds - int(seconds)) <= 2


class Commands:
    """A client of command-line programs. `commands` maps an action to its command line."""

    answers = True

    def __init__(self, name, kindred, family, commands, reads=()):
        self.name, self.kindred, self.family, self.commands = name, kindred, family, commands
        self.reads = reads      # the records that an original's client is asked about; kindred's read all

    def run(self, cell, words):
        command = [cell.program(self.kindred, self.family, words[0]), *words[1:]]
        done = subprocess.run(command, cwd=cell.home, env=cell.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)
        return Said([words[0], *words[1:]], done.returncode, done.stdout, done.stderr)

    def act(self, cell, action):
        return self.run(cell, [word.format(service=cell.service.path) for word in self.commands[action]])

    def expect_line(self, said, pattern, record):
        found = re.fullmatch(pattern, said.out.rstrip("\n"))
        if said.err or not found:
            raise Wrong(f"{said}\n  is not {pattern}")
        if found.groupdict().get("age") is not None and not seconds_right(found["age"], record):
            raise Wrong(f"{said}\n  but the state has lasted {time.time() - record.seconds:.1f} s")


class Svc(Commands):
    """svc, svstat, svok."""

    def status(self, cell, facts):
        service = cell.service
        ok = self.run(cell, ["svok", service.path])
        if ok.code != (0 if facts.supervised else 100) or ok.out or ok.err:
            raise Wrong(str(ok))
        said = self.run(cell, ["svstat", service.path])
        if said.code != 0:
            raise Wrong(str(said))
        path = re.escape(service.path)
        if not facts.supervised:
            return self.expect_line(said, f"{path}: supervise not running", None)
        record = service.record()
        self.expect_line(said, f"{path}: " + self.text(facts, record), record)
        if facts.log:
            said = self.run(cell, ["svstat", f"{service.path}/log"])
            log = service.record("log/")
            self.expect_line(said, rf"{path}/log: up \(pid {log.pid}\) (?P<age>\d+) seconds", log)

    def text(self, facts, record):
        # It has no word for "once" and none for `finish`: a process is a process.
        up = facts.up or facts.finish
        wants_down = facts.want == "down" or (facts.want == "once" and record.want == "d")
        return ((rf"up \(pid {record.pid}\) " if up else "down ") + r"(?P<age>\d+) seconds"
                + (", normally down" if up and facts.down_file else "")
                + (", normally up" if not up and not facts.down_file else "")
                + (", paused" if up and facts.paused else "")
                + (", want up" if not up and facts.want == "up" else "")
                + (", want down" if up and wants_down else ""))


class Sv(Commands):
    """runit's sv."""

    checks = True               # it waits for ./check
    in_vain = 1

    def said_up(self, said):
        return said.out.startswith("ok: run: ")

    def said_down(self, said):
        return said.out.startswith("ok: down: ")

    def said_in_vain(self, said):
        return said.out.startswith("timeout: run: ")

    def status(self, cell, facts):
        service = cell.service
        said = self.run(cell, ["sv", "status", service.path])
        path = re.escape(service.path)
        if not facts.supervised:
            if said.code != 1:
                raise Wrong(str(said))
            return self.expect_line(said, f"fail: {path}: (runsv|supervise) not running", None)
        if said.code != 0:
            raise Wrong(str(said))
        record = service.record()
        pattern = self.text(path, facts, record)
        if facts.log:
            log = service.record("log/")
            pattern += rf"; run: log: \(pid {log.pid}\) \d+s"
        self.expect_line(said, pattern, record)

    def text(self, path, facts, record):
        up = facts.up or facts.finish
        runit = record.size == 20
        want_down = ", want down" if facts.want == "down" else ""
        if facts.want == "once":
            # runit's own record of "once" says "want down"; sv may use these words for daemontools' too.
            want_down = ", want down" if runit else "(, want down)?"
        return (("finish" if facts.finish else "run" if facts.up else "down") + f": {path}: "
                + (rf"\(pid {record.pid}\) " if up else "") + r"(?P<age>\d+)s"
                + (", normally down" if up and facts.down_file else "")
                + (", normally up" if not up and not facts.down_file else "")
                + (", paused" if up and facts.paused else "")
                + (", want up" if not up and facts.want == "up" else "")
                + (want_down if up else "")
                + (", got TERM" if up and facts.term and runit else ""))


class S6(Commands):
    """s6-svc, s6-svstat, s6-svok, s6-svwait."""

    checks = False
    in_vain = 99

    def silent(self, said):
        return not said.out

    said_up = said_down = said_in_vain = silent

    def status(self, cell, facts):
        service = cell.service
        ok = self.run(cell, ["s6-svok", service.path])
        if ok.code != (0 if facts.supervised else 1) or ok.out or ok.err:
            raise Wrong(str(ok))
        said = self.run(cell, ["s6-svstat", service.path])
        if said.code != (0 if facts.supervised else 1):
            raise Wrong(str(said))
        if not facts.supervised:
            return None
        record = service.record()
        self.expect_line(said, self.text(facts, record), record)
        if facts.log:
            said = self.run(cell, ["s6-svstat", f"{service.path}/log"])
            log = service.record("log/")
            self.expect_line(said, rf"up \(pid {log.pid}\) (?P<age>\d+) seconds.*", log)
        fields = self.run(cell, ["s6-svstat", "-o", "up,wantedup,paused,pid", service.path])
        right = " ".join(["true" if facts.up else "false", "true" if record.want == "u" else "false",
                          "true" if facts.paused else "false", str(record.pid if facts.up else -1)])
        if fields.out != right + "\n":
            raise Wrong(f"{fields}\n  is not {right}")
        return None

    def text(self, facts, record):
        up = facts.up
        ended = r"(exitcode \d+|signal SIG\w+)" if record.kind == "s6" else "end unknown"
        return ((rf"up \(pid {record.pid}\) " if up else rf"down \({ended}\) ") + r"(?P<age>\d+) seconds"
                + (", normally down" if up and facts.down_file else "")
                + (", normally up" if not up and not facts.down_file else "")
                + (", paused" if up and facts.paused else "")
                + (", want down" if up and record.want != "u" else "")
                + (", want up" if not up and facts.want == "up" else "")
                + r"(, ready \d+ seconds)?")


class Exporter:
    """prometheus-node-exporter with its runit collector: reads, and commands nothing."""

    name = "node-exporter"
    kindred = False
    family = "runit"
    commands = {}
    reads = ("daemontools", "runit")

    def status(self, cell, facts):
        values = until(lambda: self.scrape(cell), "no metrics")
        record = cell.service.record()
        right = {
            "state": 2 if facts.finish else 1 if facts.up else 0,
            "desired_state": 1 if facts.want == "up" else 0,
            "normal_state": 1,      # it looks for supervise/down, which nothing makes
            "state_last_change_timestamp_seconds": record.seconds,
        }
        found = {name: values.get(name) for name in right}
        if found != right:
            raise Wrong(f"metrics {found}\n  are not {right}")

    def scrape(self, cell):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with open(f"{cell.home}/exporter", "ab") as log:
            exporter = subprocess.Popen(
                [cell.program(False, "runit", "prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}",
                 "--web.disable-exporter-metrics", "--collector.disable-defaults", "--collector.runit",
                 f"--collector.runit.servicedir={os.path.dirname(cell.service.path) if cell.supervisor.view else cell.scan}"],
                env=cell.environment | {"GOMAXPROCS": "1"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            text = until(lambda: exporter.poll() is not None or self.fetch(port), "exporter does not answer")
            if text is True:
                return None         # somebody else took the port meanwhile
        finally:
            exporter.kill()
            exporter.wait()
        service = re.escape(os.path.basename(cell.service.path))
        return {found[1]: int(float(found[2])) for found in
                re.finditer(rf'^node_service_(\w+){{service="{service}",supervisor="runit"}} (\S+)$', text, re.M)}

    @staticmethod
    def fetch(port):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        except OSError:
            return None


SVC_COMMANDS = {
    "start": ["svc", "-u", "{service}"],
    "stop": ["svc", "-d", "{service}"],
    "restart": ["svc", "-t", "{service}"],
    "once": ["svc", "-o", "{service}"],
    "once while up": ["svc", "-o", "{service}"],
    "pause": ["svc", "-p", "{service}"],
    "continue": ["svc", "-c", "{service}"],
    "hup": ["svc", "-h", "{service}"],
    "alarm": ["svc", "-a", "{service}"],
    "interrupt": ["svc", "-i", "{service}"],
    "term": ["svc", "-t", "{service}"],
    "kill": ["svc", "-k", "{service}"],
    "exit": ["svc", "-dx", "{service}"],
}

SV_COMMANDS = {
    "start": ["sv", "up", "{service}"],
    "stop": ["sv", "down", "{service}"],
    "restart": ["sv", "restart", "{service}"],
    "once": ["sv", "once", "{service}"],
    "once while up": ["sv", "once", "{service}"],
    "pause": ["sv", "pause", "{service}"],
    "continue": ["sv", "cont", "{service}"],
    "hup": ["sv", "hup", "{service}"],
    "alarm": ["sv", "alarm", "{service}"],
    "interrupt": ["sv", "interrupt", "{service}"],
    "term": ["sv", "term", "{service}"],
    "kill": ["sv", "kill", "{service}"],
    "quit": ["sv", "quit", "{service}"],
    "usr1": ["sv", "1", "{service}"],
    "usr2": ["sv", "2", "{service}"],
    "wait for up": ["sv", "-w", "10", "start", "{service}"],
    "wait for down": ["sv", "-w", "10", "stop", "{service}"],
    "wait in vain": ["sv", "-w", "1", "stop", "{service}"],
    "force stop": ["sv", "-w", "1", "force-stop", "{service}"],
    "exit": ["sv", "exit", "{service}"],
}

S6_COMMANDS = {
    "start": ["s6-svc", "-u", "{service}"],
    "stop": ["s6-svc", "-d", "{service}"],
    "restart": ["s6-svc", "-r", "{service}"],
    "once": ["s6-svc", "-o", "{service}"],
    "once while up": ["s6-svc", "-o", "{service}"],
    "pause": ["s6-svc", "-p", "{service}"],
    "continue": ["s6-svc", "-c", "{service}"],
    "hup": ["s6-svc", "-h", "{service}"],
    "alarm": ["s6-svc", "-a", "{service}"],
    "interrupt": ["s6-svc", "-i", "{service}"],
    "quit": ["s6-svc", "-q", "{service}"],
    "usr1": ["s6-svc", "-1", "{service}"],
    "usr2": ["s6-svc", "-2", "{service}"],
    "term": ["s6-svc", "-t", "{service}"],
    "kill": ["s6-svc", "-k", "{service}"],
    "wait for up": ["s6-svc", "-wu", "-T", "10000", "-u", "{service}"],
    "wait for down": ["s6-svc", "-wD", "-T", "10000", "-d", "{service}"],
    "wait in vain": ["s6-svc", "-wd", "-T", "1000", "-d", "{service}"],
    "exit": ["s6-svc", "-dx", "{service}"],
}

CLIENTS = [
    Svc("debian-svc", False, "daemontools", SVC_COMMANDS, ("daemontools", "runit")),
    Sv("debian-sv", False, "runit", SV_COMMANDS, ("daemontools", "runit")),
    S6("debian-s6", False, "s6", S6_COMMANDS, ("s6",)),
    Exporter(),
    Svc("kindred-svc", True, "daemontools", SVC_COMMANDS),
    Sv("kindred-sv", True, "runit", SV_COMMANDS),
    S6("kindred-s6", True, "s6", S6_COMMANDS),
]
