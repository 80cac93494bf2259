#!/bin/bash
# doctor finds each fault that the script makes, names it, and its advice repairs it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/findings.bash"
sandbox "$@"
need setpriv /usr/bin/python3
new_rooms

foreign_ingress() { # PRIORITY HANDLE
	must "$CLI_PROBE" program tc /sys/fs/bpf/handed
	must in_host tc filter add dev veth0 ingress prio "$1" handle "$2" bpf da object-pinned /sys/fs/bpf/handed
	must rm /sys/fs/bpf/handed
}

directory() { # [IFACE]: of its generation
	echo "$PINS"/net-*/"$(ip -n host -j link show dev "${1:-veth0}" | jq '.[0].ifindex')"/*
}

tcp_counted() { # by rule 1
	in_host "$POLICYCTL" stats --json | jq -c '[.[].counters[] | select(.id == 1) | .from, .to]'
}

tcx() { # attach|detach
	in_host /usr/bin/python3 "$(dirname "$0")/tcx.py" "$1" /sys/fs/bpf/handed veth0 >"$WORK/out" 2>&1
}

say "nothing is attached"
content
check_match "it says so" "nothing is attached" "$(field attached what)"
policyctl doctor veth0
check "an interface that has none: exit status 4" 4 "$STATUS"
check_match "  and why" "^policyctl: veth0: nothing of policyctl is attached" "$ERR"
policyctl doctor nowhere
check "one that is not there" 4 "$STATUS"

say "all is well"
does attach veth0 --deny tcp --allow from:udp/53
remember
stats=$(tcp_counted) # no TCP comes by itself
before=$(snapshot)
content
check "what was looked at" \
	"bpffs bridge-netfilter btf capabilities filter guard in-front jit kernel link live-from live-to memlock mtu offloads peer programs rp-filter shape unprivileged-bpf xdp" \
	"$(jq -r '.[].check' <<<"$OUT" | grep -vE '^(attached|other-namespaces|gone-namespaces|without-policy)$' | sort -u | one_line)"
check_match "TCP is tried and dropped, by the rule" "[1-9] dropped \(from tcp 9: rule 1\), [1-9] passed \(from udp dport 53: rule 2\)" "$(field live-from what)"
check_same "its packets are not counted" "$stats" "$(tcp_counted)"
check_same "it changes nothing" "$before" "$(snapshot)"
content_about veth0
content_about netns:container
policyctl doctor
check_match "for people: in place" "^  ok +xdp +program $(xdp_id veth0) in place, generic mode" "$OUT"
check_match "  and a last line that sums up" "^nothing is wrong.*; [0-9]+ of [0-9]+ checks are ok$" "$(tail -n1 <<<"$OUT")"

say "our filter is removed"
must tc -n host filter del dev veth0 egress prio 1 handle 1 bpf
finds "the tc filter is gone" filter -- fault "tc filter \(program [0-9]+\) was removed"
policyctl doctor
check_match "for people: the fault" "^  fault +filter +the tc filter \(program" "$OUT"
check_match "  why" "^ +why: what the container receives is not judged" "$OUT"
check_match "  what to do" "^ +do:  policyctl show veth0" "$OUT"
check_match "  the sum" "^1 fault \(veth0 filter\)" "$(tail -n1 <<<"$OUT")"
doctor
does_what_it_says filter
must tc -n host filter del dev veth0 ingress prio 1 handle 1 bpf
finds "the guard is gone" guard -- fault "guard \(program [0-9]+\) was removed"
does_what_it_says guard
must tc -n host qdisc del dev veth0 clsact
finds "the clsact is gone" filter guard -- fault "clsact qdisc was removed"
does_what_it_says filter
must tc -n host qdisc del dev veth0 clsact
must tc -n host qdisc add dev veth0 ingress
finds "another qdisc is there" filter guard -- fault "qdisc is ingress, not clsact"
does_what_it_says filter

say "our XDP program is removed or replaced"
must in_host ip link set dev veth0 xdpgeneric off
finds "XDP is off" xdp -- fault "no XDP program is attached"
does_what_it_says xdp
ours=$(xdp_id veth0)
must in_host ip link set dev veth0 xdpgeneric off
foreign_xdp veth0 xdpgeneric
finds "another XDP program" xdp -- fault "another program \(id $(xdp_id veth0), name somebody\) is attached in generic mode, not policyctl's $ours"
check_match "  the guard is known to judge still" "by the guard alone" "$(field xdp why)"
does_what_it_says xdp
must in_host ip link set dev veth0 xdpgeneric off
must in_host ip link set dev veth0 xdpdrv pinned "$(directory)/xdp"
finds "another mode" mode -- warning "attached in generic mode, and runs in native mode"
does_what_it_says mode
check "  in generic mode again" generic "$(in_host "$POLICYCTL" show veth0 --json | jq -r .xdp.mode)"

say "others in front"
check_false "the kernel lets no u32 filter in front at our priority" \
	tc -n host filter add dev veth0 egress prio 1 protocol ip u32 match u32 0 0 classid 1:1
foreign_filter veth0 1 2
finds "a BPF filter at our priority" in-front -- fault "a bpf filter \(program [0-9]+, .*\) at priority 1 on egress runs before"
does_what_it_says in-front
foreign_ingress 1 2
finds "one in front of the guard" in-front -- warning "a bpf filter .* at priority 1 on ingress runs before policyctl's guard"
does_what_it_says in-front
must tc -n host filter del dev veth0 egress prio 1 handle 1 bpf
must tc -n host filter add dev veth0 egress prio 1 protocol ip u32 match u32 0 0 classid 1:1
finds "a u32 filter took our place" filter -- fault "was removed; at its place, egress priority 1, is a u32 filter"
must in_host tc filter add dev veth0 egress prio 2 bpf da object-pinned "$(directory)/tc"
finds "and ours was put behind it" filter in-front -- fault "stands at egress priority 2 .* is a u32 filter"
check_match "  the u32 filter is named" "a u32 filter at priority 1 on egress runs before" "$(field in-front what)"
check "  once" 1 "$(jq '[.[] | select(.check == "in-front")] | length' <<<"$OUT")"
does_what_it_says filter
must "$CLI_PROBE" program tc /sys/fs/bpf/handed
if tcx attach; then
	finds "a TCX program" in-front -- fault "a TCX program \(id [0-9]+, name somebody\) on egress runs before"
	must tcx detach
else
	say "skipped: no TCX here: $(<"$WORK/out")"
fi
must rm /sys/fs/bpf/handed
content

say "pins"
mkdir "$(dirname "$(directory)")/9"
finds "an apply that was interrupted" interrupted -- warning "an apply was interrupted"
does list
content
does apply veth0 --deny tcp
remember
must ip -n host link add veth1 type veth peer name eth1 netns container
must ip -n host link set veth1 up
must ip -n container link set eth1 up
must wait_until 5 carries veth1
must wait_until 5 carries eth1 container
does attach veth1 --deny udp
remember
content
must mv "$(directory veth1)/policy_text" "$(directory)/policy_text"
finds "programs that do not decide by the policy" live-from live-to pins -- fault \
	"from tcp 9: dropped, rule 1 by the XDP program, by the rules passes, the default"
check_match "  what to do begins with explain" "^policyctl explain veth0 from tcp 9 " "$(field live-from "do")"
check_match "  pins that are missing" "somebody removed or replaced pins" "$(field pins what)"
does detach veth1
does detach veth0
must ip -n host link del veth1
does attach veth0 --deny tcp
remember
content
must rm "$(directory)/tc"
finds "pins that are missing" pins -- warning "somebody removed or replaced pins"
does detach veth0
does attach veth0 --deny tcp
remember
content

say "the host"
echo 0 >"$WORK/zero"
# The JIT of the machine stays as it is, and there are network namespaces that do not see its settings.
jit_is() { # SETTING VALUE
	must mount -t tmpfs tmpfs /proc/sys/net
	must mkdir /proc/sys/net/core
	echo "$2" >"/proc/sys/net/core/$1"
}
jit_is bpf_jit_enable 0
finds "the JIT is off" jit -- warning "off \(net.core.bpf_jit_enable is 0\)"
must umount /proc/sys/net
jit_is bpf_jit_harden 2
notes "a hardened JIT" jit "bpf_jit_harden is 2"
must umount /proc/sys/net
must mount -t tmpfs tmpfs /sys/kernel/btf
finds "the kernel describes no types" btf programs -- fault "the kernel does not describe its types"
policyctl apply veth0 --deny udp
check_match "  apply says so" "^1: policyctl: veth0: the kernel does not describe its socket buffers" "$STATUS: $ERR"
must umount /sys/kernel/btf
must mount --bind "$WORK/zero" /proc/sys/kernel/unprivileged_bpf_disabled
notes "BPF for all users" unprivileged-bpf "every user"
must umount /proc/sys/kernel/unprivileged_bpf_disabled
content

without() { # CAPABILITY...: policyctl doctor without them
	local removed
	removed=$(printf ',-%s' "$@")
	OUT=$(in_host setpriv --bounding-set="${removed#,}" "$POLICYCTL" doctor --json 2>"$WORK/stderr")
	STATUS=$?
}

lacks() { # CAPABILITY
	without "$1" sys_admin
	check_match "without CAP_${1^^}: exit status and words" "^3: warning: missing capabilities: CAP_${1^^} " \
		"$STATUS: $(field capabilities level): $(field capabilities what)"
	check_no_match "  no other capability is missing" "CAP_.*CAP_" "$(field capabilities what)"
	check_match "  what could not be tried is said" "was not tried" "$(field kernel what)"
	check_match "  and it goes on" "in place" "$(field xdp what)"
}

lacks bpf
lacks net_admin
check_match "  what could stand in front on TCX was not looked for" "^note: .*CAP_NET_ADMIN" "$(field in-front level): $(field in-front why)"
lacks perfmon
without sys_admin
explained
check_match "without CAP_SYS_ADMIN: other namespaces cannot be looked at" "^0: note: some other network namespaces" \
	"$STATUS: $(field namespaces level): $(field namespaces what)"
OUT=$(in_host setpriv --reuid=65534 --regid=65534 --clear-groups "$POLICYCTL" doctor --json 2>"$WORK/stderr")
STATUS=$?
check "as nobody: exit status" 3 "$STATUS"
check_match "  three capabilities are missing" "CAP_BPF.*CAP_NET_ADMIN.*CAP_PERFMON" "$(field capabilities what)"
check "  no other message" "" "$(<"$WORK/stderr")"
check_match "  what is attached cannot be seen, and that is said" "^warning: .*Permission denied" "$(field attached level): $(field attached what)"

OUT=$(unshare --mount sh -c 'mount -o remount,bind,ro /sys/fs/bpf && exec "$@"' - nsenter --net=/run/netns/host "$POLICYCTL" doctor --json 2>"$WORK/stderr")
STATUS=$?
check_match "a bpffs to read only" "^3: warning: /sys/fs/bpf is mounted read-only" "$STATUS: $(field bpffs level): $(field bpffs what)"
OUT=$(POLICYCTL_BPFFS=/run/nowhere in_host "$POLICYCTL" doctor --json 2>"$WORK/stderr")
check_match "POLICYCTL_BPFFS that is none" "POLICYCTL_BPFFS=/run/nowhere is not inside a BPF file system" "$(field bpffs what)"

say "many"
for i in 1 2 3; do
	new_netns "many$i"
	must ip -n host link add "veth1$i" type veth peer name eth0 netns "many$i"
	must ip -n "many$i" link set eth0 up
	must ip -n host link set "veth1$i" up
	does attach "veth1$i" --deny tcp
	remember
done
must ip -n host link set veth12 mtu 1400
policyctl doctor
check_match "those that are fine get one line each" "^veth11: all [0-9]+ checks are ok$" "$OUT"
check "  no more than that" 1 "$(grep -c veth11 <<<"$OUT")"
check_match "one that is not is shown" "^  warning +mtu +1400 here, 1500 at the other end" "$OUT"
check_match "  and named at the end" "^1 warning \(veth12 mtu\)" "$(tail -n1 <<<"$OUT")"
does detach --all
finish
