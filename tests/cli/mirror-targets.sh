#!/bin/bash
# The interfaces that copies go to (`mirror`): a veth, a tap, a bridge. One that goes away is missed, and found again by
# the next command; packets pass all the while, and none is lost. Copies are neither judged nor come back.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3

new_rooms
new_netns watcher
for name in host container watcher; do
	must inside $name sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=1
done
MAC=02:00:00:00:00:99

new_target() { # IFACE [NAME in watcher]
	must ip -n host link add "$1" type veth peer name "${2:-eth0}" netns watcher
	must ip -n host link set "$1" up
	must ip -n watcher link set "${2:-eth0}" up
	must wait_until 5 carries "$1"
}

stats() { # JQ [IFACE]
	in_host "$POLICYCTL" stats "${2:-veth0}" --json 2>/dev/null | jq -r ".[0].mirrors | $1"
}

copies() { # copied|failed [IFACE]
	stats "[.[] | .from, .to | .$1.packets] | add" "${2:-veth0}"
}

received() { # by the watcher: packets
	ip -n watcher -s -j link show dev "${1:-eth0}" | jq '.[0].stats64.rx.packets'
}

# Five pings, which lose nothing. `copied` and `failed` grow by the numbers given; ARP may add to them.
check_pings() { # TEXT COPIED FAILED
	local copied failed
	copied=$(copies copied) failed=$(copies failed)
	check "$1: a ping loses nothing" "5 received" \
		"$(in_container ping -c5 -i0.01 -W2 198.18.0.1 | grep -o '[0-9]* received')"
	copied=$(($(copies copied) - copied)) failed=$(($(copies failed) - failed))
	check_true "$1: $copied copied, $failed failed" \
		test $((copied >= $2 && copied <= ($2 ? $2 + 6 : 0) && failed >= $3 && failed <= ($3 ? $3 + 6 : 0))) = 1
}

# --- it goes away and comes back ------------------------------------------------------------------------

new_target ids0
does attach veth0 --policy /dev/stdin <<<"default allow mirror ids0"
remember
check_match "attach says where copies go" "mirror +ids0 \(ifindex [0-9]+\)" "$OUT"
check_pings "a veth" 10 0

must ip -n host link set ids0 down
check_pings "it is down" 0 10
does show veth0
check_match "show: it is down" "mirror +ids0 \(ifindex [0-9]+\): it is DOWN" "$OUT"
check_match "and how many could not be copied" "[0-9]+ packets copied, 1[0-9] could not be" "$OUT"
policyctl doctor veth0
check_match "doctor: it is down" "ids0, which copies go to, is down" "$OUT"
check "doctor's status" 3 "$STATUS"
must ip -n host link set ids0 up
must wait_until 5 carries ids0
check_pings "up again" 10 0

# In the middle of a ping, and no command looks.
in_container ping -c30 -i0.02 -W2 198.18.0.1 >"$WORK/ping" &
ping=$!
must wait_until 5 grep -q "seq=5 " "$WORK/ping"
must ip -n host link delete ids0
wait $ping
check "deleted in the middle: a ping loses nothing" "30 received" "$(grep -o '[0-9]* received' "$WORK/ping")"
policyctl show veth0
check_match "a command tells that it is gone" "veth0: no copies go to ids0: there is no such interface" "$ERR"
check_match "show: it is gone" "mirror +ids0: NO COPIES: there is no such interface" "$OUT"
check "in JSON" "gone null" "$(in_host "$POLICYCTL" show veth0 --json | jq -r '.mirrors[0] | "\(.state) \(.ifindex)"')"
policyctl doctor veth0
check_match "doctor: it is gone" "no copies go to ids0: there is no such interface" "$OUT"
check_match "metrics: it is gone" '^policyctl_mirror_live\{interface="veth0",mirror="ids0"\} 0$' \
	"$(in_host "$POLICYCTL" stats --prometheus)"
check_pings "gone for good" 0 10
does deny veth0 tcp/25
pass "another rule can be added meanwhile"
check_match "and is in force" "deny tcp dport 25" "$(in_host "$POLICYCTL" show veth0)"

copied=$(copies copied) failed=$(copies failed)
new_target ids0
policyctl doctor veth0
check_match "doctor changes nothing, and says so" "no copies go to ids0: it was made anew" "$OUT"
does list
check_match "any command finds it" "veth0: copies go to ids0 \(ifindex [0-9]+\)" "$ERR"
in_container ping -c30 -i0.02 -W2 198.18.0.1 >"$WORK/ping" &
ping=$!
must wait_until 5 grep -q "seq=5 " "$WORK/ping"
must ip -n host link delete ids0
new_target ids0
does list
wait $ping
check "made anew in the middle: a ping loses nothing" "30 received" "$(grep -o '[0-9]* received' "$WORK/ping")"
check_pings "made anew" 10 0
does apply veth0 --policy /dev/stdin <<<"default allow mirror ids0"
check_true "apply keeps the counts" test "$(copies copied)" -gt "$copied" -a "$(copies failed)" -ge "$failed"
policyctl doctor veth0
check_match "doctor: copies go there" "copies go to ids0" "$OUT"
check_match "metrics: so many" '^policyctl_mirror_packets_total\{interface="veth0",direction="from",mirror="ids0",result="copied"\} [1-9]' \
	"$(in_host "$POLICYCTL" stats --prometheus)"
check_match "explain: where a copy goes" "mirror +a copy goes to ids0" \
	"$(in_host "$POLICYCTL" explain veth0 from tcp dport 80)"

# Renamed, the name is another interface.
must ip -n host link set ids0 down
must ip -n host link set ids0 name ids1 up
must ip -n watcher link set eth0 down
must ip -n watcher link set eth0 name eth3 up
does apply veth0 --policy /dev/stdin <<<"default allow mirror ids1"
new_target ids0
check_pings "named anew" 10 0

# Moved to another network namespace, and back.
must ip -n host link set ids1 netns container
check_pings "in another network namespace" 0 10
must ip -n container link set ids1 netns host
must ip -n host link set ids1 up
policyctl list
check_pings "back" 10 0

# --- a tap, a bridge ------------------------------------------------------------------------------------

# Holds a tap device, and prints how many frames it read when it ends.
tap() { # NAME
	spawn host /usr/bin/python3 -c 'import fcntl, signal, struct, sys
tap = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", sys.argv[1].encode(), 0x1002))
print("ready", flush=True)
class End(Exception): pass
def end(*_): raise End
signal.signal(signal.SIGTERM, end)
count = 0
try:
    while True:
        count += b"\x08\x00\x45" in tap.read(65536)[:17]
except End:
    print(count)' "$1" >"$WORK/tap"
	TAP=$!
	must wait_until 10 grep -q ready "$WORK/tap"
}

if [ -c /dev/net/tun ]; then
	tap tap0
	must ip -n host link set tap0 up
	does apply veth0 --policy /dev/stdin <<<"default allow mirror tap0 mac $MAC"
	check_pings "a tap" 10 0
	kill -TERM $TAP
	wait $TAP
	check "it reads each of them" 10 "$(tail -1 "$WORK/tap")"
	check_pings "a tap that nobody holds" 0 10
else
	say "no /dev/net/tun: no tap"
fi

# The other end of the mirror is a port of a bridge, behind which the watcher is.
must ip -n host link add br1 type bridge forward_delay 0
must ip -n host link add mirror0 type veth peer name mirror1
must ip -n host link set mirror1 master br1 up
must ip -n host link set mirror0 up
must ip -n host link set br1 up
new_target ids2 eth1
must ip -n host link set ids2 master br1
must wait_until 5 carries mirror0
does apply veth0 --policy /dev/stdin <<<"default allow mirror mirror0 mac ff:ff:ff:ff:ff:ff"
before=$(received eth1)
check_pings "a bridge" 10 0
check_true "the watcher behind it gets them" test $(($(received eth1) - before)) -ge 10
does apply veth0 --policy /dev/stdin <<<"default allow mirror ids2"
before=$(received eth1)
check_pings "a port of another bridge" 10 0
check_true "what is behind the port gets them" test $(($(received eth1) - before)) -ge 10

# --- refused --------------------------------------------------------------------------------------------

refused() { # TEXT TARGET WORDS [IFACE]
	policyctl apply "${4:-veth0}" --policy /dev/stdin <<<"default allow mirror $2"
	check "$1: refused" 1 "$STATUS"
	check_match "$1: and why" "$3" "$ERR"
	policyctl apply "${4:-veth0}" --dry-run --policy /dev/stdin <<<"default allow mirror $2"
	check_match "$1: a dry run says so, too" "$3" "$ERR"
}

mirrored() {
	in_host "$POLICYCTL" show veth0 --json | jq -c '.mirrors | map([.interface, .state])'
}

refused "none of this name" nosuch0 "mirror nosuch0: there is no interface of this name"
refused "itself" veth0 "it is the interface itself"
must ip -n host link add br0 type bridge forward_delay 0
must ip -n host link set veth0 master br0
must ip -n host link set br0 up
new_target port0 eth2
must ip -n host link set port0 master br0
refused "its bridge" br0 "it is the bridge that the interface is a port of"
refused "a port of its bridge" port0 "it is a port of the same bridge"
must ip -n host link set mirror1 master br0
refused "what leads to its bridge" mirror0 "mirror mirror0: it leads there: copies would come back to veth0"
must ip -n host link add link mirror0 name above0 type macvlan
refused "what leads there from above" above0 "it leads there"
must ip -n host link delete above0
check "the policy in force stayed" '[["ids2","live"]]' "$(mirrored)"
must ip -n host link set mirror1 master br1

# One attachment mirrors to another, or both to each other.
must ip -n host link set port0 nomaster
does attach port0 --policy /dev/stdin <<<"default allow mirror ids1"
remember
refused "what has a policy" port0 "mirror port0: it or its other end has a policy"
refused "and the other way" veth0 "mirror veth0: it or its other end has a policy" port0
does detach port0
does apply veth0 --policy /dev/stdin <<<"default allow mirror port0"
policyctl attach port0 --deny tcp
check "a policy comes before copies" 0 "$STATUS"
check_match "which are no longer made" "veth0: no copies go to port0: it or its other end has a policy" "$ERR"
check_pings "its target has a policy" 0 10
policyctl detach port0
check_match "until it has none" "veth0: copies go to port0" "$ERR"

# A loop that comes later: the target becomes a port of the same bridge.
must ip -n host link set port0 master br0
policyctl list
check_match "a target that comes to lead back gets none" "veth0: no copies go to port0: copies would come back" "$ERR"
check "in JSON" '[["port0","loop"]]' "$(mirrored)"
must ip -n host link set port0 nomaster
must ip -n host link set veth0 nomaster
policyctl list
check "until it does not" '[["port0","live"]]' "$(mirrored)"

# What is at the other end of the target has a policy.
must ip -n host link set mirror1 nomaster
does attach mirror1 --policy /dev/stdin <<<"default allow mirror ids1"
remember
refused "what has a policy at its other end" mirror0 "it or its other end has a policy"
refused "and over its mirror" veth0 "it or its other end has a policy|it leads there" mirror1
does detach mirror1

# --- others ---------------------------------------------------------------------------------------------

does detach veth0
policyctl attach veth0 --policy /dev/stdin <<<"default allow mirror nosuch0"
check "attach with a target that is not there" 1 "$STATUS"
check_match "changes nothing" "there is no interface of this name in this network namespace \(nothing was changed\)" "$ERR"
for i in {1..17}; do echo "deny tcp dport $i mirror x$i"; done >"$WORK/many.policy"
policyctl check "$WORK/many.policy"
check_match "too many targets" "copies can go to 16 interfaces, not more" "$ERR"
does attach veth0 --policy /dev/stdin <<<"default allow mirror ids1"
must rm "$(find $PINS -name mirrors)"
policyctl show veth0
check_match "without its pin it is damaged, as without any" "somebody removed or replaced pins" "$ERR"
does detach veth0
ip -n host link delete br0 && ip -n host link delete br1
finish
