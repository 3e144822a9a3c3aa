#!/usr/bin/env python3
"""kindred top in a terminal of 80 by 24: tmux is the terminal, its send-keys the fingers, its capture-pane the eyes.

    top_session.py --bin BUILD/bin

Exit code 0: what was to be seen was seen; 77: there is no tmux.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LIMIT = 30


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class Terminal:
    def __init__(self, directory, command):
        self.tmux = ["tmux", "-S", os.path.join(directory, "tmux"), "-f", "/dev/null"]
        self.run("new-session", "-d", "-x", "80", "-y", "24", command)

    def run(self, *words):
        return subprocess.run([*self.tmux, *words], check=True, capture_output=True, text=True).stdout

    def press(self, *keys):
        self.run("send-keys", *keys)

    def screen(self):
        return self.run("capture-pane", "-p")

    def until(self, condition, what):
        """Waits until the screen is so; the condition gets it as lines."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            lines = self.screen().split("\n")
            if condition(lines):
                return
            time.sleep(0.02)
        sys.exit(f"never seen: {what}\n{self.screen()}")

    def has_ended(self):
        return subprocess.run([*self.tmux, "has-session"], capture_output=True, check=False).returncode != 0

    def end(self):
        subprocess.run([*self.tmux, "kill-server"], capture_output=True, check=False)


def row(lines, name):
    return next((line for line in lines if line.startswith(name + " ")), "")


def session(directory, kindred):
    services = os.path.join(directory, "services")
    write(f"{services}/db/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    write(f"{services}/web/run", "#!/bin/sh\necho web speaks\nexec sleep 1000\n", 0o755)
    write(f"{services}/web/log/run", "#!/bin/sh\nexec svlogd ./main\n", 0o755)
    os.mkdir(f"{services}/web/log/main")
    scan = subprocess.Popen([kindred, "scan", "--run-dir", f"{directory}/run", services])
    terminal = Terminal(directory, f"exec {kindred} top {services}")
    try:
        terminal.until(lambda lines: " run " in row(lines, "db") and " run " in row(lines, "web"), "both up")
        terminal.until(lambda lines: re.search(r" run .* \S+[KM] +0s ", row(lines, "db")), "what db uses")
        terminal.press("Down")
        terminal.until(lambda lines: any("web speaks" in line for line in lines), "the log of web")
        terminal.press("t")
        terminal.until(lambda lines: "stop web? y" in lines[23], "a question on the last line")
        terminal.press("y")
        terminal.until(lambda lines: " down" in row(lines, "web") and "stop web: done" in lines[23], "web down")
        terminal.press("s")
        terminal.until(lambda lines: " run " in row(lines, "web") and "start web: done" in lines[23], "web up again")
        terminal.press("/", "d")
        terminal.until(lambda lines: row(lines, "db") and not row(lines, "web"), "db alone")
        terminal.press("Enter", "k", "Enter")
        terminal.until(lambda lines: "signal db: done" in lines[23], "a signal sent")
        write(f"{services}/dd/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
        terminal.until(lambda lines: " run " in row(lines, "dd"), "a service that has come")
        terminal.press("q")
        deadline = time.monotonic() + LIMIT
        while not terminal.has_ended() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not terminal.has_ended():
            sys.exit("q does not end it")
    finally:
        terminal.end()
        scan.send_signal(signal.SIGTERM)
        scan.wait(LIMIT)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    if shutil.which("tmux") is None:
        print("there is no tmux")
        sys.exit(77)
    os.environ["PATH"] = os.path.join(options.bin, "runit") + os.pathsep + os.environ["PATH"]
    os.environ["TERM"] = "screen"
    os.environ.pop("TMUX", None)
    with tempfile.TemporaryDirectory(prefix="kindred-top-") as directory:
        session(directory, os.path.join(options.bin, "kindred"))


main()
