#!/usr/bin/env bash
# The part of package.sh for one release, in mount and pid namespaces of its own. The machine that it boots has further
# ones, and a network namespace without a way out.
set -uo pipefail
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/wait.sh
. "$(dirname "$0")/../lib/wait.sh"

ROOT=$PACKAGE_WORK/root
MACHINE=
export TAP_CONTEXT="$PACKAGE_SUITE: "

must() {
	"$@" >"$PACKAGE_WORK/out" 2>&1 || {
		fail "preparing: $*" "$(tail -n 20 "$PACKAGE_WORK/out")"
		tap_end
		exit 1
	}
}

# --- a machine ------------------------------------------------------------------------------------------

make_root() {
	# dockerd wants a file system that overlays can be made of.
	mount -t tmpfs -o mode=0755 layers "$PACKAGE_WORK/layers"
	mkdir "$PACKAGE_WORK/layers"/{upper,work,docker}
	mount -t overlay -o "lowerdir=$PACKAGE_LOWER,upperdir=$PACKAGE_WORK/layers/upper,workdir=$PACKAGE_WORK/layers/work" \
		root "$ROOT"
	mkdir -p "$ROOT"/{debs,programs,records,var/lib/docker}
	mount --bind "$PACKAGE_WORK/layers/docker" "$ROOT/var/lib/docker"
	mount --bind "$PACKAGE_FILES/debs" "$ROOT/debs"
	mount --bind "$PACKAGE_FILES/programs" "$ROOT/programs"
	cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
	cp -r /etc/apt/apt.conf.d/. "$ROOT/etc/apt/apt.conf.d/"
	rm -f "$ROOT"/etc/apt/apt.conf.d/*docker*
}

in_root() { # SHELL-COMMAND: with the network of this machine, before the boot
	mount -t proc proc "$ROOT/proc"
	mount --rbind /dev "$ROOT/dev"
	mount --bind "$PACKAGE_ARCHIVES" "$ROOT/var/cache/apt/archives"
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$ROOT" bash -c "$1"
	local status=$?
	umount "$ROOT/var/cache/apt/archives" && umount -l "$ROOT/dev" && umount "$ROOT/proc"
	return $status
}

# Below a cgroup of this run: a cgroup namespace begins at the current one.
enter_own_cgroup() {
	local directory
	for directory in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		[ -e "$directory/cgroup.subtree_control" ] || continue
		mkdir -p "$directory/$PACKAGE_RUN" && echo 0 >"$directory/$PACKAGE_RUN/cgroup.procs"
	done
}

# What a container manager prepares. Kernel settings that belong to no namespace are not changed.
become_systemd() {
	local settings device
	mount --rbind "$ROOT" "$ROOT" && mount --make-rprivate "$ROOT" && cd "$ROOT" || exit
	mount -t proc proc proc && mount -t sysfs sysfs sys && mount -t cgroup2 cgroup2 sys/fs/cgroup &&
		mount -t bpf bpf sys/fs/bpf || exit # as systemd does where it is no container
	for settings in fs kernel vm debug dev; do
		[ ! -e proc/sys/$settings ] || mount --bind -o ro proc/sys/$settings proc/sys/$settings
	done
	mount -t tmpfs -o mode=755 dev dev && mkdir dev/pts dev/shm && mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
	ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd
	for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
		# shellcheck disable=SC2086 # words
		mknod -m 666 dev/${device%% *} c ${device#* }
	done
	mount -t tmpfs -o mode=755 run run && mount -t tmpfs tmp tmp
	mkdir -p mnt && pivot_root . mnt && cd / && umount -l /mnt || exit
	ip link set lo up
	exec env -i container=policyctl-test PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		/lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=0
}

boot() {
	export -f become_systemd
	export ROOT
	(
		enter_own_cgroup
		exec unshare --net --mount --propagation slave --pid --cgroup --uts --ipc --fork --kill-child --mount-proc \
			bash -c become_systemd
	) </dev/null >"$PACKAGE_WORK/systemd.log" 2>&1 &
	MACHINE=$!
	wait_until 30 is_up
}

is_up() { in_machine systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded|starting'; }

power_off() {
	kill -KILL "$MACHINE"
	wait "$MACHINE" 2>/dev/null
}

in_machine() {
	nsenter --target "$(pgrep -P "$MACHINE")" --mount --pid --cgroup --net --uts --ipc --wdns=/ -- \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

d() { in_machine docker "$@"; }
property() { in_machine systemctl show "$1" --property "$2" --value; }
is_active() { [ "$(property "$1" ActiveState)" = active ]; }
pid_of() { d inspect --format '{{.State.Pid}}' "$1"; }
address_of() { d inspect --format '{{.NetworkSettings.IPAddress}}' "$1"; }
listed() { in_machine policyctl list --json | jq -r "[.[] | select(.enforcing) | $1] | sort | join(\" \")"; }

# --- traffic --------------------------------------------------------------------------------------------

make_images() {
	# shellcheck disable=SC2016 # the inner shell's
	in_machine bash -c 'mkdir -p /tmp/tree/{bin,records,tmp,etc,proc,sys,dev} && cp /programs/busybox /tmp/tree/bin &&
		for applet in $(/programs/busybox --list); do
			[ $applet = busybox ] || ln -sf busybox /tmp/tree/bin/$applet
		done
		cp /programs/docker_talker /tmp/tree/talker && tar -C /tmp/tree -c . | docker import - busybox'
}

talk() { # NAME NUMBER [DOCKER-OPTION...]
	d run -d --name "$1" --volume /records:/records "${@:3}" busybox \
		/talker --number "$2" --record "/records/$1" --rate 50 198.18.1.1
}

counted() { # PROTOCOLS NUMBERS: regular expressions
	in_machine rm -f /tmp/count
	in_machine pkill -USR1 docker_counter
	wait_until 10 in_machine test -e /tmp/count
	# shellcheck disable=SC2016 # awk's
	in_machine awk -v p="^($1)$" -v n="^($2)$" '$1 ~ p && $2 ~ n { sum += $3 } END { print sum + 0 }' /tmp/count
}
seen() { [ "$(counted "$@")" != 0 ]; }

# --- the story ------------------------------------------------------------------------------------------

ours() { # files with our name, but for what the test put there
	(cd "$ROOT" && find . -xdev \( -path ./debs -o -path ./var/lib/docker -o -path ./programs -o -path ./proc -o -path ./sys \
		-o -path ./run -o -path ./tmp -o -path ./var/tmp \) -prune -o -name '*policyctl*' -print) | sort
}

install_it() {
	say "apt install"
	before=$(ours)
	must in_root 'apt-get update -q && apt-get install -y -q --no-install-recommends /debs/policyctl.deb'
	check_match "policyctl runs" '^policyctl ' "$(chroot "$ROOT" policyctl version)"
	# What the story needs besides.
	must in_root 'apt-get install -y -q --no-install-recommends systemd docker.io iproute2 iptables curl procps
		command -v docker >/dev/null || apt-get install -y -q --no-install-recommends docker-cli'
	mkdir -p "$ROOT/etc/docker"
	echo '{ "bip": "198.18.1.1/24" }' >"$ROOT/etc/docker/daemon.json"
}

first_boot() {
	say "the first boot"
	boot || fail "systemd comes up" "$(tail -n 20 "$PACKAGE_WORK/systemd.log")"
	must wait_until 60 is_active docker
	for unit in policyctl.service policyctl.target; do
		check "$unit" active "$(property $unit ActiveState)"
		ready=$(property $unit ActiveEnterTimestampMonotonic)
		check_true "  before docker.service" test "$ready" -gt 0 -a "$ready" -le \
			"$(property docker InactiveExitTimestampMonotonic)"
	done
	must make_images
	# A mail server outside.
	must in_machine ip netns add mail
	must in_machine ip link add out type veth peer name eth0 netns mail
	must in_machine sh -c 'ip addr add 198.18.0.1/24 dev out && ip link set out up && ip -n mail addr add 198.18.0.2/24 dev eth0 &&
		ip -n mail link set eth0 up && ip -n mail route add default via 198.18.0.1'
	in_machine ip netns exec mail /programs/busybox nc -ll -p 25 -e /programs/busybox true >/dev/null 2>&1 &
	disown
}

five_commands() {
	say "the commands of docs/docker.md"
	must d run -d --name web --label policyctl.deny=from:tcp/25 -p 8080:80 busybox httpd -f -h /
	must wait_until 10 in_force web
	check "curl" "$(d inspect --format '{{.Config.Hostname}}' web)" "$(in_machine curl -s -m 5 http://localhost:8080/etc/hostname)"
	check_true "a container without the label reaches the mail server" d run --rm busybox timeout 5 nc -w 3 198.18.0.2 25
	d exec web timeout 2 nc 198.18.0.2 25
	check "web does not" 143 $?
	must d restart -t 0 web
	check_true "restarted: it has its policy" wait_until 10 in_force web
	d exec web timeout 2 nc 198.18.0.2 25
	check "and does not reach it" 143 $?
	check_match "policyctl list" '^web +bridge +veth[0-9a-f]+ .*enforcing' "$(in_machine policyctl list)"
	check_match "policyctl show" 'deny from tcp dport 25' "$(in_machine policyctl show container:web)"
	check_match "in the journal the interface of web is a field" '^veth[0-9a-f]+$' \
		"$(in_machine journalctl -o json CONTAINER_NAME=web _SYSTEMD_UNIT=policyctl.service |
			jq -r 'select(.MESSAGE | startswith("policy in force")) | .POLICYCTL_INTERFACE' | tail -n 1)"
	must d rm -f web
}
in_force() { listed .container.name | grep -qw "$1"; }

next_boot() {
	say "a boot with containers that send from their first instruction"
	must talk first 11 --restart always --label policyctl.deny=udp
	must talk second 12 --restart always --label policyctl.deny='tcp icmp'
	must talk open 13 --restart always
	must wait_until 20 in_force second
	power_off
	mkdir -p "$ROOT/etc/systemd/system/docker.service.d"
	# The counter is there before docker is.
	cat >"$ROOT/etc/systemd/system/counter.service" <<-UNIT
		[Unit]
		DefaultDependencies=no
		Before=docker.service
		[Service]
		ExecStart=/programs/docker_counter docker0 /tmp/count
		[Install]
		WantedBy=multi-user.target
	UNIT
	mkdir -p "$ROOT/etc/systemd/system/multi-user.target.wants"
	ln -s ../counter.service "$ROOT/etc/systemd/system/multi-user.target.wants/"
	boot || fail "systemd comes up again" "$(tail -n 20 "$PACKAGE_WORK/systemd.log")"
	must wait_until 60 is_active docker
	check_true "what the first may passes" wait_until 30 seen 'tcp|icmp' 11
	check_true "what the second may passes" wait_until 30 seen udp 12
	check_true "what one without a policy sends" wait_until 30 seen udp 13
	check "denied packets of the first since the boot" 0 "$(counted udp 11)"
	check "of the second" 0 "$(counted 'tcp|icmp' 12)"
	check_true "they had sent such" has_dropped first
	check_true "both" has_dropped second
	must d rm -f first second open
}
has_dropped() {
	in_machine policyctl stats "container:$1" --json | jq -e '[.[0]["from", "to"].dropped.packets] | add > 0'
}

many() { seq 1 "$PACKAGE_MANY"; }

# Containers that exist: main process, start, programs.
running() {
	for i in $(many); do
		d inspect --format '{{.Name}} {{.State.Pid}} {{.State.StartedAt}}' "many$i"
	done
	in_machine policyctl list --json | jq -c '.[] | [.interface, .generation, .programs, .xdp, .tc]'
}

upgrade() {
	local i streams=() old new starts
	say "an upgrade, with $PACKAGE_MANY containers under traffic"
	for i in $(many); do
		must talk "many$i" $((100 + i)) --label policyctl.deny=udp
	done
	for i in $(many); do
		must wait_until 30 in_force "many$i"
	done
	for i in $(many); do
		in_machine /programs/docker_stream "$(address_of "many$i")" $((10000 + 100 + i)) >"$PACKAGE_WORK/stream$i" 2>&1 &
		streams+=($!)
	done
	old=$(running)
	pid=$(property policyctl MainPID)
	(for i in 1 2 3 4 5 6; do talk "new$i" $((200 + i)) --label policyctl.deny=udp; done) >"$PACKAGE_WORK/new" 2>&1 &
	starts=$!
	must in_machine apt-get install -y -q --no-install-recommends /debs/newer.deb
	wait "$starts"
	# shellcheck disable=SC2016 # dpkg-query's
	check_match "the newer version is installed" 'newer$' "$(in_machine dpkg-query -W -f '${Version}' policyctl)"
	check_true "its daemon runs" is_active policyctl
	check_true "as another process" test "$(property policyctl MainPID)" != "$pid"
	new=$(running | grep -vF "$(in_machine policyctl list --json | jq -r '.[] | select(.container.name | startswith("new")) | .interface' | sed 's/.*/"&"/')")
	check_same "containers run on, with the same programs" "$old" "$new"
	for i in 1 2 3 4 5 6; do
		check_true "new$i, which started meanwhile, has its policy" wait_until 20 in_force "new$i"
		check_true "  and sends" wait_until 20 seen 'tcp|icmp' $((200 + i))
	done
	in_machine pkill -TERM docker_stream
	wait "${streams[@]}"
	check "streams through all of it: whole, nothing lost" "$PACKAGE_MANY" "$(
		jq -s '[.[] | select(.sent == .returned and .sent > 0 and .wrong == 0 and .lost == 0 and (.broken | not))] | length' \
			"$PACKAGE_WORK"/stream[0-9]*)"
	check "denied packets of $PACKAGE_MANY + 6 containers that passed" 0 "$(counted udp '1..|2..')"
}

remove() {
	say "remove"
	must in_machine apt-get remove -y -q policyctl
	# shellcheck disable=SC2016 # the inner shell's
	check "nothing is attached" "" "$(in_machine sh -c 'tc filter show dev docker0; for i in /sys/class/net/veth*; do
		tc qdisc show dev ${i##*/} | grep clsact; ip link show ${i##*/} | grep prog; done')"
	check "nothing is pinned" "" "$(in_machine find /sys/fs/bpf -mindepth 1 ! -name '*.debug')"
	check "no process and no unit runs" "" "$(in_machine pgrep policyctl)$(in_machine systemctl --no-legend list-units 'policyctl*')"
	check_true "containers run on, and what was denied passes" wait_until 10 seen udp 101
	check "the configuration is there" yes "$([ ! -e "$ROOT/etc/policyctl/policyctl.conf" ] || echo yes)"
	must in_machine apt-get install -y -q --no-install-recommends /debs/newer.deb
	check_true "installed again, the daemon runs" is_active policyctl
	check_true "and containers have their policies" wait_until 20 in_force many1
}

purge() {
	say "purge"
	must in_machine apt-get purge -y -q policyctl
	check_same "no file of ours is left" "$before" "$(ours)"
	check "nothing is pinned" "" "$(in_machine find /sys/fs/bpf -mindepth 1 ! -name '*.debug')"
	check "nothing in /run" "" "$(in_machine find /run -name '*policyctl*')"
	check "no user of ours" "" "$(grep policyctl "$ROOT/etc/passwd")"
	check "no unit failed" "" "$(in_machine systemctl --no-legend --plain list-units --state failed 'policyctl*')"
}

tap_begin "$PACKAGE_WORK/checks"
make_root
install_it
first_boot
five_commands
next_boot
upgrade
remove
purge
power_off
tap_end
