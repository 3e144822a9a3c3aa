"""Ends the processes of cells that are over, whoever is their parent by now: each has its cell's mark in its
environment. One walk over all processes serves all cells that ended meanwhile."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time

MARK = "KINDRED_MATRIX_CELL"
_MARKED = re.compile(MARK.encode() + rb"=([0-9a-f]+)")
_ROUND = 0.3
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
        time.sleep(_ROUND / 10)


class Undertaker:
    """Takes cells away in the background: their processes, and what these start meanwhile, then their
    directories. It is a process of its own: it never waits for the cells' threads, and where the matrix is
    killed it takes away what that left behind."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = subprocess.Popen([sys.executable, "-IS", __file__], stdin=subprocess.PIPE)

    def _tell(self, *words):
        with self._lock:
            self._process.stdin.write(" ".join(words).encode() + b"\n")
            self._process.stdin.flush()

    def expect(self, mark, directory):
        """A cell begins."""
        self._tell("expect", mark, directory)

    def take(self, mark):
        """It is over."""
        self._tell("take", mark)

    def finish(self):
        self._process.stdin.close()
        self._process.wait()


def _work():
    places, over, buffer, open_ = {}, {}, b"", True
    while open_ or over:
        if open_ and select.select([0], [], [], _ROUND if over else None)[0]:
            some = os.read(0, 65536)
            *lines, buffer = (buffer + some).split(b"\n")
            for line in lines:
                word, mark, *directory = line.decode().split()
                if word == "expect":
                    places[mark] = directory[0]
                else:
                    over[mark] = time.monotonic() + _PATIENCE
            if not some:
                open_ = False
                over = {mark: over.get(mark, time.monotonic() + _PATIENCE) for mark in places}
        # Not for each cell: for all that came meanwhile.
        time.sleep(_ROUND)
        alive = end_marked(set(over))
        for mark in [mark for mark, deadline in over.items() if mark not in alive or time.monotonic() > deadline]:
            shutil.rmtree(places.pop(mark), ignore_errors=True)
            del over[mark]


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    _work()
