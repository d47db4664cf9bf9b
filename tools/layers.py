#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that every room includes only what it may, and other rooms by their door only.

    layers.py ROOT

The table below is the one of docs/ARCHITECTURE.md. Exit status 1 names each line at fault.
"""
import os
import re
import sys

MAY_USE = {
    "base": "",
    "store": "base",
    "confine": "base",
    "audio": "base confine",
    "fingerprint": "base",
    "http": "base",
    "index": "base fingerprint",
    "jobs": "base store",
    "journal": "base store",
    "events": "base store journal",
    "access": "base store journal",
    "registry": "base store journal",
    "licence": "base store journal registry",
    "desk": "base store journal registry",
    "ddex": "base store journal confine registry licence",
    "mail": "base confine",
    "policy": "base registry licence",
    "media": "base store journal policy audio",
    "ledger": "base store journal registry licence",
    "flow": "base store jobs journal events audio fingerprint index access registry licence ddex mail policy "
            "desk media ledger",
    "api": "base http flow journal events access registry licence ddex policy desk media ledger",
    "pages": "base http flow journal events access registry licence ddex policy desk media ledger",
    "cli": "base http api pages flow jobs journal events access registry licence ddex mail policy "
           "desk media ledger",
    "lib": "base audio fingerprint index",
}
# each outside library has one home
HOMES = {
    r"sqlite3\.h|libpq-fe\.h": ("store",),
    r"libav(format|codec|filter)/|libswresample/|ebur128\.h": ("audio",),
    r"seccomp\.h": ("confine",),
    r"libavutil/": ("audio", "fingerprint"),
    r"event2/|evhttp\.h": ("http",),
    r"jansson\.h": ("base",),
    r"curl/": ("jobs", "flow", "access"),
    r"libxml/": ("ddex", "mail"),
    r"gmime/|glib": ("mail",),
    r"unicode/": ("desk",),
    r"cmocka\.h": (),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def faults(root):
    src = os.path.join(root, "src")
    for folder, _, names in os.walk(src):
        room = os.path.relpath(folder, src).split(os.sep)[0]
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.join(folder, name)
            where = os.path.relpath(path, root)
            if room == ".":
                if name != "main.c":
                    yield "%s: only main.c stands outside the rooms" % where
                continue
            if room not in MAY_USE:
                yield "%s: the room %s is not in the table" % (where, room)
                continue
            allowed = set(MAY_USE[room].split()) | {room}
            with open(path, encoding="utf-8") as f:
                for number, line in enumerate(f, 1):
                    hit = INCLUDE.match(line)
                    if not hit:
                        continue
                    own, outside = hit.groups()
                    if own and "/" in own:
                        other = own.split("/")[0]
                        if other in MAY_USE and other not in allowed:
                            yield "%s:%d: %s may not use %s" % (where, number, room, other)
                        elif other in MAY_USE and other != room and other != "base" \
                                and own != "%s/%s.h" % (other, other):
                            yield "%s:%d: %s is entered by %s/%s.h only" % (
                                where, number, other, other, other)
                    for pattern, homes in HOMES.items():
                        if outside and re.match(pattern, outside) and room not in homes:
                            yield "%s:%d: <%s> has its home in %s" % (
                                where, number, outside, ", ".join(homes) or "tests")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(faults(sys.argv[1]))
    for line in found:
        print(line)
    print("%d faults" % len(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
