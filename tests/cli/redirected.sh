#!/bin/bash
# Some packets of the container's root reach the host's veth past XDP. Generic XDP does not see what was redirected on the
# way out (tc mirred, nft fwd). Native XDP does not see what comes by bpf_redirect_peer(), nor what has a queue that the
# veth does not have, since it leaves NAPI out then. The guard sees them all: what is denied stays denied and is counted,
# what is allowed arrives and is counted once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ways.bash"
sandbox "$@"
need /usr/bin/python3 nft
new_rooms
new_ways

counted() { # RULE: how many packets from the container it decided
	policyctl stats veth0 --json
	jq --arg rule "$1" '.[0].counters[] | select(.text == $rule).from.packets' <<<"$OUT"
}

for way in plain mirred fwd peer queue; do
	must "${way}_on"
	say "$way in the container"
	check "without a policy it arrives" 5 "$(arrived 5353)"
	for by in --mode=generic --mode=native --hook=tc; do
		does attach veth0 --deny from:udp/5353 --allow from:udp/5354 $by
		remember
		check "$way, $by: denied stays denied" 0 "$(arrived 5353)"
		check "  and is counted" 5 "$(counted "deny from udp dport 5353")"
		check "$way, $by: allowed arrives" 5 "$(arrived 5354)"
		check "  and is counted once" 5 "$(counted "allow from udp dport 5354")"
		does detach veth0
	done
	"${way}_off"
done

say "containers that could do that are named"
caution() {
	policyctl show veth0
	grep -c '^#   caution' <<<"$OUT"
}
does attach veth0 --deny tcp --mode generic
remember
check "no process in the container: no caution" 0 "$(caution)"
spawn container setpriv --bounding-set -net_admin --inh-caps -net_admin sleep 60
must wait_until 5 grep -q sleep "/proc/$!/comm"
check "one without CAP_NET_ADMIN: no caution" 0 "$(caution)"
spawn container unshare --user sleep 60
must wait_until 5 grep -q sleep "/proc/$!/comm"
check "one that may have it in a user namespace of its own: a caution" 1 "$(caution)"
does detach veth0
does attach veth0 --deny tcp --mode native
remember
check "  not in native mode" 0 "$(caution)"
spawn container sleep 60
must wait_until 5 grep -q sleep "/proc/$!/comm"
host="the container may have CAP_NET_ADMIN in the host's user namespace: .* no mode and no policy on its veth can stop it"
policyctl show veth0
check_match "one that may have it in the host's: a caution in native mode, too" "^#   caution         $host\$" "$OUT"
policyctl show veth0 --json
check "  in JSON" "false true" "$(jq -r '"\(.container_may_administer) \(.container_administers_host)"' <<<"$OUT")"
does detach veth0
for mode in native generic; do
	does attach veth0 --deny tcp --mode $mode
	remember
	check_match "  attach says so, $mode mode" "^  caution         $host\$" "$OUT"
	does detach veth0
	does attach veth0 --deny tcp --mode $mode --json
	remember
	check_match "  and with --json on standard error" "^policyctl: veth0: $host\$" "$ERR"
	does detach veth0
done
finish
