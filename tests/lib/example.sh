#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# example.sh PROGRAM: it finds a piece of one tune among others, from files, and tells bad ones.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$work" << 'PY'
import math, random, struct, sys, wave
def tune(seed, seconds, begin=0.0):
    rate, notes = 8000, random.Random(seed)
    out = [0.0] * int(rate * (seconds + begin))
    for start in range(int((seconds + begin) * 4)):
        for _ in range(2):
            hz, first = 130 * 2 ** (notes.randrange(40) / 12), start * rate // 4
            for i in range(min(2000, len(out) - first)):
                out[first + i] += 0.2 * math.exp(-i / 900) * math.sin(2 * math.pi * hz * i / rate)
    return out[int(begin * rate):]
def write(path, samples):
    with wave.open(path, "wb") as w:
        w.setparams((1, 2, 8000, 0, "NONE", ""))
        w.writeframes(b"".join(struct.pack("<h", int(max(-1, min(1, x)) * 32000)) for x in samples))
for seed in (1, 2):
    write("%s/%d.wav" % (sys.argv[1], seed), tune(seed, 30))
write(sys.argv[1] + "/query.wav", tune(2, 12, 16.0))
PY
"$1" "$work/index" "$work/query.wav" "$work/1.wav" "$work/2.wav" > "$work/out"
cat "$work/out"
[ "$(wc -l < "$work/out")" = 1 ]
grep -Eq "is $work/2.wav at (15\.[6-9]|16\.[0-5])" "$work/out"
if "$1" "$work/other" "$work/query.wav" "$work/none.wav" 2> "$work/err"; then exit 1; fi
grep -q "none.wav" "$work/err"
