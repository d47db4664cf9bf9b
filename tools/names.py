#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check that no two rooms define the same name: names.py ARCHIVE...

Rooms are linked as archives, where the linker takes the first that fits and says nothing. Exit
status 1 names each name and where it is defined.
"""
import collections
import subprocess
import sys


def main():
    where = collections.defaultdict(set)
    for archive in sys.argv[1:]:
        lines = subprocess.run(["nm", "-g", "--defined-only", archive], check=True, text=True,
                               capture_output=True).stdout.splitlines()
        for fields in map(str.split, lines):
            if len(fields) == 3 and fields[1] in "TDBR":
                where[fields[2]].add(archive)
    found = {name: rooms for name, rooms in where.items() if len(rooms) > 1}
    for name, rooms in sorted(found.items()):
        print("%s is defined in %s" % (name, " and ".join(sorted(rooms))))
    print("%d names, %d of them twice" % (len(where), len(found)))
    return 1 if found or not where else 0


if __name__ == "__main__":
    sys.exit(main())
