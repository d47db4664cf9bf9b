#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions of one verdict that is kept ready, counted by callgrind, within its budget.

    instructions.py PROGRAM BUDGET

BUDGET holds one number; more than a tenth over it fails, and so does a count so far below that the
budget says nothing any more. Skipped (77) without valgrind and in builds with sanitizers. What runs
is a copy without debug information: valgrind does not read that of every compiler.
"""
import re
import shutil
import subprocess
import sys
import tempfile

MANY, FEW = 21000, 1000


def count(program, verdicts):
    with tempfile.NamedTemporaryFile() as out:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out.name, program,
             str(verdicts)], stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            sys.exit("callgrind failed:\n" + run.stderr)
        return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def main():
    program, budget_file = sys.argv[1:3]
    with open(program, "rb") as binary:
        if not shutil.which("valgrind") or b"__asan_init" in binary.read():
            sys.exit(77)
    with open(budget_file, encoding="utf-8") as text:
        budget = int(text.read())
    with tempfile.TemporaryDirectory() as folder:
        bare = folder + "/program"
        subprocess.run(["strip", "--strip-debug", "-o", bare, program], check=True)
        each = (count(bare, MANY) - count(bare, FEW)) / (MANY - FEW)
    print("%.1f instructions a verdict, budget %d" % (each, budget))
    if each > budget * 1.1:
        sys.exit("over the budget of %s by more than a tenth" % budget_file)
    if each < budget * 0.6:
        sys.exit("far below: lower the number in %s" % budget_file)


main()
