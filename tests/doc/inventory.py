#!/usr/bin/env python3
"""Every program of a family either is there or is named, as left out, in the family's page; and the inventory says which.

    inventory.py SOURCE_DIRECTORY BIN_DIRECTORY FAMILY...

The programs are the rows of doc/interfaces/inventory.md; BIN_DIRECTORY has a directory of programs for each family; the
page is compat-FAMILY/man/kindred-FAMILY.7, in which a name may end in `*`. README's table names no other programs, and all
of them where it does not refer to a page. Exit code: 0 all are, 1 some are not, or a row or a count says otherwise (each is
printed), 2 a family has no rows, or fewer than its own count says.
"""

import fnmatch
import os
import re
import sys

HEADINGS = {"daemontools": "daemontools", "daemontools-encore": "encore"}
# Of these README names only some programs.
ABBREVIATED = {"execline", "nosh"}


def rows_of(text):
    """Of each family's table {name: what is said of it}, and the two counts below it."""
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading = section.split()[0]
        counts = re.search(r"^(\d+) programs, (\d+) left out\.$", section, re.MULTILINE)
        rows = dict(re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", section, re.MULTILINE))
        if counts:
            found[HEADINGS.get(heading, heading)] = (rows, int(counts.group(1)), int(counts.group(2)))
    return found


def words_of(page):
    """What the page names: words of roff, without its escapes."""
    try:
        with open(page, encoding="utf-8") as text:
            return set(re.findall(r"[a-z0-9*][a-z0-9*._-]*", text.read().replace("\\-", "-")))
    except FileNotFoundError:
        return set()


def readme_rows(text):
    """Of each family in README's table the programs that it names."""
    table = text.split("## What works today", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.*) \|$", table, re.MULTILINE)
    return {HEADINGS.get(family, family): set(re.findall(r"`([^`(]+)`", row)) for family, row in rows}


def main():
    source, binaries, *families = sys.argv[1:]
    with open(os.path.join(source, "doc", "interfaces", "inventory.md"), encoding="utf-8") as text:
        rows = rows_of(text.read())
    with open(os.path.join(source, "README.md"), encoding="utf-8") as text:
        readme = readme_rows(text.read())
    missing = []
    for family in families:
        said, count, count_left_out = rows.get(family, ({}, 0, 0))
        if count == 0 or len(said) < count:
            print(f"{family}: {len(said)} rows, {count} programs")
            return 2
        there = set(os.listdir(os.path.join(binaries, family)))
        named = words_of(os.path.join(source, f"compat-{family}", "man", f"kindred-{family}.7"))
        left_out = [name for name in said if name not in there]
        missing += [f"{family}: {name}" for name in left_out
                    if not any(fnmatch.fnmatchcase(name, word) for word in named if word.strip("*"))]
        missing += [f"{family}: {name} is said to be: {word}" for name, word in said.items()
                    if word != ("left out" if name in left_out else "yes")]
        in_readme = {name.split()[0] for name in readme.get(family, ())}
        missing += [f"README: {family}: {name} is not there" for name in sorted(in_readme - there)]
        if family not in ABBREVIATED:
            missing += [f"README: {family}: {name} is not named" for name in sorted(set(said) - set(left_out) - in_readme)]
        if len(left_out) != count_left_out:
            missing.append(f"{family}: {len(left_out)} are left out, not {count_left_out}")
    print("\n".join(missing) or "every program is there, or named")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
