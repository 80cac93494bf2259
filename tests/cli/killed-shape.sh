#!/bin/bash
# kill -9 between the steps of attach, apply and detach of a policy with `shape`: packets pass at any point, the next
# command finishes what was begun, and of the queues and the device nothing is left that no policy wants.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
. "$(dirname "$0")/killed.bash"
need strace jq
new_rooms
CALLS=sendto # each step is a netlink message
LEAST=12 # points
INDEX=$(ip -n host -j link show dev veth0 | jq '.[0].ifindex')

printf '%s\n' "allow any shape 100mbit" >"$WORK/one.policy"
# Another class, one direction less.
printf '%s\n' "allow from udp shape 50mbit" "allow from any shape 20mbit" >"$WORK/other.policy"

# As in lib.sh, but one call in $EVERY: they are all of one kind.
points() { # SYSCALL ARGUMENTS...
	in_host strace -qq -o "$WORK/trace" -e "trace=$1" "$POLICYCTL" "${@:2}" >/dev/null 2>&1
	awk -v every="${EVERY:-2}" 'NR % every == 0 { print NR }' "$WORK/trace"
}

passes_on() { # POINT
	arrives "$1" "4:udp/53 2 4:icmp/8 2" 4:udp/53 4:icmp/8
}

# No qdisc, class or device but what the policy in force wants: CLASSES-FROM CLASSES-TO.
queues() {
	local from to
	from=$(tc -n host class show dev "pctl-$INDEX" 2>/dev/null | grep -c '^class htb')
	to=$(tc -n host class show dev veth0 2>/dev/null | grep -c '^class htb')
	echo "$from $to"
}

wants_queues() { # POINT "CLASSES-FROM CLASSES-TO"...: one of these
	local now
	now=$(queues)
	[[ " ${*:2} " = *" $now "* ]] || broken "$1" "queues $now, not one of ${*:2}"
}

after_attach() { # POINT
	passes_on "$1"
	case $((ROUND % 4)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" attach veth0 --hook tc --policy "$WORK/one.policy" ;;
	2) next "$1" "0 4" apply veth0 --policy "$WORK/other.policy" ;;
	3) next "$1" "0 4" detach veth0 ;;
	esac
	consistent "$1"
	next "$1" "0 4" detach veth0
	as_before "$1"
}

after_apply() { # POINT
	passes_on "$1"
	next "$1" "0" list
	wants_queues "$1" "1 1" "2 0"
	[ $((ROUND % 2)) = 0 ] || next "$1" "0" apply veth0 --policy "$WORK/other.policy"
	consistent "$1"
	next "$1" "0" apply veth0 --policy "$WORK/one.policy"
	wants_queues "$1" "1 1"
}

after_detach() { # POINT
	passes_on "$1"
	[ $((ROUND % 2)) = 0 ] || next "$1" "0" attach veth0 --hook tc --policy "$WORK/one.policy"
	consistent "$1"
	next "$1" "0 4" detach veth0
	as_before "$1"
	next "$1" "0" attach veth0 --hook tc --policy "$WORK/one.policy"
	wants_queues "$1" "1 1"
}

BEFORE=$(snapshot)
walk after_attach attach veth0 --hook tc --policy "$WORK/one.policy"
does attach veth0 --hook tc --policy "$WORK/one.policy"
remember
walk after_apply apply veth0 --policy "$WORK/other.policy"
remember
walk after_detach detach veth0
remember
does detach veth0
check_same "all is as before" "$BEFORE" "$(snapshot)"
finish
