#!/bin/bash
# What the check of checksums that are still to be written costs on tc (docs/benchmarks.md). BPF_PROG_TEST_RUN has no such
# packets, so real ones are sent to a container: UDP whose checksum is left to the device (CHECKSUM_PARTIAL), and UDP
# without a checksum. The kernel counts the time of the program (kernel.bpf_stats_enabled), its clock included: only
# differences mean something.
#
#   tests/bench/checksums.sh [ROUNDS]       POLICYCTL_BUILD=DIRECTORY: of another build
. "$(dirname "$0")/../cli/lib.sh"
sandbox "$@"
need /usr/bin/python3 bpftool
new_rooms
does attach veth0 --deny udp/8080 --deny tcp/8080 --mode generic
remember
before=$(sysctl -n kernel.bpf_stats_enabled)
trap 'sysctl -qw kernel.bpf_stats_enabled="$before"' EXIT # also when it is interrupted
must sysctl -qw kernel.bpf_stats_enabled=1

send() { # partial|none
	in_host /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 11, sys.argv[1] == "none") # SO_NO_CHECK
for i in range(20000):
    s.sendto(bytes(18), ("198.18.0.2", 9))' "$1"
}
program=$(tc -n host filter show dev veth0 egress | sed -n 's/.* id \([0-9]*\) .*/\1/p' | head -1)

counters() {
	bpftool -j prog show id "$program" | jq -r '"\(.run_time_ns // 0) \(.run_cnt // 0)"'
}
for ((round = 0; round < ${1:-15}; round++)); do
	for kind in none partial; do
		read -r ns count < <(counters)
		send $kind
		read -r ns2 count2 < <(counters)
		echo "$kind $(((ns2 - ns) * 100 / (count2 - count)))"
	done
done >"$WORK/times"
must sysctl -qw kernel.bpf_stats_enabled="$before"
for kind in none partial; do
	sed -n "s/^$kind //p" "$WORK/times" | sort -n | awk -v kind=$kind '{ ns[NR] = $1 / 100 }
		END { printf "# %-8s median %.1f ns, quartiles %.1f and %.1f\n", kind, ns[int((NR + 1) / 2)], ns[int((NR + 3) / 4)], ns[int((3 * NR + 3) / 4)] }'
done
does detach veth0
finish
