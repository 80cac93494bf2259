#!/bin/bash
# kill -9 at any point of attach, apply and detach: enforcement is never less than with the old or the new policy, and
# the next command repairs the rest. EVERY=1 stops at each call (default: see points in lib.sh).
. "$(dirname "$0")/lib.sh"
sandbox "$@"
. "$(dirname "$0")/killed.bash"
need strace
new_rooms
CALLS="bpf sendto mkdir rmdir unlink flock getsockopt membarrier openat"

# Old: nothing. New: deny tcp. Never more is denied than by the new policy.
after_attach() { # POINT
	arrives "$1" "4:udp/53 2" 4:udp/53
	case $((ROUND % 4)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" attach veth0 --deny tcp ;;
	2) next "$1" "0 4" apply veth0 --deny tcp --deny udp ;;
	3) next "$1" "0 4" detach veth0 ;;
	esac
	consistent "$1"
	next "$1" "0 4" detach veth0
	as_before "$1"
}

# Old: deny tcp. New: deny tcp and udp. TCP is denied whatever happens.
after_apply() { # POINT
	arrives "$1" "4:tcp/80 0 6:tcp/80 0 4:icmp/8 2" 4:tcp/80 6:tcp/80 4:icmp/8
	case $((ROUND % 4)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" apply veth0 --deny tcp --deny udp ;;
	2) next "$1" "0 1" attach veth0 --deny tcp ;;
	3) next "$1" "0" show veth0 ;;
	esac
	consistent "$1"
	next "$1" "0" apply veth0 --deny tcp
}

# Old: deny tcp. New: nothing.
after_detach() { # POINT
	arrives "$1" "4:udp/53 2" 4:udp/53
	case $((ROUND % 3)) in
	0) next "$1" "0" list ;;
	1) next "$1" "0" attach veth0 --deny tcp ;;
	2) next "$1" "0 4" detach veth0 ;;
	esac
	consistent "$1"
	next "$1" "0 4" detach veth0
	as_before "$1"
	next "$1" "0" attach veth0 --deny tcp
}

BEFORE=$(snapshot)
walk after_attach attach veth0 --deny tcp
does attach veth0 --deny tcp
remember
walk after_apply apply veth0 --deny tcp --deny udp
remember
walk after_detach detach veth0
remember
does detach veth0
check_same "all is as before" "$BEFORE" "$(snapshot)"
finish
