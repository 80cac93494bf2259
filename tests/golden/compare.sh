#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# compare.sh PROGRAM FILE.policy: what PROGRAM says of the policy (or of FILE.conf) is what FILE.out holds.
# With UPDATE=1 in the environment, FILE.out becomes what PROGRAM says; read the difference before
# committing it.
set -eu

program=$1
policy=$2
expected=${policy%.*}.out
got=$(mktemp)
trap 'rm -f "$got"' EXIT

cd "$(dirname "$policy")"
"$program" "$(basename "$policy")" >"$got"
if [ "${UPDATE:-}" = 1 ]; then
	cp "$got" "$expected"
fi
diff -u "$expected" "$got"
