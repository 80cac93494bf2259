#!/bin/bash
# doctor sees where a veth leads: a container that moved to another veth, two ends that do not fit, other namespaces.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/findings.bash"
sandbox "$@"
need ethtool setpriv
new_rooms

is_idle() { ! carries "$1" "$2"; }

does attach veth0 --deny tcp
remember
content
check "it says where the veth leads" "leads to eth0 in netns container" "$(field peer what)"

say "a second veth into the container"
must ip -n host link add veth1 type veth peer name eth1 netns container
must ip -n host link set veth1 up
must ip -n container link set eth1 up
must wait_until 5 carries veth1
must wait_until 5 carries eth1 container
finds "it has no policy" unguarded -- warning "veth1 leads to the same container \(eth1 in netns container\) and has no policy"
check_match "what to do" "policyctl attach veth1 --policy" "$(field unguarded "do")"
does_what_it_says unguarded
check_true "what it says to do denies TCP there" jq -e '[.[] | select(.check == "live-from")] | length == 2' <<<"$OUT"
does detach veth1

say "the container moves there: its addresses, and the old end goes down"
must ip -n container addr flush dev eth0
must ip -n container link set eth0 down
must ip -n container addr add 198.18.1.2/24 dev eth1
must wait_until 5 is_idle veth0 host
finds "the container moved to another veth" peer unguarded -- warning "its other end, eth0 in netns container, is down"
check_match "  where to" "^veth1 leads to the same container" "$(field unguarded what)"
check_match "  said so" "it moved there" "$(field unguarded why)"

say "the old end goes to another namespace"
must ip -n container link set eth0 netns host name old
finds "the other end is here now" peer -- warning "its other end, old, is in this network namespace"
check_match "  veth1 has no policy" "1 veth leads into other network namespaces without a policy: veth1" "$(field without-policy what)"

say "the old veth goes, as when a container starts anew"
must ip -n host link del veth0
before=$(find /sys/fs/bpf | sort)
finds "the interface is gone" gone -- warning "the interface \(ifindex [0-9]+\) is gone"
check "  by its name" veth0 "$(field gone subject)"
check_match "  the veth without a policy" "without a policy: veth1" "$(field without-policy what)"
check_same "  what is left of it is left to the next command" "$before" "$(find /sys/fs/bpf | sort)"
does list
content
must ip -n host link del veth1

say "it moves to another namespace"
new_netns elsewhere
new_veth veth0 container 0
does attach veth0 --deny tcp
remember
must ip -n host link set veth0 netns elsewhere name far
must wait_until 5 is_idle eth0 container
finds "it moved" gone -- warning "the interface \(ifindex [0-9]+\) moved to netns elsewhere, where it is far"
does list
content
must ip -n elsewhere link del far

say "its other end moves, and keeps its number or gets another"
must ip -n container link add eth0 index 77 type veth peer name veth0 netns host
must ip -n host link set veth0 up
must ip -n container link set eth0 up
does attach veth0 --deny tcp
remember
content
must ip -n container link set eth0 netns host name old
must wait_until 5 is_idle veth0 host
finds "it is here now, as number 77" peer -- warning "its other end, old, is in this network namespace"
must ip -n elsewhere link add taken index 77 type veth peer name taken1
must ip -n host link set old netns elsewhere name eth0
must ip -n elsewhere link set eth0 up
must wait_until 5 carries veth0
finds "it is elsewhere, as another number" peer -- warning "was ifindex 77 when it was attached, and is ifindex [0-9]+ now"
must ip -n host link del veth0
does list

say "ends that do not fit"
new_veth veth0 container 0
does attach veth0 --deny tcp
remember
content
must ip -n container link set eth0 mtu 9000
finds "MTU" mtu -- warning "1500 here, 9000 at the other end \(eth0 in netns container\)"
does_what_it_says mtu
must in_container ethtool -K eth0 tso off
notes "somebody switched TSO off" offloads "TSO of the container's end is off"
check_match "  who" "somebody else" "$(field offloads why)"
does_what_it_says offloads
check_match "switched on as it says" "is on" "$(field offloads what)"
must in_host sysctl -qw net.ipv4.conf.veth0.rp_filter=1
notes "strict reverse path filter" rp-filter "strict on veth0"
must in_host sysctl -qw net.ipv4.conf.veth0.rp_filter=0 net.ipv4.conf.all.rp_filter=0
must ip -n host link set veth0 down
notes "the interface is down" link "the interface is down"
must ip -n host link set veth0 up
must ip -n host link set veth0 down name eth9
must ip -n host link set eth9 up
content
check_match "another name is said" "up; attached as veth0" "$(field link what)"
must ip -n host link set eth9 down name veth0
must ip -n host link set veth0 up
must wait_until 5 carries veth0
must wait_until 5 carries eth0 container

say "capabilities of the container"
spawn container sleep 300
INSIDE=$!
must wait_until 5 grep -q sleep "/proc/$INSIDE/comm"
finds "the container may have CAP_NET_ADMIN over the host, in generic mode" container-admin -- warning \
	"the container may have CAP_NET_ADMIN in the host's user namespace"
does detach veth0
does attach veth0 --deny tcp --mode native
remember
finds "and in native mode" container-admin -- warning "the container may have CAP_NET_ADMIN in the host's user namespace"
does detach veth0
does attach veth0 --deny tcp
remember
stop "$INSIDE"
spawn container unshare --user sleep 300
INSIDE=$!
must wait_until 5 grep -q sleep "/proc/$INSIDE/comm"
finds "the container may have CAP_NET_ADMIN, in generic mode" container-admin -- warning "a process of the container may have CAP_NET_ADMIN"
does detach veth0
does attach veth0 --deny tcp --mode native
remember
notes "native mode holds, and costs" offloads "TSO of the container's end is off"
check_match "  why" "native XDP wants it so" "$(field offloads why)"
check_match "  the guard is behind it" "in place, clsact ingress" "$(field guard what)"
stop "$INSIDE"
does detach veth0

say "other network namespaces"
new_netns other
must ip -n other link add veth5 type veth peer name eth5 netns container
must inside other "$POLICYCTL" attach veth5 --deny tcp
remember
notes "attachments elsewhere" other-namespaces "1 other network namespace with attachments: netns other \(1\)"
check "where to ask" "nsenter --net=/run/netns/other policyctl doctor" "$(field other-namespaces "do")"
must ip netns delete other
gone() {
	doctor
	[ -n "$(field gone-namespaces what)" ]
}
check_true "the namespace goes" wait_until 5 gone
notes "its pins are left" gone-namespaces "pins of 1 network namespace that no process and no name leads to$"
does_what_it_says gone-namespaces
check "removed as it says, nothing is left to say" "" "$(field gone-namespaces what)"

say "a policy that denies nothing, one that allows nothing, and one with a set from a file"
does attach veth0
remember
content
check_match "denies nothing" "0 dropped \(nothing is denied here\)" "$(field live-from what)"
echo "deny from any
deny from arp
default from deny
default to deny" >"$WORK/nothing.policy"
does apply veth0 --policy "$WORK/nothing.policy"
remember
content
check_match "allows nothing" "0 passed \((none found|the policy allows nothing here)" "$(field live-from what)"
echo 203.0.113.0/24 >"$WORK/feed"
printf 'set feed file "%s"\ndeny from any peer @feed\ndeny from udp\n' "$WORK/feed" >"$WORK/feed.policy"
does apply veth0 --policy "$WORK/feed.policy"
remember
content
check_match "its members are in the kernel only: that is no obstacle" "dropped \(from udp 9: rule [0-9]+\), .*as the rules say" "$(field live-from what)"
does detach veth0
finish
