#!/usr/bin/env bash
# The part of fresh.sh that runs in mount, pid and cgroup namespaces of its own; it makes the root, and enters a
# network namespace of its own once the packages are there.
set -euo pipefail

root=$FRESH_WORK/root

say() {
	printf '\n== %s\n' "$*"
}

# The machine's root as it is, or a new one, below a layer that takes all changes.
make_root() {
	[ "$FRESH_PART" != short ] || mount -t tmpfs -o mode=0755 fresh "$FRESH_WORK/layers"
	mkdir "$FRESH_WORK/layers/upper" "$FRESH_WORK/layers/work"
	mount -t overlay -o "lowerdir=$FRESH_LOWER,upperdir=$FRESH_WORK/layers/upper,workdir=$FRESH_WORK/layers/work" \
		fresh "$root"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs -o mode=0755 run "$root/run"
	mount -t tmpfs -o mode=1777 tmp "$root/tmp"
	mkdir -p "$root/root/policyctl"
	mount --bind "$FRESH_WORK/policyctl" "$root/root/policyctl"
	[ "$FRESH_PART" = short ] || {
		cp /etc/resolv.conf "$root/etc/resolv.conf"
		cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
		rm -f "$root"/etc/apt/apt.conf.d/*docker*
		mount --bind "$FRESH_ARCHIVES" "$root/var/cache/apt/archives"
	}
}

# In the new network namespace, whose /sys it has to be; without a bpffs. The control groups are as the machine has them.
make_sys() {
	local mounts place type options
	mounts=$(grep -E '^[^ ]+ /sys/fs/cgroup[ /]' /proc/mounts || true) # read before it grows
	mount -t sysfs sysfs "$root/sys"
	while read -r _ place type options _; do
		case $type in
		tmpfs) mount -t tmpfs -o mode=0755 cgroup "$root$place" ;;
		cgroup | cgroup2)
			mkdir -p "$root$place"
			mount -t "$type" -o "$(own_options "$type" "$options")" "$type" "$root$place"
			;;
		esac
	done <<<"$mounts"
	ip link set lo up
}

# The new root becomes the root of this mount namespace: in a chroot nobody may make a user namespace.
enter_root() {
	cd "$root"
	mkdir -p mnt
	pivot_root . mnt
	cd /
	umount -l /mnt
	root=/
}

# Of a hierarchy of version 1: the words that name it.
own_options() { # TYPE OPTIONS
	[ "$1" = cgroup ] || {
		echo rw
		return
	}
	tr , '\n' <<<"$2" | grep -vxE 'rw|ro|nosuid|nodev|noexec|relatime' | paste -sd,
}

in_root() {
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM-dumb}" \
		FRESH=inside ${CI+CI="$CI"} chroot "$root" bash -c "cd /root/policyctl && $1"
}

# The ids of programs grow as long as the machine runs: from here on they have seven digits.
long_ids() {
	python3 /root/policyctl/tests/fresh/raise_ids.py 1000000
}

# One short test of each label.
one_of_each() { # BUILD
	local tests='unit.ids golden.design prog.vlan cli.attach-detach lab.2.4.1-attach-both docker.held house.includes'
	ctest --test-dir "$1" --no-tests=error --output-on-failure -R "^(${tests// /|})\$"
}

both_commands() {
	say "netns-lab/demo.sh"
	netns-lab/demo.sh
	say "tests/run.sh"
	tests/run.sh
}

case ${1-} in
"")
	make_root
	[ "$FRESH_PART" = short ] || {
		say "packages"
		in_root 'apt-get update -q && .ci/install-packages' >"$FRESH_WORK/packages.log" 2>&1 || {
			tail -n 40 "$FRESH_WORK/packages.log"
			exit 1
		}
		tail -n 1 "$FRESH_WORK/packages.log"
	}
	unshare --net --mount --propagation private "$0" network
	;;
network)
	make_sys
	enter_root
	export -f say both_commands long_ids one_of_each
	functions=$(declare -f say both_commands long_ids one_of_each)
	case $FRESH_PART in
	short)
		in_root "set -euo pipefail; $functions
			! grep -q ' bpf ' /proc/mounts || { echo 'a bpffs is mounted already'; exit 1; }
			netns-lab/demo.sh
			cmake -S . -B build >/dev/null
			cmake --build build -j2 --target policyctl ids_test show_policy prog_vlan_test cli_probe \
				docker_talker docker_counter docker_stream >/dev/null
			one_of_each build"
		;;
	docker)
		in_root 'set -x; dockerd --version; podman --version; tshark --version | head -1; tcpdump --version | head -1' 2>&1
		in_root "tests/run.sh -R '$FRESH_TESTS'"
		;;
	whole)
		in_root "set -euo pipefail; $functions
			both_commands
			say 'the same with program ids of seven digits'
			long_ids
			netns-lab/demo.sh
			tests/run.sh -L cli"
		;;
	esac
	;;
esac
