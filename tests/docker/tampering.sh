#!/bin/bash
# Filters, the XDP program or the qdisc are removed: the daemon puts them back soon, and logs it.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0
daemon_configure policy.hook=xdp
daemon_start
must talk web 11 -d --label policyctl.deny=tcp,icmp -- --rate 500 198.18.1.1
must wait_until 10 in_force web
must wait_until 10 enforcing web
veth=$(veths_of web)
before=$(hooks_of "$veth" | sed 's/ id [0-9]*//; s/ tag [0-9a-f]*//')

hooks_are_as_before() {
	[ "$(hooks_of "$veth" | sed 's/ id [0-9]*//; s/ tag [0-9a-f]*//')" = "$before" ]
}

denied_now() { count && counted_of bridge 'tcp|icmp' 11; }

talks_on() { # LEAST: has it sent that many more?
	count
	[ "$(counted_of bridge udp 11)" -ge "$1" ]
}

# check_put_back TEXT COMMAND...: what the command removes is back within two seconds.
check_put_back() {
	local text=$1 from after
	shift
	mark
	from=$(date +%s%N)
	must in_host "$@"
	if wait_until 2 hooks_are_as_before; then
		pass "$text: put back within $((($(date +%s%N) - from) / 1000000)) ms"
	else
		fail "$text: put back" "before: $before" "now: $(hooks_of "$veth")" "$(log | tail)"
	fi
	check_logged "$text: that is said" ".message == \"put back\" and .interface == \"$veth\" and .container == \"web\""
	after=$(denied_now)
	must wait_until 5 talks_on $(($(counted_of bridge udp 11) + 100))
	check "$text: nothing gets out any more" "$after" "$(denied_now)"
}

is_locked() { ! flock --nonblock "$PINS"/net-* true; }

opens() { [ "$(denied_now)" -gt "$before_open" ]; }

check "at first, nothing gets out" 0 "$(denied_now)"
check_put_back "the filter" tc filter del dev "$veth" egress prio 1 protocol all
check_put_back "the XDP program" ip link set dev "$veth" xdpgeneric off
check_put_back "the qdisc" tc qdisc del dev "$veth" clsact
check_put_back "all of it" sh -c "tc qdisc del dev $veth clsact; ip link set dev $veth xdpgeneric off"
say "in all, $(denied_now) packets got out meanwhile"

say "while no daemon runs"
daemon_stop
before_open=$(denied_now)
must in_host tc qdisc del dev "$veth" clsact
must in_host ip link set dev "$veth" xdpgeneric off
must wait_until 5 opens
say "it is open: that is what is taken away"
daemon_start
check_true "the next one puts it back" wait_until 2 hooks_are_as_before
check_true "and list says so" wait_until 5 enforcing web

say "the pins cannot be used for a while, and nothing tells when it can again"
mark
must chmod 0777 "$PINS"
must talk late 12 -d --label policyctl.deny=tcp,icmp -- --rate 100 198.18.1.1
check_logged "that is said" '.message == "cannot reconcile"'
sleep 1 # what comes of the start by itself has come
must chmod 0700 "$PINS"
check_true "then the container gets its policy" wait_until 5 in_force late
count
check "before it, nothing got out" 0 "$(counted_of bridge 'tcp|icmp' 12)"

say "another policyctl that does not go on has the pins"
mark
flock --no-fork "$PINS"/net-* sleep 60 &
locker=$!
SPAWNED+=("$locker")
must wait_until 5 is_locked
must talk locked 13 -d --label policyctl.deny=tcp,icmp -- --rate 100 198.18.1.1
check_logged "that is said" '.message == "cannot reconcile" and (.why | contains("has held the lock"))'
kill -HUP "$DAEMON"
check_logged "the daemon does what else there is to do" '.message == "reloaded"'
stop "$locker"
check_true "then the container gets its policy" wait_until 5 in_force locked
count
check "before it, nothing got out" 0 "$(counted_of bridge 'tcp|icmp' 13)"
check_true "it has ended well" d rm --force web late locked
finish
