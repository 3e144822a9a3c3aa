"""Services of every family's shape, with their logs, below every scanner."""

import json
import os

from harness import (FREEDT_SVSCAN, KINDRED_SCAN, PERPD, RUNSVDIR, S6_SVSCAN, SCANNERS, SVSCAN, Service,
                     alive, case, kill, until)

MAIN, LOG, OTHER = "main", "log", "#!/bin/sh\nexit 0\n"
STARTS_ONLY = '[ "$1" = start ] || exit 0\n'
SHAPES = {
    "daemontools": {"run": MAIN, "log/run": LOG},
    "runit": {"run": MAIN, "finish": OTHER, "log/run": LOG},
    "encore": {"run": MAIN, "start": OTHER, "stop": OTHER, "log": LOG},
    "encore-log": {"run": MAIN, "log": LOG},
    "encore-directory": {"run": MAIN, "start": OTHER, "log/run": LOG},
    "s6": {"run": MAIN, "finish": OTHER, "notification-fd": "3\n", "log/run": LOG},
    "perp": {"rc.main": MAIN, "rc.log": LOG},
    "nosh": {"service/run": MAIN, "service/start": OTHER, "service/stop": OTHER, "service/restart": "#!/bin/sh\nexit 1\n",
             "log/service/run": LOG, "log/service/start": OTHER, "log/service/stop": OTHER,
             "log/service/restart": OTHER},
    "freedt": {"run": MAIN, "log/run": LOG},
}
STICKY = ("perp", "freedt")


def made(scene, shape):
    service = Service(scene, shape, run=None)
    for name, text in SHAPES[shape].items():
        begin = f"#!/bin/sh\n{STARTS_ONLY if name.startswith('rc.') else ''}"
        if text == MAIN:
            text = f"{begin}echo $$ >>{service.path}/starts\necho hello\nexec sleep 1000\n"
        elif text == LOG:
            text = f"{begin}echo $$ >>{service.path}/log-starts\nexec cat >>{service.path}/said\n"
        service.write(name, text)
    if shape in STICKY or scene.home is PERPD:
        os.chmod(service.path, 0o1755)
    return service


def files_of(service):
    """All that is there but what supervisors make, and what the service itself writes."""
    found = set()
    for place, directories, files in os.walk(service.path):
        directories[:] = [name for name in directories if name not in ("supervise", "event")]
        found |= {os.path.relpath(f"{place}/{name}", service.path) for name in (*directories, *files)}
    return found - {"starts", "log-starts", "said"}


@case(*SCANNERS, FREEDT_SVSCAN)
def a_service_of_any_shape_starts_with_its_log(scene):
    services = {shape: made(scene, shape) for shape in SHAPES}
    before = {shape: files_of(service) for shape, service in services.items()}
    scene.start()
    for shape, service in services.items():
        until(lambda: service.lines("said")[:1] == ["hello"], lambda: f"{shape}: {service.starts()} {scene.errors(shape)}")
    for shape, service in services.items():
        log = int(service.lines("log-starts")[-1])
        kill(log)
        again = int(until(lambda: len(service.lines("log-starts")) > 1 and service.lines("log-starts")[-1],
                          f"{shape}: its log is not started again"))
        assert alive(again) and len(service.starts()) == 1 and alive(service.starts()[0]), shape
        assert files_of(service) == before[shape], f"{shape}: the author's directory is changed"


@case(SVSCAN, RUNSVDIR, S6_SVSCAN, KINDRED_SCAN)
def a_log_without_a_directory_has_its_record_in_mains_supervise_directory(scene):
    services = [made(scene, shape) for shape in ("perp", "encore")]
    scene.start()
    for service in services:
        until(lambda: service.lines("said"), "it does not start")
        if scene.home is KINDRED_SCAN and service.name == "encore":
            continue  # its home is encore, and encore's record is of both
        log = int(service.lines("log-starts")[0])
        assert service.record("supervise/log/").pid == log
        service.control(b"d", of="supervise/log/")
        service.wait_down("supervise/log/")
        assert not alive(log) and alive(service.starts()[0])
        service.control(b"u", of="supervise/log/")
        service.wait_up("supervise/log/")


@case(KINDRED_SCAN)
def a_perp_service_is_shown_as_that_with_its_log(scene):
    perp = made(scene, "perp")
    scene.start()
    until(lambda: perp.lines("said"), "it does not start")
    code, text = scene.client("kindred", "status", "--json", scene.scan)
    row = json.loads(text)["services"][0]
    assert (row["written_for"], row["family"], row["state"], row["pid"]) == ("perp", "daemontools", "run", perp.starts()[0]), row
    assert (row["log"]["state"], row["log"]["pid"]) == ("run", int(perp.lines("log-starts")[0])), row


@case(*SCANNERS, FREEDT_SVSCAN)
def a_log_that_is_a_file_keeps_its_main_from_nothing(scene):
    name = "rc.main" if scene.home is PERPD else "run"
    only = STARTS_ONLY if scene.home is PERPD else ""
    files = {"plain": "text\n", "script": "#!/bin/sh\nexec cat >said\n"}
    services = []
    for kind, text in files.items():
        service = Service(scene, kind, run=None)
        service.write("log", text)
        service.write(name, f"#!/bin/sh\n{only}echo $$ >>starts\nhead -c 200000 /dev/zero\necho $$ >>through\nexec sleep 1000\n")
        if scene.home is PERPD:
            os.chmod(service.path, 0o1755)
        services.append(service)
    scene.start()
    for service in services:
        # What it says is read, or goes where the scanner's goes.
        until(lambda: service.lines("through"), lambda: f"{service.name}: {service.starts()} {scene.errors()}")
        assert len(service.starts()) == 1
