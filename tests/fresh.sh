#!/usr/bin/env bash
# The README's two commands on a machine that never had the project: a root of its own, mount, pid, network and
# cgroup namespaces of its own, no bpffs, and nothing in /run and /tmp.
#
#   tests/fresh.sh                both commands, from a new Debian root; then the demo and the tests of the command
#                                 line once more, with program ids of seven digits. Takes its time: packages, two
#                                 builds, all tests
#   tests/fresh.sh --short        the demo and one test of each label, on a copy of this machine's root
#   tests/fresh.sh --docker       what depends on the versions of others: every test with real containers, captures in
#                                 Wireshark, lines as tcpdump has them, the checkers of sources; from a new Debian root.
#                                 TESTS: others than these, by a pattern of ctest
#   SUITE=trixie tests/fresh.sh …   another release of Debian than this machine's
#
# The new root is kept in $FRESH_CACHE (/var/cache/policyctl-fresh), the packages beside it, for each release.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

part=whole

usage() {
	sed -n '2,/^set/s/^# \{0,1\}//p' tests/fresh.sh
}

case ${1-} in
"") ;;
--short | --docker) part=${1#--} ;;
-h | --help)
	usage
	exit 0
	;;
*)
	usage >&2
	exit 2
	;;
esac
[ "$(id -u)" = 0 ] || {
	echo "fresh.sh: a root of its own takes root" >&2
	exit 77
}

say() {
	printf '\n== %s\n' "$*"
}

. tests/fresh/root.sh

[ -z "${FRESH-}" ] || {
	echo "skipped: this is a fresh machine already"
	exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/policyctl-fresh-XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$work/root" "$work/layers"

suite=
if [ "$part" = short ]; then
	lower=/
else
	# shellcheck source=/dev/null
	suite=${SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
	say "a new Debian $suite"
	mkdir -p "$CACHE/archives-$suite"
	lower=$(new_root "$suite")
fi
git clone -q --no-hardlinks . "$work/policyctl"

# The rest runs in namespaces that end with it, mounts and processes included.
export FRESH_LOWER=$lower FRESH_WORK=$work FRESH_ARCHIVES=$CACHE/archives-$suite FRESH_PART=$part
export FRESH_TESTS=${TESTS:-"^(docker\..*|cli\.capture|cli\.monitor-text|house\.(format|shell))\$"}
# In the background: a shell that waits for a command in the foreground heeds no signal before that ends.
unshare --mount --propagation private --pid --fork --kill-child --cgroup --ipc --uts \
	tests/fresh/inside.sh </dev/null &
inside=$!
trap 'kill -KILL "$inside" && wait "$inside"; exit 130' INT TERM HUP
wait "$inside"
