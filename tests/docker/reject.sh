#!/bin/bash
# Labels that reject: clients of a published port, neighbours and the container itself are told at once, by the hook that
# the daemon chose, in both families that docker gives.
. "$(dirname "$0")/lib.sh"
need /usr/bin/python3 curl
docker_sandbox "$@"
docker_up
new_netns outside
new_veth outside0 outside 9
must ip -n outside route add default via 198.18.9.1
daemon_start

asks() { # NETNS WHAT...
	inside "$1" /usr/bin/python3 "$TESTS/cli/refused.py" "${@:2}" 2>&1
}

container_asks() { # NAME WHAT...
	in_docker "$1" /usr/bin/python3 "$TESTS/cli/refused.py" "${@:2}" 2>&1
}

hook_of() { # NAME: tc, generic or native
	in_host "$POLICYCTL" list --json | jq -r ".[] | select(.container.name == \"$1\") | .xdp.mode // .hook"
}

labels=(--label "policyctl.reject=to:tcp/80 to:udp/81 from:tcp/25,udp/53")
must d run -d --name web "${labels[@]}" -p 8080:80 -p 8081:81/udp -p 8082:82 image /bin/busybox httpd -f -h / -p 82
must d run -d --name admin "${labels[@]}" --cap-add NET_ADMIN -p 8090:80 -p 8091:81/udp -p 8092:82 image \
	/bin/busybox httpd -f -h / -p 82
for name in web admin; do
	[ $name = web ] && first=808 hook=tc || first=809 hook=native
	check_true "$name: the policy is in force" wait_until 10 in_force $name
	check "  by the hook" "$hook" "$(hook_of $name)"
	address=$(address_of $name)
	check_true "  its server runs" wait_until 10 in_host curl -s -o "$WORK/page" "http://$address:82/"
	check "  from outside, by published ports" "refused refused" \
		"$(asks outside "tcp/198.18.9.1/${first}0" "udp/198.18.9.1/${first}1")"
	check "  from the host, by published ports" "refused refused" \
		"$(asks host "tcp/198.18.9.1/${first}0" "udp/198.18.9.1/${first}1")"
	check "  from the host" "refused refused" "$(asks host "tcp/$address/80" "udp/$address/81")"
	check "  what it sends" "refused refused" \
		"$(container_asks $name tcp/198.18.9.2/25 udp/198.18.9.2/53)"
	check "  another port is served" 404 \
		"$(inside outside curl -s -o "$WORK/page" -w '%{http_code}' "http://198.18.9.1:${first}2/")"
done
check "a neighbour" "refused refused" "$(container_asks web "tcp/$(address_of admin)/80" "udp/$(address_of admin)/81")"
check "nothing went wrong" "" "$(log '.level == "error"')"
finish
