# shellcheck shell=bash
# With policyctl in front of a real container. policyctl finds its veth; only other devices are named.

docker_target() { # DEVICE
	if [ "$1" = "$VETH" ]; then echo container:httpserver; else echo "$1"; fi
}

docker_deny() { policyctl_deny "$(docker_target "$1")" "$2"; }
docker_xdp_off_tc_stays() { policyctl_xdp_off_tc_stays "$(docker_target "$1")"; }
docker_tc_off() { policyctl_tc_off "$(docker_target "$1")"; }
docker_undeny() { policyctl_undeny "$(docker_target "$1")"; }
docker_count() { policyctl_count "$1" "$(docker_target "$2")" "$3"; }
docker_undeny_all() { policyctl_undeny_all; }
