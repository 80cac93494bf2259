#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# compare.sh PROGRAM FILE.policy: the output of PROGRAM for the policy (or for FILE.conf) must be FILE.out. With
# UPDATE=1 in the environment, FILE.out becomes that output; read the difference before committing it.
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
