# shellcheck shell=bash
# The same namespaces and addresses with real containers: dockerd runs in `host`, makes docker0 and the veth with a
# random name, and publishes the port. httpserver is one of its containers.

# Docker assigns addresses in order: the first container has $CONTAINER. Where dockerd cannot run, returns 77 with the
# reason in $NO_DOCKER.
containers_by_docker() {
	NO_DOCKER=$(dockerd_missing)
	[ -z "$NO_DOCKER" ] || return 77
	dockerd_out_of_sight
	if ! dockerd_start "$HOST_NS" "$DOCKER_STATE" --ipv6 --fixed-cidr-v6 2001:db8:1::/64; then
		NO_DOCKER="dockerd does not come up: $(tail -n 1 "$DOCKER_STATE/log")"
		return 77
	fi
	busybox_tree "$DOCKER_STATE/tree" && mkdir "$DOCKER_STATE/tree/www" &&
		echo "hello from httpserver" >"$DOCKER_STATE/tree/www/index.html" &&
		docker_import "$DOCKER_STATE" "$DOCKER_STATE/tree" lab &&
		docker_of "$DOCKER_STATE" run -d --name httpserver -p 80:80 lab httpd -f -h /www >/dev/null &&
		look_at_container &&
		ip netns attach "$CONTAINER_NS" "$(<"$LAB_STATE/httpserver.pid")" &&
		echo "$CONTAINER_NS" >>"$LAB_STATE/namespaces" &&
		answers_once "$CONTAINER_NS"
}

# What docker chose: process, address and name of the veth, found in another way than find_veth does.
look_at_container() {
	local container
	export DOCKER_HOST=unix://$DOCKER_STATE/docker.sock # policyctl asks it, too
	container=$(docker_of "$DOCKER_STATE" inspect httpserver) &&
		jq -r '.[0].State.Pid' <<<"$container" >"$LAB_STATE/httpserver.pid" &&
		CONTAINER6=$(jq -r '.[0].NetworkSettings.GlobalIPv6Address' <<<"$container") &&
		VETH_NAME=$(ip -n "$HOST_NS" -j link show master docker0 | jq -r '.[].ifname')
}
