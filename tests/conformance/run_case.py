#!/usr/bin/env python3
"""Runs one conformance case with cram, alone in a temporary directory, and leaves nothing running.

    run_case.py --bin BUILD/bin/runit tests/conformance/runit/supervise-log.t
    run_case.py --original tests/conformance/runit/supervise-log.t

--bin, once or more, puts kindred's programs of the case's family first on PATH; what they don't have (a logger, a
chain tool) comes from the original behind them. --original leaves them out, which proves the case.

Exit code: 0 passed, 1 failed (the difference is printed), 80 skipped by the case itself, 2 cannot run.
"""

import argparse
import atexit
import ctypes
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 80
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
# What bind the one socket that nosh's programs know.
BINDS_THE_SOCKET = re.compile(r"nosh/(scan-.*|.*system-control.*)\.t$")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def links_without(bin_dir, names):
    """A directory of the same programs but these; it is removed in the end."""
    links = tempfile.mkdtemp(prefix="kc-bin-")
    os.chmod(links, 0o755)  # a case may become another user
    atexit.register(shutil.rmtree, links)
    for name in set(os.listdir(bin_dir)) - set(names):
        os.symlink(os.path.realpath(f"{bin_dir}/{name}"), f"{links}/{name}")
    return links


def adopt_orphans():
    """Makes every process that a case leaves behind ours, however often it forked and whatever
    it did to its environment, session or group."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"run_case: prctl: {os.strerror(ctypes.get_errno())}")


def take_a_run_directory():
    """A /run that only this process and its children see; where that is not permitted, the real one for us alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    # A chroot's root is no mount point: what is mounted below it might be seen by others.
    if (libc.unshare(CLONE_NEWNS) == 0 and libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
            and libc.mount(b"none", b"/run", b"tmpfs", 0, b"mode=755") == 0):
        return
    lock = os.open(f"{tempfile.gettempdir()}/kindred-conformance-nosh.lock",
                   os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)


def parents():
    """{pid: parent} of all living processes."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    fields = stat.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if fields[0] not in (b"Z", b"X"):
                found[int(name)] = int(fields[1])
    return found


def descendants(root):
    parent = parents()
    found = []
    for pid in parent:
        above = parent[pid]
        while above != root and above in parent:
            above = parent[above]
        if above == root:
            found.append(pid)
    return found


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return cmdline.read(200).replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def end_leftovers(keep=()):
    """Ends our descendants; they stay zombies of ours, and so keep their pids, until reaped."""
    for _ in range(100):
        left = [pid for pid in descendants(os.getpid()) if pid not in keep]
        if not left:
            return
        for pid in left:
            print(f"# left behind: {pid} {command_line(pid)}")
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


def unblock_signals():
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def wait_for_cram(cram, timeout):
    """Waits for cram and reaps what falls to us meanwhile. Returns its exit code, or None for a timeout."""
    start = time.monotonic()
    deadline = start + timeout
    look_again = start + 1
    had_shell = childless = False
    while True:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                break
            if pid == cram:
                return os.waitstatus_to_exitcode(status)
        now = time.monotonic()
        if now > deadline:
            print(f"# TIMEOUT: the case did not end within {timeout:g} s")
            return None
        if now >= look_again:
            look_again = now + 1
            has_shell = cram in parents().values()
            if childless and not has_shell:
                # The shell ended a while ago, but something that it left behind holds its output open.
                end_leftovers(keep=(cram,))
            had_shell = had_shell or has_shell or now > start + 10
            childless = had_shell and not has_shell
        signal.sigtimedwait({signal.SIGCHLD}, min(look_again, deadline) - now + 0.01)


def run(case, bin_dirs, timeout, home):
    family = os.path.basename(os.path.dirname(case))
    # cram writes CASE.err beside the case: give it links in our directory, so that the sources stay clean.
    os.mkdir(f"{home}/{family}")
    os.symlink(case, f"{home}/{family}/{os.path.basename(case)}")
    os.symlink(os.path.join(os.path.dirname(os.path.dirname(case)), "lib.sh"), f"{home}/lib.sh")
    os.mkdir(f"{home}/tmp")
    os.mkdir(f"{home}/run", 0o700)

    environment = {name: value for name, value in os.environ.items()
                   if name not in ("CRAM", "CRAMRC", "SVDIR", "SVWAIT", "TMP", "TEMP")}
    environment["TMPDIR"] = f"{home}/tmp"
    environment["KINDRED_RUN_DIR"] = f"{home}/run"
    environment["PATH"] = ":".join([*bin_dirs, SYSTEM_PATH])

    cram = shutil.which("cram3", path=SYSTEM_PATH)
    if not cram:
        sys.exit("run_case: cram is not installed (Debian: python3-cram)")
    # The temporary directory is ours to remove, when nothing runs in it any more.
    command = [cram, "--shell=/bin/sh", "--keep-tmpdir", f"{family}/{os.path.basename(case)}"]
    with open(f"{home}/output", "w+b") as output:
        process = subprocess.Popen(command, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, preexec_fn=unblock_signals)
        code = wait_for_cram(process.pid, timeout)
        process.returncode = code if code is not None else -signal.SIGKILL
        end_leftovers()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if code == 0 and ", 1 skipped" in text:
        print(text, end="")
        return SKIPPED
    if code == 0:
        return 0
    print("".join(line for line in text.splitlines(True) if not line.startswith("# Kept temporary")), end="")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--bin", action="append", metavar="DIR", help="directory of kindred's programs of the case's family")
    whose.add_argument("--original", action="store_true", help="run the case against the original programs")
    parser.add_argument("--without", action="append", default=[], metavar="NAME",
                        help="a program that was not on the machine where the case was recorded, "
                             "whose name the case gives to one of its own")
    parser.add_argument("--timeout", type=float, default=90, metavar="SECONDS")
    parser.add_argument("--tries", type=int, default=1, metavar="N",
                        help="a case whose own scripts race passes if one of N runs does")
    parser.add_argument("--keep", action="store_true", help="keep the temporary directory")
    parser.add_argument("case")
    options = parser.parse_args()
    bin_dirs = [os.path.abspath(directory) for directory in options.bin or []]
    for directory in bin_dirs:
        if not os.path.isdir(directory):
            sys.exit(f"run_case: no such directory: {directory}")

    if options.without:
        bin_dirs = [links_without(directory, options.without) for directory in bin_dirs]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    adopt_orphans()
    case = os.path.abspath(options.case)
    if BINDS_THE_SOCKET.search(case):
        take_a_run_directory()
    for _ in range(options.tries):
        home = tempfile.mkdtemp(prefix="kc-")
        os.chmod(home, 0o711)  # a case may become another user
        try:
            code = run(case, bin_dirs, options.timeout, home)
        finally:
            end_leftovers()
            if options.keep:
                print(f"# kept: {home}")
            else:
                shutil.rmtree(home, ignore_errors=True)
        if code != 1:
            break
    return code


if __name__ == "__main__":
    sys.exit(main())
