#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is out of form: each is refused with its place named, or has the one answer of docs/formats/terms.md.
# refusals.sh LICET
set -eu
licet=$(readlink -f "$1")
dir=$(mktemp -d /dev/shm/licet-refusals-XXXXXX)
trap 'rm -rf "$dir"' EXIT
export LICET_DATA=$dir/data
cd "$dir"
stop() { echo "$*"; exit 1; }
said() { # WORDS COMMAND...: whatever it returns, it says that
    local words=$1
    shift
    "$@" > out 2>&1 || true
    grep -qF -- "$words" out || stop "$*: said \"$(head -3 out)\", not \"$words\""
}

"$licet" init > /dev/null
"$licet" network add main --name Main > /dev/null
"$licet" app add web --network main --name Web > /dev/null
for party in north south; do "$licet" party add "$party" --name "$party" > /dev/null; done
cat > c.csv <<C
isrc,title,artist,party,right,share
XXN002600001,One,A,north,making_available,100
XXN002600002,Two,B,south,making_available,100
C
"$licet" catalogue import c.csv > /dev/null

# terms: the line and the column are told
n=10
check() { # WHERE-AND-WHAT CLAUSE...: files first, then one command reads them all
    n=$((n + 1))
    echo "$1" > "words-$n"
    shift
    printf 'terms "T"\nlicensor north, south\nterritories Worldwide\ngrant stream\n' > "terms-$n"
    printf '%s\n' "$@" >> "terms-$n"
}
from="from 2026-01-01"
check "line 5, column 6: the last day is before the first" "$from through 2025-12-31"
check "line 5, column 6: expected a day" "from 2026-02-29"
check "line 6, column 11: the last day is before the first" "$from" "promotion 2027-01-01 through 2026-01-01"
check "line 7, column 5: expected USD, the currency of the first sum" "$from" "pay USD 1 a play" "pay EUR 1 a play"
check 'line 6, column 5: expected a part such as "60 %" or "1/3", found "1/0"' "$from" "pay 1/0 of revenue"
check "line 7, column 7: the parts sum to 99.999999 %: expected 100 %" "$from" "pay USD 1.00 a month to all" \
    "split north 50 %, south 49.999999 %"
check "line 6, column 5: expected whole minor units of JPY" "$from" "pay JPY 1.50 a month to all"
check "line 6, column 5: expected whole minor units of KWD" "$from" "pay KWD 1.2345 a month to all"
check "pay KWD 1.234 a month to all" "$from" "pay KWD 1.234 a month to all"
check "line 6, column 9: expected an amount of at most 100000000000000000 minor units" "$from" \
    "pay USD 1000000000000000.01 a month to all"
"$licet" licence check terms-* > checked 2>&1 && stop "nine of ten are wrong"
for words in words-*; do
    file=terms-${words#words-}
    if grep -q ^line "$words"; then
        grep -qF "$file: $(cat "$words")" checked || stop "$file: $(cat "$words"): $(grep "$file" checked)"
    else
        grep -qF "$(cat "$words")" checked || stop "$file is not taken"
    fi
done

# deals that say the same twice, and a second that nobody says anything of
one() { printf 'terms "%s"\nlicensor north\nterritories Worldwide\ngrant stream\n%s\n%s\n' "$1" "$2" "$3" > "$1"; }
one a "from 2026-01-01 through 2026-12-31" "pay USD 1.00 a play"
one b "from 2026-12-31 through 2027-05-31" "pay USD 1.00 a play"
"$licet" deal offer a a --by licensor > /dev/null
"$licet" deal agree a --by platform > /dev/null
"$licet" deal offer b b --by licensor > /dev/null
said 'it overlaps the deal "a" (2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z)' "$licet" deal agree b --by platform
cat > grants.csv <<G
name,licensor,from,until
first,south,2026-01-01T00:00:00Z,2026-03-01T11:59:59Z
second,south,2026-03-01T12:00:00Z,2026-12-31T00:00:00Z
G
"$licet" licence import grants.csv > /dev/null
two=$("$licet" recording list --json | grep XXN002600002 | sed 's/.*"id":"\(rec_[^"]*\)".*/\1/')
at() { "$licet" decide "$two" --network main --app web --territory DE --dry-run --json --at "$1" > out 2>&1; }
at 2026-03-01T11:59:58Z && grep -q '"mode":"full"' out || stop "before the gap: $(cat out)"
at 2026-03-01T11:59:59Z && grep -q 'no_licence\|unlicensed' out || stop "in the gap: $(cat out)"
at 2026-03-01T12:00:00Z && grep -q '"mode":"full"' out || stop "behind the gap: $(cat out)"

# batches: late and out of order they count, sent otherwise they are refused
h=recording,app,territory,at,played_ms
plays() { echo $h; echo "XXN002600001,main/web,DE,$1,60000"; }
plays 2026-02-28T23:59:59.999999Z > p1
plays 2026-03-01T00:00:00Z > p2
plays 2026-02-29T12:00:00Z > p3
said "kept 1, known before 0" "$licet" plays batch p1 --producer x --sequence 5
said "kept 1, known before 0" "$licet" plays batch p2 --producer x --sequence 2
said "kept 0, known before 1" "$licet" plays batch p1 --producer x --sequence 5
said "batch 5 of x was received with other plays" "$licet" plays batch p2 --producer x --sequence 5
said "6 corrects 9" "$licet" plays batch p2 --producer x --sequence 6 --corrects 9
said 'p3: line 2: at: "2026-02-29T12:00:00Z"' "$licet" plays batch p3 --producer x --sequence 7
{ echo $h; echo XXN002699999,main/web,DE,2026-02-28T12:00:00Z,60000; } > p4
said "p4: line 2: there is no recording with ISRC XXN002699999" "$licet" plays batch p4 --producer x --sequence 8
said "the period cuts the accounting month of 2026-02-01 through 2026-02-28" \
    "$licet" statement close a 2026-02-10..2026-03-09
said "due USD 1.00" "$licet" statement close a 2026-02
said "due USD 1.00" "$licet" statement close a 2026-03

# a pool of nobody's plays is split equally; sums beyond 64 bits, and rates of nothing, are refused
printf 'terms "P"\nlicensor north, south\nterritories Worldwide\ngrant stream\nfrom 2026-01-01\npay USD 1.01 a month to all\n' > p
u=day,holder,territory,network,app,plays
{ echo $u; echo 2026-01-05,other,DE,main,web,1; } > none.csv
said '"p",north,1,USD,0.51,' "$licet" licence compare p --plays none.csv --period 2026-01 --format csv
grep -q '"p",south,1,USD,0.50,' out
one m "from 2026-01-01" "pay USD 999999999999999.99 a play"
{ echo $u; echo 2026-01-05,north,DE,main,web,92233720368; } > many.csv
said "line 6, column 5: an amount leaves 64 bits" "$licet" licence compare m --plays many.csv --period 2026
{ echo $u; echo 2026-01-05,north,DE,main,web,92233720369; } > many.csv
said "many.csv: line 2: plays: at most 92,233,720,368" "$licet" licence compare m --plays many.csv --period 2026
printf 'day,from,to,rate\n2026-01-01,USD,EUR,0\n' > r.csv
said "r.csv: line 2: rate: it is zero" "$licet" licence compare p --plays none.csv --rates r.csv --period 2026
one y "from 2024-02-29 through 2026-02-28" "pay USD 12.00 a year"
said "24.03" "$licet" licence compare y --plays none.csv --period 2024-02-29..2026-02-28
"$licet" journal verify > /dev/null
