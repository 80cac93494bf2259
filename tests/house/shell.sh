#!/usr/bin/env bash
# Every shell script passes shellcheck. Since 0.11 that takes functions which are passed as an argument, as to wait_until,
# for never called (SC2329).
set -euo pipefail
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck"; exit 77; }
{ find . -path './build*' -prune -o -path ./.git -prune -o -type f -print0 |
	xargs -0 grep -lE '^#!.*\b(ba)?sh\b' |
	xargs -P "$(nproc)" -n 8 shellcheck -x -e SC2329 --source-path=SCRIPTDIR; }
