"""The rows: what supervises.

Each family's own supervisor of one service, and what scans in it; then views: `kindred scan` with services of
one family's shape, whose clients look at another family's view tree. Seven homes by six views would be too
dear: each home and each view occurs at least once.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Supervisor:
    name: str
    kindred: bool
    family: str                 # whose programs: bin/FAMILY comes first on PATH if they are kindred's
    program: str
    arguments: tuple = ()       # {service}, {scan} and {home} stand for the directories, {bin} for the family's
    scans: bool = False         # keeps what is in the scan directory supervised
    after_exit: str = "leaves"  # what comes of `exit`: the supervisor "leaves", or the service is taken "again"
                                # or is "unloaded" and the supervisor stays
    leaves: bytes = b"dx"       # the control bytes that end supervision of one service; none: its sticky bit
    record: str = ""            # whose status record its directories show
    knows: tuple = ()           # of the states that not every family has
    control: bool = False       # only with --control
    home: str = ""              # whose convention it is, if its clients look at a view
    view: str = ""              # where its clients look, below the home directory of the cell; "": at the service
    launched: bool = False      # `program` is one of the matrix's own tools
    in_scan: bool = False       # the service lies in the scan directory itself; otherwise a link to it does
    log_script: str = ""        # how its log service is given, where the family has two ways

    @property
    def convention(self):
        return self.home or self.record


# What comes of a family's services besides up and down.
KNOWS = {
    "daemontools": (),
    "freedt": (),
    "runit": ("finish", "end", "wait"),
    "s6": ("finish", "end", "wait"),
    "encore": ("end", "wait"),
    "perp": ("finish", "end", "wait"),
    "nosh": ("finish", "end", "wait"),
}


def _single(family, whose="kindred", knows=(), program="supervise", **more):
    return Supervisor(f"{whose}-{more.pop('label', program)}", whose == "kindred", family, program, ("{service}",),
                      record=family, knows=(*KNOWS[family], *knows), **more)


def _scanner(family, program, whose="kindred", **more):
    return Supervisor(f"{whose}-{more.pop('label', program)}", whose == "kindred", family, program, ("{scan}",),
                      scans=True, after_exit="again", record=family, knows=(*KNOWS[family], "pair"), **more)


def _scan(home, **more):
    """kindred scan, where a family has no supervisor of a single service."""
    return Supervisor(f"kindred-scan-{home}", True, ".", "kindred",
                      ("scan", "--home", home, "--run-dir", "{home}/run", "{scan}"), scans=True,
                      after_exit="again", record=home, knows=(*KNOWS[home], "pair"), **more)


def _view(home, view, **more):
    """kindred scan with services of one family's shape, seen in another family's view tree."""
    return Supervisor(f"{home}-in-{view}", True, ".", "kindred",
                      ("scan", "--home", home, "--views", view, "--run-dir", "{home}/run", "{scan}"), scans=True,
                      after_exit="again", record=view, knows=(*KNOWS[home], "pair"), home=home,
                      view=f"run/views/{view}/web", **more)


SUPERVISORS = [
    _single("daemontools"),
    _scanner("daemontools", "svscan"),
    _single("daemontools", "debian"),
    _scanner("daemontools", "svscan", "debian", control=True),
    _single("runit", program="runsv", knows=("pair",)),
    _scanner("runit", "runsvdir"),
    _single("runit", "debian", program="runsv", knows=("pair",)),
    _scanner("runit", "runsvdir", "debian", control=True),
    _single("s6", program="s6-supervise"),
    _single("s6", "debian", program="s6-supervise"),
    _scanner("s6", "s6-svscan"),
    _single("encore", label="encore-supervise", knows=("pair",), log_script="log"),
    _scanner("encore", "svscan", label="encore-svscan"),
    _single("freedt", label="freedt-supervise"),
    Supervisor("kindred-perpd", True, "perp", "perpd", ("{scan}",), scans=True, after_exit="unloaded", leaves=b"",
               record="perp", knows=(*KNOWS["perp"], "pair"), in_scan=True),
    Supervisor("kindred-service-manager", True, "nosh", "matrix_launcher",
               ("{bin}/service-manager", "{bin}/service-dt-scanner", "{scan}"), scans=True, after_exit="unloaded",
               record="nosh", knows=(*KNOWS["nosh"], "pair"), launched=True),
    _scan("nosh"),
    _view("daemontools", "s6"),
    _view("runit", "s6"),
    _view("s6", "runit"),
    _view("daemontools", "runit"),
    _view("runit", "daemontools"),
    _view("runit", "perp"),
    _view("daemontools", "nosh"),
    _view("s6", "encore"),
    _view("encore", "daemontools"),
    _view("perp", "runit"),
    _view("nosh", "s6"),
    _view("freedt", "nosh"),
    _view("perp", "freedt"),
    # kindred scan's own perp tree: the family keeps nothing in service directories.
    _view("perp", "perp"),
]
