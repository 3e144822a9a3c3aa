"""What a client can be told to do, from which state, and how its effect is proved."""

import os
import signal
from dataclasses import dataclass, field
from typing import Callable

from service import Wrong, never, process_state, until
from states import STATES, Facts


@dataclass(frozen=True)
class Action:
    begin: str                          # a name in STATES
    prove: Callable                     # prove(cell): tells the client to act, and raises Wrong
    setup: dict = field(default_factory=dict)


def _act(cell, code=0):
    said = cell.act()
    if said.code != code:
        raise Wrong(str(said))
    return said


def _start(cell):
    _act(cell)
    cell.service.wait_started()
    cell.service.wait_for(Facts(up=True))


def _stop(cell):
    service = cell.service
    pid = service.alive()
    _act(cell)
    service.wait_gone(pid)
    service.wait_for(Facts(want="down"))
    never(lambda: len(service.pids()) > 1, "started again")
    if not service.heard("SIGTERM"):
        raise Wrong("ended without TERM")


def _restart(cell):
    service = cell.service
    pid = service.alive()
    _act(cell)
    service.wait_gone(pid)
    service.wait_started(2)
    service.wait_for(Facts(up=True))
    if not service.heard("SIGTERM"):
        raise Wrong("ended without TERM")


def _once(cell):
    service = cell.service
    _act(cell)
    pid = service.wait_started()
    service.wait_for(Facts(up=True, want="once"))
    os.kill(pid, signal.SIGKILL)
    service.wait_gone(pid)
    service.wait_for(Facts(want="once"))
    never(lambda: len(service.pids()) > 1, "started again")


def _once_while_up(cell):
    service = cell.service
    pid = service.alive()
    _act(cell)
    service.wait_for(Facts(up=True, want="once"))
    if service.alive() != pid or len(service.trace()) != 1:
        raise Wrong(f"the process was touched: {service.trace()}")
    os.kill(pid, signal.SIGKILL)
    service.wait_gone(pid)
    service.wait_for(Facts(want="once"))
    never(lambda: len(service.pids()) > 1, "started again")


def _pause(cell):
    service = cell.service
    _act(cell)
    until(lambda: process_state(service.pids()[-1]) == "T", "not stopped")
    service.wait_for(Facts(up=True, paused=True))


def _continue(cell):
    service = cell.service
    _act(cell)
    until(lambda: process_state(service.pids()[-1]) in ("S", "R"), "not continued")
    service.wait_for(Facts(up=True))


def _signal(name):
    def prove(cell):
        service = cell.service
        pid = service.alive()
        _act(cell)
        until(lambda: service.pids(name) == [pid], lambda: f"no {name}: {service.trace()}")
        service.wait_for(Facts(up=True))
        if service.trace() != [["start", str(pid)], [name, str(pid)]]:
            raise Wrong(f"more than that: {service.trace()}")
    return prove


def _kill(cell):
    service = cell.service
    pid = service.alive()
    _act(cell)
    service.wait_gone(pid)
    service.wait_started(2)
    service.wait_for(Facts(up=True))
    if [word for word, _ in service.trace()] != ["start", "start"]:
        raise Wrong(f"not by KILL alone: {service.trace()}")


def _wait_up(cell):
    said = _act(cell)
    if cell.client.checks and not cell.service.has("ready"):
        raise Wrong(f"did not wait for the check: {said}")
    # A process is there before its program has written anything.
    until(cell.service.alive, lambda: f"not up: {said}")
    if not cell.client.said_up(said):
        raise Wrong(str(said))


def _wait_down(cell):
    pid = cell.service.alive()
    said = _act(cell)
    if process_state(pid):
        raise Wrong(f"did not wait for the end: {said}")
    if not cell.client.said_down(said):
        raise Wrong(str(said))
    cell.service.wait_for(Facts(want="down"))


def _wait_in_vain(cell):
    pid = cell.service.alive()
    said = _act(cell, code=cell.client.in_vain)
    if cell.service.alive() != pid or not cell.client.said_in_vain(said):
        raise Wrong(str(said))


def _force_stop(cell):
    service = cell.service
    pid = service.alive()
    said = _act(cell, code=1)
    service.wait_gone(pid)
    service.wait_for(Facts(want="down"))
    if not service.heard("SIGTERM") or not said.out.startswith("kill: run: "):
        raise Wrong(f"{said}; {service.trace()}")


def _exit(cell):
    """The service wants up no more ("once"), so that only a fresh supervisor starts it again."""
    service = cell.service
    pid = service.alive()
    service.control(b"o")
    service.wait_for(Facts(up=True, want="once"))
    _act(cell)
    service.wait_gone(pid)
    if not service.heard("SIGTERM"):
        raise Wrong("ended without TERM")
    if cell.client.deactivates and cell.supervisor.view:
        # The directory of the view stands for the service: supervised it stays, below the scan directory.
        until(lambda: service.record().pid == 0 and service.record().wanted == "down",
              lambda: f"not down: {service.record()}")
        never(lambda: len(service.pids()) > 1, "started again")
        if cell.client.is_active(cell):
            raise Wrong("still active")
        return
    if cell.supervisor.after_exit == "again":
        service.wait_started(2)
        service.wait_for(Facts(up=True))
        return
    until(lambda: not service.supervised(), "still supervised")
    if cell.supervisor.after_exit == "leaves":
        code = cell.wait_supervisor()
        if code != 0:
            raise Wrong(f"the supervisor left with {code}")


def refusal(cell, says):
    """An action that the supervisor's dialect cannot express: the client must name the problem, exit
    non-zero and leave the service alone."""
    service = cell.service
    before = str(service.record()), service.trace()
    said = cell.act()
    if said.code == 0 or says not in said.out + said.err:
        raise Wrong(f"{said}\n  does not refuse with {says!r}")
    never(lambda: (str(service.record()), service.trace()) != before, f"{said}\n  refused, but acted", 0.3)


ACTIONS = {
    "start": Action("down", _start, dict(down=True)),
    "stop": Action("up", _stop),
    "restart": Action("up", _restart),
    "once": Action("down", _once, dict(down=True)),
    "once while up": Action("up", _once_while_up),
    "pause": Action("up", _pause),
    "continue": Action("paused", _continue),
    "hup": Action("up", _signal("SIGHUP")),
    "alarm": Action("up", _signal("SIGALRM")),
    "interrupt": Action("up", _signal("SIGINT")),
    "quit": Action("up", _signal("SIGQUIT")),
    "usr1": Action("up", _signal("SIGUSR1")),
    "usr2": Action("up", _signal("SIGUSR2")),
    "term": Action("up", _restart),
    "kill": Action("up", _kill),
    "wait for up": Action("down", _wait_up, dict(down=True, check=True, flags=("slow-to-start",))),
    "wait for down": Action("up", _wait_down, dict(flags=("slow-to-end",))),
    "wait in vain": Action("up", _wait_in_vain, dict(flags=("ignores-term",))),
    "force stop": Action("up", _force_stop, dict(flags=("ignores-term",))),
    "exit": Action("up", _exit),
}


def begin_state(action):
    """Actions that start "down" start there by a down file: no process has run yet."""
    name = "down, normally down" if action.begin == "down" else action.begin
    return STATES[name]
