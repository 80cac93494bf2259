#!/bin/bash
# Makes what a container image of policyctl is built from: its root, as rootfs.tar, and a Dockerfile. No network, no
# registry, no base image: what policyctl links and loads is taken from the machine that built it.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

usage() {
	cat <<HELP
usage: packaging/image/build.sh POLICYCTL DIRECTORY

    packaging/image/build.sh build/policyctl image
    docker build -t policyctl image         # or podman build

POLICYCTL is the program, or a Debian package that has it: policyctl_*.deb. What the program links and loads has to be
installed in either case.
HELP
}

die() {
	echo "build.sh: $*" >&2
	exit 1
}

with_libraries() { # NAMES: what the loader would load for the program, if it needed these too
	"$INTERPRETER" --list --preload "$1" "$PROGRAM" 2>&1
}

# The libraries that the program names: it links them, or loads them when it needs them. Some have more than one name,
# by release and by build (libpcap.so.0.8, libpcap.so.1; libcurl-gnutls, libcurl): one of them is enough.
libraries() {
	local name library absent=
	local -A found=()
	while read -r name; do
		library=${name%%.so.*} library=${library%-gnutls}
		if [ -n "${found[$library]-}" ]; then
			continue
		elif with_libraries "$name" | grep -q 'cannot be preloaded'; then
			absent+=" $library"
		else
			found[$library]=$name
		fi
	done < <(grep -aoE 'lib[A-Za-z0-9_-]+\.so\.[0-9]+(\.[0-9]+)*' "$PROGRAM" | sort -u)
	for library in $absent; do
		[ -n "${found[$library]-}" ] || die "policyctl loads what is not installed here: $library"
	done
	echo "${found[*]}"
}

# Paths of these libraries, of those that they need in turn, and of the loader.
library_files() {
	local names
	names=$(libraries)
	with_libraries "$names" | grep -oE '(^|[[:space:]])/\S+' | tr -d '[:blank:]' | sort -u
}

# add FILE…: under this name, with the licence of its package.
add() {
	local file package
	for file; do
		install -D -m "$(stat -Lc %a "$file")" "$file" "$ROOT$file"
		package=$({ dpkg-query -S "$(realpath "$file")" "$file" 2>/dev/null || true; } | sed -n '1s/:.*//p')
		[ ! -e "/usr/share/doc/$package/copyright" ] ||
			install -D -m 644 -t "$ROOT/usr/share/doc/$package" "/usr/share/doc/$package/copyright"
	done
}

# The descriptions of common terminals: in /lib before Debian 13, in /usr/share since.
terminals() {
	local place
	for place in /lib /usr/lib /usr/share; do
		[ ! -e "$place/terminfo/d/dumb" ] || break
	done
	add "$place"/terminfo/{d/dumb,l/linux,s/screen,t/tmux,x/xterm*}
}

dockerfile() {
	cat <<-DOCKERFILE
		FROM scratch
		LABEL org.opencontainers.image.title="policyctl" \\
		      org.opencontainers.image.description="Network policy for containers, from the host's end of their veth" \\
		      org.opencontainers.image.version="$VERSION" \\
		      org.opencontainers.image.licenses="GPL-2.0-only"
		ADD rootfs.tar /
		ENTRYPOINT ["/usr/sbin/policyctl"]
		CMD ["--help"]
	DOCKERFILE
}

case ${1-} in
-h | --help) usage && exit 0 ;;
esac
[ $# = 2 ] || {
	usage >&2
	exit 2
}
PROGRAM=$1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
if [[ $1 = *.deb ]]; then
	dpkg-deb -x "$1" "$WORK/package"
	PROGRAM=$WORK/package/usr/sbin/policyctl
fi
[ -x "$PROGRAM" ] || die "$PROGRAM: no such program"
INTERPRETER=$(ldd "$PROGRAM" | grep -oE '/\S*/ld-\S*')
VERSION=$("$PROGRAM" --version | awk '{ print $2 }')
ROOT=$WORK/root
mkdir -m 755 "$ROOT"

install -D "$PROGRAM" "$ROOT/usr/sbin/policyctl"
strip "$ROOT/usr/sbin/policyctl"
install -D -m 644 -t "$ROOT/usr/share/doc/policyctl" "$(dirname "$0")/../../LICENSE"
files=$(library_files)
# shellcheck disable=SC2086 # words
add $files
add /etc/protocols /etc/services # names in policies
terminals # for `stats --watch`
mkdir -p "$ROOT"/{proc,sys,run,tmp,etc/policyctl/policies}

mkdir -p "$2"
tar -C "$ROOT" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -cf "$2/rootfs.tar" .
dockerfile >"$2/Dockerfile"
