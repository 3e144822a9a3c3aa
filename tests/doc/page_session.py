#!/usr/bin/env python3
"""Types the commands of pages, and compares what they answer with what the pages say.

    page_session.py INSTALLED PAGE...

In an indented block that begins with `$ ` each line that does so is a command (the lines of a here-document belong to it), and
what follows is its output. Each section of a page that has commands is a session: a shell on a system of its own, which has kindred as it
is installed below INSTALLED, what else is in /usr here, and nothing of its own in /etc, /run and elsewhere.

What is a number on the page is a number in the answer; one of three digits or more means one thing: where it stands again
the same number must come, and another number is another one. Blanks are as wide as they need be, and a line `...` is any
lines. A question (QUESTIONS) is asked again until the answer is right, as people do; anything else is said once, and must
succeed, unless the next command is `echo $?`. A session that takes services over (`kindred adopt`) is left out where no
process may be traced. Exit code: 0 all is as written, 1 it is not, 77 where this process may have no system of its own.
"""

import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
QUESTIONS = ("kindred status", "kindred log", "svstat", "sv status", "s6-svstat", "perpls", "perpstat", "./monitor", "cat", "sort", "tail",
             "pgrep")
PATIENCE = 60
PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


# --- what a page says ---

def sessions_of(page):
    """[(heading, [(command, [line of output])])] of the sections that have commands."""
    sections, end, in_block, is_typed = [("", [])], None, False, False
    for line in page.splitlines():
        commands = sections[-1][1]
        text = line[4:].rstrip()
        if line.startswith("    ") and not in_block:
            is_typed = text.startswith("$ ")
        in_block = line.startswith("    ") or (in_block and not line)
        if line.startswith("#"):
            sections.append((line.lstrip("# "), []))
            end = None
        elif not in_block or not is_typed:
            continue
        elif end:
            commands[-1][0].append(text)
            end = None if text == end else end
        elif text.startswith("$ "):
            commands.append(([text[2:]], []))
            here = re.search(r"<<'?(\w+)'?$", text)
            end = here and here.group(1)
        else:
            commands[-1][1].append(text)
    return [(heading, [("\n".join(command), without_end(output)) for command, output in commands])
            for heading, commands in sections if commands]


def without_end(lines):
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


class Numbers:
    """Which number of the answers each number of the page is."""

    def __init__(self):
        self.meant = {}

    def fit(self, said, answered):
        """Whether the lines of an answer are those of the page; remembers numbers only if they are."""
        meant = self._lines(said, answered, dict(self.meant))
        if meant is None:
            return False
        self.meant = meant
        return True

    def _lines(self, said, answered, meant):
        if not said:
            return None if answered else meant
        if said[0].strip() == "...":
            for taken in range(len(answered) + 1):
                rest = self._lines(said[1:], answered[taken:], dict(meant))
                if rest is not None:
                    return rest
            return None
        if not answered or not self._line(said[0], answered[0], meant):
            return None
        return self._lines(said[1:], answered[1:], meant)

    @staticmethod
    def _line(said, answered, meant):
        words = [re.findall(r"@[0-9a-f]{24}|\d+|\s+|[^\s\d]", line.strip()) for line in (said, answered)]
        if len(words[0]) != len(words[1]):
            return False
        for mine, other in zip(*words):
            if mine.isdigit() and other.isdigit():
                if len(mine) >= 3 and (meant.setdefault(mine, other) != other
                                       or any(value == other and name != mine for name, value in meant.items())):
                    return False
            elif mine.isspace() or mine.startswith("@4"):
                if other.isspace() != mine.isspace() or other.startswith("@4") != mine.startswith("@4"):
                    return False
            elif mine != other:
                return False
        return True


# --- a system to say it to ---

def mount(*words):
    subprocess.run(["mount", *words], check=True)


def make_root(root, installed):
    mount("-t", "tmpfs", "none", root)
    os.chmod(root, 0o755)
    for name in ("dev/shm", "etc", "proc", "root", "run", "tmp", "usr", "var/log"):
        os.makedirs(f"{root}/{name}")
    for name in ("dev/shm", "tmp"):
        os.chmod(f"{root}/{name}", 0o1777)
    mount("--bind", "/usr", f"{root}/usr")
    mount("--bind", f"{installed}/usr/local", f"{root}/usr/local")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
    for name in ("null", "zero", "urandom"):
        with open(f"{root}/dev/{name}", "w", encoding="utf-8"):
            pass
        mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")
    os.symlink("/proc/self/fd", f"{root}/dev/fd")
    mount("-t", "proc", "none", f"{root}/proc")
    for name in ("group", "nsswitch.conf", "passwd"):
        shutil.copy(f"/etc/{name}", f"{root}/etc/{name}")
    shutil.copytree("/etc/alternatives", f"{root}/etc/alternatives", symlinks=True)


class Shell:
    def __init__(self, root):
        answers, theirs = os.pipe()
        self.answers, self.unread = answers, b""
        self.process = subprocess.Popen(
            ["chroot", root, "/usr/bin/env", "-i", "HOME=/root", "LC_ALL=C.UTF-8", f"PATH={PATH}", "bash", "--norc"],
            stdin=subprocess.PIPE, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.say("cd")

    def say(self, command):
        """The exit code, which the next command finds in `$?`, and the lines of the answer."""
        end = "said and done"
        self.process.stdin.write(f"{command}\n__code=$?; echo; echo {end} $__code; (exit $__code)\n".encode())
        self.process.stdin.flush()
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.search(rf"\n{end} (\d+)\n".encode(), self.unread)
            if found:
                text, self.unread = self.unread[:found.start()], self.unread[found.end():]
                return int(found[1]), text.decode(errors="replace").splitlines()
            if not select.select([self.answers], [], [], max(0, deadline - time.monotonic()))[0]:
                return None, self.unread.decode(errors="replace").splitlines()
            read = os.read(self.answers, 65536)
            if not read:
                return None, self.unread.decode(errors="replace").splitlines()
            self.unread += read


def is_question(command):
    """Whoever asks: `as_SOMEBODY` is a page's own word for another user."""
    return re.sub(r"^as_\w+ ", "", command).startswith(QUESTIONS)


def run(shell, commands):
    """None, or what is not as it is written."""
    numbers = Numbers()
    for index, (command, said) in enumerate(commands):
        deadline = time.monotonic() + PATIENCE
        while True:
            code, answered = shell.say(command)
            answered = without_end([line.rstrip() for line in answered])
            may_fail = index + 1 < len(commands) and commands[index + 1][0] == "echo $?"
            fits = code is not None and (code == 0 or may_fail) and numbers.fit(said, answered)
            if fits:
                break
            if code is None or not is_question(command) or time.monotonic() > deadline:
                written = "\n".join(f"    {line}" for line in said)
                seen = "\n".join(f"    {line}" for line in answered)
                return f"$ {command}\n  is written:\n{written}\n  exit code {code}, and the answer:\n{seen}"
            time.sleep(0.05)
    return None


def may_trace():
    """Whether a process may be traced by who could be its debugger."""
    seize = 0x4206
    process = subprocess.Popen(["sleep", "60"])
    try:
        return ctypes.CDLL(None).ptrace(seize, process.pid, None, None) == 0
    finally:
        process.kill()
        process.wait()


def inside(page, heading, installed, root):
    """In namespaces of its own, as their process 1, which everything ends with."""
    with open(page, encoding="utf-8") as text:
        commands = dict(sessions_of(text.read()))[heading]
    make_root(root, installed)
    signal.signal(signal.SIGCHLD, reap_orphans)
    trouble = run(Shell(root), commands)
    if trouble:
        print(f"{os.path.basename(page)}: {heading}\n{trouble}", flush=True)
    return 1 if trouble else 0


def reap_orphans(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child")


def main():
    if sys.argv[1] == "--inside":
        return inside(*sys.argv[2:])
    installed, *pages = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        tried = subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "none", place], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        print("skipped:", tried.stderr.strip())
        return SKIPPED
    started = []
    for page in pages:
        with open(page, encoding="utf-8") as text:
            sessions = sessions_of(text.read())
        if not sessions:
            print(f"{page} has no commands")
            return 1
        for heading, commands in sessions:
            if any(command.startswith("kindred adopt") for command, _ in commands) and not may_trace():
                print(f"left out, since nobody may be traced here: {heading}")
                continue
            root = tempfile.mkdtemp(prefix="kx-")
            started.append((heading, root, subprocess.Popen([*NAMESPACES, sys.executable, __file__, "--inside", page, heading,
                                                             installed, root])))
    failed = [heading for heading, _, session in started if session.wait() != 0]
    for heading, root, _ in started:
        os.rmdir(root)
    print("\n".join(f"not as it is written: {heading}" for heading in failed) or f"{len(started)} sessions")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
