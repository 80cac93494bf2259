#!/bin/bash
# Bridges whose names are not ASCII: they are held and followed like others, and shown as they are called.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
BRIDGE=x€1
must d network create --subnet 198.18.64.0/24 --gateway 198.18.64.1 --opt "com.docker.network.bridge.name=$BRIDGE" odd
counter bridge "$BRIDGE"
daemon_start
must talk web 11 -d --net odd --label policyctl.deny=tcp,icmp -- --rate 500 198.18.64.1
check_true "its policy is in force" wait_until 10 in_force web
check_true "it talks" wait_until 5 counts bridge udp 11
count
check "nothing that it denies got out, from the first packet on" 0 "$(counted_of bridge 'tcp|icmp' 11)"
check "the network is known" '"odd"' "$(listed web .container.network)"
record=$(log '.message == "policy in force" and .container == "web"')
check "it was held before that" true "$(jq '.gate_ms != null and .network == "odd"' <<<"$record")"
must d rm -f web

say "before the engine answers, if its name is one of bridges"
daemon_stop
daemon_configure "follow.bridges=docker0 x€*"
mark
nsenter --net=/run/netns/host "$POLICYCTL" daemon --config "$DAEMON_CONFIG" --docker-socket "$WORK/no-engine" \
	>>"$WORK/daemon.out" 2>>"$DAEMON_LOG" </dev/null &
DAEMON=$!
must wait_until 20 ready_or_gone
must talk early 12 -d --net odd --label policyctl.deny=tcp,icmp -- --rate 500 198.18.64.1
veth=$(veths_of early)
check_logged "held, and said" ".message == \"held\" and .interface == \"$veth\""
daemon_stop
daemon_start
check_true "the next daemon puts its policy in force" wait_until 10 in_force early
count
check "nothing that it denies got out" 0 "$(counted_of bridge 'tcp|icmp' 12)"

say "by hand, with bytes that are no UTF-8"
raw=$'y\xff2'
must ip -n host link add "$raw" type veth peer name rawpeer
must ip -n host link set "$raw" up
does attach "$raw" --deny tcp
policyctl list --json
check "JSON has it with question marks" "y?2" "$(jq -r '.[] | select(.container == null) | .interface' <<<"$OUT")"
does detach "$raw"
must ip -n host link del "$raw"
finish
