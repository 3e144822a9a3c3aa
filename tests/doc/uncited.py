#!/usr/bin/env python3
"""Lists the sections of doc/interfaces that no source cites.

    uncited.py SOURCE_DIRECTORY

A section counts as cited with what is above and below it. Exit code: 1 where there is one that uncited.txt beside this
does not know, or that names a section that is not there.
"""

import os
import re
import sys

from citations import BARE, CITATION, COMMENT_GOES_ON, RFC, cited_sections, family_of, sections_of, sources


def citations_in(text, family):
    """(page, section) of each."""
    text = COMMENT_GOES_ON.sub(" ", text)
    for found in CITATION.finditer(text):
        for number in cited_sections(found["list"] or ""):
            yield found["page"], number
    for found in BARE.finditer(text):
        if family is not None and not RFC.search(text, 0, found.start()):
            for number in cited_sections(found["list"]):
                yield family, number


def uncited(sections, cited):
    """Those that are neither cited nor part of one that is, nor have a part that is."""
    return {section for section in sections
            if not any(section == other or section.startswith(f"{other}.") or other.startswith(f"{section}.")
                       for other in cited)}


def known_ones(path):
    with open(path, encoding="utf-8") as text:
        return {(page, section) for page, *numbers in
                (line.split() for line in text if line.strip() and not line.startswith("#")) for section in numbers}


def main():
    root = sys.argv[1]
    folder = os.path.join(root, "doc", "interfaces")
    pages = {name[:-3]: sections_of(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(".md")}
    cited = {page: set() for page in pages}
    for path in sources(root):
        with open(path, encoding="utf-8") as source:
            for page, section in citations_in(source.read(), family_of(os.path.relpath(path, root))):
                cited.setdefault(page, set()).add(section)
    found = {(page, section) for page, sections in pages.items() for section in uncited(sections, cited[page])}
    known = known_ones(os.path.join(os.path.dirname(os.path.abspath(__file__)), "uncited.txt"))
    failed = False
    for page, section in sorted(found, key=lambda each: (each[0], [int(part) for part in re.split(r"\.", each[1])])):
        new = (page, section) not in known
        failed = failed or new
        print(f"{page}.md section {section}{': nothing cites it, and uncited.txt does not know it' if new else ''}")
    for page, section in sorted(known):
        if section not in pages.get(page, ()):
            failed = True
            print(f"uncited.txt: {page}.md has no section {section}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
