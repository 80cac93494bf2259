#!/bin/bash
# Some packets of the container's root reach the host's veth past XDP. Generic XDP does not see what was redirected on the
# way out (tc mirred, nft fwd). Native XDP does not see what comes by bpf_redirect_peer(), nor what has a queue that the
# veth does not have, since it leaves NAPI out then. The guard sees them all: what is denied stays denied and is counted,
# what is allowed arrives and is counted once.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3 nft
new_rooms
HOST=198.18.9.1
must ip -n host addr add "$HOST/32" dev veth0
MAC=$(ip -n host -j link show dev veth0 | jq -r '.[0].address')

arrived() { # PORT: how many of 5 datagrams sent to HOST arrive, a last one to the port 9 that nothing denies behind them
	/usr/bin/python3 - "$1" "$HOST" <<'END'
import ctypes, os, socket, sys
port, host = int(sys.argv[1]), sys.argv[2]
CLONE_NEWNET = 0x40000000
def enter(name):
    if ctypes.CDLL(None).setns(os.open("/run/netns/" + name, os.O_RDONLY), CLONE_NEWNET):
        sys.exit("setns failed")
def bound(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, port))
    return s
enter("host")
asked, marker = bound(port), bound(9)
enter("container")
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(5):
    sender.sendto(b"x", (host, port))
sender.sendto(b"x", (host, 9))
marker.settimeout(5)
marker.recv(9)
asked.setblocking(False)
count = 0
try:
    while asked.recv(9):
        count += 1
except BlockingIOError:
    pass
print(count)
END
}

counted() { # RULE: how many packets from the container it decided
	policyctl stats veth0 --json
	jq --arg rule "$1" '.[0].counters[] | select(.text == $rule).from.packets' <<<"$OUT"
}

plain_on() {
	must ip -n container route add "$HOST/32" dev eth0 src 198.18.0.2
}

plain_off() {
	must ip -n container route del "$HOST/32" dev eth0
}

mirred_on() {
	must ip -n container link add other type veth peer name otherpeer
	must ip -n container link set other up
	must ip -n container link set otherpeer up
	must ip -n container neigh replace "$HOST" lladdr "$MAC" dev other
	must ip -n container route add "$HOST/32" dev other src 198.18.0.2
	must in_container tc qdisc add dev other clsact
	must in_container tc filter add dev other egress protocol all u32 match u32 0 0 action mirred egress redirect dev eth0
}

mirred_off() {
	must ip -n container link del other
}

fwd_on() {
	must ip -n container neigh replace "$HOST" lladdr "$MAC" dev eth0
	must ip -n container route add "$HOST/32" dev eth0 src 198.18.0.2
	must in_container nft -f - <<-'END'
		table netdev around {
			chain out {
				type filter hook egress device eth0 priority 0;
				meta mark 0x77 accept
				ip daddr 198.18.9.1 meta mark set 0x77 fwd to "eth0"
			}
		}
	END
}

fwd_off() {
	must in_container nft delete table netdev around
	must ip -n container route del "$HOST/32" dev eth0
	must ip -n container neigh del "$HOST" dev eth0
}

program() { # KIND
	must "$CLI_PROBE" program "$1" /sys/fs/bpf/way
}

# Into the other end of eth0, from a veth inside the container.
peer_on() {
	must ip -n container link add other type veth peer name otherpeer
	must ip -n container link set otherpeer address "$MAC"
	must ip -n container link set other up
	must ip -n container link set otherpeer up
	must ip -n container neigh replace "$HOST" lladdr "$MAC" dev other
	must ip -n container route add "$HOST/32" dev other src 198.18.0.2
	must in_container tc qdisc add dev otherpeer clsact
	program "peer:$(ip -n container -j link show dev eth0 | jq '.[0].ifindex')"
	must in_container tc filter add dev otherpeer ingress bpf da object-pinned /sys/fs/bpf/way
	must rm /sys/fs/bpf/way
}

peer_off() {
	must ip -n container link del other
}

queue_on() {
	plain_on
	must in_container tc qdisc add dev eth0 root handle 1: htb default 1
	must in_container tc class add dev eth0 parent 1: classid 1:1 htb rate 1gbit
	program queue
	must in_container tc filter add dev eth0 parent 1: bpf object-pinned /sys/fs/bpf/way
	must rm /sys/fs/bpf/way
}

queue_off() {
	must in_container tc qdisc del dev eth0 root
	plain_off
}

for way in plain mirred fwd peer queue; do
	"${way}_on"
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
