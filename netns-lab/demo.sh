#!/bin/bash
# The README's first command: shows policyctl at work, in network namespaces of its own. It installs what is missing,
# builds, and shows traffic before, during and after `--deny tcp`. It leaves nothing running.
set -u

LAB_DIR=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
REPOSITORY=$(dirname "$LAB_DIR")
LAB_NAME=${LAB_NAME:-demo}
POLICYCTL_BUILD=$(realpath -m "${POLICYCTL_BUILD:-$REPOSITORY/build}")

die() {
	echo "demo: $*" >&2
	exit 1
}

case ${1-} in
"") ;;
-h | --help)
	sed -n '2,3s/^# //p' "$0"
	echo "usage: sudo netns-lab/demo.sh"
	exit 0
	;;
*)
	echo "demo: it takes no arguments" >&2
	exit 2
	;;
esac
[ "$(id -u)" = 0 ] || die "network namespaces need root: sudo $0"

for part in tests/lib/{tap,wait} netns-lab/lib/{process,topology,capture,probe,driver,driver-policyctl,leftovers}; do
	# shellcheck source=/dev/null
	. "$REPOSITORY/$part.sh"
done

fail() { die "$1"; }

RED='' GREEN='' BOLD='' FAINT='' PLAIN=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	RED=$'\e[31m' GREEN=$'\e[32m' BOLD=$'\e[1m' FAINT=$'\e[2m' PLAIN=$'\e[0m'
fi
export LC_ALL=C.UTF-8

# quietly WHAT COMMAND...: prints WHAT, and the command's output only if it fails.
quietly() {
	local what=$1 log start=$SECONDS
	log=$(mktemp)
	shift
	printf '%s' "$FAINT  $what …$PLAIN"
	if "$@" >"$log" 2>&1; then
		printf '%s\n' "$FAINT $((SECONDS - start)) s$PLAIN"
		rm -f "$log"
	else
		echo
		tail -n 40 "$log" >&2
		rm -f "$log"
		die "$what failed"
	fi
}

build() {
	cmake -S "$REPOSITORY" -B "$POLICYCTL_BUILD" &&
		cmake --build "$POLICYCTL_BUILD" -j2 --target policyctl &&
		chown -R --reference="$REPOSITORY" "$POLICYCTL_BUILD" # owned by the owner of the clone, not by root
}

clean_up() {
	trap '' INT TERM HUP
	[ -z "$LAB_MADE" ] || lab_down >&2
	rm -rf "$RUN_DIR"
}

# The attempts, one row each: label | function | its arguments.
ROWS=(
	"ping   host → container|pings host $CONTAINER"
	"ping   container → outside|pings httpserver $OUTSIDE"
	"curl   host → published port|fetch host http://$HOST/"
	"curl   outside → published port|fetch outside http://$HOST/"
	"tcp    container → outside|tcp_probe httpserver $OUTSIDE $TCP_PORT"
	"tcp    container → docker0|tcp_probe httpserver $DOCKER0 $TCP_PORT"
	"tcp6   container → outside|fetch httpserver http://[$OUTSIDE6]:$TCP_PORT/"
	"ping6  container → outside|pings httpserver $OUTSIDE6"
)

# measure NAME: makes all attempts, and leaves the results in the array of that name, a mark in front of each.
measure() {
	local -n results=$1
	local row
	results=()
	capture_start host "$VETH" tcp >/dev/null
	for row in "${ROWS[@]}"; do
		# shellcheck disable=SC2086 # words
		${row#*|} >/dev/null
		case $RESULT in
		0\ of* | timeout | curl*) results+=("✗ ${RESULT/ answered/}") ;;
		*) results+=("✓ ${RESULT/ answered/}") ;;
		esac
	done
	capture_stop "$VETH" >/dev/null
	results+=("$([ -z "$CAPTURED" ] || wc -l <<<"$CAPTURED")")
	results[-1]="  ${results[-1]:-no} TCP packets"
}

# mark RESULT: in its colour.
mark() {
	local colour=$PLAIN
	[[ $1 != ✓* ]] || colour=$GREEN
	[[ $1 != ✗* ]] || colour=$RED
	printf '%s%s%s' "$colour" "$1" "$PLAIN"
}

pad() { # TEXT WIDTH, in characters
	printf '%s%*s' "$1" $(($2 - ${#1})) ''
}

# row LABEL BEFORE NOW
row() {
	printf '  %s%s%*s%s\n' "$(pad "$1" 34)" "$(mark "$2")" $((20 - ${#2})) '' "$(mark "$3")"
}

table() {
	printf '\n  %s%s%sbefore%14swith policyctl%s\n' "$(pad "" 34)" "$BOLD" "" "" "$PLAIN"
	for ((i = 0; i < ${#ROWS[@]}; i++)); do
		row "${ROWS[i]%%|*}" "${before[i]}" "${denied[i]}"
	done
	row "tcpdump on $VETH saw" "${before[i]}" "${denied[i]}"
	echo
}

# The verdict on one measurement: whether every row has the expected mark.
all_work() { # RESULT...
	local result
	for result in "${@:1:${#ROWS[@]}}"; do
		[[ $result = ✓* ]] || return
	done
}

only_pings_work() { # RESULT...
	local row
	for row in "${ROWS[@]}"; do
		if [[ $row = ping* ]]; then [[ $1 = ✓* ]]; else [[ $1 = ✗* ]]; fi || return
		shift
	done
}

# shown COMMAND...: prints the command as typed on the host, and its output.
shown() {
	printf '  %s$ %s%s\n' "$BOLD" "$*" "$PLAIN"
	run_in host "$@" 2>&1 | sed 's/^/    /'
	[ "${PIPESTATUS[0]}" = 0 ] || die "$1 failed"
}

RUN_DIR=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
lab_is_up && die "a lab called $LAB_NAME is up: LAB_NAME=$LAB_NAME netns-lab/lab down"

echo
quietly "packages" "$REPOSITORY/.ci/install-packages" build lab
quietly "build" build
PATH=$POLICYCTL_BUILD:$PATH
quietly "three network namespaces: outside, docker host, container" lab_up
cat <<PICTURE

  outside ─────────── docker host ────────────────────────── container "httpserver"
  $OUTSIDE          $HOST, port 80 published          $CONTAINER, web server
                      docker0 ─── $VETH ────────────── eth0
                                  ↑ here: xdp for what it sends, tc for what it gets
PICTURE

before=() denied=() after=()
measure before
echo
shown policyctl attach "$VETH" --deny tcp
measure denied
table
shown policyctl stats "$VETH"
echo
shown policyctl detach "$VETH"
measure after
echo
for ((i = 0; i < ${#ROWS[@]}; i++)); do
	[ "${after[i]}" = "${before[i]}" ] || row "${ROWS[i]%%|*}" "${before[i]}" "${after[i]}"
done

all_work "${before[@]}" || die "not everything works before policyctl is attached"
only_pings_work "${denied[@]}" || die "with \`deny tcp\` ping should work and tcp should not"
all_work "${after[@]}" || die "not everything works after detach"
lab_down
leftover=$(ip netns list | grep -E "^($HOST_NS|$OUTSIDE_NS|$CONTAINER_NS)( |$)")
[ -z "$leftover" ] || die "left behind: $leftover"
printf '  %s after detach everything works as before; the namespaces are gone again. %s\n\n' \
	"$(mark ✓)" "$FAINT$SECONDS s$PLAIN"
