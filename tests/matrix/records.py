"""What supervisors show, decoded by the documents of each family: status files, and perp's socket."""

import os
import socket
import struct
from dataclasses import dataclass

LABEL = 1 << 62     # TAI64: 2^62 seconds stand for 1970


@dataclass
class Record:
    """What a family's record tells of one process. What it has no place for stays at its default."""
    kind: str
    size: int
    seconds: int = 0
    pid: int = 0
    paused: bool = False
    want: str = ""
    state: int = 0              # runit, encore, nosh: their state byte; s6, perp: 0 down, 1 up, 2 finish or reset
    term: int = 0

    @property
    def wanted(self):
        """The want in no family's words."""
        if self.kind == "nosh":
            # What is at rest with nothing to be done is down.
            return {"u": "up", "d": "down", "": "up" if self.state else "down"}.get(self.want, "once")
        if self.kind == "perp":
            return "down" if "d" in self.want else "once" if "o" in self.want else "up"
        return {"u": "up", "d": "down"}.get(self.want, "once")

    @property
    def shows_finish(self):
        """Whether it tells the script that follows a run from the run."""
        return self.size != 18 and not (self.kind == "encore" and self.state == 4)

    def __str__(self):
        return (f"{self.size} bytes: pid {self.pid}, paused {self.paused}, want {self.want or 'NUL'}, "
                f"term {self.term}, state {self.state}")


def _common(kind, raw, offset):
    """The 18 bytes that begin four families' records."""
    return Record(kind, len(raw), int.from_bytes(raw[0:8], "big") - LABEL - offset,
                  int.from_bytes(raw[12:16], "little"), bool(raw[16]), chr(raw[17]) if raw[17] else "")


def _daemontools(raw, log):
    return _common("daemontools", raw, 10)


def _runit(raw, log):
    record = _common("runit", raw, 10)
    record.term, record.state = raw[18:20]
    return record


def _encore(raw, log):
    record = _common("encore", raw[20:] if log else raw, 10)
    record.size, record.state = len(raw), (raw[20:] if log else raw)[18]
    return record


def _nosh(raw, log):
    record = _common("nosh", raw, 37)
    record.state = raw[18]
    return record


def _s6(raw, log):
    flags = raw[34]
    pid = int.from_bytes(raw[24:32], "big")
    return Record("s6", len(raw), int.from_bytes(raw[0:8], "big") - LABEL - 37, pid, bool(flags & 1),
                  "u" if flags & 4 else "d", 2 if flags & 2 else 1 if pid else 0)


def _perp(raw, log):
    half = raw[48:66] if log else raw[30:48]
    pid, label, flags = struct.unpack("<I", half[:4])[0], int.from_bytes(half[4:12], "big"), half[16]
    # What has never run has been down since its activation.
    seconds = (label or int.from_bytes(raw[16:24], "big")) - LABEL - 10
    return Record("perp", len(raw), seconds, pid, bool(flags & 8),
                  ("o" if flags & 4 else "") + ("d" if flags & 16 else "u"), 0 if not pid else 2 if flags & 2 else 1)


@dataclass(frozen=True)
class Kind:
    """How a family shows a service."""
    decode: object              # decode(bytes, whether the log's part is asked for)
    sizes: tuple
    ok: str = "ok"              # the FIFO that has a reader while somebody supervises
    log_inside: tuple = ()      # conventions whose logs are told of in main's record
    states: tuple = ()          # what `state` is of a service that is down, up, in `finish`


KINDS = {
    "daemontools": Kind(_daemontools, (18,)),
    "freedt": Kind(_daemontools, (18,)),
    "runit": Kind(_runit, (20,), states=(0, 1, 2)),
    "encore": Kind(_encore, (20, 40), log_inside=("runit", "perp", "encore")),
    "nosh": Kind(_nosh, (87,), states=(0, 3, 5)),
    "s6": Kind(_s6, (35,), "control", states=(0, 1, 2)),
    "perp": Kind(_perp, (66,), log_inside=("*",), states=(0, 1, 2)),
}


def expected_want(kind, facts, convention):
    """The want that a record of this kind shows."""
    up = facts.up or facts.finish
    if kind == "nosh":
        # What is still to be done; a service that waits for its restart is on its way.
        if not up:
            return "u" if facts.want == "up" else ""
        return {"up": "", "down": "d", "once": "o"}[facts.want]
    # runit remembers no "once"; s6 has no word for it; to s6 and perp, what was wanted once and has ended is down.
    forgotten = convention == "runit"
    if kind == "perp":
        return {"up": "u", "down": "d", "once": "d" if forgotten else "ou" if up else "od"}[facts.want]
    down = forgotten or kind in ("runit", "s6") or (convention in ("perp", "s6") and not up)
    return {"up": "u", "down": "d", "once": "d" if down else ""}[facts.want]


def expected_state(kind, facts, convention):
    """The state that it shows; None where it shows none."""
    if kind == "encore":
        if facts.finish:
            # It has a word for its own last script only.
            return 0 if convention == "encore" else 4
        if facts.up:
            return 4 if facts.want == "down" else 3
        return 1 if facts.want == "up" else 0
    if kind == "nosh" and not facts.up and not facts.finish and facts.want == "up":
        return 1
    states = KINDS[kind].states
    return states[2 if facts.finish else 1 if facts.up else 0] if states else None


class Door:
    """perp's socket, for one service directory."""

    def __init__(self, path):
        self.path, self.socket_path = path, f"{os.path.dirname(path)}/.control/perpd.sock"

    def exchange(self, kind, tail=b""):
        """The payload of the reply; OSError where there is none, or an error in its place."""
        where = os.stat(self.path)
        payload = struct.pack("<QQ", where.st_dev, where.st_ino) + tail
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(self.socket_path)
            client.sendall(bytes([2, ord(kind), len(payload)]) + payload)
            reply = b""
            while len(reply) < 3 or len(reply) < 3 + reply[2]:
                some = client.recv(320)
                if not some:
                    raise ConnectionResetError("no reply")
                reply += some
        if reply[1] == ord("E"):
            error = struct.unpack("<i", reply[3:7])[0]
            if error:
                raise OSError(error, os.strerror(error))
            return b""
        return reply[3:]

    def query(self):
        return self.exchange("Q")

    def command(self, letter):
        self.exchange("C", bytes([letter, 0]))
