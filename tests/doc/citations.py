#!/usr/bin/env python3
"""Every page and section of doc/interfaces that a source cites is there.

    citations.py SOURCE_DIRECTORY

A citation names a page and, mostly, sections of it: `interfaces/runit.md section 9.5`, `interfaces/perp.md sections 3
to 5, 7.2 and 9`. In the folders of a family (compat-X, tests/compat-X) a bare `section 9.5` means that family's page.
Exit code: 0 every citation leads somewhere, 1 some don't (each is printed), 2 nothing was found to check.
"""

import os
import re
import sys

FOLDERS = ("core", "tests") + tuple(f"compat-{family}" for family in
                                    ("daemontools", "encore", "freedt", "nosh", "perp", "runit", "s6"))
SUFFIXES = (".h", ".cpp", ".c", ".py", ".md")
SKIPPED = (os.path.join("tests", "conformance"), os.path.join("tests", "doc"))

NUMBER = r"\d+(?:\.\d+)*"
SECTIONS = rf"[Ss]ections? (?P<list>{NUMBER}(?:(?:, | and | to |-){NUMBER})*)"
CITATION = re.compile(rf"(?P<folder>interfaces/)?\b(?P<page>[a-z][a-z0-9-]*)\.md\b(?: {SECTIONS})?")
BARE = re.compile(rf"(?<!\.md )\b{SECTIONS}")
RFC = re.compile(r"RFC \d+ $")
COMMENT_GOES_ON = re.compile(r"\n[ \t]*(?:///?|#|\*)?[ \t]*")


def sections_of(path):
    """The numbers of the page's headings."""
    with open(path, encoding="utf-8") as page:
        return set(re.findall(rf"^#+ ({NUMBER})\.? ", page.read(), re.MULTILINE))


def cited_sections(listed):
    """`3 to 5, 7.2` names 3, 4, 5 and 7.2."""
    for part in re.split(r", | and ", listed):
        first, _, last = re.sub(r" to |-", " ", part).partition(" ")
        yield first
        if last:
            *above, low = first.split(".")
            for number in range(int(low) + 1, int(last.split(".")[-1]) + 1):
                yield ".".join([*above, str(number)])


def sources(root):
    for folder in FOLDERS:
        for path, folders, files in os.walk(os.path.join(root, folder)):
            folders[:] = [name for name in folders
                          if os.path.relpath(os.path.join(path, name), root) not in SKIPPED]
            for name in files:
                if name.endswith(SUFFIXES):
                    yield os.path.join(path, name)


def family_of(relative):
    found = re.match(r"(?:tests/)?compat-([a-z0-9]+)/", relative)
    return found.group(1) if found else None


def check(text, family, pages):
    """What is wrong with the text's citations, and how many there are."""
    wrong, count = [], 0
    text = COMMENT_GOES_ON.sub(" ", text)
    for found in CITATION.finditer(text):
        page = found["page"]
        if page not in pages:
            if found["folder"]:
                wrong.append(f"no page {page}.md")
            continue
        count += 1
        wrong += [f"{page}.md has no section {number}" for number in cited_sections(found["list"] or "")
                  if number and number not in pages[page]]
    for found in BARE.finditer(text):
        if family is None or RFC.search(text, 0, found.start()):
            continue
        count += 1
        wrong += [f"{family}.md has no section {number}" for number in cited_sections(found["list"])
                  if number not in pages[family]]
    return wrong, count


def main():
    root = sys.argv[1]
    folder = os.path.join(root, "doc", "interfaces")
    pages = {name[:-3]: sections_of(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(".md")}
    total, failed = 0, False
    for path in sources(root):
        relative = os.path.relpath(path, root)
        with open(path, encoding="utf-8") as source:
            wrong, count = check(source.read(), family_of(relative), pages)
        total += count
        for line in wrong:
            failed = True
            print(f"{relative}: {line}")
    print(f"{total} citations")
    return 1 if failed else 0 if total else 2


if __name__ == "__main__":
    sys.exit(main())
