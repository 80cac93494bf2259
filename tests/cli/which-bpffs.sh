#!/bin/bash
# Where /sys/fs/bpf is not the host's: below ip netns exec, in mount and pid namespaces of one's own, in a container.
# What is attached from there is seen from the other side, or refused; process 1 of the sandbox stands for the host.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need capsh
new_rooms

container_cure="a container --volume /sys/fs/bpf:/bpf --env POLICYCTL_BPFFS=/bpf/policyctl"
refusal="the BPF file system of process 1 cannot be reached from this mount namespace: in place of ip netns exec NAME use nsenter --net=/run/netns/NAME, and give $container_cure"
unmounted() { # WHY
	echo "no BPF file system is mounted on /sys/fs/bpf, and none can be mounted: $1; on a host mount -t bpf bpf /sys/fs/bpf as root, and give $container_cure"
}

mounted() { grep -c ' /sys/fs/bpf .* - bpf ' /proc/1/mountinfo; }
exec_in() { ip netns exec host "$@"; }

# run FUNCTION ARGUMENTS...: policyctl by way of it: $STATUS, $OUT, $ERR.
run() {
	"$1" "$POLICYCTL" "${@:2}" >"$WORK/stdout" 2>"$WORK/stderr"
	STATUS=$?
	OUT=$(<"$WORK/stdout")
	ERR=$(<"$WORK/stderr")
}

# works TEXT FUNCTION ARGUMENTS...
works() {
	run "${@:2}"
	check "$1: policyctl ${*:3}" "0:" "$STATUS:$ERR"
}

bpffs_finding() { # FUNCTION [OUTCOME]
	run "$1" doctor --json
	jq -r '.[] | select(.check == "bpffs") | .level + ": " + .what' <<<"$OUT"
}

listed() { # FUNCTION
	run "$1" list --json
	echo "$STATUS: $(jq -r '[.[].interface] | join(" ")' <<<"$OUT")"
}

say "ip netns exec, which has a /sys of its own, and nsenter --net see the same"
for way in "exec_in in_host" "in_host exec_in"; do
	read -r one other <<<"$way"
	works "$one" "$one" attach veth0 --deny tcp
	remember
	check "  $other: list" "0: veth0" "$(listed "$other")"
	check "  $one: list" "0: veth0" "$(listed "$one")"
	works "  $other" "$other" show veth0
	check_match "  $other: show has the policy" "^deny tcp " "$OUT"
	works "  $other" "$other" apply veth0 --deny udp
	remember
	works "  $one" "$one" show veth0
	check_match "  $one: show has what $other applied" "^deny udp " "$OUT"
	check_arrives "  it is in force" from 2 "4:tcp/80 2" "4:udp/53 0"
	works "  $one" "$one" stats veth0
	run "$one" doctor veth0
	check_match "  $one: doctor finds it live" "ok +live-from" "$OUT"
	works "  $other" "$other" detach veth0
	check "  $one: list" "0: " "$(listed "$one")"
	check "  nothing is pinned any more" "" "$(find $PINS 2>/dev/null)"
done
check "doctor says which one it is, and why" \
	"ok: /proc/1/root/sys/fs/bpf, writable: as process 1 (bash) sees it, since none is on /sys/fs/bpf in this mount namespace" \
	"$(bpffs_finding exec_in)"
works "attached by nsenter" in_host attach veth0 --deny tcp
remember
ip netns exec host "$POLICYCTL" monitor veth0 >"$WORK/monitored" 2>"$WORK/monitored.err" &
SPAWNED+=($!)
must wait_until 10 grep -q watching "$WORK/monitored.err"
sent_from 3 4:tcp/80 >/dev/null
shows_three() { [ "$(grep -c DROP "$WORK/monitored")" = 3 ]; }
check_true "  ip netns exec: monitor shows the drops" wait_until 5 shows_three
stop "${SPAWNED[-1]}"
must rm $PINS/net-*/*/1/rule_stats
run exec_in apply veth0 --deny udp
check_match "  a message names a path that can be used" "^policyctl: veth0: somebody removed or replaced pins in (/proc/1/root$PINS/net-[0-9]+/[0-9]+/1):" "$ERR"
check_true "  as it stands" test -e "$(grep -o '/proc/1/root[^:]*' <<<"$ERR")/meta"
works "  detached by ip netns exec" exec_in detach veth0

say "another one, which ends with the mount namespace, is in the way (tc and ip mount one when they load an object)"
with_another() { exec_in sh -c 'mount -t bpf bpf /sys/fs/bpf && exec "$@"' - "$@"; }
works "attach" with_another attach veth0 --deny tcp
remember
check "  nsenter: list" "0: veth0" "$(listed in_host)"
check_match "  doctor says so" "^ok: /proc/1/root/sys/fs/bpf, .* since another one, which ends with it, is on /sys/fs/bpf" "$(bpffs_finding with_another)"
works "  detach" with_another detach veth0

cat >"$WORK/inner" <<-'END'
	mount -t bpf bpf /sys/fs/bpf
	POLICYCTL_BPFFS=/sys/fs/bpf/policyctl nsenter --net=/run/netns/host "$POLICYCTL" attach veth0 --deny tcp >/dev/null
	nsenter --net=/run/netns/host "$POLICYCTL" list
	nsenter --net=/run/netns/host "$POLICYCTL" detach veth0
END
out=$(unshare --mount bash "$WORK/inner" 2>&1)
check_match "  but where it has the pins of this network namespace, they are found" "^veth0 +[0-9]+ enforcing" "$out"
check_match "    and detached" "^veth0: detached" "$out"

say "mount namespaces without one"
hidden() { unshare --mount sh -c 'while umount /sys/fs/bpf 2>/dev/null; do :; done; exec "$@"' - nsenter --net=/run/netns/host "$@"; }
works "unshare --mount" hidden attach veth0 --deny tcp
remember
check "  list from outside" "0: veth0" "$(listed in_host)"
works "  detach" hidden detach veth0

say "the host has none: it is mounted there, whoever asks"
for way in in_host exec_in hidden with_another; do
	while umount /sys/fs/bpf 2>/dev/null; do :; done
	check "$way: list mounts none" "0: " "$(listed $way)"
	[ $way = with_another ] ||
		check "  nor does doctor" "note: no BPF file system is mounted on /sys/fs/bpf yet" "$(bpffs_finding $way)"
	check "  there is none" 0 "$(mounted)"
	run $way attach veth0 --deny tcp
	remember
	check_match "  $way: attach mounts it, and says so" "^0:policyctl: mounted (the|a) BPF file system on (/proc/1/root)?/sys/fs/bpf" "$STATUS:$ERR"
	check "  list from outside" "0: veth0" "$(listed in_host)"
	works "  $way" $way detach veth0
done
while umount /sys/fs/bpf 2>/dev/null; do :; done
must ip -n host link add veth1 type veth peer name eth1 netns container
for i in 1 2 3; do
	exec_in "$POLICYCTL" attach veth0 --deny tcp >"$WORK/out0" 2>&1 &
	one=$!
	in_host "$POLICYCTL" attach veth1 --deny tcp >"$WORK/out1" 2>&1 &
	wait $one $!
	remember
	check "two at once, $i: one file system, both are seen" "0: veth0 veth1" "$(listed in_host)"
	check "  mounted once" 1 "$(mounted)"
	works "  all" in_host detach --all
	must umount /sys/fs/bpf
done
may_not() { in_host capsh --drop=cap_sys_admin,cap_sys_ptrace -- -c 'exec "$@"' - "$@"; }
run may_not attach veth0 --deny tcp
check "without CAP_SYS_ADMIN it cannot be mounted" \
	"1::policyctl: veth0: $(unmounted "Operation not permitted") (nothing was changed)" "$STATUS:$OUT:$ERR"
must mount -t bpf bpf /sys/fs/bpf
BPFFS_AT_START=$(find /sys/fs/bpf | sort)

say "process 1 lets nobody look: an ancestor in its mount namespace does"
# A process with fewer capabilities than process 1, and without CAP_SYS_PTRACE, may not look through its root.
no_look() { capsh --drop=cap_sys_ptrace -- -c '"$@"; exit $?' - "$@"; }
check_match "it is so" "Permission denied" "$(no_look ls /proc/1/root/ 2>&1)"
through_parent() { no_look ip netns exec host "$@"; }
works "ip netns exec" through_parent attach veth0 --deny tcp
remember
check "  nsenter: list" "0: veth0" "$(listed in_host)"
check_match "  doctor names the process" "^ok: /proc/[0-9]+/root/sys/fs/bpf, writable: as process [0-9]+ .bash. sees it" "$(bpffs_finding through_parent)"
works "  detach" through_parent detach veth0

say "nobody lets it look: refused, with what helps"
shut_off() { capsh --drop=cap_sys_ptrace -- -c 'exec ip netns exec host "$@"' - "$@"; }
run shut_off attach veth0 --deny tcp
check "attach" "1::policyctl: veth0: $refusal (nothing was changed)" "$STATUS:$OUT:$ERR"
works "attached from outside" in_host attach veth0 --deny tcp
remember
for command in list "show veth0" "detach veth0"; do
	# shellcheck disable=SC2086 # words
	run shut_off $command
	check_match "$command does not say that nothing is attached" "^1::policyctl: .*$refusal" "$STATUS:$OUT:$ERR"
done
check "doctor neither" "warning: $refusal" "$(bpffs_finding shut_off)"
check "it is still attached" "0: veth0" "$(listed in_host)"
works "detached from outside" in_host detach veth0
run shut_off list
check_match "  list does not know" "$refusal" "$ERR"

say "a shell in a mount namespace of its own, where nobody else can be looked through, is a machine to what runs in it"
cat >"$WORK/machine" <<-'END'
	while umount /sys/fs/bpf 2>/dev/null; do :; done
	for command in "attach veth0 --deny tcp" list "detach veth0"; do
		nsenter --net=/run/netns/host "$POLICYCTL" $command
		echo "status $?"
	done
	find /sys/fs/bpf/policyctl
END
out=$(capsh --drop=cap_sys_ptrace -- -c 'exec unshare --mount bash "$@"' - "$WORK/machine" 2>&1)
check_match "attach mounts one, and says how long it lasts" \
	"mounted a BPF file system on /sys/fs/bpf: what is pinned there lasts as long as this mount namespace" "$out"
check "  attach, list and detach work" 3 "$(grep -c "status 0" <<<"$out")"
check_match "  list sees it" "^veth0 +[0-9]+ enforcing" "$out"

say "in a pid namespace, as in a container, the host cannot be looked through"
contained() { # COMMAND...: as its process 1, which is all there is in the mount namespace
	unshare --mount --pid --fork --mount-proc sh -c 'while umount /sys/fs/bpf 2>/dev/null; do :; done; exec "$@"' - \
		nsenter --net=/run/netns/host "$@"
}
run contained attach veth0 --deny tcp
check "process 1 itself: refused" "1::policyctl: veth0: $(unmounted "it would end with this command") (nothing was changed)" "$STATUS:$OUT:$ERR"
lasting() { contained sh -c '"$@"; exit $?' - "$@"; }
run lasting attach veth0 --deny tcp
check "a child of process 1: as long as that lives" \
	"0:policyctl: mounted a BPF file system on /sys/fs/bpf: what is pinned there lasts as long as this mount namespace" "$STATUS:$ERR"
must ip -n host link set dev veth0 xdpgeneric off
must tc -n host qdisc del dev veth0 clsact
given() { # the host's, as a volume, where no other one can be seen
	unshare --mount --pid --fork --mount-proc sh -c 'mkdir /run/bpf && mount --bind /sys/fs/bpf /run/bpf &&
		umount /sys/fs/bpf && POLICYCTL_BPFFS=/run/bpf/policyctl exec "$@"' - nsenter --net=/run/netns/host "$@"
	set -- $?
	rmdir /run/bpf
	return "$1"
}
works "with the host's as a volume" given attach veth0 --deny tcp
remember
check "  list from the host" "0: veth0" "$(listed in_host)"
works "  detach" given detach veth0

say "what belongs to somebody else is never followed"
# A parent that is not root any more, and sees on /sys/fs/bpf a directory of its own that looks as if it held pins.
cookie=$(in_host /usr/bin/python3 "$(dirname "$0")/../../netns-lab/lib/cookie.py")
attacked() { /usr/bin/python3 "$(dirname "$0")/mounting_parent.py" "net-$cookie" nsenter --net=/run/netns/host "$@"; }
check "list does not look at it" "0: " "$(listed attacked)"
works "  attach" attacked attach veth0 --deny tcp
remember
check "  list from outside" "0: veth0" "$(listed in_host)"
works "  detach" attacked detach veth0
# A parent that is root, with a root directory of another user that has a symbolic link for /sys.
mkdir -p "$WORK/tree" "$WORK/linked/fs/bpf"
ln -s "$WORK/linked" "$WORK/tree/sys"
must mount --bind /sys/fs/bpf/theirs "$WORK/linked/fs/bpf"
linked() { /usr/bin/python3 "$(dirname "$0")/mounting_parent.py" --root "$WORK/tree" nsenter --net=/run/netns/host "$@"; }
check "list does not follow the link" "0: " "$(listed linked)"
must umount "$WORK/linked/fs/bpf"
must rm -r /sys/fs/bpf/theirs

say "a daemon below ip netns exec holds the same lock as one outside"
printf '[policy]\ndirectory=%s\n' "$WORK" >"$WORK/configuration"
ip netns exec host "$POLICYCTL" daemon --config "$WORK/configuration" --docker-socket "$WORK/no-engine" >"$WORK/daemon" 2>&1 &
SPAWNED+=($!)
must wait_until 10 grep -q ready "$WORK/daemon"
out=$(in_host timeout 10 "$POLICYCTL" daemon --config "$WORK/configuration" --docker-socket "$WORK/no-engine" 2>&1)
check "the second one refuses" "1: policyctl: policyctl daemon runs already in this network namespace" "$?: $out"
stop "${SPAWNED[-1]}"
finish
