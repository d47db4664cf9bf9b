# SPDX-License-Identifier: Apache-2.0
# For the scripts of this folder, which run the real program from outside. Each prints
# "ok WORDS", "not ok WORDS" or "skip WORDS" for each thing that must be true.
#
# LICET: the program; MUSIC: the folder that tools/fetch-music filled.

set -u
here=$(dirname "$(readlink -f "$0")")/../..
LICET=${LICET:-$here/build/licet}
MUSIC=${MUSIC:-$here/.cache/music}
for needed in "$LICET" "$MUSIC/singularity-music/copyright"; do
    [ -e "$needed" ] || { echo "not ok $needed is not there"; exit 1; }
done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/licet-e2e.XXXXXX")
servers=()
failures=0

cleanup() {
    local id
    for id in "${servers[@]}"; do
        kill "$id" 2> /dev/null && wait "$id" 2> /dev/null
    done
    mountpoint -q "$work/small" && umount "$work/small"
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

ok() {
    printf 'ok %s\n' "$*"
}
not_ok() {
    printf 'not ok %s\n' "$*"
    failures=$((failures + 1))
}
skip() {
    printf 'skip %s\n' "$*"
}

# must "words" COMMAND...: it succeeds
must() {
    local words=$1
    shift
    if "$@" > "$work/out" 2> "$work/err"; then
        ok "$words"
    else
        not_ok "$words: exit status $?: $(tail -n 3 "$work/err")"
        return 1
    fi
}

# must_fail "words" STATUS "part of the message" COMMAND...: it fails with that status, and its
# output names the reason
must_fail() {
    local words=$1 want=$2 part=$3 status
    shift 3
    "$@" > "$work/out" 2> "$work/err"
    status=$?
    if [ "$status" != "$want" ]; then
        not_ok "$words: exit status $status, want $want: $(tail -n 3 "$work/err" "$work/out")"
    elif ! grep -qF -- "$part" "$work/err" "$work/out"; then
        not_ok "$words: does not say \"$part\": $(tail -n 3 "$work/err" "$work/out")"
    else
        ok "$words"
    fi
}

# same "words" A B
same() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: \"$2\" is not \"$3\""; fi
}

# serve DATA [option...]: a server on a port of its own; sets url and server
serve() {
    local data=$1 line
    shift
    mkfifo "$work/ready.$$.${#servers[@]}"
    "$LICET" serve --data "$data" --set http.listen=127.0.0.1:0 "$@" \
        > "$work/ready.$$.${#servers[@]}" 2>> "$work/serve.log" &
    server=$!
    if ! read -r -t 30 line < "$work/ready.$$.${#servers[@]}"; then
        not_ok "the server starts: $(tail -n 3 "$work/serve.log")"
        return 1
    fi
    servers+=("$server")
    url=${line##* }
    url=${url%/}
}

# a tone of N seconds that is not music of the catalogue: sine sweeps by seed
tones() { # FILE SECONDS SEED
    ffmpeg -v error -nostdin -y -f lavfi -i "aevalsrc=0.3*sin(2*PI*t*(220+$3*37)+3*sin(2*PI*t*$((2 + $3 % 5))))+0.3*sin(2*PI*t*(330+50*floor(mod(t*2\,8)))):s=44100:d=$2" "$1"
}

finish() {
    [ "$failures" = 0 ]
    exit
}
