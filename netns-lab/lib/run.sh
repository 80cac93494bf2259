# shellcheck shell=bash
# Runs experiments. An experiment is a file in experiments/ that sets TITLE and defines experiment(). It sets DRIVERS if
# it works with only one of them, and defines cannot_run() if it needs what may be missing: that prints the reason.

TOOLS="ip tc nft bpftool nping ping curl tcpdump tshark iptables jq ethtool nsenter sysctl python3"
RUN_DIR=
RUN_PID=
LAB_STAYS= # set while one experiment after the other uses the lab that is up
RUN_MADE_IT= # set if this run brought it up

experiment_files() {
	printf '%s\n' "$LAB_DIR"/experiments/*.sh | sort -V
}

# 1.2-drop-tcp.sh is 1.2, ipv6.sh is ipv6.
id_of() {
	local id=${1##*/}
	id=${id%.sh}
	[[ $id != [0-9]* ]] || id=${id%%-*}
	echo "$id"
}

lab_list() {
	local file
	experiment_files | while read -r file; do
		(
			# shellcheck source=/dev/null
			. "$file"
			printf '%-22s %s\n' "$(id_of "$file")" "$TITLE"
		)
	done
}

drives() { # DRIVER FILE
	(
		DRIVERS=$1
		# shellcheck source=/dev/null
		. "$2"
		[[ " $DRIVERS " = *" $1 "* ]]
	)
}

# The files for an ID on the command line.
files_of() {
	local file
	experiment_files | while read -r file; do
		# shellcheck disable=SC2053 # a pattern
		if [ "$1" = all ] || [[ $(id_of "$file") = $1 ]]; then echo "$file"; fi
	done
}

missing_tools() { # TOOL...
	local tool
	for tool; do
		command -v "$tool" >/dev/null || printf '%s ' "$tool"
	done
}

# For cannot_run.
needs() { # TOOL...
	local missing
	missing=$(missing_tools "$@")
	[ -z "$missing" ] || echo "missing: $missing"
}

clean_up() {
	trap '' INT TERM HUP
	[ -z "$RUN_PID" ] || kill "$RUN_PID" 2>/dev/null
	if lab_is_up; then
		if [ -n "$LAB_STAYS" ] && [ -n "$RUN_PID" ]; then
			undeny_all >/dev/null 2>&1
			restore_topology >&2
		fi
		[ -z "$LAB_MADE" ] || lab_down >&2
	fi
	leave_no_iproute2
	rm -rf "$RUN_DIR"
}

# In a subshell, which may end at any point; in the background, so that a signal reaches this shell at once.
run_experiment() {
	experiment &
	RUN_PID=$!
	wait $RUN_PID
	RUN_PID=
}

run_one() { # FILE DRIVER
	local before after
	local reason
	DRIVER=$2 MODE=
	cannot_run() { :; }
	# shellcheck source=/dev/null
	. "$1"
	TAP_CONTEXT="$(id_of "$1") $DRIVER: "
	! by_hand || TAP_CONTEXT="$(id_of "$1") by hand: "
	echo "#"
	say "$TAP_CONTEXT$TITLE"
	reason=$(cannot_run)
	if [ -n "$reason" ]; then
		pass "it runs # SKIP $reason"
		return
	fi
	rm -f "$RUN_DIR"/{ids,pids,namespaces}
	touch "$RUN_DIR"/{ids,pids,namespaces}
	if [ -n "$LAB_STAYS" ] && find_veth || lab_up; then
		mark_topology
		before=$(host_state)
		run_experiment
		undeny_all
		restore_topology
		after=$(host_state)
		check_same "XDP, qdiscs, filters and firewall of the host are as before" "$before" "$after"
		check "no pin is left" nothing "$(pins_or_nothing)"
		[ -n "$LAB_STAYS" ] || cp "$LAB_STATE/pids" "$LAB_STATE/namespaces" "$RUN_DIR/"
	else
		fail "the topology comes up"
	fi
	[ -n "$LAB_STAYS" ] || lab_down
	nothing_left
}

# The topology stays from one experiment to the next if one was up already, and with docker, which takes seconds.
use_topology() {
	if lab_is_up; then
		[ "$CONTAINERS" = "$(containers_up)" ] ||
			die "the lab that is up is one of another driver: lab down, or set LAB_NAME"
	elif [ "$CONTAINERS" = docker ]; then
		TAP_CONTEXT="docker: "
		lab_up
		case $? in
		0) RUN_MADE_IT=yes ;;
		77) skip "$NO_DOCKER" ;;
		*) die "the topology did not come up" ;;
		esac
	else
		return
	fi
	LAB_STAYS=yes
}

# Takes down a topology that was made for all experiments of this run.
end_topology() {
	[ -n "$RUN_MADE_IT" ] || return 0
	cp "$LAB_STATE/pids" "$LAB_STATE/namespaces" "$DOCKER_STATE/cgroup" "$RUN_DIR/"
	LAB_STAYS=
	lab_down
	TAP_CONTEXT="docker: "
	nothing_left
}

# Sets files, drivers and CONTAINERS.
run_arguments() {
	local found
	while [ $# -gt 0 ]; do
		case $1 in
		--driver=*) set -- --driver "${1#*=}" "${@:2}" && continue ;;
		--driver)
			case ${2-} in
			hand | policyctl) drivers=$2 ;;
			docker) drivers=$2 CONTAINERS=docker ;;
			both) ;;
			*) usage_error "--driver is hand, policyctl, both or docker" ;;
			esac
			shift
			;;
		-h | --help) usage && exit 0 ;;
		-*) usage_error "unknown option '$1'" ;;
		*)
			mapfile -t found < <(files_of "$1")
			[ ${#found[@]} -gt 0 ] || usage_error "no experiment is called '$1'"
			files+=("${found[@]}")
			;;
		esac
		shift
	done
	[ ${#files[@]} -gt 0 ] || usage_error "which experiments? lab list shows them"
}

check_fitness() {
	local missing
	[ "$(id -u)" = 0 ] || skip "needs root"
	# shellcheck disable=SC2086 # words
	missing=$(missing_tools $TOOLS)
	[ -z "$missing" ] || skip "missing: $missing"
	[ -e "$POLICYCTL_BUILD/policy.bpf.o" ] || die "no policy.bpf.o: build, or set POLICYCTL_BUILD"
	[ "$drivers" = hand ] || [ -x "$POLICYCTL_BUILD/policyctl" ] ||
		die "no policyctl: build, or set POLICYCTL_BUILD, or run --driver hand"
}

lab_run() {
	local drivers="hand policyctl" files=() driver file
	run_arguments "$@"
	check_fitness
	cd "$POLICYCTL_BUILD" || exit 1
	RUN_DIR=$(mktemp -d) || die "no temporary directory"
	note_iproute2
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	use_topology
	TAP_STORY=yes
	tap_begin "$RUN_DIR/checks"
	for file in "${files[@]}"; do
		for driver in $drivers; do
			if drives "$driver" "$file"; then
				run_one "$file" "$driver"
			else
				say "$(id_of "$file"): not by $driver"
			fi
		done
	done
	end_topology
	tap_end
	exit
}
