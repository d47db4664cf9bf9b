#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From plays to money: batches, a deal, statements, differences, payments, reports.
# statements.sh LICET DSR_READ
set -eu
licet=$(readlink -f "$1") read_dsr=$(readlink -f "$2")
dir=$(mktemp -d /dev/shm/licet-statements-XXXXXX)
trap 'rm -rf "$dir"' EXIT
export LICET_DATA=$dir/data
stop() { echo "$*"; exit 1; }
is() { [ "$2" = "$3" ] || stop "$1: \"$2\" is not \"$3\""; }

"$licet" init > /dev/null
"$licet" network add main --name Main > /dev/null
"$licet" app add web --network main --name Web > /dev/null
for party in north south; do "$licet" party add "$party" --name "$party | \"Records\"" > /dev/null; done
cat > "$dir/catalogue.csv" <<X
isrc,title,artist,party,right,share
XXN002600001,One,A,north,making_available,100
XXN002600002,"Two	tabs",B,north,making_available,50
XXN002600002,"Two	tabs",B,south,making_available,50
XXN002600003,Three | bars,C,south,making_available,60
X
"$licet" catalogue import "$dir/catalogue.csv" > /dev/null
cat > "$dir/terms" <<X
terms "Both, 2026"
licensor north, south
territories Worldwide
grant stream
from 2026-01-01 through 2026-12-31
pay USD 10.00 a year to all        # the pool
pay USD 0.015 a play
share of plays includes unknown
account monthly
X
"$licet" deal offer both "$dir/terms" --by licensor > /dev/null
"$licet" statement close both 2026-01 2> "$dir/err" && stop "nothing is owed before it is agreed"
grep -q "nothing is owed under it" "$dir/err"
"$licet" deal agree both --by platform > /dev/null

play() { # ISRC DAY MS USER
    echo "$1,main/web,DE,2026-01-$2T12:00:00Z,$3,$4"
}
{
    echo recording,app,territory,at,played_ms,user
    for user in 1 2 3; do play XXN002600001 0$user 60000 $user; done
    for user in 1 2; do play XXN002600002 05 60000 $user; done
    play XXN002600003 06 60000 9
    play XXN002600003 06 5000 9 # not long enough
} > "$dir/plays.csv"
"$licet" plays batch "$dir/plays.csv" --producer house > "$dir/out"
grep -q "7 plays; batches kept 1" "$dir/out"
"$licet" plays batch "$dir/plays.csv" --producer house | grep -q "kept 0, known before 1"
"$licet" plays batch "$dir/catalogue.csv" --producer house 2> /dev/null && stop "not a file of plays"

"$licet" statement close both 2026-01-01..2026-01-15 2> "$dir/err" && stop "half a month"
grep -q "cuts the accounting month" "$dir/err"
"$licet" statement close both 2026-01 --json > "$dir/closed"
# north: 3 + 2 * 1/2 = 4 plays; south: 1 + 0.6; the pool of January is 0.84 (31 of 365 days)
is "north" "$(sed -n 1p "$dir/closed" | sed 's/.*"due":\([0-9]*\).*/\1/')" "$((60 + 6))"
sum=$(($(sed 's/.*"due":\([0-9]*\).*/\1/' "$dir/closed" | paste -sd+)))
is "pool and plays" "$sum" "$((84 + 6 + 2))"
"$licet" statement close both 2026-01 | grep -q "nothing has changed"
"$licet" plays batch "$dir/plays.csv" --producer house > /dev/null
"$licet" statement close both 2026-01 | grep -q "nothing has changed"

# a correction: one play of the first recording less
grep -v 01-03T "$dir/plays.csv" > "$dir/mended.csv"
"$licet" plays batch "$dir/mended.csv" --producer house --sequence 1 --corrects 0 > /dev/null
"$licet" plays batch "$dir/mended.csv" --producer house --sequence 2 --corrects 0 2> "$dir/err" &&
    stop "corrected twice"
grep -q "was corrected by 1 already" "$dir/err"
"$licet" statement close both 2026-01 --json > "$dir/difference"
is "differences are number 2" "$(grep -c '"number":2' "$dir/difference")" 2
"$licet" statement close both 2026-01 | grep -q "nothing has changed"

# what was stated in all is what a fresh folder states of the mended plays
stated() { sed 's/.*"licensor":"\([^"]*\)".*"due":\(-\{0,1\}[0-9]*\).*/\1 \2/' "$@" |
    awk '{ s[$1] += $2 } END { for (k in s) print s[k] }' | sort; }
stated "$dir/closed" "$dir/difference" > "$dir/all"
LICET_DATA=$dir/fresh bash -c '
    "$1" init > /dev/null; "$1" network add main --name Main > /dev/null
    "$1" app add web --network main --name Web > /dev/null
    for party in north south; do "$1" party add $party --name $party > /dev/null; done
    "$1" catalogue import "$2/catalogue.csv" > /dev/null
    "$1" deal offer both "$2/terms" --by licensor > /dev/null
    "$1" deal agree both --by platform > /dev/null
    "$1" plays batch "$2/mended.csv" --producer other > /dev/null
    "$1" statement close both 2026-01 --json' - "$licet" "$dir" > "$dir/again"
stated "$dir/again" > "$dir/fresh_all"
diff "$dir/all" "$dir/fresh_all" || stop "differences do not sum to the whole"

# the books balance; no more is paid than is owed
"$licet" statement balance --json > "$dir/balance"
is "all accounts" "$(($(sed 's/.*"balance":\(-\{0,1\}[0-9]*\).*/(\1)/' "$dir/balance" | paste -sd+)))" 0
"$licet" statement pay north USD 1000.00 2> "$dir/err" && stop "paid too much"
grep -q "only USD" "$dir/err"
"$licet" statement pay north USD 0.10
"$licet" statement balance | grep -q "^cash  *USD -0.10"
printf 'day,from,to,rate\n2026-01-01,USD,EUR,0.9\n2026-03-01,USD,EUR,1.1\n' > "$dir/rates.csv"
first=$(sed -n 1p "$dir/closed" | sed 's/.*"id":"\([^"]*\)".*/\1/')
"$licet" statement pay north USD 0.20 --statement "$first" --paid-in EUR --rates "$dir/rates.csv" \
    --on 2026-03-02 | grep -q "paid EUR 0.22, lost EUR 0.04 through the rate"
"$licet" statement show "$first" | grep -q "paid USD 0.20, open USD 0.46"
less=$(sed -n 1p "$dir/difference" | sed 's/.*"id":"\([^"]*\)".*/\1/')
"$licet" statement pay north USD 0.01 --statement "$less" 2> "$dir/err" && stop "nothing is open of it"
grep -q "only USD 0.00 of statement $less is open" "$dir/err"
"$licet" statement balance | grep -q "^exchange_loss  *EUR 0.04"

# each line is traced to its plays, its clause and its arithmetic; each statement comes out again
ids=$("$licet" statement list --json | sed 's/.*"id":"\([^"]*\)".*/\1/')
is "statements" "$(echo "$ids" | wc -l)" 4
"$licet" statement verify $ids > "$dir/verified"
is "the same bytes again" "$(grep -c 'the same bytes again' "$dir/verified")" 4
id=$(sed -n 1p "$dir/closed" | sed 's/.*"id":"\([^"]*\)".*/\1/')
"$licet" statement explain "$id" 1 > "$dir/explained"
grep -q '  | pay USD 10.00 a year to all        # the pool' "$dir/explained"
grep -q "the licensor's part of USD 0.84" "$dir/explained"
grep -qE "batch 0 of house: plays [23], 2026-01-0[15]T12:00:00Z to 2026-01-0[35]T12" "$dir/explained"
"$licet" statement explain "$id" 99 2> "$dir/err" && stop "there is no line 99"
grep -q "has lines 1 to" "$dir/err"
n=$("$licet" statement show "$id" | grep -c '^fee')
for i in $(seq 1 "$n"); do "$licet" statement explain "$id" "$i" --json; done > "$dir/lines"
python3 - "$dir/lines" <<X
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
for r in rows:
    f = r["fee"]
    assert sum(d["plays"] for d in r["days"]) == r["plays"] == sum(b["plays"] for b in r["batches"])
    whole, rest = divmod(f["amount"] * f["plays_e8"], f["of_plays_e8"])
    assert r["amount"] in (whole, whole + (rest > 0)), r
for clause in {r["clause"]["line"] for r in rows}:
    mine = [r for r in rows if r["clause"]["line"] == clause]
    assert sum(r["amount"] for r in mine) == mine[0]["fee"]["amount"]
X
"$licet" statement close all 2026-01 | grep -q "nothing has changed"

# reports
id=$("$licet" statement list --json | sed -n 1p | sed 's/.*"id":"\([^"]*\)".*/\1/')
due=$("$licet" statement list --json | sed -n 1p | sed 's/.*"due":\([0-9]*\).*/\1/')
"$licet" statement export "$id" > "$dir/csv"
is "the CSV sums to what is due" \
    "$(tail -n +2 "$dir/csv" | python3 -c 'import csv,sys; print(sum(int(r[11].replace(".","")) for r in csv.reader(sys.stdin)))')" "$due"
grep -q 'pay USD 10.00 a year to all' "$dir/csv"
"$licet" statement export "$id" --format html | python3 -c '
import html.parser, sys
class P(html.parser.HTMLParser): pass
t = sys.stdin.read(); P().feed(t); assert "&quot;Records&quot;" in t and "<script" not in t'
for profile in dsr dsr-audio; do
    file=$("$licet" statement export "$id" --format $profile --to "$dir")
    is "the sales report sums to what is due" "$(python3 "$read_dsr" "$file" | cut -d' ' -f2 | tr -d .)" \
        "$(printf '%03d' "$due")"
    mv "$file" "$dir/$profile.tsv"
done
# who reads finds every mistake: a cell, a record or a count less is refused
file=$dir/$(basename "$file")
broken=0
for change in '/^SU03/d' '/^LI01/s/\t[^\t]*$//' '/^FOOT/d' '/^AS02/s/SoundRecording/Tune/' \
    '/^SY02/s/\tDE\t/\tGermany\t/' '/^HEAD/s/UGCProfile/UGC/'; do
    sed "$change" "$dir/dsr.tsv" > "$file"
    cmp -s "$dir/dsr.tsv" "$file" && stop "$change changes nothing"
    python3 "$read_dsr" "$file" > /dev/null 2>&1 && stop "$change is not found"
    broken=$((broken + 1))
done
is "broken reports" $broken 6
"$licet" plays filter 2026-01 --loops-most 1 | grep -q "loops 1,"

# what-if on the plays that were counted
"$licet" licence compare "$dir/terms" --plays 2026-01 --json > "$dir/compare"
python3 - "$dir/compare" <<X
import json, sys
c = json.load(open(sys.argv[1]))
assert c["plays"] == 5, c["plays"]
X
"$licet" journal verify > /dev/null
