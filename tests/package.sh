#!/usr/bin/env bash
# The Debian package on machines that never had it: a new Debian root for each release, systemd as its PID 1, dockerd
# started by it. apt install; the five commands of docs/docker.md; a boot with containers that send from their first
# instruction; an upgrade under traffic; remove; purge.
#
#   tests/package.sh [PACKAGES]        PACKAGES: what packaging/deb.sh made; default: it is made
#   SUITES=trixie tests/package.sh …   default: bookworm trixie
#   MANY=50 tests/package.sh …         containers during the upgrade; default: 10
#
# The newer package is the same with another version. Roots are kept in $FRESH_CACHE (/var/cache/policyctl-fresh). Needs
# root, the network of packages, and the programs of tests/docker in build/. Takes minutes, so ctest does not run it.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
. tests/fresh/root.sh
. tests/lib/wait.sh

case ${1-} in
-h | --help)
	sed -n '2,/^set/s/^# \{0,1\}//p' tests/package.sh
	exit 0
	;;
esac
[ "$(id -u)" = 0 ] || {
	echo "package.sh: a root of its own takes root" >&2
	exit 77
}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/policyctl-package-XXXXXX")
RUN=${WORK##*/}
trap 'rm -rf --one-file-system "$WORK"' EXIT
trap 'exit 130' INT TERM HUP

# shellcheck disable=SC2317 # wait_until calls it
remove_cgroups() {
	find /sys/fs/cgroup -depth -type d -path "*/$RUN*" -exec rmdir {} + 2>/dev/null
	[ -z "$(find /sys/fs/cgroup -maxdepth 2 -type d -name "$RUN")" ]
}

# The same package with a higher version.
newer() { # PACKAGE RESULT
	dpkg-deb -R "$1" "$WORK/newer"
	sed -i 's/^Version: .*/&+newer/' "$WORK/newer/DEBIAN/control"
	dpkg-deb -b "$WORK/newer" "$2" >/dev/null
}

packages=${1-}
if [ -z "$packages" ]; then
	packages=$WORK/packages
	packaging/deb.sh "$packages" >"$WORK/build.log" 2>&1 || {
		tail -n 40 "$WORK/build.log"
		exit 1
	}
fi
mkdir "$WORK/debs" "$WORK/programs"
cp "$packages"/policyctl_*.deb "$WORK/debs/policyctl.deb"
newer "$WORK/debs/policyctl.deb" "$WORK/debs/newer.deb"
cp build/docker_talker build/docker_counter build/docker_stream "$(command -v busybox)" "$WORK/programs"

status=0
for suite in ${SUITES:-bookworm trixie}; do
	lower=$(new_root "$suite")
	mkdir -p "$CACHE/archives-$suite" "$WORK/$suite"/{layers,root}
	export PACKAGE_SUITE=$suite PACKAGE_LOWER=$lower PACKAGE_WORK=$WORK/$suite PACKAGE_RUN=$RUN \
		PACKAGE_FILES=$WORK PACKAGE_ARCHIVES=$CACHE/archives-$suite PACKAGE_MANY=${MANY:-10}
	unshare --mount --propagation private --pid --fork --kill-child --mount-proc tests/package/inside.sh </dev/null &
	inside=$!
	trap 'kill -KILL "$inside"; wait "$inside"; exit 130' INT TERM HUP
	wait "$inside" || status=1
	wait_until 10 remove_cgroups || true
done
exit $status
