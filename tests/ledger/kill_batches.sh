#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 while batches come in and while a statement is closed: nothing is lost, nothing counts twice.
# kill_batches.sh LICET [ROUNDS]
set -eu
licet=$(readlink -f "$1")
rounds=${2:-4}
dir=$(mktemp -d /dev/shm/licet-kill-XXXXXX)
trap 'rm -rf "$dir"' EXIT
export LICET_DATA=$dir/data
stop() { echo "$*"; exit 1; }
"$licet" init > /dev/null
"$licet" network add main --name Main > /dev/null
"$licet" app add web --network main --name Web > /dev/null
"$licet" party add north --name North > /dev/null
printf 'isrc,title,artist,party,right,share\nXXN002600001,One,A,north,making_available,100\n' > "$dir/c.csv"
"$licet" catalogue import "$dir/c.csv" > /dev/null
cat > "$dir/terms" <<X
terms "North, 2026"
licensor north
territories Worldwide
grant stream
from 2026-01-01 through 2026-12-31
pay USD 0.01 a play
account monthly
X
"$licet" deal offer north "$dir/terms" --by licensor > /dev/null
"$licet" deal agree north --by platform > /dev/null
{
    echo recording,app,territory,at,played_ms
    for i in $(seq 1 6000); do
        printf 'XXN002600001,main/web,DE,2026-01-%02dT12:00:00Z,60000\n' $((i % 28 + 1))
    done
} > "$dir/plays.csv"
killed=0
for i in $(seq 1 "$rounds"); do
    "$licet" plays batch "$dir/plays.csv" --producer house > /dev/null 2>&1 &
    sleep "0.0$((i * 3 % 10))"
    kill -9 $! 2> /dev/null && killed=$((killed + 1))
    wait $! 2> /dev/null || true
done
"$licet" plays batch "$dir/plays.csv" --producer house > "$dir/out"
for i in $(seq 1 "$rounds"); do
    "$licet" statement close north 2026-01 > /dev/null 2>&1 &
    sleep "0.0$((i * 3 % 10))"
    kill -9 $! 2> /dev/null && killed=$((killed + 1))
    wait $! 2> /dev/null || true
done
"$licet" statement close north 2026-01 > /dev/null
due=$("$licet" statement list --json | sed 's/.*"due":\([0-9]*\).*/\1/' | awk '{ s += $1 } END { print s }')
[ "$due" = 6000 ] || stop "due is $due, not 6000 (killed $killed times)"
[ "$("$licet" statement list --json | wc -l)" = 1 ] || stop "the statement is there more than once"
"$licet" statement balance | grep -q "payable:north  *USD -60.00" || stop "the books say otherwise"
"$licet" journal verify > /dev/null
echo "killed $killed times"
