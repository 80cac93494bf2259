# shellcheck shell=bash
# Debian roots that nothing was installed in, kept in $FRESH_CACHE. fresh.sh and package.sh use it.

CACHE=${FRESH_CACHE:-/var/cache/policyctl-fresh}

# new_root SUITE: the path of a Debian root that nothing was installed in.
new_root() {
	local root=$CACHE/$1 site script=
	if [ ! -e "$root.done" ]; then
		command -v debootstrap >/dev/null ||
			DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends debootstrap >&2
		# Packages come from where this machine has its own.
		# shellcheck disable=SC2016 # apt's words, not the shell's
		site=$(apt-get indextargets --format '$(SITE)' | grep -v security | sort -u | head -1)
		rm -rf "$root"
		mkdir -p "$root"
		# A release that this debootstrap does not know yet is made as all others.
		[ -e "/usr/share/debootstrap/scripts/$1" ] || script=/usr/share/debootstrap/scripts/sid
		debootstrap --variant=minbase --include=ca-certificates "$1" "$root" "$site" ${script:+"$script"} >&2
		rm -f "$root/etc/apt/apt.conf.d/docker-clean"
		touch "$root.done"
	fi
	echo "$root"
}
