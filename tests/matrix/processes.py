"""Ends the processes of cells that are over, whoever is their parent by now: each has its cell's mark in its
environment. One walk over all processes serves all cells that ended meanwhile."""

import os
import re
import shutil
import signal
import threading
import time

MARK = "KINDRED_MATRIX_CELL"
_MARKED = re.compile(MARK.encode() + rb"=([0-9a-f]+)")
_ROUND = 0.1
_PATIENCE = 10.0


def _marked():
    """The marks of all processes: (mark, descriptor) each; the descriptor is closed afterwards."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as environ:
                found = _MARKED.search(environ.read())
            if not found:
                continue
            descriptor = os.pidfd_open(int(name))
        except OSError:
            continue
        try:
            # The pid may have been another's when it was read.
            with open(f"/proc/{name}/environ", "rb") as environ:
                again = _MARKED.search(environ.read())
            if again and again[1] == found[1]:
                yield found[1].decode(), descriptor
        except OSError:
            pass
        finally:
            os.close(descriptor)


def end_marked(marks):
    """Kills all processes with one of these marks once. Returns the marks that had any."""
    found = set()
    for mark, descriptor in _marked():
        if mark in marks:
            found.add(mark)
            try:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            except ProcessLookupError:
                pass
    return found


def end_all_of(mark):
    deadline = time.monotonic() + _PATIENCE
    while end_marked({mark}) and time.monotonic() < deadline:
        time.sleep(_ROUND / 5)


class Undertaker:
    """Takes cells away in the background: their processes, and what these start meanwhile, then their
    directories."""

    def __init__(self):
        self._lock, self._waiting, self._over = threading.Lock(), {}, threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def take(self, mark, directory):
        with self._lock:
            self._waiting[mark] = (directory, time.monotonic() + _PATIENCE)

    def finish(self):
        self._over.set()
        self._thread.join()

    def _work(self):
        while True:
            over = self._over.wait(_ROUND)
            with self._lock:
                waiting = dict(self._waiting)
            if not waiting:
                if over:
                    return
                continue
            alive = end_marked(set(waiting))
            for mark, (directory, deadline) in waiting.items():
                if mark not in alive or time.monotonic() > deadline:
                    shutil.rmtree(directory, ignore_errors=True)
                    with self._lock:
                        del self._waiting[mark]
