#!/usr/bin/env python3
"""Every client against every supervisor: each command, and the status in each state.

    matrix.py --bin BUILD/bin                         kindred and the originals, both ways
    matrix.py --control                               the originals among themselves, as proof of the matrix
    matrix.py --bin BUILD/bin --cell '*/kindred-sv/status: *'

A cell is SUPERVISOR/CLIENT/ACTION or SUPERVISOR/CLIENT/status: STATE. It runs in a directory of its own,
starts its supervisor, brings a service into a known state, lets the client act, and proves the effect by
processes, by what the service recorded and by the bytes of the status file. What a cell cannot express is
listed in inexpressible.py, with the reason.

The rows are in supervisors.py, the columns in clients.py, the states in states.py, the actions in actions.py;
what a service is and does is in service.py and recorder.c, what supervisors show of it in records.py.
"""

import argparse
import concurrent.futures
import fnmatch
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import actions
from clients import CLIENTS
from inexpressible import INEXPRESSIBLE, reason_for
from processes import MARK, Undertaker
from service import LIMIT, POLL, Service, Wrong, until
from states import STATES
from supervisors import SUPERVISORS

# A cell's outcome: what is printed in the table, its colour, whether it fails.
RIGHT, WRONG, NOT_THERE, UNLISTED, WORKS = "right", "WRONG", "-", "UNLISTED", "WORKS"
COLOURS = {RIGHT: "32", WRONG: "31;1", NOT_THERE: "2", UNLISTED: "31;1", WORKS: "31;1"}
SKIPPED = 77
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Cell:
    """One supervisor, one client, one thing to do."""

    def __init__(self, supervisor, client, what, bin_dir):
        self.supervisor, self.client, self.what, self.bin_dir = supervisor, client, what, bin_dir
        self.tools = self.undertaker = self.process = None
        self.name = f"{supervisor.name}/{client.name}/{what}"
        self.is_status = what.startswith("status: ")
        if self.is_status:
            self.state, self.action = STATES[what[len("status: "):]], None
            self.setup = self.state.setup
        else:
            self.action = actions.ACTIONS[what]
            self.state = actions.begin_state(self.action)
            self.setup = self.action.setup
        self.reason = reason_for(supervisor.name, client.name, supervisor.record, what)
        self.outcome, self.detail, self.took = None, "", 0.0

    # Used by clients, states and actions.

    def program(self, kindred, family, name):
        """An absolute path: ours from the build, the original's from PATH."""
        if kindred:
            return f"{self.bin_dir}/{family}/{name}"
        found = shutil.which(name, path=SYSTEM_PATH)
        if not found:
            raise Wrong(f"{name} is not installed")
        return found

    def act(self):
        return self.client.act(self, self.what)

    def unlink(self):
        """Takes the service out of the scan directory, in its family's way."""
        if self.supervisor.in_scan:
            os.chmod(self.service.home, 0o755)
            self.process.send_signal(signal.SIGHUP)
        else:
            os.unlink(f"{self.scan}/{os.path.basename(self.service.path)}")

    def wait_supervisor(self):
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Wrong("the supervisor did not leave") from None

    # The cell's life.

    def run(self):
        started = time.monotonic()
        if self.reason and self.reason.kind == "no command":
            self.outcome = NOT_THERE if self.is_status or self.what not in self.client.commands else WORKS
            return self
        if not self.is_status and self.what not in self.client.commands:
            self.outcome, self.detail = UNLISTED, "the client has no such command, and no reason is listed"
            return self
        self.home = tempfile.mkdtemp(prefix="km-")
        mark = secrets.token_hex(8)
        self.undertaker.expect(mark, self.home)
        try:
            self.prepare(mark)
            self.judge()
        except Wrong as wrong:
            self.outcome, self.detail = WRONG, f"before the client was asked: {wrong}"
        except Exception:
            self.outcome, self.detail = WRONG, traceback.format_exc()
        finally:
            if self.outcome in (WRONG, WORKS):
                self.detail += self.messages()
            self.undertaker.take(mark)
            self.process = None
            self.took = time.monotonic() - started
        return self

    def prepare(self, mark):
        supervisor = self.supervisor
        self.scan = f"{self.home}/scan"
        os.mkdir(self.scan)
        os.mkdir(f"{self.home}/run", 0o700)
        self.service = Service(f"{self.scan if supervisor.in_scan else self.home}/web", supervisor.record,
                               f"{self.tools}/matrix_recorder", convention=supervisor.convention,
                               shown=supervisor.view and f"{self.home}/{supervisor.view}",
                               log_script=supervisor.log_script, **self.setup)
        if not supervisor.in_scan:
            os.symlink(self.service.home, f"{self.scan}/web")
        self.environment = {"PATH": SYSTEM_PATH, "HOME": "/", "LC_ALL": "C", MARK: mark,
                            "KINDRED_RUN_DIR": f"{self.home}/run"}
        # svscan and runsvdir find supervise and runsv on PATH.
        environment = dict(self.environment)
        if supervisor.kindred:
            environment["PATH"] = f"{self.bin_dir}/{supervisor.family}:{environment['PATH']}"
        words = [word.format(service=self.service.path, scan=self.scan, home=self.home,
                             bin=f"{self.bin_dir}/{supervisor.family}") for word in supervisor.arguments]
        program = (f"{self.tools}/{supervisor.program}" if supervisor.launched else
                   self.program(supervisor.kindred, supervisor.family, supervisor.program))
        with open(f"{self.home}/messages", "wb") as messages:
            self.process = subprocess.Popen(
                [program, *words],
                cwd=self.home, env=environment, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
        until(lambda: self.service.supervised() or self.process.poll() is not None, "supervise/ok has no reader")
        if self.process.poll() is not None and not supervisor.scans:
            raise Wrong(f"the supervisor left with {self.process.returncode}")
        self.state.reach(self.service, self)
        if self.state.facts.supervised and not self.state.passing:
            self.service.wait_for(self.state.facts)

    def judge(self):
        refuses = self.reason and self.reason.kind == "refuses"
        wholly = self.reason and self.reason.kind != "in part"
        try:
            if refuses:
                actions.refusal(self, self.reason.says)
            elif self.is_status:
                self.ask()
            else:
                self.action.prove(self)
            right, self.detail = True, ""
        except Wrong as wrong:
            right, self.detail = False, str(wrong)
        if refuses:
            self.outcome = NOT_THERE if right else WORKS
        elif wholly:
            self.outcome = WORKS if right else NOT_THERE
        else:
            self.outcome = RIGHT if right else WRONG

    def ask(self):
        deadline = time.monotonic() + LIMIT
        if not os.path.isdir(self.service.path):
            return self.client.absent(self)
        while True:
            try:
                return self.client.status(self, self.state.facts)
            except Wrong:
                if not self.state.passing or time.monotonic() > deadline:
                    raise
            time.sleep(POLL)

    def messages(self):
        try:
            with open(f"{self.home}/messages", errors="replace") as messages:
                text = messages.read(2000).rstrip()
        except OSError:
            return ""
        return f"\n  the supervisor said: {text}" if text else ""


def all_cells(bin_dir, control):
    whats = list(actions.ACTIONS) + [f"status: {state}" for state in STATES]
    for supervisor in SUPERVISORS:
        for client in CLIENTS:
            originals = not supervisor.kindred and not client.kindred
            if originals != control or (supervisor.control and not control):
                continue
            # What an original says of a record that it was never made for is its own affair.
            if not client.kindred and supervisor.record not in client.reads:
                continue
            for what in whats:
                cell = Cell(supervisor, client, what, bin_dir)
                if not cell.state.needs or cell.state.needs in supervisor.knows:
                    yield cell


def paint(text, outcome):
    return f"\033[{COLOURS[outcome]}m{text}\033[0m" if sys.stdout.isatty() else text


def print_table(cells):
    """A block for each supervisor: actions and states down, clients across."""
    for supervisor in dict.fromkeys(cell.supervisor for cell in cells):
        row = {}
        for cell in cells:
            if cell.supervisor is supervisor:
                row.setdefault(cell.what, {})[cell.client.name] = cell.outcome
        clients = list(dict.fromkeys(name for outcomes in row.values() for name in outcomes))
        print(f"\n{supervisor.name:28}" + "".join(f"{name:>15}" for name in clients))
        for what, outcomes in row.items():
            print(f"  {what:26}" + "".join(
                paint(f"{outcomes[name]:>15}", outcomes[name]) if name in outcomes else " " * 15 for name in clients))


def print_reasons(cells):
    used = {cell.reason for cell in cells if cell.outcome == NOT_THERE or cell.reason and cell.reason.kind == "in part"}
    if used:
        print("\nWhat cannot be expressed (- but for parts):")
    for reason in INEXPRESSIBLE:
        if reason in used:
            print(f"  {reason.client} on {'any' if reason.record == '*' else reason.record}: {reason.why} ({reason.kind})")


def bring_tools(options, directory):
    """The programs that cells need, in a place from which they can be linked."""
    for tool in ("recorder", "launcher"):
        built = f"{directory}/matrix_{tool}"
        if options.tools:
            shutil.copy(f"{options.tools}/matrix_{tool}", built)
        else:
            source = f"{os.path.dirname(os.path.abspath(__file__))}/{tool}.c"
            subprocess.run(["cc", "-O1", "-static", "-o", built, source], check=True)


def leave_out_what_needs_a_run_directory(cells, tools):
    """The cells that are possible here: one whose supervisors have a fixed socket needs a /run of its own."""
    if not any(cell.supervisor.launched for cell in cells):
        return
    tried = subprocess.run([f"{tools}/matrix_launcher"], stderr=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        left_out = {cell.supervisor.name for cell in cells if cell.supervisor.launched}
        print(f"skipped: {', '.join(sorted(left_out))}: no /run of its own is possible here: {tried.stderr.strip()}")
        cells[:] = [cell for cell in cells if not cell.supervisor.launched]


def run_all(cells, options):
    undertaker = Undertaker()
    with tempfile.TemporaryDirectory(prefix="km-") as tools:
        bring_tools(options, tools)
        leave_out_what_needs_a_run_directory(cells, tools)
        for cell in cells:
            cell.tools, cell.undertaker = tools, undertaker
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            try:
                for future in concurrent.futures.as_completed([pool.submit(cell.run) for cell in cells]):
                    future.result()
                return True
            except KeyboardInterrupt:
                pool.shutdown(wait=True, cancel_futures=True)
                return False
            finally:
                undertaker.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", metavar="DIR", help="the build's bin directory, with a directory for each family")
    parser.add_argument("--tools", metavar="DIR", help="where recorder.c and launcher.c were built; otherwise cc does")
    parser.add_argument("--control", action="store_true", help="run the originals against the originals instead")
    parser.add_argument("--supervisor", action="append", metavar="NAME", help="only these rows")
    parser.add_argument("--cell", action="append", metavar="PATTERN", help="only cells with such names")
    parser.add_argument("--list", action="store_true", help="print the names of the cells")
    parser.add_argument("--slow", action="store_true", help="print the slowest cells too")
    parser.add_argument("--jobs", type=int, default=6 * (os.cpu_count() or 1), metavar="N")
    options = parser.parse_args()
    if not options.control and not options.bin and not options.list:
        parser.error("--bin or --control is needed")

    cells = [cell for cell in all_cells(os.path.abspath(options.bin or "."), options.control)
             if (not options.supervisor or cell.supervisor.name in options.supervisor)
             and (not options.cell or any(fnmatch.fnmatchcase(cell.name, pattern) for pattern in options.cell))]
    if options.list:
        for cell in cells:
            print(cell.name)
        return 0
    if not cells:
        sys.exit("matrix: no such cell")

    # Nothing is left behind by who is told to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    if not run_all(cells, options):
        return 130
    if not cells:
        return SKIPPED

    print_table(cells)
    print_reasons(cells)
    failed = [cell for cell in cells if cell.outcome not in (RIGHT, NOT_THERE)]
    for cell in failed:
        note = {WORKS: "listed as inexpressible, but not found so", UNLISTED: "unlisted"}.get(cell.outcome, "wrong")
        print(f"\n{cell.name}: {note}\n  {cell.detail}")
    if options.slow:
        for what in dict.fromkeys(cell.what for cell in cells):
            took = [cell.took for cell in cells if cell.what == what and cell.took]
            if took:
                print(f"{sum(took) / len(took):6.2f} s  {what}")
        for cell in sorted(cells, key=lambda cell: -cell.took)[:10]:
            print(f"{cell.took:6.1f} s  {cell.name}")
    right = sum(cell.outcome == RIGHT for cell in cells)
    print(f"\n{right} cells right, {len(cells) - right - len(failed)} cannot be expressed, {len(failed)} failed "
          f"in {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
