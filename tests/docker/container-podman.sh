#!/bin/bash
# container:NAME where the engine is podman, by its service of docker's API.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
need podman conmon runc
unset DOCKER_CONFIG # podman would want a file there
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
PODMAN=$WORK/podman
export DOCKER_HOST=unix://$PODMAN/socket

p() {
	timeout 60 nsenter --net=/run/netns/host podman --root "$PODMAN/root" --runroot "$PODMAN/run" --storage-driver vfs --runtime runc \
		--cgroup-manager cgroupfs --network-config-dir "$PODMAN/networks" "$@"
}

leave() { # in place of docker's
	p rm --force --time 0 --all >/dev/null 2>&1
	check_true "no control group is left" wait_until 5 remove_cgroups "$RUN"
}

mkdir -p "$PODMAN" "$WORK/tree/bin"
cp "$(command -v busybox)" "$WORK/tree/bin/busybox"
tar -C "$WORK/tree" -c . | p import - image >"$WORK/out" 2>&1 ||
	skip "podman cannot import images here: $(tail -n 1 "$WORK/out")"
for number in 66 67; do # without names: for those podman 5 wants aardvark-dns
	must p network create --disable-dns --subnet "198.18.$number.0/24" "net$number"
done
sleeper() { # NAME [PODMAN-OPTION...]
	p run -d --cgroup-parent "/$RUN" --name "$1" "${@:2}" image /bin/busybox sleep 600 >"$WORK/out" 2>&1
}
sleeper web --network net66 || skip "podman cannot run containers here: $(tail -n 1 "$WORK/out")"
must p network connect net67 web
spawn host podman --root "$PODMAN/root" --runroot "$PODMAN/run" --storage-driver vfs --runtime runc --cgroup-manager cgroupfs \
	--network-config-dir "$PODMAN/networks" system service --time 0 "$DOCKER_HOST" >"$PODMAN/log" 2>&1
must wait_until 10 test -S "$PODMAN/socket"

answers() { # ADDRESS...: those of web that answer
	local network address list=""
	for network in net66 net67; do
		address=$(p inspect --format "{{(index .NetworkSettings.Networks \"$network\").IPAddress}}" web)
		in_host ping -qc1 -W0.3 "$address" >/dev/null && list+=" $network"
	done
	echo "${list# }"
}

refused() { # REGEX NAME
	policyctl attach "container:$2" --deny icmp
	check_match "$2 is refused" "^1:policyctl: container:$2: .*$1" "$STATUS:$ERR"
}

check "both addresses answer" "net66 net67" "$(answers)"
does attach container:web --deny icmp
remember
check "the veths on both networks are taken" "web on net66,web on net67" \
	"$(sed -n 's/^veth.* (\(.*\)): enforcing 1 rule.*/\1/p' <<<"$OUT" | paste -sd,)"
check "it holds on both" "" "$(answers)"
policyctl list --json
check "list" "web net66 web net67" "$(jq -r '[.[].container | .name, .network] | join(" ")' <<<"$OUT")"
ID=$(p inspect --format '{{.Id}}' web)
does show "container:${ID:0:10}"
for veth in $(policyctl list --json; jq -r '.[].interface' <<<"$OUT"); do
	does detach "$veth"
	does attach "$veth" --deny icmp
	remember
done
policyctl list --json
check "attached by their names: from a look at podman" "web net66 web net67" \
	"$(jq -r '[.[].container | .name, .network] | join(" ")' <<<"$OUT")"
must sleeper joined --network container:web
must sleeper on-host --network host
must sleeper nowhere --network none
refused "it shares the network of web: use container:web" joined
refused "it is on the host's network" on-host
refused "it has no network" nowhere
refused "no container is called 'nobody'" nobody
does detach container:web
check "nothing holds any more" "net66 net67" "$(answers)"
must p stop --time 0 web
refused "it is not running" web
finish
