#!/bin/bash
# --mode: what auto chooses and why, what native costs, that jumbo frames pass; a tap as the interface.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need ethtool /usr/bin/python3
new_rooms

tso() { in_container ethtool -k eth0 | sed -n 's/^\ttx-tcp-segmentation: //p'; }

say "auto on a veth"
tso_before=$(tso)
does attach veth0 --deny tcp
remember
check_match "is generic, and says why" 'generic mode \(native would switch off TSO in the container\)' "$OUT"
check_match "it costs no offload" 'offloads +unchanged' "$OUT"
check "that is true: the container's TSO" "$tso_before" "$(tso)"
policyctl list --json
check "list --json says the same" '["generic","native would switch off TSO in the container"]' \
	"$(jq -c '.[0].xdp | [.mode, .mode_reason]' <<<"$OUT")"
does detach veth0

say "native on a veth"
before=$(snapshot)
features=$(in_container ethtool -k eth0)
does attach veth0 --deny tcp --mode native
remember
check_match "is native" "xdp program $(xdp_id veth0) policyctl_xdp, native mode" "$OUT"
check_no_match "ip link does not say xdpgeneric" xdpgeneric "$(ip -n host link show dev veth0)"
check_match "attach says what it costs" 'offloads +TSO.* of the container.s end are off' "$OUT"
check "that is true: the container's TSO" "off [fixed]" "$(tso)"
check_arrives "it enforces" from 3 "4:tcp/80 0" "6:tcp/80 0" "4:udp/53 3" "6:udp/53 3"
check_arrives "it enforces" to 3 "4:tcp/80 0" "6:tcp/80 0" "4:udp/53 3" "6:udp/53 3"
does apply veth0 --deny udp
remember
check_arrives "after apply" from 3 "4:tcp/80 3" "4:udp/53 0"
check_match "still in native mode" 'prog/xdp id' "$(ip -n host link show dev veth0 | grep -v xdpgeneric)"
does detach veth0
check_same "after detach all is as before" "$before" "$(snapshot)"
check_same "the container's offloads too" "$features" "$(in_container ethtool -k eth0)"

say "jumbo frames"
jumbo() { # TEXT
	local room address
	for room in "host 198.18.0.2" "host 2001:db8::2" "container 198.18.0.1" "container 2001:db8::1"; do
		address=${room#* }
		check_true "$1: ping of 8900 bytes from the ${room% *} to $address" \
			inside "${room% *}" ping -qc2 -i0.01 -W2 -M "do" -s 8900 "$address"
	done
}
for mode in generic native; do
	must ip -n host link set veth0 mtu 1500
	must ip -n container link set eth0 mtu 1500
	does attach veth0 --deny tcp --mode $mode
	remember
	must ip -n host link set veth0 mtu 9000
	check_true "$mode: the container may raise its MTU" ip -n container link set eth0 mtu 9000
	jumbo "$mode, raised while attached"
	does detach veth0
	does attach veth0 --deny tcp --mode $mode
	remember
	check_match "attach names the MTU" 'MTU +9000' "$OUT"
	jumbo "$mode, attached to it"
	does detach veth0
done

say "other kinds of interface"
spawn host /usr/bin/python3 -c '
import fcntl, struct, time
tap = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH", b"tap0", 0x1002))
time.sleep(600)'
tap=$!
there() { ip -n host link show dev tap0; }
must wait_until 5 there
must ip -n host link set tap0 up
device_before=$(snapshot)
does attach tap0 --deny tcp --json
remember
mode=$(jq -r .xdp.mode <<<"$OUT")
if [ "$mode" = generic ]; then key=xdpgeneric; else key=xdp; fi
check_match "auto on tap0: $mode, as ip link says" " $key qdisc" "$(ip -n host link show dev tap0)"
check_match "  with a reason: $(jq -r .xdp.mode_reason <<<"$OUT")" . "$(jq -r .xdp.mode_reason <<<"$OUT")"
does detach tap0
check_same "  detach leaves it as it was" "$device_before" "$(snapshot)"
stop "$tap"
finish
