#!/bin/bash
# `shape` on a kernel without htb, tbf, ifb or mirred: refused with the name of what is missing, and nothing changes.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
LACKING=$POLICYCTL_BUILD/lacking.so
must test -e "$LACKING"
new_rooms

echo "allow from any shape 3mbit" >"$WORK/from.policy"
echo "allow to any shape 3mbit" >"$WORK/to.policy"
echo "allow any" >"$WORK/plain.policy"

lacks() { # KIND ARGUMENTS...: of policyctl, as policyctl()
	in_host env LD_PRELOAD="$LACKING" LACKING="$1" "$POLICYCTL" "${@:2}" >"$WORK/stdout" 2>"$WORK/stderr"
	STATUS=$?
	ERR=$(<"$WORK/stderr")
}

refused() { # KIND OPTION DIRECTION
	local before
	before=$(snapshot)
	lacks "$1" attach veth0 --hook tc --policy "$WORK/$3.policy"
	check "attach, $3, without $1: refused" 1 "$STATUS"
	check_match "  by name" "\`shape\` needs $1, which this kernel does not have \($2\)" "$ERR"
	check_same "  nothing is left" "$before" "$(snapshot)"
	does attach veth0 --hook tc --policy "$WORK/plain.policy"
	remember
	before=$(snapshot)
	lacks "$1" apply veth0 --policy "$WORK/$3.policy"
	check "apply, $3, without $1: refused" 1 "$STATUS"
	check_match "  by name" "needs $1, .*\($2\)" "$ERR"
	check_same "  the policy before is in force" "$before" "$(snapshot)"
	does detach veth0
}

refused htb CONFIG_NET_SCH_HTB to
refused tbf CONFIG_NET_SCH_TBF to
refused htb CONFIG_NET_SCH_HTB from
refused tbf CONFIG_NET_SCH_TBF from
refused ifb CONFIG_IFB from
refused mirred CONFIG_NET_ACT_MIRRED from

lacks nothing attach veth0 --hook tc --policy "$WORK/from.policy"
check "a kernel that lacks nothing: attached" 0 "$STATUS"
remember
lacks htb apply veth0 --policy "$WORK/plain.policy"
check "what needs no queue is put in force where htb has gone since" 0 "$STATUS"
does detach veth0
lacks htb attach veth0 --hook tc --policy "$WORK/plain.policy"
check "a policy without shape needs none of them" 0 "$STATUS"
remember
does detach veth0
finish
