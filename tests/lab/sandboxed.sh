#!/bin/bash
# A command of the lab in the sandbox of the tests, where other labs and what they pinned are out of sight:
#
#   tests/lab/sandboxed.sh COMMAND...
. "$(dirname "$0")/../lib/sandbox.sh"
sandbox "$@"
"$@"
status=$?
left=$(ip netns list; other_processes; comm -3 <(echo "$BPFFS_AT_START") <(find /sys/fs/bpf | sort))
[ -z "$left" ] || { echo "left behind: $left" && exit 1; }
exit $status
