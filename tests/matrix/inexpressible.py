"""Cells that a client or a dialect cannot express, each with the reason.

A cell that is neither right nor listed here is a failure, and so is one that is listed here and works.

  no command   the client has no such command: nothing is run
  refuses      the client must name the problem, exit non-zero and leave the service alone
  blind        the client answers, but what the directory shows does not let it be right
  in part      one part of it cannot be asked for; the rest is, and must be right
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Reason:
    client: str                 # patterns, with | between them, here and in the next two
    record: str                 # whose status record the supervisor shows
    cells: tuple                # actions, or "status: STATE"
    kind: str
    why: str
    says: str = ""
    supervisor: str = "*"

    def covers(self, supervisor, client, record, cell):
        return (_fits(supervisor, self.supervisor) and _fits(client, self.client) and _fits(record, self.record)
                and any(fnmatchcase(cell, pattern) for pattern in self.cells))


def _fits(name, patterns):
    return any(fnmatchcase(name, pattern) for pattern in patterns.split("|"))


ANY_ACTION = ("[!s]*", "start", "stop")
HAS_PROCESS = ("status: up*", "status: once", "status: paused*", "status: want down", "status: with log",
               "status: finish*")

INEXPRESSIBLE = [
    Reason("*-svc|kindred-freedt", "*", ("quit", "usr1", "usr2"), "no command",
           "svc has letters for HUP, ALRM, INT, TERM and KILL only"),
    Reason("*-svc|kindred-encore|kindred-freedt", "*", ("wait *", "force stop"), "no command",
           "svc sends its bytes and leaves; it never waits"),
    Reason("kindred-perp", "*", ("wait *", "force stop"), "no command",
           "perpctl has its answer when the command is taken, not when it is done"),
    Reason("kindred-nosh", "*", ("wait *", "force stop"), "no command",
           "service-control sends its bytes and leaves; it never waits"),
    Reason("*-s6", "*", ("force stop",), "no command",
           "s6-svc kills only where the service's timeout-kill says so"),
    Reason("kindred-perp", "[!p]*", ("exit",), "refuses",
           "perpctl has no exit but X, which clears a mark that only perpd heeds", "cannot express X"),
    Reason("kindred-[!p]*", "perp", ("exit",), "refuses",
           "perp has no command that ends the supervision of a service: a mark on its directory does",
           "perp cannot express"),
    Reason("*-svc|*-s6|kindred-freedt|kindred-nosh", "perp|encore", ("status: with log",), "in part",
           "the log has no directory of its own by which it could be asked for",
           supervisor="kindred-perpd|kindred-encore-supervise|*-in-perp"),
    Reason("node-exporter", "*", ANY_ACTION, "no command",
           "the exporter only reads"),
    Reason("node-exporter", "*", ("status: unsupervised",), "no command",
           "the exporter reads supervise/status alone, which outlives its supervisor"),
    Reason("node-exporter", "daemontools|freedt", HAS_PROCESS, "blind",
           "daemontools' 18 bytes end before the state, which the exporter takes from byte 19"),
    Reason("debian-sv", "daemontools", ANY_ACTION, "refuses",
           "runit's sv insists on 20 bytes of status, daemontools writes 18", "bad format"),
    Reason("debian-sv", "daemontools", ("status: [!u]*", "status: up*"), "blind",
           "runit's sv insists on 20 bytes of status, daemontools writes 18"),
    Reason("kindred-*", "daemontools|freedt", ("quit", "usr1", "usr2"), "refuses",
           "daemontools' control bytes have no QUIT, USR1 and USR2", "daemontools cannot express"),
    Reason("kindred-s[v6]", "daemontools|freedt", ("status: finish*",), "blind",
           "daemontools' record shows that there is a process, not which"),
    Reason("kindred-s[v6]", "encore", ("status: finish*",), "blind",
           "encore's record shows that a process is to end, not that it is another family's last script",
           supervisor="*-in-encore"),
    Reason("kindred-sv", "[!r]*", ("wait for up",), "blind",
           "a check script is not shown to the clients of families that have none", supervisor="*-in-*"),
]


def reason_for(supervisor, client, record, cell):
    for reason in INEXPRESSIBLE:
        if reason.covers(supervisor, client, record, cell):
            return reason
    return None
