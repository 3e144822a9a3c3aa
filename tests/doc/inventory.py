#!/usr/bin/env python3
"""Every program of a family either is there or is named, as left out, in the family's page.

    inventory.py SOURCE_DIRECTORY BIN_DIRECTORY FAMILY...

The programs are the rows of doc/interfaces/inventory.md; BIN_DIRECTORY has a directory of programs for each family; the
page is compat-FAMILY/man/kindred-FAMILY.7, in which a name may end in `*`. Exit code: 0 all are, 1 some are not (each is
printed), 2 a family has no rows, or fewer than its own count says.
"""

import fnmatch
import os
import re
import sys

HEADINGS = {"daemontools": "daemontools", "daemontools-encore": "encore"}


def rows_of(text):
    """The names in the first column of each family's table, and the count below it."""
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading = section.split()[0]
        count = re.search(r"^(\d+) programs", section, re.MULTILINE)
        names = re.findall(r"^\| (?:\*\*missing\*\* )?`([^`]+)` \|", section, re.MULTILINE)
        if count:
            found[HEADINGS.get(heading, heading)] = (names, int(count.group(1)))
    return found


def words_of(page):
    """What the page names: words of roff, without its escapes."""
    try:
        with open(page, encoding="utf-8") as text:
            return set(re.findall(r"[a-z0-9*][a-z0-9*._-]*", text.read().replace("\\-", "-")))
    except FileNotFoundError:
        return set()


def main():
    source, binaries, *families = sys.argv[1:]
    with open(os.path.join(source, "doc", "interfaces", "inventory.md"), encoding="utf-8") as text:
        rows = rows_of(text.read())
    missing = []
    for family in families:
        names, count = rows.get(family, ([], 0))
        if count == 0 or len(names) < count:
            print(f"{family}: {len(names)} rows, {count} programs")
            return 2
        there = set(os.listdir(os.path.join(binaries, family)))
        named = words_of(os.path.join(source, f"compat-{family}", "man", f"kindred-{family}.7"))
        missing += [f"{family}: {name}" for name in names if name not in there
                    and not any(fnmatch.fnmatchcase(name, word) for word in named if word.strip("*"))]
    print("\n".join(missing) or "every program is there, or named")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
