#!/bin/bash
# The cost of MANY containers with the same policy: memory of the kernel and of the daemon, time to attach, CPU when
# nothing happens.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
MANY=${MANY:-20}
IDLE=${IDLE:-3} # seconds
docker_up

rss() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status"; }
cpu() { awk '{ print $14 + $15 }' "/proc/$DAEMON/stat"; } # ticks

memory() { # prog|map: KiB of what is pinned for containers
	bpftool -f -j "$1" show | jq --arg under "$PINS/" '
		[.[] | select(any(.pinned[]?; startswith($under) and (contains("/gate-") | not))) | .bytes_memlock] |
		add / 1024 | round'
}

all_in_force() { [ "$(log '.message == "policy in force"' | wc -l)" -ge "$MANY" ]; }

cat >"$POLICIES/same.policy" <<'END'
set office { 198.51.100.0/24, 2001:db8:1::/48 }
allow to tcp dport { 80, 443 }
deny to tcp
deny from tcp dport 25
deny from udp dport 53 peer not { 198.51.100.53 }
allow to icmp type echo-request peer @office
deny to icmp
END
daemon_start
before=$(rss)
for ((i = 1; i <= MANY; i++)); do
	must talk "same$i" "$i" -d --label policyctl.policy=same --
done
check_true "all are in force" wait_until 20 all_in_force
say "policy in force after NEWLINK, ms: $(log '.message == "policy in force"' | jq -s -r 'map(.newlink_ms | tonumber) | sort |
	"min \(.[0]) p50 \(.[length / 2 | floor]) p90 \(.[length * 0.9 | floor]) max \(.[-1])"')"
say "kernel, for $MANY containers: programs $(memory prog) KiB, maps $(memory map) KiB"
say "the daemon's resident memory: $before KiB before, $(rss) KiB with $MANY"
ticks=$(cpu)
sleep "$IDLE" # what it does meanwhile is what is measured
used=$(($(cpu) - ticks))
say "CPU in $IDLE s when nothing happens: $((used * 1000 / $(getconf CLK_TCK))) ms"
check_true "which is below 2 %" test $((used * 100)) -le $((2 * IDLE * $(getconf CLK_TCK)))
check_true "a container costs the daemon less than 200 KiB" test $(($(rss) - before)) -lt $((200 * MANY))
finish
