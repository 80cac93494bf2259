# shellcheck shell=bash
# A separate dockerd: in a network namespace, with all its files below one directory, and images without a registry. The
# lab and tests/docker use it. It needs wait.sh.

DOCKER=/usr/bin/docker # by its path: other things are called docker too

# A command in front of dockerd's command line; empty where the machine's /run/containerd is hidden already.
DOCKERD_IN=()

# A dockerd that finds a containerd in /run uses it, with the containers of another dockerd. So both get a /run of their
# own, and what they write there does not stay.
dockerd_out_of_sight() {
	# shellcheck disable=SC2016 # the inner shell's
	DOCKERD_IN=(unshare --mount --propagation slave -- bash -c '
		for place in /etc/docker /opt /run/containerd; do
			mkdir -p "$place" && mount -t tmpfs tmpfs "$place" || exit
		done
		exec "$@"' aside)
}

# What a dockerd needs and this machine lacks, in words.
dockerd_missing() {
	local tool missing=
	for tool in dockerd "$DOCKER" containerd runc iptables busybox; do
		command -v "$tool" >/dev/null || missing+=" $tool"
	done
	[ -n "$missing" ] || ! ldd "$(command -v busybox)" >/dev/null 2>&1 || missing=" a static busybox"
	echo "${missing:+missing:$missing}"
}

docker_of() { # DIRECTORY ARGUMENTS...
	timeout 600 "$DOCKER" -H "unix://$1/docker.sock" "${@:2}"
}

# The options of such a dockerd: its files, cgroups and addresses are its own.
dockerd_options() { # DIRECTORY CGROUP
	echo "--config-file $1/daemon.json --data-root $1/data --exec-root $1/exec --pidfile $1/dockerd.pid" \
		"-H unix://$1/docker.sock --cgroup-parent /$2 --exec-opt native.cgroupdriver=cgroupfs" \
		"--userland-proxy=false --bip 198.18.1.1/24 --default-address-pool base=198.18.128.0/17,size=24"
}

# True as soon as dockerd answers. Its output is in DIRECTORY/log. It is a child of this shell, its pid in DIRECTORY/pid.
# A dockerd that was killed or stopped may be started in its directory again. DIRECTORY/cgroup, the cgroup of its
# containers, and DIRECTORY/daemon.json, its configuration, may be there already.
dockerd_start() { # NETNS DIRECTORY [OPTION...]
	local netns=$1 directory=$2
	mkdir -p "$directory" || return
	[ -e "$directory/cgroup" ] || echo "policyctl-$(</proc/sys/kernel/random/uuid)" >"$directory/cgroup"
	[ -e "$directory/daemon.json" ] || echo '{}' >"$directory/daemon.json" # not the machine's
	rm -f "$directory/dockerd.pid"
	# nsenter, since `ip netns exec` hides the cgroups. In a session of its own, so that Ctrl-C does not reach it.
	# shellcheck disable=SC2046 # words
	nsenter --net="/run/netns/$netns" -- setsid "${DOCKERD_IN[@]}" \
		dockerd $(dockerd_options "$directory" "$(<"$directory/cgroup")") "${@:3}" </dev/null >>"$directory/log" 2>&1 &
	echo $! >"$directory/pid"
	wait_until 30 dockerd_answers_or_is_over "$directory" && dockerd_answers "$directory"
}

dockerd_answers() { # DIRECTORY
	[ -S "$1/docker.sock" ] && docker_of "$1" version >/dev/null 2>&1
}

dockerd_is_over() { # DIRECTORY
	! grep -qasF -- "$1/exec" "/proc/$(<"$1/pid")/cmdline"
}

# Waits until nsenter and the other commands in front have become dockerd.
dockerd_answers_or_is_over() { # DIRECTORY
	! kill -0 "$(<"$1/pid")" 2>/dev/null || dockerd_answers "$1"
}

# All that is left of a dockerd, however it ended, one "WHAT ID" a line. Its processes name its directory, those of its
# containers are in its cgroups.
dockerd_left() { # DIRECTORY CGROUP
	{
		grep -lasFf - /proc/[0-9]*/cmdline <<<"$1/exec" | cut -d/ -f3 # not as an argument: that is a command line, too
		find /sys/fs/cgroup -path "*/$2*" -name cgroup.procs -exec cat {} +
	} 2>/dev/null | sort -u | sed 's/^/process /'
	find /sys/fs/cgroup -depth -type d -path "*/$2*" -printf 'cgroup %p\n' 2>/dev/null
	awk -v below="$1/" 'index($5, below) == 1 { print "mount", $5 }' /proc/self/mountinfo | sort -r
}

dockerd_runs_nothing() { # DIRECTORY
	! dockerd_left "$1" "$(<"$1/cgroup")" | grep -q ^process
}

# Ends dockerd and its containers, and removes its directory and all else that is left.
dockerd_remove() { # DIRECTORY
	local what id
	[ -e "$1/cgroup" ] || return 0
	if dockerd_answers "$1"; then
		docker_of "$1" ps -aq | xargs -r timeout 20 "$DOCKER" -H "unix://$1/docker.sock" rm -f >/dev/null
	fi
	dockerd_is_over "$1" || kill "$(<"$1/pid")"
	wait_until 10 dockerd_runs_nothing "$1"
	while read -r what id; do
		case $what in
		process) kill -KILL "$id" ;;
		cgroup) rmdir "$id" ;;
		mount) umount "$id" ;;
		esac
	done < <(dockerd_left "$1" "$(<"$1/cgroup")")
	wait_until 10 dockerd_runs_nothing "$1" || echo "dockerd in $1 does not end" >&2
	rm -rf "$1"
}

# Makes a root directory with busybox and all its applets.
busybox_tree() { # DIRECTORY
	local applet
	mkdir -p "$1"/{bin,tmp,proc,sys,dev,etc} && cp "$(command -v busybox)" "$1/bin/" || return
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -sf busybox "$1/bin/$applet"
	done
}

docker_import() { # DIRECTORY TREE IMAGE
	tar -C "$2" -c . | docker_of "$1" import - "$3" >/dev/null
}
