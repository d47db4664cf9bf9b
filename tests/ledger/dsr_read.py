#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read a sales report (DSR flat file, UGC profile) as its description says (docs/formats/dsr.md), and
check all that can be checked without the sender:   dsr_read.py FILE   prints the sum of its blocks."""
import os
import re
import sys
from decimal import Decimal

CELLS = {"HEAD": 16, "SY02.02": 20, "AS02.02": 14, "SU03.02": 10, "LI01.02": 12, "FOOT": 5}
NAME = re.compile(r"DSR(_[^_ ]*){3}_(\d{4}(-\d\d(-\d\d)?|-Q\d|-W\d\d)?|\d{4}-\d\d-\d\d--\d{4}-\d\d-\d\d)"
                  r"_[^_ ]*_(\d+)of(\d+)_\d{8}T\d{6}\.tsv$")
DAY = re.compile(r"\d{4}-\d\d-\d\d$")


def stop(line, words):
    sys.exit("line %d: %s" % (line, words))


def values(cell):
    """Bars part values, a backslash takes a mark's meaning away."""
    return [re.sub(r"\\(.)", r"\1", v) for v in re.split(r"(?<!\\)\|", cell)]


def main():
    path = sys.argv[1]
    if not NAME.match(os.path.basename(path)):
        sys.exit("the name is not of the form")
    raw = open(path, "rb").read()
    text = raw.decode("utf-8")
    if not text.endswith("\n"):
        sys.exit("the last line has no end")
    state, block, resources, blocks = "start", None, set(), 0
    summaries, sums, total, per_summary = {}, {}, Decimal(0), {}
    rows = [line.rstrip("\r") for line in text.split("\n")[:-1]]
    sale = None
    for n, row in enumerate(rows, 1):
        if row.startswith("#"):
            continue
        cells = row.split("\t")
        kind = cells[0]
        if kind not in CELLS:
            stop(n, "a record %s is not of this profile" % kind)
        if len(cells) != CELLS[kind]:
            stop(n, "%s has %d cells, not %d" % (kind, len(cells), CELLS[kind]))
        if any(c != c.strip(" ") for c in cells):
            stop(n, "blanks around a cell")
        for c in cells:
            values(c)
        if kind == "HEAD":
            if state != "start":
                stop(n, "HEAD stands first")
            if cells[1].split("/")[0] != "dsrf" or cells[2] != "UGC" or cells[3] != "1.2":
                stop(n, "version or profile")
            if cells[6:8] != ["1", "1"] or not DAY.match(cells[8]) or not DAY.match(cells[9]):
                stop(n, "file number or days")
            if cells[8] > cells[9]:
                stop(n, "the days go backwards")
            if "::" not in cells[10] and not cells[10].startswith("PADPIDA"):
                stop(n, "the sender is no party id")
            state = "summaries"
        elif kind == "SY02.02":
            if state != "summaries":
                stop(n, "summaries stand between head and blocks")
            if cells[1] in summaries:
                stop(n, "a summary twice")
            if not re.match(r"([A-Z]{2}|Worldwide)$", cells[5]):
                stop(n, "territory %s" % cells[5])
            summaries[cells[1]] = Decimal(cells[10])
            if not Decimal(cells[7]) == Decimal(cells[12]):
                stop(n, "usages")
        elif kind == "AS02.02":
            state, block, blocks = "block", cells[1], blocks + 1
            if int(block) != blocks:
                stop(n, "blocks are numbered from 1")
            if cells[4] and not re.match(r"[A-Z]{2}[A-Z0-9]{3}\d{7}$", cells[4]):
                stop(n, "ISRC %s" % cells[4])
            if not re.match(r"PT\d+M\d+S$", cells[7]):
                stop(n, "duration")
        elif kind == "SU03.02":
            if state != "block" or cells[1] != block or cells[2] not in summaries:
                stop(n, "usage outside of its block or without a summary")
            if not DAY.match(cells[7]) or not DAY.match(cells[8]) or cells[9] not in ("true", "false"):
                stop(n, "validity")
            sale = (cells[3], Decimal(cells[6]), Decimal(cells[5]))
            per_summary[cells[2]] = per_summary.get(cells[2], Decimal(0)) + sale[1]
            total += sale[1]
        elif kind == "LI01.02":
            if sale is None or cells[3] != sale[0]:
                stop(n, "a licensor's record stands behind its usage")
            if Decimal(cells[10]) != sale[1] or Decimal(cells[11]) != sale[2]:
                stop(n, "the one licensor has all of it")
        elif kind == "FOOT":
            if n != len(rows):
                stop(n, "FOOT stands last")
            if [int(c) for c in cells[1:]] != [len(rows), len(rows), len(summaries), blocks]:
                stop(n, "the counts are %s" % cells[1:])
            state = "end"
    if state != "end":
        sys.exit("there is no FOOT")
    for number, sum_of in summaries.items():
        if per_summary.get(number, Decimal(0)) != sum_of:
            sys.exit("summary %s says %s, its blocks %s" % (number, sum_of, per_summary.get(number)))
    print(total)


main()
