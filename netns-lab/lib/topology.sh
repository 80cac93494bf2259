# shellcheck shell=bash
# The namespaces ("rooms") and the veths between them. `host` plays the docker host; the machine's own namespace is
# never touched.

LAB_STATE=/run/policyctl-lab/$LAB_NAME
HOST_NS=$LAB_NAME-host
OUTSIDE_NS=$LAB_NAME-outside
SECOND_NS=$LAB_NAME-second
WATCHER_NS=$LAB_NAME-watcher
LAB_MADE= # set once the state directory is ours
CONTAINERS=hand # or docker: what makes the containers
NO_DOCKER= # why dockerd cannot
DOCKER_STATE=$LAB_STATE/docker
CONTAINER_NS=$LAB_NAME-httpserver
[ "$LAB_NAME" != lab ] || CONTAINER_NS=httpserver

OUTSIDE=198.18.0.2 OUTSIDE6=2001:db8::2
OUTSIDE_MORE=(198.18.0.3 198.18.0.4 198.18.0.5) OUTSIDE6_MORE=(2001:db8::3 2001:db8::4 2001:db8::5)
HOST=198.18.0.1 HOST6=2001:db8::1
DOCKER0=198.18.1.1 DOCKER0_6=2001:db8:1::1
CONTAINER=198.18.1.2 CONTAINER6=2001:db8:1::2
SECOND=198.18.1.3 SECOND6=2001:db8:1::3
UPLINK=uplink0
VETH_NAME=veth6c30d72
SECOND_VETH_NAME=veth0d4b1f3
TCP_PORT=22 # where outside and host listen; 80 of the host is published to the container

# The namespace of a room.
namespace_of() {
	case $1 in
	host) echo "$HOST_NS" ;;
	outside) echo "$OUTSIDE_NS" ;;
	httpserver) echo "$CONTAINER_NS" ;;
	second) echo "$SECOND_NS" ;;
	watcher) echo "$WATCHER_NS" ;;
	*) return 1 ;;
	esac
}

# nsenter and not `ip netns exec`: that one mounts a fresh /sys, and tc and bpftool would not see what is pinned.
run_in() {
	local namespace
	namespace=$(namespace_of "$1") || return
	shift
	nsenter --net="/run/netns/$namespace" -- "$@"
}

lab_is_up() {
	[ -d "$LAB_STATE" ]
}

# Whether the topology is up, or coming up, with real containers.
with_docker() {
	[ -e "$DOCKER_STATE" ]
}

containers_up() {
	if with_docker; then echo docker; else echo hand; fi
}

add_namespace() {
	ip netns add "$1" || return
	echo "$1" >>"$LAB_STATE/namespaces"
	nsenter --net="/run/netns/$1" -- sysctl -q -w net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0 &&
		answers_once "$1" &&
		ip -n "$1" link set lo up
}

# One answer for each SYN: a SYN-ACK that is sent again a second later would be counted for a later probe.
answers_once() {
	nsenter --net="/run/netns/$1" -- sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv4.tcp_synack_retries=0
}

# connect HOST-SIDE-NAME NAMESPACE: a veth pair between the host and eth0 of the namespace.
connect() {
	ip -n "$HOST_NS" link add "$1" type veth peer name eth0 netns "$2" &&
		ip -n "$HOST_NS" link set "$1" up &&
		ip -n "$2" link set eth0 up
}

# Neighbours that are known stay known, however slow the machine is: nothing else asks for them and is counted.
# addresses NAMESPACE DEVICE IPV4/LENGTH IPV6/LENGTH [GATEWAY4 GATEWAY6]
addresses() {
	ip -n "$1" addr add "$3" dev "$2" &&
		ip -n "$1" addr add "$4" dev "$2" nodad &&
		nsenter --net="/run/netns/$1" -- sysctl -q -w "net.ipv4.neigh.$2.base_reachable_time_ms=3600000" \
			"net.ipv6.neigh.$2.base_reachable_time_ms=3600000" || return
	[ $# -gt 4 ] || return 0
	ip -n "$1" route add default via "$5" &&
		ip -n "$1" -6 route add default via "$6"
}

# Deprecated addresses: the kernel does not choose them as a source by itself.
more_addresses() { # NAMESPACE DEVICE ADDRESS/LENGTH...
	local address
	for address in "${@:3}"; do
		[[ $address != *:* ]] || address+=" nodad"
		# shellcheck disable=SC2086 # words
		ip -n "$1" addr add $address dev "$2" preferred_lft 0 || return
	done
}

# add_container ROOM HOST-SIDE-NAME IPV4 IPV6: on the bridge, with a web server.
add_container() {
	local namespace
	namespace=$(namespace_of "$1")
	add_namespace "$namespace" &&
		connect "$2" "$namespace" &&
		ip -n "$HOST_NS" link set "$2" master docker0 &&
		addresses "$namespace" eth0 "$3/24" "$4/64" "$DOCKER0" "$DOCKER0_6" &&
		serve "$1" 80
}

# Without CAP_NET_ADMIN, as docker starts its containers.
serve() { # ROOM PORT
	spawn "$1" "serve-$1" setpriv --bounding-set -net_admin --inh-caps -net_admin /usr/bin/python3 "$LAB_DIR/lib/serve.py" "$1" "$2"
	echo "$SPAWNED" >"$LAB_STATE/$1.pid"
}

# The rules that docker makes for `-p 80:80` and for outgoing traffic.
publish_and_masquerade() {
	local dnat=(-m addrtype --dst-type LOCAL -p tcp --dport 80 -j DNAT --to-destination "$CONTAINER:80")
	run_in host iptables -w -t nat -A PREROUTING ! -i docker0 "${dnat[@]}" &&
		run_in host iptables -w -t nat -A OUTPUT ! -d 127.0.0.0/8 "${dnat[@]}" &&
		run_in host iptables -w -t nat -A POSTROUTING -s 198.18.1.0/24 ! -o docker0 -j MASQUERADE
}

# A bridge, and httpserver on it.
containers_by_hand() {
	ip -n "$HOST_NS" link add docker0 type bridge &&
		addresses "$HOST_NS" docker0 "$DOCKER0/24" "$DOCKER0_6/64" &&
		ip -n "$HOST_NS" link set docker0 up &&
		add_container httpserver "$VETH_NAME" "$CONTAINER" "$CONTAINER6" &&
		publish_and_masquerade
}

# Routes to addresses without a host: an answer to an exact frame goes no further, and no error comes back. Of those
# beside `outside` an error would come three seconds later, and a slow experiment would count it.
nobody_lives_elsewhere() {
	local prefix
	for prefix in 198.19.0.0/16 198.18.0.8/29 198.18.0.16/28 198.18.0.32/27 198.18.0.64/26 198.18.0.128/25; do
		ip -n "$HOST_NS" route add blackhole $prefix || return
	done
	ip -n "$HOST_NS" -6 route add blackhole 2001:db8::/32
}

build_topology() {
	add_namespace "$HOST_NS" && add_namespace "$OUTSIDE_NS" &&
		run_in host /usr/bin/python3 "$LAB_DIR/lib/cookie.py" >"$LAB_STATE/cookie" &&
		run_in host sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 &&
		connect "$UPLINK" "$OUTSIDE_NS" &&
		addresses "$HOST_NS" "$UPLINK" "$HOST/24" 2001:db8::1/64 &&
		addresses "$OUTSIDE_NS" eth0 "$OUTSIDE/24" 2001:db8::2/64 &&
		more_addresses "$OUTSIDE_NS" eth0 "${OUTSIDE_MORE[@]/%//24}" "${OUTSIDE6_MORE[@]/%//64}" &&
		nobody_lives_elsewhere &&
		ip -n "$OUTSIDE_NS" route add 198.18.1.0/24 via "$HOST" &&
		ip -n "$OUTSIDE_NS" -6 route add 2001:db8:1::/64 via "$HOST6" &&
		"containers_by_$CONTAINERS" &&
		serve host "$TCP_PORT" && serve outside "$TCP_PORT"
}

serves() { # ROOM PORT
	[ -n "$(run_in "$1" ss -Hltn "sport = $2")" ]
}

answers() { # ROOM ADDRESS
	run_in "$1" ping -q -c 1 -W 1 "$2" >/dev/null 2>&1
}

# Waits until all servers listen and all neighbours are known, before an experiment starts.
is_ready() {
	serves httpserver 80 && serves host "$TCP_PORT" && serves outside "$TCP_PORT" &&
		answers httpserver "$OUTSIDE" && answers httpserver "$OUTSIDE6" &&
		answers host "$CONTAINER" && answers host "$CONTAINER6"
}

lab_up() {
	local namespace
	install -d -m 0700 /run/policyctl-lab && mkdir -m 0700 "$LAB_STATE" || return
	LAB_MADE=yes
	for namespace in "$HOST_NS" "$OUTSIDE_NS" "$CONTAINER_NS" "$SECOND_NS" "$WATCHER_NS"; do
		[ ! -e "/run/netns/$namespace" ] && continue
		echo "lab: a namespace $namespace exists and is not ours; set LAB_NAME" >&2
		return 1
	done
	build_topology && wait_until 10 is_ready && find_veth
}

# Sets VETH, the host-side veth of the container, found as for any container: from a process in it to the id of its
# namespace as seen from the host, and from there to the veth with the peer in it. Names play no part.
find_veth() {
	! with_docker || look_at_container || return
	VETH=$(veth_of "$(<"$LAB_STATE/httpserver.pid")")
	[ -n "$VETH" ]
}

veth_of() { # PID
	local nsid
	nsid=$(run_in host /usr/bin/python3 "$LAB_DIR/lib/nsid.py" "$1") || return
	run_in host ip -j link show type veth |
		jq -r --argjson nsid "$nsid" '.[] | select(.link_netnsid == $nsid) | .ifname'
}

namespace_is_empty() {
	[ -z "$(ip netns pids "$1" 2>/dev/null)" ]
}

delete_listed() { # FILE of namespaces
	local namespace
	[ -e "$1" ] || return 0
	while read -r namespace; do
		[ -e "/run/netns/$namespace" ] || continue
		wait_until 5 namespace_is_empty "$namespace" ||
			echo "lab: somebody is still in $namespace: $(ip netns pids "$namespace" | tr '\n' ' ')" >&2
		ip netns del "$namespace"
	done <"$1"
}

# Takes down all that lab_up and the experiments made, also if they were interrupted.
lab_down() {
	lab_is_up || return 0
	end_listed "$LAB_STATE/pids"
	leave_no_pins
	! with_docker || dockerd_remove "$DOCKER_STATE"
	delete_listed "$LAB_STATE/namespaces"
	rm -rf "$LAB_STATE"
	LAB_MADE=
	rmdir /run/policyctl-lab 2>/dev/null || true
}

# From mark_topology to restore_topology: records what an experiment adds to a topology that stays. Added processes and
# namespaces are listed in $RUN_DIR/pids and $RUN_DIR/namespaces.
mark_topology() {
	devices >"$RUN_DIR/devices.before"
	cp "$LAB_STATE/pids" "$RUN_DIR/pids.before"
	cp "$LAB_STATE/namespaces" "$RUN_DIR/namespaces.before"
}

restore_topology() {
	local list device
	for list in pids namespaces; do
		grep -vxFf "$RUN_DIR/$list.before" "$LAB_STATE/$list" >"$RUN_DIR/$list"
	done
	end_listed "$RUN_DIR/pids"
	delete_listed "$RUN_DIR/namespaces"
	wait_until 5 no_stray_veth
	devices | grep -vxFf "$RUN_DIR/devices.before" | while read -r device; do
		run_in host ip link del dev "$device"
	done
	for list in pids namespaces; do
		cp "$RUN_DIR/$list.before" "$LAB_STATE/$list"
	done
}

# A veth goes with its other end, a moment after the other end's namespace.
no_stray_veth() {
	! devices | grep -vxFf "$RUN_DIR/devices.before" | grep -q '^veth'
}
