#!/bin/bash
# Builds the Debian packages of this tree, as it is committed, twice: with another-directory, umask, locale and time zone
# the second time. All packages have to be the same, byte for byte.
set -euo pipefail

usage() {
	cat <<HELP
usage: packaging/reproducible.sh [DIRECTORY]

With a DIRECTORY the packages are there in the end. What differs is shown by diffoscope, if it is installed.
HELP
}

case ${1-} in
-h | --help) usage && exit 0 ;;
esac
[ $# -le 1 ] || {
	usage >&2
	exit 2
}
HERE=$(dirname "$(readlink -f "$0")")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
COMMIT=$(git -C "$HERE" -c safe.directory='*' rev-parse HEAD) # it may change meanwhile
export COMMIT
mkdir "$WORK/one" "$WORK/another-directory"

build() { # RESULT
	"$HERE/deb.sh" "$1" >"$1.log" 2>&1 || {
		tail -n 40 "$1.log" >&2
		exit 1
	}
}
# deb.sh builds below TMPDIR.
(umask 022 && LC_ALL=C TZ=UTC TMPDIR=$WORK/one build "$WORK/first")
(umask 027 && LC_ALL=C.UTF-8 TZ=NPT-5:45 TMPDIR="$WORK/another-directory" build "$WORK/second")

status=0
for package in "$WORK"/first/*.deb; do
	name=${package##*/}
	if cmp -s "$package" "$WORK/second/$name"; then
		echo "the same: $name"
	else
		status=1
		echo "they differ: $name"
		! command -v diffoscope >/dev/null || diffoscope --text - "$package" "$WORK/second/$name" || true
	fi
done
[ -z "${1-}" ] || {
	mkdir -p "$1"
	cp "$WORK"/first/*.{deb,changes,buildinfo} "$1"
}
exit $status
