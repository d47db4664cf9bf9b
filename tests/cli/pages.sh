#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manual pages render without a warning, name every command and setting, and the completion is
# a script that bash can read and that completes.   pages.sh LICET
set -eu
licet=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$licet" help --man > "$dir/licet.1"
"$licet" help --man-settings > "$dir/licet.conf.5"
if command -v man > /dev/null; then
    for page in licet.1 licet.conf.5; do
        MANWIDTH=100 LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$dir/$page" \
            > "$dir/text" 2> "$dir/warnings"
        [ ! -s "$dir/warnings" ] || { cat "$dir/warnings"; exit 1; }
        [ -s "$dir/text" ]
    done
fi
# every command of the help has its section, every setting its entry
"$licet" help | sed -n '/^  [a-z]/p' | sed '/options of every/,$d' | grep -v -- '--' |
    sed 's/^  //; s/   *.*//' | while read -r command; do
    grep -q "^\.SS \"$command[ \"]" "$dir/licet.1" || { echo "no manual for $command"; exit 1; }
done
"$licet" config --json | sed 's/.*"name":"\([^"]*\)".*/\1/' | while read -r setting; do
    grep -qF "\\fB$setting\\fR" "$dir/licet.conf.5" || { echo "no manual for $setting"; exit 1; }
done

"$licet" help --bash > "$dir/completion"
bash -n "$dir/completion"
. "$dir/completion"
COMP_WORDS=(licet he) COMP_CWORD=1
_licet
[ "${COMPREPLY[*]}" = help ]
COMP_WORDS=(licet journal ve) COMP_CWORD=2
_licet
[ "${COMPREPLY[*]}" = verify ]
COMP_WORDS=(licet identify --li) COMP_CWORD=2
_licet
[ "${COMPREPLY[*]}" = --list ]
