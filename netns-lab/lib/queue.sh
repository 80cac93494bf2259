# shellcheck shell=bash
# By hand beside `policyctl monitor` and `policyctl capture`: iptables asks a program (NFQUEUE) about each packet, and
# nftables drops on the device itself (netdev) and logs what it drops.

QUEUE=7
QUEUE_PID=

queue_listens() {
	grep -qs listening "$LAB_STATE/queue.out"
}

# queue_start PORT: every packet to and from the containers; those to that UDP port are dropped.
queue_start() {
	say "host# queue.py $QUEUE asked.pcap $1 &"
	spawn host queue /usr/bin/python3 "$LAB_DIR/lib/queue.py" $QUEUE "$LAB_STATE/asked.pcap" "$1"
	QUEUE_PID=$SPAWNED
	wait_until 5 queue_listens || {
		fail "the program that is asked comes up"
		exit 1
	}
	firewall 46 in -j NFQUEUE --queue-num $QUEUE
	firewall 46 out -j NFQUEUE --queue-num $QUEUE
}

# queue_stop: what it was asked is in $PRINTED, as tcpdump tells it, and what it dropped in $DROPPED.
queue_stop() {
	firewall_off
	end "$QUEUE_PID"
	say "host# tcpdump -nq -r asked.pcap"
	PRINTED=$(tcpdump -nq -r "$LAB_STATE/asked.pcap" 2>/dev/null | grep -v "\.$MARKER_PORT: UDP")
	quote <<<"$PRINTED"
	DROPPED=$(grep '^drop' "$LAB_STATE/queue.out")
	rm -f "$LAB_STATE/asked.pcap"
}
