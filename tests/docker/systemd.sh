#!/bin/bash
# packaging/policyctl.service under a real systemd: PID 1 of a namespace of its own, with this unit, docker's and empty
# targets. policyctl is ready before docker begins. Its privileges are enough and no more. When it is killed, hangs or
# is reloaded, containers keep their policy.
. "$(dirname "$0")/lib.sh"

SYSTEMD=/lib/systemd/systemd
UNITS=$WORK/units
UNIT=$(dirname "$POLICYCTL")/packaging/policyctl.service

# --- a machine ------------------------------------------------------------------------------------------

# Below cgroups of this run in all hierarchies: a cgroup namespace begins at the current cgroup.
enter_own_cgroups() {
	local directory hierarchy file
	for directory in /sys/fs/cgroup{,/*}; do
		[ -e "$directory/cgroup.procs" ] || continue
		hierarchy=$directory/$RUN
		mkdir -p "$hierarchy"
		for file in cpuset.cpus cpuset.mems; do
			[ ! -e "$hierarchy/$file" ] || cat "$directory/$file" >"$hierarchy/$file" 2>/dev/null
		done
		echo 0 >"$hierarchy/cgroup.procs"
	done
}

# What a container manager prepares; systemd mounts its cgroups itself. Kernel settings that belong to no namespace are
# not changed.
become_systemd() {
	local settings
	# One bpffs, that of the sandbox, and no other below it: of two mounts in one place, systemd would make the
	# hidden one writable.
	mount -t tmpfs tmpfs /tmp && mkdir /tmp/bpf && mount --bind /sys/fs/bpf /tmp/bpf &&
		umount --recursive --lazy /sys && mount -t sysfs sysfs /sys && mount --move /tmp/bpf /sys/fs/bpf &&
		mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup || exit
	for settings in /proc/sys/{fs,kernel,vm,debug,dev}; do
		mount --bind -o ro "$settings" "$settings"
	done
	if [ -n "$UNIFIED" ]; then
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
	else
		mkdir /sys/fs/cgroup/systemd && mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
	fi
	exec env -i container=policyctl-test PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		SYSTEMD_UNIT_PATH="$UNITS" SYSTEMD_GENERATOR_PATH=/nowhere SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere \
		"$SYSTEMD" --system --unit=multi-user.target --log-target=console --log-level=info --show-status=0
}

boot() {
	UNIFIED=
	[ ! -e /sys/fs/cgroup/cgroup.procs ] || UNIFIED=yes
	export -f become_systemd
	export SYSTEMD UNITS UNIFIED
	(
		enter_own_cgroups
		exec nsenter --net=/run/netns/host unshare --mount --pid --cgroup --uts --ipc --fork --kill-child \
			--mount-proc bash -c become_systemd
	) </dev/null >"$WORK/systemd.log" 2>&1 &
	MACHINE=$!
	wait_until 20 is_up
}

in_machine() {
	nsenter --target "$(pgrep -P "$MACHINE")" --mount --pid --cgroup -- "$@"
}

# Process ids are those of the machine.
in_docker() { # CONTAINER COMMAND...
	in_machine nsenter --net="/proc/$(pid_of "$1")/ns/net" -- "${@:2}"
}

# Only its own processes may ask it.
systemctl() { in_machine systemctl "$@"; }

is_up() {
	systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded|starting'
}

property() { # UNIT NAME
	systemctl show "$1" --property "$2" --value
}

# Docker ends with this machine.
docker_down() {
	kill -KILL "$MACHINE"
	wait "$MACHINE" 2>/dev/null
}

is_active() { [ "$(property "$1" ActiveState)" = active ]; }

# --- its units ------------------------------------------------------------------------------------------

write_units() {
	local target
	mkdir -p "$UNITS/policyctl.service.d"
	for target in sysinit basic shutdown multi-user; do
		printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' $target >"$UNITS/$target.target"
	done
	printf 'Wants=policyctl.service docker.service\n' >>"$UNITS/multi-user.target"
	cp "$POLICYCTL" "$WORK/policyctl" # /home is not there for the unit
	sed "s|^\\(Exec[A-Za-z]*=\\)/[^ ]*/policyctl|\\1$WORK/policyctl|" "$UNIT" >"$UNITS/policyctl.service"
	cat >"$UNITS/policyctl.service.d/test.conf" <<-CONF
		[Service]
		WatchdogSec=3s
		StandardError=append:$DAEMON_LOG
	CONF
	cat >"$UNITS/docker.service" <<-UNIT
		[Service]
		Type=notify
		ExecStart=$(command -v dockerd) $(dockerd_options "$DOCKER_DIR" containers)
		Delegate=yes
		KillMode=process
		StandardOutput=append:$DOCKER_DIR/log
		StandardError=append:$DOCKER_DIR/log
	UNIT
}

# --- what it does there ---------------------------------------------------------------------------------

docker_sandbox "$@"
need systemctl systemd-analyze pgrep
[ -x "$SYSTEMD" ] || skip "$SYSTEMD is missing"
[ -e "$UNIT" ] || skip "$UNIT is not built"

say "as it is written"
check "systemd has nothing to say about it" "" \
	"$(systemd-analyze verify "$UNIT" 2>&1 | grep -v 'policyctl is not executable')"
check_true "and what is left to it is little" systemd-analyze security --offline=true --threshold=35 "$UNIT"

say "a machine comes up"
mkdir -p /etc/policyctl/policies
configure() { printf '%s\n' '[daemon]' "docker-socket = $DOCKER_SOCKET" 'log-format = json' "$@" >/etc/policyctl/policyctl.conf; }
configure
write_units
boot || skip "systemd does not come up here: $(tail -n 1 "$WORK/systemd.log")"
check_true "policyctl.service comes up" wait_until 20 is_active policyctl
must wait_until 30 is_active docker
check_true "ready before docker.service begins" \
	test "$(property policyctl ActiveEnterTimestampMonotonic)" -le "$(property docker InactiveExitTimestampMonotonic)"
must make_image

# Its capabilities, in the kernel's own numbers (include/uapi/linux/capability.h).
NET_ADMIN=12 PERFMON=38 BPF=39
status_of_daemon() { # FIELD
	in_machine sed -n "s/^$1:[[:space:]]*//p" "/proc/$(property policyctl MainPID)/status"
}
check "it may do what its work takes, and nothing else" \
	"$(printf '%016x' $((1 << NET_ADMIN | 1 << PERFMON | 1 << BPF)))" "$(status_of_daemon CapBnd)"
check "  now" "$(status_of_daemon CapBnd)" "$(status_of_daemon CapPrm)"
check "system calls are filtered" 2 "$(status_of_daemon Seccomp)"

say "containers"
web() { # NAME [DOCKER-OPTION...]
	must d run -d --name "$1" --restart always "${@:2}" image /bin/busybox httpd -f -p 80
}
answers_tcp() { in_host curl -so /dev/null -m 1 "http://$(address_of "$1")/"; }
answers_ping() { in_host ping -qc1 -W1 "$(address_of "$1")"; }
is_held_to_it() { # WHEN
	check_false "$1: no TCP for the one that may not" answers_tcp denied
	check_true "$1: ping for it" answers_ping denied
}
programs() { xdp_id "$(veths_of denied)"; }

web denied --label policyctl.deny=tcp
web free
check_logged "the policy of its labels" '.message == "policy in force" and .container == "denied"'
is_held_to_it "at first"
check_true "TCP for the one without labels" answers_tcp free
check "it writes the history, which only root can read" "attached 700" \
	"$(in_machine env -u POLICYCTL_HISTORY nsenter --net=/proc/1/ns/net "$WORK/policyctl" history container:denied --json |
		jq -r '.[0].event') $(in_machine stat -c %a /var/lib/policyctl)"
check_match "by the name of the container: it outlives this boot" '^container-denied-[0-9a-f]{16}$' \
	"$(in_machine ls /var/lib/policyctl/history)"

say "killed"
before=$(programs)
restarted() { [ "$(property policyctl NRestarts)" = "$1" ] && is_active policyctl; }
must systemctl kill --signal KILL policyctl
is_held_to_it "while it is dead"
check_true "it is started again" wait_until 10 restarted 1
check "and what was in force is" "$before" "$(programs)"

say "hanging"
must systemctl kill --signal STOP policyctl
check_true "the watchdog notices, it is started again" wait_until 15 restarted 2
check "and what was in force is" "$before" "$(programs)"

say "reload"
mark
configure '[policy]' 'unlabelled = strict'
echo 'deny tpc' >/etc/policyctl/policies/strict.policy
check_false "with an error in a file it fails" systemctl reload policyctl
check_true "and changes nothing" answers_tcp free
echo 'deny tcp' >/etc/policyctl/policies/strict.policy
check_true "with none it does not" systemctl reload policyctl
check_logged "and is followed" '.message == "policy in force" and .container == "free"'
check_false "by all of it" answers_tcp free

say "stopped"
must systemctl stop policyctl
is_held_to_it "after that"
must systemctl start policyctl
check "after a start, what was in force is" "$before" "$(programs)"

say "connections of a container that runs"
echo 'allow any' >/etc/policyctl/policies/running.policy
must talk running 20 -d --label policyctl.policy=running --
open_talk running 10020
talks "one is open"
mark
printf '%s\n' 'default deny' 'allow to tcp dport 10020' 'allow to established' 'allow from established' \
	>/etc/policyctl/policies/running.policy
check_logged "they are adopted" '.message | endswith(": 1 open connection is adopted")'
talks "it goes on"
kill "$TALK_PID"

say "docker, started again"
mark
must systemctl restart docker
must wait_until 20 docker_answers
check_logged "its container comes back, and has its policy" \
	'.message == "policy in force" and .container == "denied"'
is_held_to_it "with it"

must remove_containers
wait_until 10 no_pins_left
must systemctl stop policyctl
finish
