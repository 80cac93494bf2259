#!/bin/bash
# Refusals of policyctl: one clear line on stderr, the right exit status, and no change.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need capsh setpriv
new_rooms
touch "$WORK/empty"

# refuses STATUS REGEX COMMAND...: policyctl's arguments, or another command with a / in its first word.
refuses() {
	local status=$1 regex=$2 before
	shift 2
	before=$(snapshot)
	if [[ $1 = */* ]]; then
		in_host "$@" >"$WORK/stdout" 2>"$WORK/stderr"
		STATUS=$?
		OUT=$(<"$WORK/stdout") ERR=$(<"$WORK/stderr")
		set -- "${SAY:-$*}"
	else
		policyctl "$@"
		set -- "policyctl $*"
	fi
	check "$1: exit status $status, nothing on stdout" "$status:" "$STATUS:$OUT"
	check_match "  it says: $ERR" "$regex" "$ERR"
	check "  it is one line" 1 "$(wc -l <"$WORK/stderr")"
	check_same "  nothing has changed" "$before" "$(snapshot)"
}

say "a foreign XDP program"
for mode in generic drv; do
	foreign_xdp veth0 xdp$mode
	name=generic
	[ $mode = generic ] || name=native
	foreign="^policyctl: veth0: another XDP program is attached \(id $(xdp_id veth0), name somebody, $name mode\): not replaced"
	refuses 1 "$foreign" attach veth0 --deny tcp
	refuses 1 "$foreign" attach veth0 --deny tcp --mode native
	must ip -n host link set dev veth0 xdp$mode off
	must ip -n host link set dev veth0 xdp$mode obj "$POLICY_OBJECT" sec xdp
	refuses 1 "^policyctl: veth0: an XDP program of policyctl is attached \(id $(xdp_id veth0), $name mode\) whose state is not among these pins: not replaced" \
		attach veth0 --deny tcp
	must ip -n host link set dev veth0 xdp$mode off
done

say "a foreign qdisc or filter"
must tc -n host qdisc add dev veth0 ingress
refuses 1 "^policyctl: veth0: .*qdisc.* kind ingress: not replaced" attach veth0 --deny tcp
must tc -n host qdisc del dev veth0 ingress
for handle in 1 7; do
	must tc -n host qdisc add dev veth0 clsact
	foreign_filter veth0 1 $handle
	refuses 1 "^policyctl: veth0: another filter is at egress priority 1 \(kind bpf, handle 0x$handle, program id $(tc_id veth0), name handed" \
		attach veth0 --deny tcp
	must tc -n host qdisc del dev veth0 clsact
done
for hook in egress ingress; do
	must tc -n host qdisc add dev veth0 clsact
	must tc -n host filter add dev veth0 $hook prio 1 protocol ip u32 match u32 0 0 classid 1:1
	for mode in generic native; do
		refuses 1 "^policyctl: veth0: another filter is at $hook priority 1 \(kind u32" attach veth0 --deny tcp --mode $mode
	done
	must tc -n host qdisc del dev veth0 clsact
done

say "the kernel refuses XDP after tc went on"
must ip -n host link add many0 numrxqueues 1 numtxqueues 8 \
	type veth peer name many1 numrxqueues 1 numtxqueues 8 netns container
must ip -n host link set many0 up
must ip -n container link set many1 up
must wait_until 5 carries many0
must wait_until 5 carries many1 container
refuses 1 '^policyctl: many0: cannot attach the XDP program in native mode: .*XDP expects number of rx queues' attach many0 --deny tcp --mode native
must ip -n host link del many0

say "the wrong interface"
refuses 1 '^policyctl: nosuch0: no such interface in this network namespace' attach nosuch0 --deny tcp
refuses 1 '^policyctl: eth0: no such interface in this network namespace, but there is one in container: nsenter --net=/run/netns/container' \
	attach eth0 --deny tcp
refuses 1 '^policyctl: lo: not an Ethernet interface' attach lo --deny tcp
refuses 1 '^policyctl: a/b: not a name that an interface can have' attach a/b --deny tcp
refuses 1 '^policyctl: sixteen-letters-x: (not a name|no such interface)' attach sixteen-letters-x --deny tcp
refuses 1 '^policyctl: : not a name' attach '' --deny tcp

say "without privileges"
SAY="attach as nobody" refuses 1 '^policyctl: veth0: missing capabilities: CAP_BPF .*, CAP_NET_ADMIN .*, CAP_PERFMON ' \
	/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups "$POLICYCTL" attach veth0 --deny tcp
SAY="list as nobody" refuses 1 '^policyctl: missing capabilities: CAP_BPF' \
	/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups "$POLICYCTL" list
without() { # CAPABILITY REGEX
	SAY="attach without $1" refuses 1 "^policyctl: veth0: missing capabilities: $2" \
		"$(command -v capsh)" --drop="cap_sys_admin,$1" -- -c "exec '$POLICYCTL' attach veth0 --deny tcp"
	check_no_match "  no other capability is named" "CAP_.*CAP_" "$ERR"
}
without cap_bpf CAP_BPF
without cap_net_admin CAP_NET_ADMIN
without cap_perfmon CAP_PERFMON

say "bad rules"
for spec in nosuch tcp/ tcp/0-99999 tcp/70000 tcp/90-80 icmp/300 in:tcp from: '' 256 tcp/80/90 47/1; do
	before=$(snapshot)
	policyctl attach veth0 --deny "$spec"
	check "attach --deny '$spec': exit status 2" 2 "$STATUS"
	check_match "  the message says error" 'error' "$ERR"
	check "  nothing on stdout" "" "$OUT"
	check_same "  nothing has changed" "$before" "$(snapshot)"
done
policyctl attach veth0 --deny tpc --deny tcp/99999
check "two bad rules: exit status 2" 2 "$STATUS"
check_match "both are reported in one run, the first" tpc "$ERR"
check_match "and the second" 99999 "$ERR"

say "bad usage"
refuses 2 '^policyctl attach: unknown option --denny' attach veth0 --denny tcp
refuses 2 '^policyctl attach: --deny needs a value' attach veth0 --deny
refuses 2 '^policyctl attach: missing argument' attach
refuses 2 '^policyctl attach: unexpected argument veth1' attach veth0 veth1 --deny tcp
refuses 2 '^policyctl attach: --mode is auto, native or generic, not fast' attach veth0 --deny tcp --mode fast
refuses 2 '^policyctl detach: missing argument' detach
refuses 2 '^policyctl detach: either IFACE or --all' detach veth0 --all
refuses 2 '^policyctl apply: no policy' apply veth0
refuses 2 '^policyctl: .*frobnicate' frobnicate
refuses 2 "^$WORK/nosuch: error: No such file or directory|No such file" attach veth0 --policy "$WORK/nosuch"

say "nothing is attached"
for command in "detach veth0" "apply veth0 --deny tcp" "deny veth0 tcp" "allow veth0 tcp" "delete veth0 1" "show veth0" \
	"stats veth0"; do
	# shellcheck disable=SC2086
	refuses 4 '^policyctl: veth0: nothing of policyctl is attached here$' $command
done
refuses 4 '^policyctl: nosuch0: no such interface' detach nosuch0
policyctl list
check "list: exit status 0, says so on stderr" "0::policyctl: nothing is attached in this network namespace" \
	"$STATUS:$OUT:$ERR"
policyctl list --json
check "list --json: an empty array" "0:[]:" "$STATUS:$OUT:$ERR"
does detach --all

say "something is attached"
does attach veth0 --deny tcp/80 --mode generic
remember
refuses 1 '^policyctl: veth0: another policy is attached: use policyctl apply' attach veth0 --deny udp
refuses 1 '^policyctl: veth0: attached by xdp in generic mode' attach veth0 --deny tcp/80 --mode native
refuses 2 'no rule has the id 7' delete veth0 7
refuses 2 'x is not the number of a rule' delete veth0 x
before=$(snapshot)
does attach veth0 --deny tcp/80
check_match "attaching the same again says so" 'attached already' "$OUT"
check_same "  nothing has changed" "$before" "$(snapshot)"
does detach veth0

say "three capabilities are enough"
others=$(seq 0 "$(cat /proc/sys/kernel/cap_last_cap)" | grep -vxE '12|38|39' | one_line | tr ' ' ,)
with_three() {
	in_host "$(command -v capsh)" --drop="$others" -- -c "exec '$POLICYCTL' $*"
}
check_true "attach with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON alone" with_three attach veth0 --deny tcp
remember
check_true "apply" with_three apply veth0 --deny udp
remember
check_true "detach" with_three detach veth0
finish
