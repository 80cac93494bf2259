#!/bin/bash
# A policy with `established` is attached to a container in the middle of transfers: none that it would let begin is
# lost. What a container could make up is not adopted.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/transfers.bash"
sandbox "$@"
need setpriv
new_rooms

cat >"$WORK/policy" <<'END'
default deny
allow from { tcp, udp } dport 7000
allow to { tcp, udp } dport 7001
allow to established
allow from established
END
cat >"$WORK/open" <<'END'
allow any
END

adopted() { # FILTER...: how many
	policyctl connections veth0 "$@" --json
	jq '[.[] | select(.adopted)] | length' <<<"$OUT"
}

# 50 of both kinds: the server pushes and the client is silent, or the other way; opened by the container, or by a peer;
# IPv4, which is mapped for one of the servers, and IPv6.
open_fifty() {
	serve_transfers host 7000
	serve_transfers container 7001
	transfer out4 container 198.18.0.1 7000 "$(letters dun 5)"
	transfer out6 container 2001:db8:0::1 7000 "$(letters du 5)"
	transfer in4 host 198.18.0.2 7001 "$(letters du 7)"
	transfer in6 host 2001:db8:0::2 7001 "$(letters ddu 4)dd"
}
mark_fifty() {
	local name
	for name in out4 out6 in4 in6; do mark_transfers $name; done
}
check_fifty() {
	check_go_on "$1: opened by the container, IPv4, UDP too" out4 15
	check_go_on "$1: opened by the container, IPv6" out6 10
	check_go_on "$1: opened by a peer, IPv4" in4 14
	check_go_on "$1: opened by a peer, IPv6" in6 14
}

say "attach"
open_fifty
does attach veth0 --policy "$WORK/policy"
said=$ERR
mark_fifty
check_fifty "attached"
check_match "it says how many" 'veth0: 53 open connections are adopted' "$said"
check "and the table has them" 53 "$(adopted)"
check "with their direction" 28 "$(adopted to)"
check "with the rule that lets them begin" 28 "$(adopted rule 2)"
remember
does detach veth0

say "apply that brings the first such rule"
does attach veth0 --policy "$WORK/open"
does apply veth0 --policy "$WORK/policy"
mark_fifty
check_fifty "applied"
check "adopted" 53 "$(adopted)"
does apply veth0 --policy "$WORK/open"
policyctl connections veth0
check_match "without the word there is no table" 'says .established' "$ERR"
does apply veth0 --policy "$WORK/policy"
mark_fifty
check_fifty "and again"
does detach veth0

say "what the policy would not let begin"
serve_transfers host 7010
transfer denied container 198.18.0.1 7010 du
does attach veth0 --policy "$WORK/policy"
check_match "is told" 'veth0: 2 open connections are not adopted, since the policy would not let them begin' "$ERR"
check "and not in the table" 0 "$(adopted dport 7010)"
mark_fifty
check_stand "and stands, while the others go on" denied in4 14
does detach veth0

say "without CAP_SYS_ADMIN"
in_host setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$POLICYCTL" attach veth0 --policy "$WORK/policy" \
	>"$WORK/stdout" 2>"$WORK/stderr"
check "the policy is in force" 0 $?
check_match "and it is said that nothing is adopted" 'takes CAP_SYS_ADMIN' "$(<"$WORK/stderr")"
check "nothing is" 0 "$(adopted)"
does detach veth0
stop_all

say "what a container could make up"
serve_transfers host 7000
spawn container /usr/bin/python3 -c '
import socket, struct, sys, time
keep = []
def udp(local, remote, port, sport=0, foreign=False):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if foreign:
        s.setsockopt(socket.IPPROTO_IP, 19, 1)  # IP_TRANSPARENT
    s.bind((local, sport))
    if remote:
        s.connect((remote, port))
    keep.append(s)
def repaired(remote, port, sport):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR: connected without a packet
    s.bind(("198.18.0.2", sport))
    s.connect((remote, port))
    keep.append(s)
udp("198.18.0.2", "198.18.0.1", 22)                             # a peer that the policy denies
udp("198.18.0.77", "198.18.0.1", 7000, 40001, foreign=True)    # the address of another
udp("0.0.0.0", None, 0, 7001)                                   # a server, and a "client" of it that never spoke
udp("198.18.0.2", "198.18.0.1", 9999, 7001)
repaired("198.18.0.1", 22, 40002)                               # the same with TCP
open(sys.argv[1], "w")
time.sleep(600)' "$WORK/made-up"
must wait_until 20 test -e "$WORK/made-up"
does attach veth0 --policy "$WORK/policy"
check "nothing is adopted" 0 "$(adopted)"
check_match "denied ones are told" 'veth0: [2-9] open connections are not adopted' "$ERR"
check_match "and what a peer is said to have opened" '1 open socket .* not adopted: its next packet begins anew' "$ERR"
does detach veth0
stop_all

say "what it forwards"
new_netns behind
must ip -n behind link add eth0 type veth peer name inner netns container
must ip -n container addr add 198.19.0.1/24 dev inner
must ip -n behind addr add 198.19.0.2/24 dev eth0
must ip -n container link set inner up
must ip -n behind link set eth0 up
must ip -n behind route add default via 198.19.0.1
must in_container sysctl -qw net.ipv4.ip_forward=1
if in_container nft 'add table ip t; add chain ip t post { type nat hook postrouting priority 100; };
	add rule ip t post oifname eth0 masquerade;
	add chain ip t pre { type nat hook prerouting priority -100; };
	add rule ip t pre iifname eth0 tcp dport 7001 dnat to 198.19.0.2' 2>"$WORK/nft"; then
	serve_transfers host 7000
	serve_transfers behind 7001
	transfer through behind 198.18.0.1 7000 dun
	transfer into host 198.18.0.2 7001 du
	does attach veth0 --policy "$WORK/policy"
	mark_transfers through
	mark_transfers into
	check_go_on "masqueraded transfers from behind it" through 3
	check_go_on "transfers to a port that it publishes" into 2
	check "adopted with the addresses that the veth sees" 5 "$(adopted host 198.18.0.2)"
	does detach veth0
	must ip -n host route add 198.19.0.0/24 via 198.18.0.2
	must in_container nft flush ruleset
	must in_container nft 'add table ip f; add chain ip f f { type filter hook forward priority 0; };
		add rule ip f f ct state new accept'
	serve_transfers host 7005
	transfer routed behind 198.18.0.1 7005 du
	sed 's/7000/{ 7000, 7005 }/' "$WORK/policy" >"$WORK/routed.policy"
	does attach veth0 --policy "$WORK/routed.policy"
	mark_transfers routed
	check_go_on "and what it routes without translation" routed 2
	check "whose end is behind it" 2 "$(adopted host 198.19.0.2 from)"
	does detach veth0
else
	say "nft cannot translate here: $(<"$WORK/nft")"
fi
finish
