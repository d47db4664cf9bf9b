#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that the documents say what is: check-docs.py ROOT

The table of rooms in docs/ARCHITECTURE.md is the one of layers.py, every room of src/ stands in it,
README.md stays under 150 lines, and files that the documents link to or name are there.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import layers  # noqa: E402

ROW = re.compile(r"^\| `(\w+)` \| .* \| ([\w ]*)\|$")
LINK = re.compile(r"\]\(([^)#:]+)\)|`((?:src|docs|tools|demo|tests|bench)/[a-z./_-]+\.\w+)`")


def rooms(root):
    path = os.path.join(root, "docs/ARCHITECTURE.md")
    seen = {}
    with open(path, encoding="utf-8") as text:
        for line in text:
            hit = ROW.match(line)
            if hit:
                seen[hit.group(1)] = set(hit.group(2).split())
    for room, may in seen.items():
        if room not in layers.MAY_USE:
            yield "ARCHITECTURE.md: %s is not a room of layers.py" % room
        elif may != set(layers.MAY_USE[room].split()):
            yield "ARCHITECTURE.md: %s: %s is not what layers.py says" % (room, " ".join(may))
    for room in sorted(os.listdir(os.path.join(root, "src"))):
        there = os.path.isdir(os.path.join(root, "src", room))
        if there and room not in seen:
            yield "ARCHITECTURE.md: the room %s is missing" % room


def links(root):
    for name in ("README.md", "docs/ARCHITECTURE.md", "demo/README.md", "CHANGELOG.md"):
        folder = os.path.dirname(os.path.join(root, name))
        with open(os.path.join(root, name), encoding="utf-8") as text:
            for number, line in enumerate(text, 1):
                for link, file in LINK.findall(line):
                    path = os.path.join(folder, link) if link else os.path.join(root, file)
                    if not os.path.exists(path):
                        yield "%s:%d: %s is not there" % (name, number, link or file)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = sys.argv[1]
    found = list(rooms(root)) + list(links(root))
    with open(os.path.join(root, "README.md"), encoding="utf-8") as text:
        if len(text.readlines()) >= 150:
            found.append("README.md: 150 lines or more")
    for line in found:
        print(line)
    print("%d faults" % len(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
