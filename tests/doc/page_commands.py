#!/usr/bin/env python3
"""Runs the commands of a page: its indented blocks, in order, as one shell script that ends at the first failure.

    page_commands.py PAGE BIN_DIRECTORY

Exit code: 77 where this process may make no namespaces.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SKIPPED = 77


def commands_of(page):
    """Each run of indented lines, without its indentation."""
    blocks, block = [], []
    for line in page.splitlines():
        if line.startswith("    "):
            block.append(line[4:])
        elif line.strip() and block:
            blocks.append("\n".join(block).rstrip() + "\n")
            block = []
        elif block:
            block.append("")
    if block:
        blocks.append("\n".join(block).rstrip() + "\n")
    return blocks


def may_make_namespaces():
    for words in (("--pid", "--fork", "--mount", "--mount-proc"), ("--user", "--map-user=1000", "--pid", "--fork")):
        if subprocess.run(["unshare", *words, "true"], capture_output=True, check=False).returncode != 0:
            return False
    return True


def main():
    page, binaries = sys.argv[1:3]
    with open(page, encoding="utf-8") as text:
        blocks = commands_of(text.read())
    if not blocks:
        print("there are no commands")
        return 2
    if not may_make_namespaces():
        print("this process may make no namespaces")
        return SKIPPED
    # Readable for the user that a page may become; on a file system that may be executed from.
    image = tempfile.mkdtemp(prefix="kx-")
    os.chmod(image, 0o755)
    environment = dict(os.environ, PATH=f"{binaries}:{os.environ['PATH']}", IMAGE=image)
    for name in ("SVDIR", "KINDRED_RUN_DIR"):
        environment.pop(name, None)
    # What a failed script leaves ends with its session.
    script = subprocess.Popen(["bash", "-euxc", "\n".join(blocks)], env=environment, start_new_session=True)
    try:
        return script.wait(timeout=100)
    finally:
        try:
            os.killpg(script.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        shutil.rmtree(image, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
