# shellcheck shell=bash
# Shared by the scripts of this directory, beside tests/cli/lib.sh: a real dockerd in the sandbox, containers that send
# ("talkers"), counters of arriving packets, and `policyctl daemon`.
#
# dockerd runs in the network namespace `host`. All its files are under /run/work, which is a tmpfs of the sandbox, and
# /etc and /opt are its own. So dockerd ends with the sandbox, and with it its containers, mounts and namespaces. Only
# control groups are visible outside: they are below one of this run, which is removed at the end. The next run removes
# those of a killed run.

. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/dockerd.sh"

DOCKER_PROGRAMS=$POLICYCTL_BUILD
DOCKER_DIR=$WORK/docker
DOCKER_SOCKET=$DOCKER_DIR/docker.sock
export DOCKER_CONFIG=$DOCKER_DIR/client
RECORDS=$WORK/records   # containers: /records
POLICIES=$WORK/policies # the daemon's policy directory
DAEMON_CONFIG=$WORK/policyctl.conf
DAEMON_LOG=$WORK/daemon.log

docker_sandbox() {
	if [ -z "${IN_SANDBOX:-}" ]; then
		missing=$(dockerd_missing)
		[ -z "$missing" ] || skip "$missing"
		for file in talker counter stream; do
			[ -x "$DOCKER_PROGRAMS/docker_$file" ] || skip "docker_$file is not built"
		done
		remove_cgroups_of_the_dead
		RUN=$(cgroup_of_run $$)
		export RUN
		trap 'wait_until 5 remove_cgroups "$RUN"' EXIT
	fi
	sandbox "$@"
	own_directory /etc
	own_directory /opt
	own_directory /var/lib
	rm -rf /etc/policyctl # of this machine
	mkdir -p "$DOCKER_DIR" "$RECORDS" "$POLICIES"
	echo "$RUN" >"$DOCKER_DIR/cgroup"
	echo '{}' >"$DOCKER_DIR/daemon.json"
	: >"$DAEMON_LOG"
	new_netns host
}

# The cgroup of a run has its name of the process that made it. The number alone can be another one's, of another
# process namespace.
cgroup_of_run() { # PID
	echo "policyctl-test-$(stat -Lc %i /proc/self/ns/pid)-$1"
}

# Writes below this directory stay in the sandbox.
own_directory() {
	local own="$WORK/own$1"
	mkdir -p "$own/upper" "$own/work"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$own/upper,workdir=$own/work" "$1" 2>/dev/null ||
		skip "may not mount overlays here"
}

cgroups_of() { # RUN
	find /sys/fs/cgroup -maxdepth 2 -type d -name "$1" 2>/dev/null
}

remove_cgroups() { # RUN: 0 if none is left
	local cgroup
	for cgroup in $(cgroups_of "$1"); do
		find "$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null
	done
	[ -z "$(cgroups_of "$1")" ]
}

remove_cgroups_of_the_dead() {
	local cgroup
	for cgroup in $(cgroups_of "$(cgroup_of_run '*')"); do
		[ -d "/proc/${cgroup##*-}" ] || remove_cgroups "${cgroup##*/}"
	done
}

# --- dockerd --------------------------------------------------------------------------------------------

d() { docker_of "$DOCKER_DIR" "$@"; }

docker_answers() { dockerd_answers "$DOCKER_DIR"; }

docker_start() { # [DOCKERD-OPTION...]: waits until it answers
	dockerd_start host "$DOCKER_DIR" "$@"
	local status=$?
	DOCKERD=$(<"$DOCKER_DIR/pid")
	return $status
}

# The first dockerd of a script: if it cannot run here, the script is skipped.
docker_up() { # [DOCKERD-OPTION...]
	docker_start "$@" || skip "dockerd cannot run here: $(tail -n 1 "$DOCKER_DIR/log")"
	make_image >"$WORK/out" 2>&1 || skip "docker cannot import images here: $(tail -n 1 "$WORK/out")"
	d run --rm image /bin/busybox true >"$WORK/out" 2>&1 ||
		skip "docker cannot run containers here: $(tail -n 1 "$WORK/out")"
}

make_image() {
	local tree=$WORK/tree
	mkdir -p "$tree/bin" "$tree/records"
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s busybox "$tree/bin/sh"
	for program in talker counter stream; do
		cp "$DOCKER_PROGRAMS/docker_$program" "$tree/$program"
	done
	docker_import "$DOCKER_DIR" "$tree" image
}

docker_down() { docker_ends TERM; }
docker_kill9() { docker_ends KILL; }

docker_ends() { # SIGNAL
	[ -n "${DOCKERD:-}" ] || return 0
	kill "-$1" "$DOCKERD" 2>/dev/null
	wait "$DOCKERD" 2>/dev/null
	DOCKERD=
}

# If --live-restore was given to both, containers keep running.
docker_restart() { # [DOCKERD-OPTION...]
	docker_down
	must docker_start "$@"
}

# --- containers -----------------------------------------------------------------------------------------

# 198.18.64.1/22: 198.18.64.0/22
subnet_of() { # ADDRESS/LENGTH
	local -a bytes
	local number
	IFS=. read -ra bytes <<<"${1%/*}"
	number=$(((bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]) & -1 << (32 - ${1#*/})))
	echo "$((number >> 24)).$((number >> 16 & 255)).$((number >> 8 & 255)).$((number & 255))/${1#*/}"
}

# A network whose bridge is called br-NAME. ADDRESS is the bridge's, with its length: 198.18.64.1/22
network() { # NAME ADDRESS
	must d network create --subnet "$(subnet_of "$2")" --gateway "${2%/*}" \
		--opt "com.docker.network.bridge.name=br-$1" "$1"
}

# The same with IPv6: 198.18.NUMBER.1/24 and 2001:db8:NUMBER::1/64. --ip and --ip6 of a container end with the same
# number.
network6() { # NAME NUMBER
	must d network create --ipv6 --subnet "198.18.$2.0/24" --gateway "198.18.$2.1" \
		--subnet "2001:db8:$2::/64" --gateway "2001:db8:$2::1" \
		--opt "com.docker.network.bridge.name=br-$1" "$1"
}

# The MAC that docker chooses for an IPv4 address, or for the IPv4 address beside an IPv6 address. Packets to a
# container that does not exist yet need it.
mac_of() { # ADDRESS
	local -a bytes
	IFS=. read -ra bytes < <(sed -E 's/^2001:db8:([0-9]+)::([0-9]+)$/198.18.\1.\2/' <<<"$1")
	printf '02:42:%02x:%02x:%02x:%02x\n' "${bytes[@]}"
}

# A container NAME with talker as its first process, which records in $RECORDS/NAME. Options of docker, then of talker.
talk() { # NAME NUMBER [DOCKER-OPTION...] -- [TALKER-OPTION...] [ADDRESS...]
	local name=$1 number=$2 docker=()
	shift 2
	while [ "$1" != -- ]; do
		docker+=("$1")
		shift
	done
	shift
	d run --name "$name" --volume "$RECORDS:/records" ${docker[@]+"${docker[@]}"} image \
		/talker --number "$number" --record "/records/$name" "$@"
}

# Its last record: .main, .first_send; .end, .sent.udp, .received.tcp, …
recorded() { # NAME FILTER
	jq -s "map(select(.number != null)) | add | $2" "$RECORDS/$1"
}

pid_of() { # CONTAINER
	d inspect --format '{{.State.Pid}}' "$1"
}

in_docker() { # CONTAINER COMMAND...: a command of the host, in the container's network
	nsenter --net="/proc/$(pid_of "$1")/ns/net" "${@:2}"
}

address_of() { # CONTAINER [NETWORK]
	d inspect --format "{{(index .NetworkSettings.Networks \"${2:-bridge}\").IPAddress}}" "$1"
}

# An open connection from the host to a container's port, for `talks`. Its pid is $TALK_PID.
open_talk() { # CONTAINER PORT
	coproc TALK { in_host /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
for line in sys.stdin:
    s.sendall(line.encode())
    print(s.recv(100).decode(), end="", flush=True)' "$(address_of "$1")" "$2" 2>&1; }
}

# The other end answers with the same words.
talks() { # WORDS
	local line=
	echo "$1" >&"${TALK[1]}"
	read -r -t 5 line <&"${TALK[0]}"
	check "$1" "$1" "$line"
}

# Its veths in `host`, from the kernel: those with the IFLA_LINK_NETNSID of the container's namespace.
veths_of() { # CONTAINER
	local peers
	peers=$(in_docker "$1" ip -j link show type veth | jq '.[].link_index')
	ip -n host -j link show type veth | jq -r --argjson peers "[$(paste -sd, <<<"$peers")]" \
		'.[] | select(.ifindex as $i | $peers | index($i)) | .ifname'
}

# What its network stack has received since it exists, before main() too.
received_by() { # CONTAINER udp|tcp|icmp
	in_docker "$1" cat /proc/net/snmp | awk -v protocol="$2" '
		BEGIN { split("udp:InDatagrams udp:NoPorts udp:InErrors tcp:InSegs icmp:InMsgs", words, " ")
			for (i in words) wanted[words[i]] = 1 }
		!($1 in names) { names[$1] = $0; next }
		{ word = tolower($1); n = split(names[$1], name)
		  for (i = 2; i <= n; i++) if (word == protocol ":" && (word name[i]) in wanted) sum += $i }
		END { print sum + 0 }'
}

is_running() { # CONTAINER
	[ "$(d inspect --format '{{.State.Running}}' "$1" 2>/dev/null)" = true ]
}

containers_gone() { [ -z "$(d ps --quiet --all)" ]; }

remove_containers() {
	local all
	mapfile -t all < <(d ps --quiet --all)
	[ ${#all[@]} = 0 ] || d rm --force --volumes "${all[@]}" >/dev/null
	wait_until 20 containers_gone
}

# --- counting -------------------------------------------------------------------------------------------

declare -A COUNTERS=() # name: pid

# Counts packets that arrive at INTERFACE in the network namespace of a process, or in `host`.
counter() { # NAME INTERFACE [PID]
	local netns=/run/netns/host
	[ $# -lt 3 ] || netns=/proc/$3/ns/net
	nsenter --net="$netns" "$DOCKER_PROGRAMS/docker_counter" "$2" "$WORK/count.$1" >"$WORK/counter.$1" 2>&1 &
	COUNTERS[$1]=$!
	SPAWNED+=($!)
	must wait_until 5 grep -q counting "$WORK/counter.$1"
}

# Updates the tables of all counters.
count() {
	local name
	for name in "${!COUNTERS[@]}"; do
		rm -f "$WORK/count.$name"
		kill -USR1 "${COUNTERS[$name]}"
	done
	for name in "${!COUNTERS[@]}"; do
		must wait_until 5 test -e "$WORK/count.$name"
	done
}

# Packets of some protocols of a talker, as of the last `count`. PROTOCOLS: a regular expression; NUMBER too.
counted_of() { # NAME PROTOCOLS NUMBER
	awk -v protocols="^($2)$" -v number="^($3)$" '$1 ~ protocols && $2 ~ number { sum += $3 } END { print sum + 0 }' \
		"$WORK/count.$1"
}

# The same, of all counters together.
counted_everywhere() { # PROTOCOLS NUMBER
	local name sum=0
	for name in "${!COUNTERS[@]}"; do
		sum=$((sum + $(counted_of "$name" "$@")))
	done
	echo "$sum"
}

counts() { # NAME PROTOCOLS NUMBER: is there one now?
	count
	[ "$(counted_of "$@")" != 0 ]
}

# Floods addresses of containers from `host`, whether they exist or not. Ends with `stop $FLOOD`.
flood() { # INTERFACE NUMBER RATE ADDRESS...
	local interface=$1 number=$2 rate=$3 address
	shift 3
	for address; do
		must ip -n host neigh replace "$address" lladdr "$(mac_of "$address")" dev "$interface" nud permanent
	done
	spawn host "$DOCKER_PROGRAMS/docker_talker" --number "$number" --rate "$rate" "$@"
	# shellcheck disable=SC2034 # for the caller
	FLOOD=$!
}

# --- containers that deny by turns -----------------------------------------------------------------------

# Talkers startNUMBER: each denies what the next one allows. Its allowed packets show that it sends.
denied() { # NUMBER
	if [ $(($1 % 2)) = 0 ]; then echo "tcp icmp"; else echo udp; fi
}

allowed() { # NUMBER
	if [ $(($1 % 2)) = 0 ]; then echo udp; else echo "tcp icmp"; fi
}

# "start number: packets" for each container with packets that should not have passed.
leaked_out() { # FIRST LAST
	local number protocols seen
	for ((number = $1; number <= $2; number++)); do
		protocols=$(denied "$number" | tr ' ' '|')
		seen=$(counted_everywhere "$protocols" "$number")
		[ "$seen" = 0 ] || echo "start $number, $protocols: $seen"
	done
}

leaked_in() { # FIRST LAST
	local number protocol seen
	for ((number = $1; number <= $2; number++)); do
		for protocol in $(denied "$number"); do
			seen=$(recorded "start$number" ".received.$protocol")
			[ "$seen" = 0 ] || echo "start $number, $protocol: $seen"
		done
	done
}

# Containers without allowed packets, or that sent no denied ones: these prove nothing.
silent() { # FIRST LAST
	local number protocol
	for ((number = $1; number <= $2; number++)); do
		[ "$(counted_everywhere "$(allowed "$number" | tr ' ' '|')" "$number")" != 0 ] || echo "start $number: silent"
		for protocol in $(denied "$number"); do
			[ "$(recorded "start$number" ".sent.$protocol")" -gt 10 ] || echo "start $number: no $protocol sent"
		done
	done
}

# --- a bystander --------------------------------------------------------------------------------------

# A container without labels and a TCP stream to it. The script must not disturb it.
bystander_start() { # [NETWORK]
	must talk bystander 900 -d --net "${1:-bridge}" --
	spawn host "$DOCKER_PROGRAMS/docker_stream" "$(address_of bystander "${1:-bridge}")" 10900 >"$WORK/stream"
	BYSTANDER=$!
}

# The sum of the counters with this name in a container's /proc/net/snmp or netstat.
kernel_counter() { # CONTAINER FILE NAME
	in_docker "$1" cat "/proc/net/$2" | awk -v name="$3" '
		!($1 in names) { names[$1] = $0; next }
		{ n = split(names[$1], at); for (i = 2; i <= n; i++) if (at[i] == name) sum += $i }
		END { print sum + 0 }'
}

bystander_check() {
	local lost
	lost=$(($(kernel_counter bystander snmp RetransSegs) - $(kernel_counter bystander netstat TCPDSACKRecv)))
	stop "$BYSTANDER"
	say "the bystander's stream: $(<"$WORK/stream"), from its side lost: $lost"
	check "the bystander's stream came back whole" "true 0 false" \
		"$(jq -r '"\(.sent == .returned and .sent > 0) \(.wrong) \(.broken)"' "$WORK/stream")"
	check "no segment of it was lost" "0 0" "$(jq .lost "$WORK/stream") $lost"
	check "nothing of ours is on its veth" "" "$(hooks_of "$(veths_of bystander)")"
}

# Programs, filters and qdiscs on an interface of `host`.
hooks_of() { # IFACE
	ip -n host link show dev "$1" | grep -o 'prog/xdp.*'
	tc -n host qdisc show dev "$1" | grep -E 'clsact|ingress'
	tc -n host filter show dev "$1" ingress
	tc -n host filter show dev "$1" egress
}

# --- policyctl daemon -----------------------------------------------------------------------------------

# Writes SECTION.SETTING=VALUE, and the settings that every test needs.
daemon_configure() { # [SETTING...]
	printf '%s\n' daemon.log-format=json "policy.directory=$POLICIES" "$@" | sort | awk -F. '
		$1 != section { section = $1; print "[" section "]" }
		{ sub(/^[^.]*\./, ""); print }' >"$DAEMON_CONFIG"
}

daemon_start() { # [OPTION...]: waits until it is ready
	[ -e "$DAEMON_CONFIG" ] || daemon_configure
	mark
	nsenter --net=/run/netns/host "$POLICYCTL" daemon --config "$DAEMON_CONFIG" \
		--docker-socket "$DOCKER_SOCKET" "$@" >>"$WORK/daemon.out" 2>>"$DAEMON_LOG" </dev/null &
	DAEMON=$!
	wait_until 20 ready_or_gone && logged '.message == "ready"' && return
	fail "policyctl daemon: is ready" "$(tail -n 5 "$DAEMON_LOG")"
	finish
}

ready_or_gone() {
	logged '.message == "ready"' || ! kill -0 "$DAEMON" 2>/dev/null
}

daemon_stop() { daemon_ends TERM; }
daemon_kill9() { daemon_ends KILL; }

daemon_ends() { # SIGNAL: its status is in $STATUS
	[ -n "${DAEMON:-}" ] || return 0
	kill "-$1" "$DAEMON" 2>/dev/null
	wait "$DAEMON" 2>/dev/null
	STATUS=$?
	DAEMON=
}

# log and logged look at the log from here on.
mark() { LOG_FROM=$(($(wc -l <"$DAEMON_LOG") + 1)); }

log() { # [FILTER]: the objects of the log since mark, one a line
	tail -n "+${LOG_FROM:-1}" "$DAEMON_LOG" | jq -cR "fromjson? | select(${1:-true})"
}

whole_log() { LOG_FROM=1 log "$@"; }

logged() { # FILTER
	[ -n "$(log "$1")" ]
}

check_logged() { # TEXT FILTER: within ten seconds
	if wait_until 10 logged "$2"; then pass "$1"; else fail "$1" "not logged: $2" "$(log | tail -n 15)"; fi
}

# Whether the daemon has put the container's policy in force since mark, on that many networks.
in_force() { # NAME [NETWORKS]
	[ "$(log ".message == \"policy in force\" and .container == \"$1\"" | wc -l)" -ge "${2:-1}" ]
}

# The objects of list for a container, one for each of its veths.
listed() { # NAME [FILTER]
	policyctl list --json
	jq -c --arg name "$1" ".[] | select(.container.name == \$name) | ${2:-.}" <<<"$OUT"
}

# Whether all its veths are listed and enforcing, and no others.
enforcing() { # NAME
	[ "$(listed "$1" 'select(.enforcing) | .interface' | tr -d '"' | sort)" = "$(veths_of "$1" | sort)" ]
}

# Whether it is in its final mode. Its capabilities may be known a little later than its policy is in force.
settled() { # NAME, of one that may not have CAP_NET_ADMIN
	enforcing "$1" && [ -z "$(listed "$1" 'select(.hook != "tc")')" ]
}

# The programs that enforce on its veths, and since when.
programs_of() { # NAME
	listed "$1" 'select(.enforcing) | [.interface, .attached_at, .xdp.program?, .guard.program, .tc.program]'
}

# --- the end --------------------------------------------------------------------------------------------

# finish calls this before the check for leftovers.
leave() {
	if docker_answers; then
		remove_containers
		d network prune --force >/dev/null
	fi
	if [ -n "${DAEMON:-}" ]; then
		wait_until 10 no_pins_left
		daemon_stop
		check "the daemon ends with status 0" 0 "$STATUS"
	fi
	check "and no sanitizer complained" "" "$(grep -E 'Sanitizer|runtime error' "$DAEMON_LOG")"
	docker_down
	check_true "no control group is left" wait_until 5 remove_cgroups "$RUN"
}

# Of attachments alone: a running daemon has a gate and event maps.
no_pins_left() {
	[ -z "$(find "$PINS" -path '*/gate-*' -prune -o -path "$PINS/net-*/[0-9]*" -type f -print 2>/dev/null)" ]
}
