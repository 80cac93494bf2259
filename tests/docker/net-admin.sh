#!/bin/bash
# Containers with CAP_NET_ADMIN in the host's user namespace: the daemon warns of them, or holds them. With userns-remap
# the capability counts only inside: no device above the host's bridge can be made, and nothing is warned of or held.
# Devices that such containers do make above the host's are logged, each once.
here=$(dirname "$0")
. "$here/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0

start() { # NAME NUMBER [DOCKER-OPTION...]
	must talk "$1" "$2" -d "${@:3}" --label policyctl.deny=tcp,icmp -- --rate 100 198.18.1.1
}

warned() { # NAME
	logged ".message == \"not confined\" and .container == \"$1\" and .level == \"warning\""
}

held() { # NAME WHY
	[[ $(listed "$1" 'select(.held) | .why') = *"$2"* ]]
}

free() { # NAME: it has its policy, and is not held
	enforcing "$1" && [ "$(listed "$1" .held)" = false ]
}

# What such a container can do: a device of its own above the host's bridge.
makes_device() { # NAME [DEVICE BELOW KIND]
	local ifindex pid namespaces=(--net)
	ifindex=$(ip -n host -j link show dev "${3:-docker0}" | jq '.[].ifindex')
	pid=$(pid_of "$1")
	[ "$(stat -Lc %i "/proc/$pid/ns/user")" = "$(stat -Lc %i /proc/self/ns/user)" ] || namespaces+=(--user)
	# By standard input: root of another user namespace cannot read the files of this one's.
	nsenter --target "$pid" "${namespaces[@]}" /usr/bin/python3 - "${4:-macvlan}" "$ifindex" "${2:-mv}" \
		<"$here/make_above.py" 2>"$WORK/refused"
}

# Records about a device of a container: container, device, kind, what it is above.
unjudged() { # [NAME [DEVICE]]
	log '.message == "unjudged device" and .level == "error"' |
		jq -r '"\(.container) \(.device) \(.kind) \(.above)"' | grep -E "^${1:-.*} ${2:-.*} "
}

count_of_metric() {
	curl -s --unix-socket "$WORK/metrics" http://localhost/metrics |
		sed -n 's/^policyctl_follower_unjudged_devices_total //p'
}

# Through the host's network, above none of its devices. The kernel shows its own index as that of what it is above: the
# host has a device with that index.
makes_tunnel() { # NAME
	must ip -n host link add index 500 name unrelated type veth peer name unrelated2
	in_docker "$1" ip link add tunnel index 500 link-netnsid 0 type vxlan id 7 dstport 4790
}

daemon_configure "daemon.metrics=unix:$WORK/metrics"
daemon_start
start admin 11 --cap-add NET_ADMIN
start plain 12
must talk bare 13 -d --cap-add NET_ADMIN -- --rate 100 198.18.1.1
check_true "it gets its policy" wait_until 10 free admin
check_true "and is warned of" wait_until 10 warned admin
check_true "one without a policy too" wait_until 10 warned bare
must wait_until 10 free plain
check_false "but not one without the capability" warned plain

say "devices above the host's"
must ip -n host link add uplink type veth peer name wire
check_true "for it can make devices above the bridge" makes_device admin
check_true "which is logged" wait_until 10 unjudged admin mv
check "with its kind, and what it is above" "admin mv macvlan docker0" "$(unjudged admin mv)"
check_true "above the uplink" makes_device bare over uplink
check_true "by one without a policy" wait_until 10 unjudged bare over
check "it says above which" "bare over macvlan uplink" "$(unjudged bare over)"
expected="mv over"
must ip -n host link add uplink2 type veth peer name wire2
if makes_device bare ipv uplink2 ipvlan || ! grep -q 'Operation not supported' "$WORK/refused"; then
	check_true "an ipvlan too" wait_until 10 unjudged bare ipv
	expected="ipv $expected"
else
	say "no ipvlan: this kernel has none"
fi
check_true "a tunnel through the host's network" makes_tunnel admin
check_true "of which the kernel does not tell" wait_until 10 unjudged admin tunnel
check "the host has no device below it" "admin tunnel vxlan null" "$(unjudged admin tunnel)"
policyctl doctor "$(veths_of admin)"
check_match "doctor names them" "mv \(macvlan above docker0\), tunnel \(vxlan above the host's network\)" "$OUT"
must in_docker admin ip link delete mv
must makes_device admin next
check_true "the next one is logged" wait_until 10 unjudged admin next
check "each once, and nothing else" "$(tr ' ' '\n' <<<"$expected next tunnel" | sort)" "$(unjudged | cut -d ' ' -f 2 | sort)"
kill -STOP "$DAEMON"
ifindex=$(ip -n host -j link show dev docker0 | jq '.[].ifindex')
must in_docker bare "$here/make_above.py" macvlan "$ifindex" many{1..20}
kill -CONT "$DAEMON"
check_true "many at once do not fill the log" wait_until 10 logged '.message == "unjudged device" and .more == "4"'
check "the metrics have them all" $(($(wc -w <<<"$expected") + 2 + 20)) "$(count_of_metric)"

say "cap-net-admin = hold"
daemon_configure policy.cap-net-admin=hold
mark
kill -HUP "$DAEMON"
check_true "it is held, and list says why" wait_until 10 held admin "cap-net-admin = hold"
check_logged "so does the log" '.message == "container held" and .container == "admin" and (.why | contains("CAP_NET_ADMIN"))'
check_true "the other one is not" free plain
check "one without a policy is left alone" "" "$(hooks_of "$(veths_of bare)")"
start later 14 --cap-add NET_ADMIN
check_true "one that starts is held, too" wait_until 10 held later "cap-net-admin = hold"
must wait_until 5 counts bridge udp 12
count
check "from its first packet on" 0 "$(counted_of bridge 'udp|tcp|icmp' 14)"
daemon_configure
kill -HUP "$DAEMON"
check_true "warn again: it has its policy" wait_until 10 free admin
remove_containers
daemon_stop

say "with userns-remap"
echo 'pctlremap:x:70000:70000::/:/bin/false' >>/etc/passwd
echo 'pctlremap:x:70000:' >>/etc/group
echo 'pctlremap:100000:65536' | tee -a /etc/subuid >>/etc/subgid
chmod 0777 "$RECORDS"
docker_down
docker_start --userns-remap=pctlremap || skip "dockerd cannot remap here: $(tail -n 1 "$DOCKER_DIR/log")"
must make_image
daemon_configure policy.cap-net-admin=hold
daemon_start
start remapped 21 --cap-add NET_ADMIN
check_true "it gets its policy, and is not held" wait_until 10 free remapped
check_false "nor warned of" warned remapped
check_false "it makes no device above the bridge" makes_device remapped
check_match "that is refused" "[Nn]ot permitted" "$(<"$WORK/refused")"
start unmapped 22 --cap-add NET_ADMIN --userns=host
check_true "one that has the host's user namespace all the same is held" wait_until 10 held unmapped "cap-net-admin = hold"
daemon_configure
finish
