"""What a supervisor is started in: another scan's run directory."""

import os
import subprocess

from harness import KINDRED_SCAN, case, kill, until


def scan_words(scene, scan):
    return ("kindred", "scan", "--run-dir", scene.run_dir, "--views", "runit,s6", scan)


def is_controlled(scene):
    return scene.client("kindred", "control", "--run-dir", scene.run_dir, "--views", "runit,perp")


@case(KINDRED_SCAN)
def a_second_scan_of_a_run_directory_is_refused_by_name_and_touches_nothing(scene):
    service = scene.service("service")
    os.mkdir(scene.file("others"))
    first = scene.launch(*scan_words(scene, scene.scan))
    pid = service.wait_running()

    def everything():
        seen = {}
        for place, directories, files in os.walk(scene.run_dir):
            for name in (*directories, *files):
                status = os.lstat(f"{place}/{name}")
                seen[f"{place}/{name}"] = status.st_ino, status.st_mtime_ns
        return seen

    until(lambda: os.path.exists(f"{scene.run_dir}/views/s6/service/supervise/status"), "there is no view")
    before = everything()
    os.symlink(scene.run_dir, scene.file("same"))
    for run_dir in (scene.run_dir, scene.file("same")):
        second = subprocess.run([f"{scene.bin_dir}/kindred", "scan", "--run-dir", run_dir, "--views", "all",
                                 scene.file("others")], env=scene.environment, stderr=subprocess.PIPE, text=True, timeout=40)
        assert second.returncode == 111, second
        assert run_dir in second.stderr and str(first.pid) in second.stderr and second.stderr.count("\n") == 1, second
    assert everything() == before
    assert is_controlled(scene) == (0, ""), "the first one's socket is gone"
    assert service.up() == pid and first.poll() is None
    # A lock whose holder is dead is none.
    kill(first.pid)
    first.wait()
    assert os.path.exists(f"{scene.run_dir}/scan.lock")
    third = scene.launch(*scan_words(scene, scene.scan))
    until(lambda: is_controlled(scene) == (0, ""), "it does not begin")
    assert third.poll() is None and service.wait_up() == pid


@case(KINDRED_SCAN)
def of_scans_that_begin_at_once_in_a_run_directory_one_stays(scene):
    service = scene.service("service")
    scans = [scene.launch(*scan_words(scene, scene.scan), key=str(number)) for number in range(8)]
    ended = until(lambda: len(over := [scan.poll() for scan in scans if scan.poll() is not None]) == 7 and over,
                  "more than one stays")
    assert ended == [111] * 7, ended
    service.wait_running()
    until(lambda: is_controlled(scene) == (0, ""), "the one that stays cannot be controlled")
    assert len(service.starts()) == 1 and len(scene.errors("another kindred scan")) == 7
