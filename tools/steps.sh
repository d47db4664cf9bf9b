# SPDX-License-Identifier: Apache-2.0
# For start and check: one line for what is done now, its output in a log, the tail when it fails.
# Sourced by bash, with `here` set to the root of the source.

here=${here:-$PWD}
cache=$here/.cache
logs=$cache/log
mkdir -p "$logs"

say() {
    printf '%s\n' "$*"
}

# step NAME "what is done now" COMMAND...: the output goes to .cache/log/NAME.log
step() {
    local name=$1 words=$2
    shift 2
    say "$words"
    "$@" > "$logs/$name.log" 2>&1 && return 0
    local status=$?
    say "that failed (exit status $status); the end of .cache/log/$name.log:"
    tail -n "${LICET_TEST_TAIL:-40}" "$logs/$name.log"
    return "$status"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# the packages of tools/packages.tsv for one or more purposes that are not installed
packages_missing() {
    local purpose package
    for purpose; do
        while IFS=$'\t' read -r package use _; do
            [ "$use" = "$purpose" ] || continue
            [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] ||
                printf '%s\n' "$package"
        done < "$here/tools/packages.tsv"
    done
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -q update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

# install what is missing for these purposes: build, demo, check
packages_install() {
    local missing
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    step packages "installing $(printf '%s\n' "$missing" | wc -l) packages" apt_install $missing
}

# build FOLDER [meson option...]: configured once, then only what changed
build() {
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$here" "$@" || return
    ninja -C "$folder"
}
