# shellcheck shell=bash
# Shared by the scripts in which containers resolve names, beside ../cli/dns.bash: commands of this machine in the
# network of a container, with the resolvers that docker gave it.

be_client() { # CONTAINER: in_client means it from here on
	# shellcheck disable=SC2034 # for the caller
	CLIENT=$1
	CLIENT_PID=$(pid_of "$1")
	CLIENT_RESOLVERS=$(d inspect --format '{{.ResolvConfPath}}' "$1")
}

in_client() { # COMMAND...
	# shellcheck disable=SC2016 # the inner shell's
	nsenter --net="/proc/$CLIENT_PID/ns/net" unshare --mount sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' \
		"$CLIENT_RESOLVERS" "$@"
}
