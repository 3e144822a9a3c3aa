#!/usr/bin/env python3
"""Every program has a manual page, each page is sound and fits a terminal of 80 columns, and whatis(1) finds it.

    manuals.py PREFIX

PREFIX is where kindred is installed. A page that only is another's has nothing of its own to be checked. Exit code: 0 all are
so, 1 some are not (each is printed), 77 there is no mandoc(1).
"""

import glob
import os
import re
import shutil
import subprocess
import sys

WIDTH = 80
SECTIONS = ("1", "5", "7", "8")


def programs_of(prefix):
    """Of each its page's name, without the section."""
    for path in glob.glob(f"{prefix}/bin/*"):
        yield os.path.basename(path)
    for path in glob.glob(f"{prefix}/libexec/kindred/*/bin/*"):
        family = path.split("/")[-3]
        yield f"{os.path.basename(path)}.{family}"


def complaints_about(path):
    """What is wrong with a page, a line each."""
    lint = subprocess.run(["mandoc", "-Tlint", path], capture_output=True, text=True, check=False)
    yield from lint.stdout.splitlines()
    shown = subprocess.run(["mandoc", "-Tutf8", f"-Owidth={WIDTH - 2}", path], capture_output=True, text=True, check=False)
    for line in shown.stdout.splitlines():
        text = re.sub(".\b", "", line)
        if len(text) > WIDTH:
            yield f"{path}: {len(text)} columns: {text.strip()}"
    with open(path, encoding="utf-8") as page:
        if not re.search(r'^\.SH "?NAME"?\n([^.\n][^\n]*[ \n])+\\-[ \n][^\n]+$', page.read(), re.MULTILINE):
            yield f"{path}: NAME is not \"name \\- what it is\""


def is_another(path):
    with open(path, encoding="utf-8") as page:
        return page.readline().startswith(".so ")


def main():
    prefix = sys.argv[1]
    if shutil.which("mandoc") is None:
        print("there is no mandoc")
        return 77
    pages = [page for section in SECTIONS for page in glob.glob(f"{prefix}/share/man/man{section}/*.{section}")]
    named = {os.path.basename(page)[:-2] for page in pages}
    wrong = [f"{name} has no page" for name in programs_of(prefix) if name not in named]
    wrong += [line for page in pages if not is_another(page) for line in complaints_about(page)]
    print("\n".join(wrong) or f"{len(pages)} pages are sound")
    return 1 if wrong or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
