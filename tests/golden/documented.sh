#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# documented.sh PROGRAM FILE.md: PROGRAM reads each policy of the text without an error, and reads its own output as the
# same policy. A policy is an indented block with `# NAME.policy` as its first line. Blocks with `# NAME.txt` are the
# files of sets.
set -eu

program=$1
text=$(realpath "$2")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

awk '
	/^    # [a-z0-9-]+\.(policy|txt)$/ { file = $2 }
	!/^    / && !/^$/ { file = "" }
	file { sub(/^    /, ""); print >file }' "$text"

count=0
for policy in *.policy; do
	"$program" "$policy" >"$policy.said"
	if grep ': error: ' "$policy.said" || ! grep -qx -- -- "$policy.said"; then
		echo "$policy of $text is not a policy"
		exit 1
	fi
	awk 'printed; /^--$/ { printed = 1 }' "$policy.said" >"$policy.printed"
	"$program" "$policy.printed" | awk 'printed; /^--$/ { printed = 1 }' | diff -u "$policy.printed" -
	count=$((count + 1))
done
echo "$count policies"
[ "$count" -ge 10 ]
