"""The columns: what asks and commands, and what each says of a state when it is right."""

import http.client
import os
import re
import socket
import subprocess
import time

from service import Wrong, until


class Said:
    """What a command left: exit code and text. It was asked no earlier than `since`."""

    def __init__(self, command, code, out, err, since):
        self.command, self.code, self.out, self.err, self.since = command, code, out, err, since

    def __str__(self):
        return f"`{' '.join(self.command)}` exit {self.code}: {(self.out + self.err).strip()!r}"


def seconds_right(seconds, record, since):
    """Whether that was the age at some moment since then. Stamps and ages are cut or rounded to seconds."""
    return since - 2 <= record.seconds + int(seconds) <= time.time() + 1


class Commands:
    """A client of command-line programs. `commands` maps an action to its command line."""

    deactivates = False         # its way to `exit` is a mark on the directory

    def __init__(self, name, kindred, family, commands, reads=()):
        self.name, self.kindred, self.family, self.commands = name, kindred, family, commands
        self.reads = reads      # the records that an original's client is asked about; kindred's read all

    def run(self, cell, words):
        command = [cell.program(self.kindred, self.family, words[0]), *words[1:]]
        since = time.time()
        done = subprocess.run(command, cwd=cell.home, env=cell.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)
        return Said(words, done.returncode, done.stdout, done.stderr, since)

    def absent(self, cell):
        """What is said of a directory that has gone with its service."""
        for words, code, text in self.of_absent:
            said = self.run(cell, [word.format(service=cell.service.path) for word in words])
            if said.code != code or text not in said.out + said.err:
                raise Wrong(f"{said}\n  is not exit {code} with {text!r}")

    def act(self, cell, action):
        return self.run(cell, [word.format(service=cell.service.path) for word in self.commands[action]])

    def expect_line(self, said, pattern, record):
        found = re.fullmatch(pattern, said.out.rstrip("\n"))
        if said.err or not found:
            raise Wrong(f"{said}\n  is not {pattern}")
        if found.groupdict().get("age") is not None and not seconds_right(found["age"], record, said.since):
            raise Wrong(f"{said}\n  but the state has lasted {time.time() - record.seconds:.1f} s")


class Svc(Commands):
    """svc, svstat, svok."""

    of_absent = ((("svok", "{service}"), 111, "unable to chdir to"),
                 (("svstat", "{service}"), 0, "unable to chdir: file does not exist"))

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
            # What perp has supervised was never anybody else's.
            why = "unable to open supervise/ok: .*" if service.record_kind == "perp" else "supervise not running"
            return self.expect_line(said, f"{path}: {why}", None)
        record = service.record()
        self.expect_line(said, f"{path}: " + self.text(facts, record), record)
        if facts.log and service.log_apart:
            said = self.run(cell, ["svstat", f"{service.path}/log"])
            log = service.record(log=True)
            self.expect_line(said, rf"{path}/log: up \(pid {log.pid}\) (?P<age>\d+) seconds" + self.log_tail(log), log)

    def log_tail(self, log):
        return ""

    def text(self, facts, record):
        # It has no word for "once" and none for `finish`: a process is a process.
        up = facts.up or facts.finish
        wants_down = record.wanted == "down"
        return ((rf"up \(pid {record.pid}\) " if up else "down ") + r"(?P<age>\d+) seconds"
                + (", normally down" if up and facts.down_file else "")
                + (", normally up" if not up and not facts.down_file else "")
                + (", paused" if up and facts.paused else "")
                + (", want up" if not up and facts.want == "up" else "")
                + (", want down" if up and wants_down else ""))


class Encore(Svc):
    """daemontools-encore's svc, svstat, svok, svup: more words, and the log in the same answer."""

    def status(self, cell, facts):
        super().status(cell, facts)
        service = cell.service
        up = self.run(cell, ["svup", "-l", service.path])
        if up.code != (0 if facts.supervised and (facts.up or facts.finish) else 100) or up.out or up.err:
            raise Wrong(str(up))
        # Of a log that is a service of its own it knows nothing; runit's belongs to its main.
        if facts.log and (not service.log_apart or service.record_kind == "runit"):
            self.status_of_log(cell)

    def expect_line(self, said, pattern, record):
        # The log's line is asked for apart.
        lines = said.out.splitlines(keepends=True)
        log = [line for line in lines if line.split(":")[0].endswith(" log")]
        if log:
            main = "".join(line for line in lines if line not in log)
            said = Said(said.command, said.code, main, said.err, said.since)
        super().expect_line(said, pattern, record)

    def status_of_log(self, cell):
        service = cell.service
        log = service.record(log=True)
        said = self.run(cell, ["svstat", "-L", service.path])
        super().expect_line(said, rf"{re.escape(service.path)} log: up \(pid {log.pid}\) (?P<age>\d+) seconds"
                            + self.log_tail(log), log)

    def log_tail(self, log):
        return "" if log.size == 18 else ", running"

    def text(self, facts, record):
        text = super().text(facts, record)
        if record.size == 18:
            return text
        once = (facts.up or facts.finish) and record.wanted == "once"
        return text + (", once" if once else "") + ", " + self.state(facts, record)

    def state(self, facts, record):
        if record.kind == "encore":
            return ("stopped", "starting", "started", "running", "stopping", "failed")[record.state]
        if facts.finish:
            return "stopping"
        return "running" if facts.up else "starting" if facts.want == "up" else "stopped"


class Perp(Commands):
    """perpctl, perpstat, perpls, perpok."""

    deactivates = True
    of_absent = ((("perpok", "{service}"), 111, "fatal"), (("perpstat", "{service}"), 111, "fatal"))

    def is_active(self, cell):
        return self.run(cell, ["perpok", *self.base(cell), self.name_of(cell)]).code == 0

    def status(self, cell, facts):
        service = cell.service
        ok = self.run(cell, ["perpok", *self.base(cell), self.name_of(cell)])
        if not facts.supervised:
            if ok.code not in (1, 111):
                raise Wrong(str(ok))
            return
        if ok.code != 0 or ok.out or ok.err:
            raise Wrong(str(ok))
        # It counts nothing as up that has not been so for half a second.
        said = until(lambda: self.settled(cell, facts), "perpstat does not say that it is up", 3)
        record = service.record()
        log = rf"up (?P<log>\d+) seconds \(pid {service.record(log=True).pid}\)" if facts.log else r"\(no log\)"
        home = r"\d+ seconds" if record.kind == "perp" else rf"by {re.escape(self.family_shown(record))}"
        self.expect_line(said, rf"{re.escape(self.name_of(cell))}: activated {home}\n"
                         rf"  main: {self.text(facts, record)}\n   log: {log}", record)
        self.panel(cell, facts, record)

    def family_shown(self, record):
        return record.kind

    def settled(self, cell, facts):
        said = self.run(cell, ["perpstat", *self.base(cell), self.name_of(cell)])
        if said.code != 0 or not (facts.up or facts.finish):
            return said
        return "down, want up!" not in said.out and said

    def text(self, facts, record):
        once = ", flagged once" if "o" in record.want or record.wanted == "once" else ""
        if not facts.up and not facts.finish:
            return r"down (?P<age>\d+) seconds" + (", want up!" if facts.want == "up" else "") + once
        finish = facts.finish and record.shows_finish
        return (("resetting" if finish else "up") + rf" (?P<age>\d+) seconds \(pid {record.pid}\)"
                + (", paused" if facts.paused else "") + once)

    def panel(self, cell, facts, record):
        """perpls says too what is wanted."""
        said = self.run(cell, ["perpls", "-g", *self.base(cell), self.name_of(cell)])
        up = facts.up or facts.finish
        there = "+" if up else "."
        once = "o" if up and ("o" in record.want or record.wanted == "once") else there
        amiss = up == (record.wanted == "down")
        third = "r" if facts.finish and record.shows_finish else "p" if facts.paused else there
        log = r"\+\+\+" if facts.log else "---"
        right = re.escape(("!" if amiss else there) + once + third)
        pids = f"{record.pid if up else '-'}/{cell.service.record(log=True).pid if facts.log else '-'}"
        self.expect_line(said, rf"\[\+ {right} {log}\]  {re.escape(self.name_of(cell))}  uptime: [\d-]+s/[\d-]+s  "
                         rf"pids: {pids}", None)

    @staticmethod
    def base(cell):
        """Where perpd's, or whose stands in for it, services lie; elsewhere they are named by their paths."""
        return ["-b", os.path.dirname(cell.service.path)] if cell.supervisor.record == "perp" else []

    @staticmethod
    def name_of(cell):
        path = cell.service.path
        return os.path.basename(path) if cell.supervisor.record == "perp" else path

    def act(self, cell, action):
        program, *words = self.commands[action]
        return self.run(cell, [program, *self.base(cell), *words, self.name_of(cell)])


class Nosh(Commands):
    """service-control, service-status, service-is-up, service-is-ok."""

    of_absent = ((("service-is-ok", "{service}"), 111, ""), (("service-is-up", "{service}"), 111, ""),
                 (("service-status", "{service}"), 0, "No such file or directory"))

    def status(self, cell, facts):
        service = cell.service
        ok = self.run(cell, ["service-is-ok", service.path])
        if ok.code != (0 if facts.supervised else 100) or ok.out or ok.err:
            raise Wrong(str(ok))
        up = self.run(cell, ["service-is-up", service.path])
        said = self.run(cell, ["service-status", service.path])
        path = re.escape(service.path)
        config = r"\tConfig  : " + ("disabled" if service.shape.down in os.listdir(service.place) else "enabled")
        if not facts.supervised:
            if up.code != 111:
                raise Wrong(str(up))
            why = (rf"{path}: supervise/ok: .*" if service.record_kind == "perp" else
                   rf"{path}: \n\tState   : No supervisor is running\n{config}")
            return self.expect_line(said, why, None)
        record = service.record()
        right = facts.up or (facts.finish and not record.shows_finish)
        if up.code != (0 if right else 100) or up.out or up.err:
            raise Wrong(str(up))
        self.expect_line(said, rf"{path}: \n\tState   : {self.text(facts, record)}( since [^;]+; "
                         rf"((\d+d )?(\d+h )?\d+m )?(?P<age>\d+)s ago)"
                         + (rf"\n\tMain PID: {record.pid}" if record.pid else "") + self.actions(facts, record)
                         + rf"(\n\t *(Started|Ran|Restartd|Stopped): [^\n]+)*\n{config}", record)
        if facts.log and service.log_apart:
            log = service.record(log=True)
            said = self.run(cell, ["service-status", f"{service.path}/log"])
            if f"\tMain PID: {log.pid}\n" not in said.out or not re.search(r"State   : (up|running) ", said.out):
                raise Wrong(str(said))
        return None

    def text(self, facts, record):
        if record.size == 18:
            return "up" if facts.up or facts.finish else "down"
        if facts.finish and record.shows_finish:
            # daemontools-encore's stop script is its like.
            return "stopping" if record.kind == "encore" else "failed"
        return "running" if facts.up or facts.finish else "starting" if facts.want == "up" else "stopped"

    def actions(self, facts, record):
        process = facts.up or facts.finish
        wanted = record.wanted
        words = ["paused"] if facts.paused else []
        if wanted == "up" and not process:
            words.append("want up")
        if wanted == "down" and process:
            words.append("want down")
        if wanted == "once" and process and record.size != 18:
            words.append("once")
        return rf"\n\tAction  : {', '.join(words)}" if words else ""


class Sv(Commands):
    """runit's sv."""

    checks = True               # it waits for ./check
    in_vain = 1
    of_absent = ((("sv", "status", "{service}"), 1, "unable to change to service directory: file does not exist"),)

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
            why = ("warning: {}: unable to open supervise/ok: .*" if service.record_kind == "perp" else
                   "fail: {}: (runsv|supervise) not running")
            return self.expect_line(said, why.format(path), None)
        if said.code != 0:
            raise Wrong(str(said))
        record = service.record()
        pattern = self.text(path, facts, record)
        if facts.log:
            log = service.record(log=True)
            pattern += rf"; run: log: \(pid {log.pid}\) \d+s"
        self.expect_line(said, pattern, record)

    def text(self, path, facts, record):
        up = facts.up or facts.finish
        runit = record.kind == "runit"
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
    of_absent = ((("s6-svok", "{service}"), 1, ""), (("s6-svstat", "{service}"), 1, "s6-supervise not running"))

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
        self.expect_line(said, self.text(facts, record, bool(service.trace())), record)
        if facts.log and service.log_apart:
            said = self.run(cell, ["s6-svstat", f"{service.path}/log"])
            log = service.record(log=True)
            self.expect_line(said, rf"up \(pid {log.pid}\) (?P<age>\d+) seconds.*", log)
        fields = self.run(cell, ["s6-svstat", "-o", "up,wantedup,paused,pid", service.path])
        right = " ".join(["true" if facts.up else "false", "true" if record.wanted == "up" else "false",
                          "true" if facts.paused else "false", str(record.pid if facts.up else -1)])
        if fields.out != right + "\n":
            raise Wrong(f"{fields}\n  is not {right}")
        return None

    def text(self, facts, record, has_run):
        up = facts.up
        # A run that has not been has no end in nosh's record.
        tells = record.kind == "s6" or (record.kind == "nosh" and has_run)
        ended = r"(exitcode \d+|signal SIG\w+)" if tells else "end unknown"
        return ((rf"up \(pid {record.pid}\) " if up else rf"down \({ended}\) ") + r"(?P<age>\d+) seconds"
                + (", normally down" if up and facts.down_file else "")
                + (", normally up" if not up and not facts.down_file else "")
                + (", paused" if up and facts.paused else "")
                + (", want down" if up and record.wanted != "up" else "")
                + (", want up" if not up and facts.want == "up" else "")
                + r"(, ready \d+ seconds)?")


class Exporter:
    """prometheus-node-exporter with its runit collector: reads, and commands nothing."""

    name = "node-exporter"
    kindred = False
    family = "runit"
    commands = {}
    reads = ("daemontools", "runit", "freedt")

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

ENCORE_COMMANDS = SVC_COMMANDS | {
    "quit": ["svc", "-q", "{service}"],
    "usr1": ["svc", "-1", "{service}"],
    "usr2": ["svc", "-2", "{service}"],
}

PERP_COMMANDS = {
    "start": ["perpctl", "u"],
    "stop": ["perpctl", "d"],
    "restart": ["perpctl", "t"],
    "once": ["perpctl", "o"],
    "once while up": ["perpctl", "o"],
    "pause": ["perpctl", "p"],
    "continue": ["perpctl", "c"],
    "hup": ["perpctl", "h"],
    "alarm": ["perpctl", "a"],
    "interrupt": ["perpctl", "i"],
    "quit": ["perpctl", "q"],
    "usr1": ["perpctl", "1"],
    "usr2": ["perpctl", "2"],
    "term": ["perpctl", "t"],
    "kill": ["perpctl", "k"],
    "exit": ["perpctl", "X"],
}

NOSH_COMMANDS = {
    "start": ["service-control", "--up", "{service}"],
    "stop": ["service-control", "--down", "{service}"],
    "restart": ["service-control", "--terminate", "{service}"],
    "once": ["service-control", "--once", "{service}"],
    "once while up": ["service-control", "--once", "{service}"],
    "pause": ["service-control", "--pause", "{service}"],
    "continue": ["service-control", "--continue", "{service}"],
    "hup": ["service-control", "--hangup", "{service}"],
    "alarm": ["service-control", "--alarm", "{service}"],
    "interrupt": ["service-control", "--interrupt", "{service}"],
    "quit": ["service-control", "--quit", "{service}"],
    "usr1": ["service-control", "--usr1", "{service}"],
    "usr2": ["service-control", "--usr2", "{service}"],
    "term": ["service-control", "--terminate-main", "{service}"],
    "kill": ["service-control", "--kill", "{service}"],
    "exit": ["service-control", "-dx", "{service}"],
}

CLIENTS = [
    Svc("debian-svc", False, "daemontools", SVC_COMMANDS, ("daemontools", "runit", "encore", "freedt")),
    Sv("debian-sv", False, "runit", SV_COMMANDS, ("daemontools", "runit")),
    S6("debian-s6", False, "s6", S6_COMMANDS, ("s6",)),
    Exporter(),
    Svc("kindred-svc", True, "daemontools", SVC_COMMANDS),
    Sv("kindred-sv", True, "runit", SV_COMMANDS),
    S6("kindred-s6", True, "s6", S6_COMMANDS),
    Encore("kindred-encore", True, "encore", ENCORE_COMMANDS),
    Svc("kindred-freedt", True, "freedt", SVC_COMMANDS),
    Perp("kindred-perp", True, "perp", PERP_COMMANDS),
    Nosh("kindred-nosh", True, "nosh", NOSH_COMMANDS),
]
