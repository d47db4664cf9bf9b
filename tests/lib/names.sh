#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# names.sh SHARED STATIC: both show licet_* and nothing else; the shared one has its soname.
set -eu
seen() {
    "$@" | awk 'NF == 3 && $2 ~ /[TDBRVW]/ && $3 !~ /^licet_/ && $3 != "LICET_0" { print $3; bad = 1 } END { exit bad }'
}
seen nm -D --defined-only "$1"
seen nm -g --defined-only "$2"
nm -D --defined-only "$1" | grep -q licet_index_find
nm -g --defined-only "$2" | grep -q licet_index_find
readelf -d "$1" | grep -q 'SONAME.*liblicet\.so\.0'
