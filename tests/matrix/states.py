"""The states a service can be in, and how a cell gets there without the client that it tests."""

import os
import signal
from dataclasses import dataclass, field
from typing import Callable

from service import process_state, until


@dataclass(frozen=True)
class Facts:
    """What is true of a service, in no family's words."""
    up: bool = False
    finish: bool = False        # `finish` runs: runit's third state
    paused: bool = False
    want: str = "up"            # up, down, once
    term: bool = False          # the running process has been sent TERM (recorded by runit only)
    down_file: bool = False
    log: bool = False           # a log service, up
    supervised: bool = True


@dataclass(frozen=True)
class State:
    facts: Facts
    reach: Callable             # reach(service, cell): from a fresh supervisor to the state
    setup: dict = field(default_factory=dict)
    needs: str = ""             # "finish", "end", "wait" or "pair": which supervisors know such a state
    passing: bool = False       # it does not last, or not yet: ask until the client has said it once


def _up(service, _):
    service.wait_started()


def _down(service, _):
    service.wait_started()
    service.control(b"d")
    service.wait_at_rest()


def _started_by(command):
    def reach(service, _):
        until(service.supervised, "not supervised")
        service.control(command)
        service.wait_started()
    return reach


def _down_file(service, _):
    until(service.supervised, "not supervised")


def _paused(service, _):
    pid = service.wait_started()
    service.control(b"p")
    until(lambda: process_state(pid) == "T", "not stopped")


def _want_down(service, _):
    service.wait_started()
    service.control(b"d")
    until(lambda: service.heard("SIGTERM"), "no TERM")


def _paused_want_down(service, cell):
    _want_down(service, cell)
    _paused(service, cell)


def _finish(service, _):
    os.kill(service.wait_started(), signal.SIGKILL)
    until(lambda: service.heard("finish"), "`finish` not started")


def _finish_want_down(service, _):
    service.wait_started()
    service.control(b"d")
    until(lambda: service.heard("finish"), "`finish` not started")


def _fails(service, _):
    until(lambda: service.heard("start"), "`run` not started")


def _with_log(service, _):
    service.wait_started()
    until(service.log_pid, "log service not started")


def _unsupervised(service, cell):
    service.wait_started()
    cell.unlink()
    # runsvdir ends the service by itself once its link is gone, and may be quicker than this.
    try:
        service.control(cell.supervisor.leaves)
    except OSError:
        pass
    until(lambda: not service.supervised(), "still supervised")
    if cell.supervisor.view:
        until(lambda: not os.path.exists(service.path), "still shown")


STATES = {
    "up": State(Facts(up=True), _up),
    "up, normally down": State(Facts(up=True, down_file=True), _started_by(b"u"), dict(down=True)),
    "down": State(Facts(want="down"), _down),
    "down, normally down": State(Facts(want="down", down_file=True), _down_file, dict(down=True)),
    "once": State(Facts(up=True, want="once", down_file=True), _started_by(b"o"), dict(down=True)),
    "paused": State(Facts(up=True, paused=True), _paused),
    "want down": State(Facts(up=True, want="down", term=True), _want_down, dict(flags=("ignores-term",))),
    "paused, want down": State(Facts(up=True, paused=True, want="down", term=True), _paused_want_down,
                               dict(flags=("ignores-term",))),
    "finish": State(Facts(finish=True), _finish, dict(finish=True), needs="finish"),
    "finish, want down": State(Facts(finish=True, want="down"), _finish_want_down, dict(finish=True), needs="end"),
    "want up": State(Facts(), _fails, dict(flags=("fails",)), needs="wait", passing=True),
    "with log": State(Facts(up=True, log=True), _with_log, dict(log=True), needs="pair"),
    # A scanner may take it once more before it has noticed that the directory has gone.
    "unsupervised": State(Facts(want="down", supervised=False), _unsupervised, passing=True),
}
