#!/bin/bash
# Containers with CAP_NET_ADMIN in the host's user namespace: the daemon warns of them, or holds them. With userns-remap
# the capability counts only inside: no device above the host's bridge can be made, and nothing is warned of or held.
. "$(dirname "$0")/lib.sh"
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
makes_device() { # NAME
	local ifindex pid namespaces=(--net)
	ifindex=$(ip -n host -j link show dev docker0 | jq '.[].ifindex')
	pid=$(pid_of "$1")
	[ "$(stat -Lc %i "/proc/$pid/ns/user")" = "$(stat -Lc %i /proc/self/ns/user)" ] || namespaces+=(--user)
	nsenter --target "$pid" "${namespaces[@]}" ip link add mv link-netnsid 0 link "if$ifindex" \
		type macvlan mode bridge 2>"$WORK/refused"
}

daemon_start
start admin 11 --cap-add NET_ADMIN
start plain 12
must talk bare 13 -d --cap-add NET_ADMIN -- --rate 100 198.18.1.1
check_true "it gets its policy" wait_until 10 free admin
check_true "and is warned of" wait_until 10 warned admin
check_true "one without a policy too" wait_until 10 warned bare
must wait_until 10 free plain
check_false "but not one without the capability" warned plain
check_true "for it can make devices above the bridge" makes_device admin

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
check_match "that is refused" "not permitted" "$(<"$WORK/refused")"
start unmapped 22 --cap-add NET_ADMIN --userns=host
check_true "one that has the host's user namespace all the same is held" wait_until 10 held unmapped "cap-net-admin = hold"
daemon_configure
finish
