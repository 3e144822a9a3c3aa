"""A log directory that a logger has left in the midst of anything is taken up by the other implementation of it: the
original takes up kindred's, and kindred the original's. Whatever was written stays, once."""

import ctypes
import os
import platform
import shutil
import signal
import subprocess

from harness import SYSTEM_PATH, Skip, case
from loggers import BY_NAME, Logger

PTRACE_TRACEME, PTRACE_GETREGS, PTRACE_SYSCALL, PTRACE_SETOPTIONS = 0, 12, 24, 0x4200
PTRACE_O_TRACESYSGOOD, PTRACE_O_EXITKILL = 1, 0x100000
NUMBER_OF_CALL = 15  # orig_rax in struct user_regs_struct
REGISTERS = 27
# Calls of x86-64 by which a directory or a file in it changes.
CHANGES = {1: "write", 2: "open", 20: "writev", 74: "fsync", 77: "ftruncate", 82: "rename", 86: "link", 87: "unlink",
           90: "chmod", 91: "fchmod", 257: "openat", 263: "unlinkat", 264: "renameat", 265: "linkat", 268: "fchmodat",
           285: "fallocate", 316: "renameat2"}

# Small files: three rotations in what goes through a pipe at once.
LINES = 300
WORDS = {"multilog": ("s4096", "n1000", "./log"), "s6-log": ("n1000", "s4096", "./log"), "svlogd": ("log",)}
CONFIGS = {"svlogd": "s4096\nn0\n"}
HOMES = tuple(BY_NAME[name].home for name in ("daemontools-multilog", "svlogd", "s6-log"))
# The original of s6-log may refuse to start once after such an end.
STARTS = 3


def _lines(first, last):
    return b"".join(b"%d %s\n" % (n, b"x" * (n * 7 % 90)) for n in range(first, last))


def _original(home):
    found = shutil.which(home.program, path=SYSTEM_PATH)
    if found is None:
        raise Skip(f"there is no {home.program} of the original")
    if platform.machine() != "x86_64":
        raise Skip("the numbers of system calls are those of x86-64")
    return found


def _run_cut(program, words, cwd, text, cut):
    """Runs it until it has changed something so many times, then kills it; False if it ended before that."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    reader, writer = os.pipe()
    os.write(writer, text)
    os.close(writer)
    pid = os.fork()
    if pid == 0:
        try:
            os.chdir(cwd)
            os.dup2(reader, 0)
            os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
            if libc.ptrace(PTRACE_TRACEME, 0, None, None) == 0:
                os.execv(program, [os.path.basename(program), *words])
        finally:
            os._exit(99)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        raise Skip("this machine lets nobody be traced")
    libc.ptrace(PTRACE_SETOPTIONS, pid, None, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)
    registers = (ctypes.c_ulong * REGISTERS)()
    done, within, deliver = 0, False, 0
    while True:
        libc.ptrace(PTRACE_SYSCALL, pid, None, deliver)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return False
        stop, deliver = os.WSTOPSIG(status), 0
        if stop != signal.SIGTRAP | 0x80:
            deliver = 0 if stop == signal.SIGTRAP else stop
            continue
        within = not within
        if within:
            continue
        libc.ptrace(PTRACE_GETREGS, pid, None, registers)
        done += registers[NUMBER_OF_CALL] in CHANGES
        if done == cut:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return True


def _content(directory):
    """{name: text} of all that holds lines."""
    found = {}
    for name in sorted(os.listdir(directory)):
        if name not in ("lock", "state", "config"):
            with open(f"{directory}/{name}", "rb") as file:
                found[name] = file.read()
    return found


def _whole_lines(content):
    """… as numbers, in the order of each file. Only the last line of a file may be torn."""
    numbers = []
    for text in content.values():
        for line in text.split(b"\n")[:-1]:
            number, _, rest = line.partition(b" ")
            if number.isdigit() and rest == b"x" * (int(number) * 7 % 90):
                numbers.append(int(number))
    return numbers


def _taken_up(scene, first, second):
    """`first` is cut after each change that it makes; `second` takes up what it has left."""
    kind = scene.home.program
    words, cut, was_cut = WORDS[kind], 0, True
    logger = Logger(scene.home, words, config=CONFIGS.get(kind, ""))
    while was_cut:
        cut += 1
        path = scene.file(f"cut-{cut}")
        os.makedirs(f"{path}/log")
        logger.prepare(f"{path}/log")
        was_cut = _run_cut(first, words, path, _lines(0, LINES), cut)
        before = _content(f"{path}/log")
        written = _whole_lines(before)
        for _ in range(STARTS):
            ran = subprocess.run([second, *words], cwd=path, input=_lines(LINES, LINES + 20), capture_output=True,
                                 timeout=30, env=scene.environment)
            after = _content(f"{path}/log")
            kept = _whole_lines(after)
            if LINES in kept:
                break
        where = f"cut {cut}: {[(name, len(text)) for name, text in before.items()]} became " \
                f"{[(name, len(text)) for name, text in after.items()]}; {ran.returncode}, {ran.stderr!r}"
        assert ran.returncode == 0, where
        assert len(kept) == len(set(kept)), f"twice: {sorted(n for n in set(kept) if kept.count(n) > 1)}; {where}"
        assert set(written) <= set(kept), f"lost: {sorted(set(written) - set(kept))}; {where}"
        assert set(range(LINES, LINES + 20)) <= set(kept), f"the new ones are not there; {where}"
        assert not {"previous", "newstate", "processed", "newcurrent"} & set(after), where
        shutil.rmtree(path)
    assert set(kept) == set(range(LINES + 20)), f"{LINES + 20} lines were written, {len(kept)} are there"
    print(f"taken up after each of {cut - 1} changes")


@case(*HOMES)
def the_original_takes_up_what_kindred_has_left_anywhere(scene):
    original = _original(scene.home)
    _taken_up(scene, f"{scene.bin_dir}/{scene.home.family}/{scene.home.program}", original)


@case(*HOMES)
def kindred_takes_up_what_the_original_has_left_anywhere(scene):
    original = _original(scene.home)
    _taken_up(scene, original, f"{scene.bin_dir}/{scene.home.family}/{scene.home.program}")
