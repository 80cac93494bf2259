#!/bin/bash
# Each way on which the container's root can send, against each hook that can judge: which denied packets arrive. An ifb
# marks its packets so that clsact does not see them (skb->tc_skip_classify), and nft's fwd, like tc's mirred, so that
# generic XDP does not. So `--hook tc` is for containers without CAP_NET_ADMIN; generic XDP has the guard behind it; of
# both marks together it is a known limit; native XDP sees everything but what has a queue that the veth does not have.
# Without CAP_NET_ADMIN none of it can be set up. tests/cli/redirected.sh counts what no hook lets through.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ways.bash"
sandbox "$@"
need /usr/bin/python3 nft ethtool setpriv
new_rooms
new_ways
new_ifb

attach_by() { # tc|alone|generic|native
	case $1 in
	tc) does attach veth0 --deny from:udp/5353 --hook tc ;;
	*) does attach veth0 --deny from:udp/5353 --mode "${1/alone/generic}" ;;
	esac
	remember
	# Generic XDP without its guard, which policyctl always attaches: so it is known what that is for.
	[ "$1" != alone ] || must in_host tc filter del dev veth0 ingress
}

# Of 15 datagrams that are denied so many arrive: way, then judged by clsact, by generic XDP alone, by it and the guard,
# by native XDP and the guard. 0|15: Linux 6.18.44 lets none through, earlier versions did.
while read -r way tc alone generic native; do
	say "${way//_/ } in the container"
	if [ "$way" != plain ]; then
		"${way}_on" "${WITHOUT_NET_ADMIN[@]}" 2>"$WORK/error"
		check "without CAP_NET_ADMIN it cannot be set up" "not permitted" \
			"$(grep -oE -m 1 'not permitted' "$WORK/error")"
	fi
	must "${way}_on"
	check "without a policy all arrive" 15 "$(arrived 5353 gso)"
	for by in "tc $tc" "alone $alone" "generic $generic" "native $native"; do
		attach_by "${by% *}"
		check_match "$way, ${by% *}: denied and arrived" "^(${by#* })\$" "$(arrived 5353 gso)"
		does detach veth0
	done
	"${way}_off"
done <<'END'
plain          0  0  0  0
mirred         0 15  0  0
fwd            0 15  0  0
peer           0  0  0  0
queue          0  0  0  0
ifb           15  0  0  0
ifb_and_fwd   15 15 15  0
ifb_and_queue 15  0  0 0|15
END
finish
