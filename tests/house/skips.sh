#!/usr/bin/env bash
# tests/skips.py, by which tests/run.sh judges what was skipped: what is listed may be, what is not may not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/allowed" <<'END'
# a comment
cli.*  | this kernel has no ifb | small kernels leave it out
prog.a | one_of_many            | new kernels only
END
report() { # NAME SAYS [SKIPPED-ELEMENT]
	printf '<testsuite><testcase name="%s">%s<system-out>%s\n</system-out></testcase></testsuite>\n' \
		"$1" "${3-}" "$2" >"$work/report.xml"
	tests/skips.py "$work/allowed" "$work/report.xml" >"$work/said"
}
refused() { # LINE: that and nothing else
	[ "$(grep '^not allowed' "$work/said")" = "not allowed: $1" ] || { cat "$work/said"; exit 1; }
}
skipped='<skipped message="SKIP_RETURN_CODE=77"/>'
report cli.a "1..0 # SKIP this kernel has no ifb" "$skipped"
grep -q 'here: cli.a' "$work/said"
report prog.a "[  SKIPPED ] one_of_many
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] one_of_many"
report cli.a "ok 1 - what else there is"
grep -q 'here: not skipped' "$work/said"
! report lab.a "1..0 # SKIP this kernel has no ifb" "$skipped" || exit 1
refused "lab.a: this kernel has no ifb"
! report cli.a "ok 7 - this and that # SKIP podman is missing" || exit 1
refused "cli.a: podman is missing"
! report cli.a "skipped: no bpf()" "$skipped" || exit 1
refused "cli.a: no bpf()"
! report cli.a "ended before it said anything" "$skipped" || exit 1
refused "cli.a: it does not say why"
