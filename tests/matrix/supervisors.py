"""The rows: what supervises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Supervisor:
    name: str
    kindred: bool
    family: str                 # whose programs: bin/FAMILY comes first on PATH if they are kindred's
    program: str
    arguments: tuple = ()       # {service} and {scan} stand for the directories
    scans: bool = False         # keeps what is in the scan directory supervised
    record: str = ""            # whose status record its directories show
    pairs: bool = False         # knows log services
    finishes: bool = False      # knows `finish`
    control: bool = False       # only with --control
    home: str = ""              # whose convention it is, if its clients look at a view
    view: str = ""              # where its clients look, below the home directory of the cell; "": at the service

    @property
    def convention(self):
        return self.home or self.record


def _family(family, record, one, scan, one_pairs, finishes):
    rows = []
    for whose in ("kindred", "debian"):
        ours = whose == "kindred"
        rows.append(Supervisor(f"{whose}-{one}", ours, family, one, ("{service}",), record=record,
                               pairs=one_pairs, finishes=finishes))
        rows.append(Supervisor(f"{whose}-{scan}", ours, family, scan, ("{scan}",), scans=True, record=record,
                               pairs=True, finishes=finishes, control=not ours))
    return rows


def _view(home, view, finishes):
    """kindred scan with services of one family's shape, seen in another family's view tree."""
    return Supervisor(f"{home}-in-{view}", True, ".", "kindred",
                      ("scan", "--home", home, "--views", view, "--run-dir", "{home}/run", "{scan}"), scans=True,
                      record=view, pairs=True, finishes=finishes, home=home, view=f"run/views/{view}/web")


SUPERVISORS = [
    *_family("daemontools", "daemontools", "supervise", "svscan", False, False),
    *_family("runit", "runit", "runsv", "runsvdir", True, True),
    Supervisor("kindred-s6-supervise", True, "s6", "s6-supervise", ("{service}",), record="s6", finishes=True),
    Supervisor("debian-s6-supervise", False, "s6", "s6-supervise", ("{service}",), record="s6", finishes=True),
    _view("daemontools", "s6", False),
    _view("runit", "s6", True),
    _view("s6", "runit", True),
    _view("daemontools", "runit", False),
    _view("runit", "daemontools", True),
]
