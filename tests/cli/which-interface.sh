#!/bin/bash
# IFACE by another name: the process or the namespace that the veth leads to.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
new_rooms
spawn container sleep 300
INSIDE=$!
must wait_until 5 grep -q sleep "/proc/$INSIDE/comm"

says() { # STATUS TEXT ARGUMENTS...
	policyctl "${@:3}"
	check "policyctl ${*:3}: exit status" "$1" "$STATUS"
	check_match "  and it says why" "$2" "$ERR"
}

say "a process in the container, or the container's namespace, stands for the veth that leads there"
does attach "pid:$INSIDE" --deny tcp
remember
check_match "the report names the interface" "^veth0: enforcing 1 rule" "$OUT"
check_arrives "TCP denied" from 2 "4:tcp/80 0" "4:udp/53 2"
for name in "pid:$INSIDE" netns:container veth0; do
	policyctl show "$name" --json
	check "show $name" veth0 "$(jq -r .interface <<<"$OUT")"
done
does apply netns:container --deny udp
remember
check_arrives "UDP denied" from 2 "4:tcp/80 2" "4:udp/53 0"
does detach netns:container
check_arrives "nothing denied" from 2 "4:tcp/80 2" "4:udp/53 2"

say "where there is none, or more than one"
says 1 "^policyctl: pid:$$: no veth .* leads there" attach "pid:$$" --deny tcp
says 4 "^policyctl: pid:$$: no veth .* leads there" show "pid:$$"
says 4 "^policyctl: pid:4194305: no such process" show pid:4194305
says 2 "^policyctl: pid:one: .*number of a process" attach pid:one
says 4 "^policyctl: netns:nowhere: cannot open" detach netns:nowhere
must ip -n host link add veth1 type veth peer name eth1 netns container
says 1 "^policyctl: netns:container: 2 veths lead there, name one: veth[01], veth[01]" attach netns:container --deny tcp
check "nothing is attached" 0 "$(xdp_id veth0)"

say "a container, where no engine answers (tests/docker has those that do)"
says 1 "^policyctl: container:web: cannot reach the container engine at /var/run/docker.sock: .*--docker-socket" \
	attach container:web --deny tcp
says 1 "^policyctl: container:web: cannot reach the container engine at $WORK/engine.sock" \
	show container:web --docker-socket "$WORK/engine.sock"
DOCKER_HOST=unix://$WORK/host.sock says 1 "engine at $WORK/host.sock" stats container:web
says 2 "^policyctl: container:web: --docker-socket: 'ssh://host' is not a socket of this host" \
	detach container:web --docker-socket ssh://host
for command in attach detach apply diff deny allow delete show stats monitor capture explain doctor; do
	case $command in
	deny | allow) more=tcp ;;
	delete) more=1 ;;
	capture) more="-w $WORK/file" ;;
	explain) more="from tcp dport 80" ;;
	apply | diff) more="--deny tcp" ;;
	*) more="" ;;
	esac
	# shellcheck disable=SC2086
	says 2 "^policyctl $command: container: wants the name or the id of a container" $command container: $more
done
check "nothing is attached, nothing written" "0 " "$(xdp_id veth0) $(ls "$WORK/file" 2>/dev/null)"
finish
