#!/bin/bash
# Which containers are in which namespace: real namespaces, real cgroups, many processes.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need strace
RESIDENTS=$POLICYCTL_BUILD/namespace_containers
[ -x "$RESIDENTS" ] || skip "$RESIDENTS is not built"

# A cgroup hierarchy in which groups can be made: one of version 1, or the one of version 2.
hierarchy() {
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts | grep -E '/(pids|freezer|systemd|cgroup|unified)$' | head -1
}
ROOT=$(hierarchy)
ROOT=$(mktemp -d "${ROOT:-/nowhere}/policyctl-containers-XXXXXX" 2>/dev/null) || skip "may not make cgroups here"

# A group is free a moment after its last process is gone.
remove_groups() {
	local group
	while read -r group; do
		wait_until 5 rmdir "$group" 2>/dev/null
	done < <(find "$ROOT" -depth -type d 2>/dev/null)
}
trap 'stop_all; remove_groups' EXIT

id() { # NUMBER: 64 digits
	printf 'c0ffee%058d' "$1"
}

# A process in a namespace and a cgroup; its pid is in $!.
process_of() { # NETNS CGROUP
	mkdir -p "$ROOT/$2"
	spawn "$1" sleep 600
	must wait_until 5 grep -q sleep "/proc/$!/comm"
	echo $! >"$ROOT/$2/cgroup.procs" || fail "cannot move a process into $ROOT/$2"
}

seen() { # [NSID]: pairs
	in_host "$RESIDENTS" "$@" | cut -d' ' -f1,3 | sort
}

pairs() { # "NSID NUMBER"...
	local pair
	for pair; do
		echo "${pair% *} $(id "${pair#* }")"
	done | sort
}

say "each pair of namespace and container once, the host's and those without a cgroup left out"
new_netns host one two three
for name in one two; do
	must ip -n host link add "to-$name" type veth peer name eth0 netns "$name"
done
ONE=$(ip -n host -j link show dev to-one | jq '.[0].link_netnsid')
TWO=$(ip -n host -j link show dev to-two | jq '.[0].link_netnsid')
process_of one "docker/$(id 1)"
FIRST=$!
process_of one "docker/$(id 1)"
process_of one "docker/$(id 1)/inner"
process_of one "docker/$(id 2)" # it shares the namespace
process_of two "machine.slice/libpod-$(id 3).scope/container"
process_of host "docker/$(id 4)" # the host's network
process_of two "machine.slice/libpod-conmon-$(id 3).scope"
process_of three "docker/$(id 5)" # no link leads there: it has no id here
spawn two sleep 600 # in no group of a container
check_same "all" "$(pairs "$ONE 1" "$ONE 2" "$TWO 3")" "$(seen)"
check_same "of one namespace" "$(pairs "$TWO 3")" "$(seen "$TWO")"
check "of one that there is not" "" "$(seen 4711)"
check "the first process is named" "$ONE $FIRST $(id 1)" "$(in_host "$RESIDENTS" | grep "$(id 1)")"

say "a container in a container"
process_of two "docker/$(id 6)/docker/$(id 7)"
check_match "comes behind the outer one" "^$TWO $(id 6) $TWO $(id 7) $" \
	"$(in_host "$RESIDENTS" "$TWO" | grep -v "$(id 3)" | cut -d' ' -f1,3 | tr '\n' ' ')"

say "without the right to look at other processes"
drop() {
	in_host setpriv --bounding-set=-sys_ptrace,-sys_admin --inh-caps=-sys_ptrace,-sys_admin --no-new-privs "$@"
}
check_same "the kernel tells all the same" "$(seen)" "$(drop "$RESIDENTS" | cut -d' ' -f1,3 | sort)"

say "1000 processes in one namespace"
for _ in {1..10}; do
	# shellcheck disable=SC2016 # of the inner shell
	spawn one bash -c 'trap "kill \$(jobs -p)" TERM; for i in {1..100}; do sleep 600 & done; wait'
done
thousand() { [ "$(pgrep -xc sleep)" -ge 1000 ]; }
must wait_until 20 thousand
must in_host strace -qq -e trace=sendto -o "$WORK/trace" "$RESIDENTS"
check "each namespace is asked for once: one, two, three, the machine's" 4 "$(grep -c 'type=\(RTM_GETNSID\|0x5a\)' "$WORK/trace")"

stop_all
remove_groups
check_false "no group is left" test -e "$ROOT"
trap - EXIT
finish
