#!/bin/bash
# Containers that share the network of another one: their capabilities count for the hook and mode of its programs; its policy
# does not change.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0
daemon_start

mode_is() { # MODE
	[ "$(listed web '.xdp.mode // "none"')" = "\"$1\"" ]
}

denies_of() { # NAME PROTOCOL: does its policy deny that, as the only one of the two?
	local text
	text=$(in_host "$POLICYCTL" show "$(listed "$1" .interface | tr -d '"')")
	grep -qE "deny $2( |$)" <<<"$text" && [ "$(grep -cE "deny (tcp|udp)( |$)" <<<"$text")" = 1 ]
}

has_rules() { # NAME COUNT
	[ "$(listed "$1" .rules)" = "$2" ]
}

same_network() { # PID PID
	[ "$(readlink "/proc/$1/ns/net")" = "$(readlink "/proc/$2/ns/net")" ]
}

# By its control groups alone.
join_container() { # PID CONTAINER
	local line path
	line=$(grep -m 1 -E "^[0-9]+:(pids:|:)/$RUN/" "/proc/$(pid_of "$2")/cgroup") || return
	path=${line##*:}
	if [ -d "/sys/fs/cgroup/pids" ]; then path=/pids$path; fi
	echo "$1" >"/sys/fs/cgroup$path/cgroup.procs"
}

write_web() { # LINE...
	printf '%s\n' "$@" >"$POLICIES/web.policy.new"
	mv "$POLICIES/web.policy.new" "$POLICIES/web.policy"
}

write_web "deny from udp dport 9"
must talk web 11 -d --label policyctl.deny=tcp,icmp --label policyctl.policy=web -- --rate 100 198.18.1.1
must wait_until 10 in_force web
check "without CAP_NET_ADMIN clsact alone judges" '"tc"' "$(listed web .hook)"
mark
must d create --name guest --network container:web --cap-add NET_ADMIN image /bin/busybox sleep 1000
check_true "a container with CAP_NET_ADMIN is about to share its network: native mode" wait_until 5 mode_is native
must d start guest
check "and so it stays when it is there" '"native"' "$(listed web .xdp.mode)"
daemon_stop
daemon_start
check_true "for the next daemon too" wait_until 5 mode_is native
must d rm -f guest
must d create --name plain --network container:web image /bin/busybox sleep 1000
check_true "it is gone, and another one has no CAP_NET_ADMIN: clsact alone" wait_until 5 mode_is none
must d start plain
count
check "in all this nothing got out" 0 "$(counted_of bridge 'tcp|icmp' 11)"

say "a process of another container that visits, and is found first"
daemon_stop
must d run -d --name visitor --label policyctl.deny=udp image /bin/busybox sleep 1000
(
	until [ -e "$WORK/go" ]; do sleep 0.02; done
	exec nsenter --net="$(<"$WORK/go")" sleep 1000
) &
guest=$!
SPAWNED+=("$guest")
must d rm --force plain
must d restart -t 0 web
must join_container "$guest" visitor
echo "/proc/$(pid_of web)/ns/net" >"$WORK/go.new"
mv "$WORK/go.new" "$WORK/go"
must wait_until 5 same_network "$guest" "$(pid_of web)"
daemon_start
check_true "web keeps what is its own" wait_until 5 denies_of web tcp
check_true "and the visitor too" wait_until 5 denies_of visitor udp
stop "$guest"

say "the container takes its end where no process is"
must ip netns add elsewhere
must in_docker web ip link set eth0 netns elsewhere
daemon_stop
daemon_start
write_web "deny from udp dport 9" "deny to udp dport 9"
check_true "what he shall have is known still" wait_until 5 has_rules web 4
must ip netns del elsewhere
finish
