#!/bin/bash
# Builds the rpm packages of this tree, as it is committed: policyctl, policyctl-lab, debug symbols.
set -euo pipefail

usage() {
	cat <<HELP
usage: packaging/rpm.sh DIRECTORY [RPMBUILD-OPTION...]

    packaging/rpm.sh packages
    packaging/rpm.sh packages --nodeps      # where rpm does not know what is installed, as on Debian
HELP
}

case ${1-} in
-h | --help) usage && exit 0 ;;
esac
[ $# -ge 1 ] || {
	usage >&2
	exit 2
}
REPOSITORY=$(dirname "$(dirname "$(readlink -f "$0")")")
mkdir -p "$1"
OUT=$(readlink -f "$1")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
git_here() { git -C "$REPOSITORY" -c safe.directory='*' "$@"; }

version=$(git_here show HEAD:CMakeLists.txt | sed -n 's/^project(policyctl VERSION \([^ ]*\).*/\1/p')
mkdir -p "$WORK/SOURCES"
git_here archive --prefix="policyctl-$version/" HEAD | gzip -n >"$WORK/SOURCES/policyctl-$version.tar.gz"
SOURCE_DATE_EPOCH=$(git_here log -1 --format=%ct)
export SOURCE_DATE_EPOCH
rpmbuild -bb "${@:2}" --define "_topdir $WORK" --define "policyctl_version $version" \
	--define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
	--define "_buildhost localhost" "$REPOSITORY/packaging/rpm/policyctl.spec"
find "$WORK/RPMS" -name '*.rpm' -exec cp {} "$OUT" \;
ls -1 "$OUT"
