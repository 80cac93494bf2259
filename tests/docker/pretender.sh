#!/bin/bash
# A container with CAP_SYS_ADMIN and CAP_NET_ADMIN makes a control group with the id of a stopped container, which would
# have no policy, puts a process into a new network namespace there, and moves its end of the veth to it. Its policy
# stays.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
docker_up
counter bridge docker0
daemon_start

# In the container. $1: id, $2: `below` its own control group or `beside` it, $3: `one` hierarchy or `all` (cgroup v1),
# $4: number of the talker in the new namespace
cat >"$RECORDS/pretend" <<'SCRIPT'
busybox() { /bin/busybox "$@"; }
address=$(busybox ip -4 addr show dev eth0 | busybox awk '/inet / { print $2 }')
busybox mkdir -p /cg
groups=
join() { # OPTIONS PATH: adds the group to $groups
	busybox mkdir -p "/cg/$1" && busybox mount -t $2 -o "$3" none "/cg/$1" 2>/dev/null || return
	[ "$mode" = below ] || set -- "$1" "$2" "$3" "${4%/*}"
	busybox mkdir -p "/cg/$1$4/$id" && groups="$groups /cg/$1$4/$id"
}
id=$1 mode=$2
while IFS=: read -r number controllers path; do
	case $number:$controllers in
	0:) [ -n "$groups" ] || join v2 cgroup2 rw "${path%/}" ;;
	*:pids) join pids cgroup pids "$path" ;;
	*:name=*) [ "$3" = one ] || join named cgroup "none,$controllers" "$path" ;;
	*) [ "$3" = one ] || join "$controllers" cgroup "$controllers" "$path" ;;
	esac
done </proc/self/cgroup
[ -n "$groups" ] || exit 2
for group in $groups; do # a cpuset is empty at first
	for file in cpuset.cpus cpuset.mems; do
		[ ! -e "$group/$file" ] || busybox cat "${group%/*}/$file" >"$group/$file"
	done
done
busybox unshare -n /bin/sh -c '
	for group in '"$groups"'; do echo $$ >$group/cgroup.procs || exit; done
	echo $$ >/records/inside
	until /bin/busybox grep -q eth0 /proc/net/dev; do :; done
	/bin/busybox ip addr add '"$address"' dev eth0
	/bin/busybox ip link set eth0 up
	exec /talker --number '"$4"' --rate 100 --record /records/pretended'"$4"' 198.18.1.1' &
until [ -s /records/inside ]; do :; done
read -r inside </records/inside
busybox ip link set eth0 netns "$inside"
wait
SCRIPT

pretends() { # NAME NUMBER below|beside one|all
	local name=$1 number=$2
	must talk "$name" "$number" -d --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined \
		--label policyctl.deny=tcp,icmp -- --rate 100 198.18.1.1
	must wait_until 10 in_force "$name"
	veth=$(veths_of "$name")
	mark
	rm -f "$RECORDS/inside"
	d exec -d "$name" /bin/sh /records/pretend "$ID" "$3" "$4" $((number + 1))
	wait_until 5 test -s "$RECORDS/inside" || skip "a container may not make control groups here"
	check_true "it talks from there" wait_until 10 counts bridge udp $((number + 1))
	daemon_looks
	check_true "it talks on" wait_until 10 talked $((number + 1)) 100
	check "nothing that it denies gets out" 0 "$(counted_of bridge 'tcp|icmp' "$number|$((number + 1))")"
	check "its policy stays" "$veth true" "$(listed "$name" | jq -r '"\(.interface) \(.enforcing)"')"
	check "nothing was taken off, changed or attached" "" \
		"$(log '.container != "look" and (.message | test("^policy (taken off|changed|in force)"))')"
	must d rm -f "$name"
}

talked() { # NUMBER PACKETS: have more come?
	count
	[ "$(counted_of bridge udp "$1")" -gt "$2" ]
}

# It has looked at all veths after this.
daemon_looks() {
	kill -HUP "$DAEMON"
	must wait_until 10 logged '.message == "reloaded"'
	must talk look 99 --rm --label policyctl.deny=tcp -- --seconds 0.2 198.18.1.1
	must wait_until 10 logged '.message == "policy in force" and .container == "look"'
}

must d run --name stopped image /bin/busybox true
ID=$(d inspect --format '{{.Id}}' stopped)
say "a group below its own"
pretends below 11 below one
say "in all hierarchies"
pretends all 21 below all
say "beside its own, in one hierarchy"
pretends beside 31 beside one
say "beside its own, in all of them"
pretends others 41 beside all
finish
