#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The example of docs/ prints what it says; the same figures as CSV, JSON and picture.
# example.sh LICET FOLDER
set -eu
licet=$(readlink -f "$1")
cd "$2"
compare() {
    "$licet" licence compare flat.terms pooled.terms agreed.terms --plays plays.csv \
        --figures figures.csv "$@"
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
compare > "$dir/text"
diff -u expected.txt "$dir/text"
for price in 10,500,000.00 3,500,000.00 7,000,000.00; do
    grep "^together" "$dir/text" | grep -qF "$price"
done
compare --format csv > "$dir/csv"
[ "$(wc -l < "$dir/csv")" = 10 ]
# what the three get sums to the price, to the cent
for offer in flat:1050000000 pooled:350000000 agreed:700000000; do
    sum=$(tr -d '.\r' < "$dir/csv" | awk -F, -v o="\"${offer%:*}\"" '$1 == o { s += $5 } END { print s }')
    [ "$sum" = "${offer#*:}" ] || { echo "$offer: $sum"; exit 1; }
done
compare --json | python3 -c '
import json, sys
c = json.load(sys.stdin)
assert c["plays"] == 1000000000, c["plays"]
for o in c["offers"]:
    assert sum(l["due"] for l in o["licensors"]) == o["due"]
assert [o["due"] for o in c["offers"]] == [1050000000, 350000000, 700000000]
'
compare --format svg | python3 -c '
import sys, xml.dom.minidom
assert xml.dom.minidom.parseString(sys.stdin.read()).documentElement.tagName == "svg"
'
"$licet" licence diff flat.terms pooled.terms | grep -q "to each"
