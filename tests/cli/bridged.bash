# shellcheck shell=bash
# Beside lib.sh: `container` and `world` on a bridge of `host`, and frames of any kind from one to the other
# (arrivals.py).

# AF_PACKET sees what the guard is going to drop: the receiver is behind a bridge.
new_netns host container world
new_veth veth0 container 0
new_veth veth1 world 1
must ip -n host link add br0 type bridge
must ip -n host link set veth0 master br0
must ip -n host link set veth1 master br0
must ip -n host link set br0 up
must ip -n world link set eth0 promisc on

forwards() { # IFACE
	[ "$(bridge -n host -j link show dev "$1" | jq -r '.[0].state')" = forwarding ]
}
must wait_until 5 forwards veth0
must wait_until 5 forwards veth1

from() {
	/usr/bin/python3 "$(dirname "$0")/arrivals.py" container world "$@" 2>&1
}

to() {
	/usr/bin/python3 "$(dirname "$0")/arrivals.py" world container "$@" 2>&1
}
