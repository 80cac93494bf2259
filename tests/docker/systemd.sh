#!/bin/bash
# The units of packaging/ under a real systemd: PID 1 of a namespace of its own, with these units, docker's and empty
# targets. policyctl is ready before docker begins. Its privileges are enough and no more. When it is killed, hangs, is
# reloaded or replaced, containers keep their policy. What docker starts at boot has it from its first packet on.
. "$(dirname "$0")/lib.sh"

SYSTEMD=/lib/systemd/systemd
UNITS=$WORK/units
BUILT=$(dirname "$POLICYCTL")/packaging # units with an @…@ replaced
UNIT=$BUILT/policyctl.service

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
	local target unit
	mkdir -p "$UNITS"/policyctl.service.d "$UNITS/policyctl.target.wants"
	for target in sysinit basic shutdown multi-user; do
		printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' $target >"$UNITS/$target.target"
	done
	printf 'Wants=policyctl.target docker.service\n' >>"$UNITS/multi-user.target"
	cp "$POLICYCTL" "$WORK/policyctl" # /home is not there for the unit
	cp "$TESTS/../packaging/policyctl.target" "$UNITS"
	for unit in policyctl policyctl-sidecar@ policyctl-hold@; do
		sed "s|^\\(Exec[A-Za-z]*=\\)/[^ ]*/policyctl|\\1$WORK/policyctl|" "$BUILT/$unit.service" >"$UNITS/$unit.service"
	done
	# As `systemctl enable policyctl policyctl-sidecar@web` links them.
	ln -s ../policyctl.service "$UNITS/policyctl.target.wants/"
	ln -s ../policyctl-sidecar@.service "$UNITS/policyctl.target.wants/policyctl-sidecar@web.service"
	cat >"$UNITS/policyctl.service.d/test.conf" <<-CONF
		[Service]
		WatchdogSec=3s
		StandardError=append:$DAEMON_LOG
	CONF
	for unit in policyctl-hold@ policyctl-sidecar@; do
		mkdir -p "$UNITS/$unit.service.d"
		printf '[Service]\nStandardError=append:%s\n' "$WORK/other.log" >"$UNITS/$unit.service.d/test.conf"
	done
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
check "systemd has nothing to say about the units" "" \
	"$(SYSTEMD_UNIT_PATH=$BUILT:$TESTS/../packaging:/lib/systemd/system systemd-analyze verify --man=no \
		"$BUILT"/policyctl{,-hold@,-sidecar@}.service "$TESTS/../packaging/policyctl.target" 2>&1 |
		grep -v 'policyctl is not executable')"
for unit in policyctl policyctl-sidecar@ policyctl-hold@; do
	check_true "what is left to $unit.service is little" \
		systemd-analyze security --offline=true --threshold=35 "$BUILT/$unit.service"
done

say "a machine comes up"
mkdir -p /etc/policyctl/policies
configure() { printf '%s\n' '[daemon]' "docker-socket = $DOCKER_SOCKET" 'log-format = json' "$@" >/etc/policyctl/policyctl.conf; }
configure
write_units
boot || skip "systemd does not come up here: $(tail -n 1 "$WORK/systemd.log")"
check_true "policyctl.service comes up" wait_until 20 is_active policyctl
must wait_until 30 is_active docker
for unit in policyctl policyctl-sidecar@web policyctl.target; do
	check_true "$unit: ready before docker.service begins" \
		test "$(property $unit ActiveEnterTimestampMonotonic)" -le "$(property docker InactiveExitTimestampMonotonic)"
	check "and it is" active "$(property $unit ActiveState)"
done
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

say "replaced"
HOLD=policyctl-hold@_daemon
: >"$WORK/other.log"
must systemctl restart policyctl
check "what holds new veths meanwhile began, and ended without an error" "holding new veths until a daemon is ready, ending" \
	"$(jq -r .message "$WORK/other.log" | grep -E '^(holding|ending)' | paste -sd, | sed 's/,/, /')"
check "it is gone" inactive "$(property $HOLD ActiveState)"
holding=$(jq -r 'select(.message | startswith("holding")) | .time' "$WORK/other.log")
check_true "it held before the old daemon ended" test \
	"$(whole_log '.message == "ending: policies stay in force"' | jq -r .time | tail -n 1)" '>' "$holding"
check "what was in force is" "$before" "$(programs)"

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

say "the next boot"
# They send from their first instruction on. `web` has a sidecar, whose options are in a file.
must remove_containers
mkdir -p /etc/policyctl/sidecar
echo 'POLICYCTL_OPTIONS="--deny udp"' >/etc/policyctl/sidecar/web
configure
must systemctl reload policyctl
must systemctl restart policyctl-sidecar@web
sends() { # NAME NUMBER [DOCKER-OPTION...]
	must talk "$1" "$2" -d --restart always "${@:3}" -- --rate 200 198.18.1.1
}
sends web 41
sends first 42 --label policyctl.deny=udp
sends second 43 --label policyctl.deny='tcp icmp'
sends open 44
enforced() { [ "$(policies_in_force)" = 3 ]; }
policies_in_force() { in_host "$POLICYCTL" list --json | jq '[.[] | select(.enforcing)] | length'; }
check_true "three have a policy" wait_until 10 enforced
docker_down # the power fails
no_veths() { [ -z "$(ip -n host -o link show type veth)" ]; }
must wait_until 10 no_veths
rm -r /sys/fs/bpf/policyctl # so is what the kernel held
counter boot docker0
boot
must wait_until 30 is_active docker
seen() { # NUMBER PROTOCOLS
	count
	[ "$(counted_of boot "$2" "$1")" != 0 ]
}
check_true "what web may passes" wait_until 20 seen 41 'tcp|icmp'
check_true "what first may" wait_until 20 seen 42 'tcp|icmp'
check_true "what second may" wait_until 20 seen 43 udp
check_true "what one without a policy sends" wait_until 20 seen 44 udp
count
check "denied packets since the boot: of web, by its sidecar" 0 "$(counted_of boot udp 41)"
check "of first" 0 "$(counted_of boot udp 42)"
check "of second" 0 "$(counted_of boot 'tcp|icmp' 43)"
for name in web first second; do
	check_true "$name had sent such" test "$(counted "$(veths_of $name)" dropped)" -gt 0
done

must remove_containers
wait_until 10 no_pins_left
must systemctl stop policyctl policyctl-sidecar@web
must systemctl stop "$HOLD" policyctl-hold@web
finish
