#!/bin/bash
# The cache of podman's containers: its networks have other bridges, its events come late, and the event stream answers
# nothing before the first event.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
. "$(dirname "$0")/watch.sh"
need podman conmon runc

PODMAN_DIR=$WORK/podman
PODMAN_SOCKET=$PODMAN_DIR/podman.sock

PODMAN=(podman --root "$PODMAN_DIR/root" --runroot "$PODMAN_DIR/run" --tmpdir "$PODMAN_DIR/tmp"
	--network-config-dir "$PODMAN_DIR/networks" --cgroup-manager cgroupfs --events-backend file --runtime runc)
unset DOCKER_CONFIG # of which podman wants a file
export PODMAN_IGNORE_CGROUPSV1_WARNING=1

podman() { timeout 60 nsenter --net=/run/netns/host "${PODMAN[@]}" "$@"; }

serves() { curl -sf --unix-socket "$PODMAN_SOCKET" http://podman/_ping >/dev/null; }

service_start() {
	spawn host "${PODMAN[@]}" system service --time 0 "unix://$PODMAN_SOCKET" >"$PODMAN_DIR/log" 2>&1
	SERVICE=$!
	wait_until 20 serves
}

# podman's default limits are above what this machine allows.
run() { # NAME [OPTION...]
	podman run --detach --name "$1" --cgroup-parent "/$RUN" --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 \
		--network one "${@:2}" image /bin/busybox sleep 1000
}

make_podman_image() {
	mkdir -p "$WORK/tree/bin"
	cp "$(command -v busybox)" "$WORK/tree/bin/busybox"
	tar -C "$WORK/tree" -c . | podman import - image
}

# Without names: for those podman 5 wants aardvark-dns.
podman_up() {
	mkdir -p "$PODMAN_DIR/networks"
	{ make_podman_image && podman network create --disable-dns --subnet 198.18.90.0/24 one && run first && podman rm -f -t 0 first; } \
		>"$WORK/out" 2>&1 || skip "podman cannot run containers here: $(tail -n 1 "$WORK/out")"
}

leave() {
	podman rm --all --force --time 0 >/dev/null 2>&1
	stop "${SERVICE:-}"
	check_true "no control group is left" wait_until 5 remove_cgroups "$RUN"
}

what_podman_knows() {
	podman ps --all --format json | jq -r '.[] | "\(.Id[:12]) \(.Names[0]) \(
		if .State == "running" or .State == "paused" then 1 else 0 end)"' | sort
}

mirror_is_true() { [ "$(what_podman_knows)" = "$(mirror)" ]; }

check_true_mirror() { # TEXT
	if wait_until 20 mirror_is_true; then
		pass "$1"
	else
		fail "$1" "$(diff <(what_podman_knows) <(mirror))"
	fi
}

podman_up
must run before --label policyctl.deny=tcp
must service_start
watch_start "$PODMAN_SOCKET"
check_told "found" synced
check_told "its networks have its bridges" 'networks .*one:bridge:(cni-)?podman[0-9]+'
check_told "its containers have labels" 'known before .* running=1 .*networks=one \[policyctl.deny=tcp\]'
check_told "pid and power" 'updated before .*pid=1 power=plain mode=bridge'

say "the life of a container"
watch_mark
must run web --cap-add NET_ADMIN
check_told "created" 'known web .*networks=one'
check_told "runs, with pid and power" '[a-z]+ web .* running=1 pid=1 power=net-admin'
must podman rename web shop
check_told "renamed" 'updated shop '
must podman network create --disable-dns --subnet 198.18.91.0/24 two
must podman network connect two shop
check_told "connected" 'connected shop .*networks=one,two'
check_told "to a network that nobody told of" 'networks .*two:bridge:(cni-)?podman[0-9]+'
must podman network disconnect two shop
check_told "disconnected" 'connected shop .*networks=one( |$)'
watch_mark
must podman pause shop
must podman unpause shop
must podman stop --time 0 shop
check_told "stopped" 'stopped shop '
must podman start shop
check_told "started" 'started shop '
check "each once, and not for pause" "1 1" "$(told 'stopped shop' | wc -l) $(told 'started shop' | wc -l)"
must podman rm --force --time 0 shop
check_told "removed" 'gone id='
check_true_mirror "the mirror is true"

say "its service is killed, and containers change meanwhile"
watch_mark
kill -KILL "$SERVICE"
check_told "lost" 'lost: '
must podman rm --force --time 0 before
must run after
must service_start
check_told "back" synced
check_told "what is gone" 'gone id='
check_told "what came" 'known after .* running=1'
check_true_mirror "the mirror is true"
watch_end
finish
