# shellcheck shell=bash
TITLE="entering the container's namespace, and finding its veth from the host"

experiment() {
	local pid inside peer

	say "host# ip netns exec $CONTAINER_NS ip addr show dev eth0"
	SAW=$(ip netns exec "$CONTAINER_NS" ip addr show dev eth0)
	quote <<<"$SAW"
	check_match "the container has an eth0 that names its peer's index" '^[0-9]+: eth0@if[0-9]+:' "$SAW"
	check_match "and its address" "inet $CONTAINER/24" "$SAW"
	[[ $SAW =~ ^([0-9]+):\ eth0@if([0-9]+): ]]
	inside=${BASH_REMATCH[1]-} peer=${BASH_REMATCH[2]-}

	# Two ends can have the same index: the namespace's id is the other half of the answer.
	pid=$(<"$LAB_STATE/httpserver.pid")
	check "the lab finds the veth from a process id alone" "$VETH_NAME" "$(veth_of "$pid")"
	must_in host ip -j link show dev "$VETH"
	check "the veth that was found has the index that eth0 names" "$peer" "$(jq '.[0].ifindex' <<<"$SAW")"
	check "and names eth0's index in turn" "$inside" "$(jq '.[0].link_index' <<<"$SAW")"

	deny "$VETH" tcp
	by_hand || policyctl_finds_it "pid:$pid"
	! with_docker || policyctl_finds_it container:httpserver
	tcp_is lost host "$CONTAINER" 80
	dropped_is "$VETH" to "$PROBES"
	undeny "$VETH"
}

policyctl_finds_it() { # TARGET
	must_in host policyctl show "$1" --json
	check "policyctl finds it as ${1%%:*}:" "$VETH_NAME" "$(jq -r '[.] | flatten | .[].interface' <<<"$SAW")"
}
