#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# static.sh OUT FOLDER ARCHIVE...: one archive with one object, of which only licet_* can be seen.
set -eu
out=$1
folder=$2
door=$3
shift 3
mkdir -p "$folder"
ld -r -o "$folder/all.o" --whole-archive "$door" --no-whole-archive --start-group "$@" --end-group
objcopy --wildcard --keep-global-symbol='licet_*' "$folder/all.o" "$folder/licet.o"
rm -f "$out"
ar rcs "$out" "$folder/licet.o"
