#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sum the tests of a meson run: "passed failed skipped", and name what failed on standard error.

    count-tests.py BUILD/meson-logs/testlog.json

A program of cmocka counts as many tests as it holds, any other program as one.
"""
import json
import re
import sys

SUMMARY = re.compile(r"\[ *(PASSED|FAILED|SKIPPED|  ERROR) *\] (?:PASSED )?(\d+) test\(s\)")


def counts(run):
    text = (run.get("stdout") or "") + (run.get("stderr") or "")
    passed = failed = skipped = 0
    for word, number in SUMMARY.findall(text):
        if word == "PASSED":
            passed += int(number)
        elif word == "SKIPPED":
            skipped += int(number)
        else:
            failed += int(number)
    good = run["result"] in ("OK", "EXPECTEDFAIL")
    if passed + failed + skipped == 0 or (not good and failed == 0):
        skip = run["result"] == "SKIP"
        passed += good
        skipped += skip
        failed += not good and not skip
    if failed:
        print("failed: %s (%s)" % (run["name"], run["result"]), file=sys.stderr)
    return passed, failed, skipped


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as log:
        rows = [counts(json.loads(line)) for line in log]
    print(*[sum(column) for column in zip(*rows)] if rows else (0, 1, 0))


if __name__ == "__main__":
    main()
