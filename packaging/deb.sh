#!/bin/bash
# Builds the Debian packages of this tree, as it is committed: policyctl, policyctl-dbgsym, policyctl-lab. Two builds of
# the same commit give the same bytes.
set -euo pipefail

usage() {
	cat <<HELP
usage: packaging/deb.sh DIRECTORY [VERSION]

    packaging/deb.sh packages
    apt install ./packages/policyctl_*.deb

VERSION is another one than that of packaging/debian/changelog, for a test of an upgrade. COMMIT in the environment is
another commit than HEAD.

The packages that it needs: .ci/install-packages build package
HELP
}

case ${1-} in
-h | --help) usage && exit 0 ;;
esac
[ $# = 1 ] || [ $# = 2 ] || {
	usage >&2
	exit 2
}
REPOSITORY=$(dirname "$(dirname "$(readlink -f "$0")")")
COMMIT=${COMMIT:-HEAD}
mkdir -p "$1"
OUT=$(readlink -f "$1")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
mkdir "$WORK/policyctl"
git -C "$REPOSITORY" -c safe.directory='*' archive "$COMMIT" | tar -x -C "$WORK/policyctl"
chmod -R go=u-w "$WORK/policyctl" # whatever the umask
cd "$WORK/policyctl"
[ -z "${2-}" ] || sed -i "1s/([^)]*)/($2)/" packaging/debian/changelog
ln -s packaging/debian debian
# Dated by the commit: the changelog of the package has one entry for a version, however many commits there are.
SOURCE_DATE_EPOCH=$(git -C "$REPOSITORY" -c safe.directory='*' log -1 --format=%ct "$COMMIT")
export SOURCE_DATE_EPOCH
dpkg-buildpackage --jobs=auto --build=binary --unsigned-changes --unsigned-buildinfo --root-command=
cp "$WORK"/*.deb "$WORK"/*.changes "$WORK"/*.buildinfo "$OUT"
ls -1 "$OUT"
