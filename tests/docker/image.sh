#!/bin/bash
# packaging/image: two builds give the same bytes. The image has what policyctl needs and no shell. With the
# capabilities and mounts of packaging/compose.yaml it attaches from within a container; without one of them it names
# the missing one.
. "$(dirname "$0")/lib.sh"
docker_sandbox "$@"
need strip ldd
docker_up

PACKAGING=$(cd "$(dirname "$0")/../../packaging" && pwd)

say "building"
must "$PACKAGING/image/build.sh" "$POLICYCTL" "$WORK/context"
must "$PACKAGING/image/build.sh" "$POLICYCTL" "$WORK/again"
check_true "twice gives the same" cmp "$WORK/context/rootfs.tar" "$WORK/again/rootfs.tar"
check_false "of what is no program nothing" "$PACKAGING/image/build.sh" /nowhere "$WORK/nothing"
check_false "nothing at all" test -e "$WORK/nothing"
must d build --quiet --network none --tag policyctl "$WORK/context"

label() { d image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" policyctl; }
check "it says its version" "$("$POLICYCTL" --version | awk '{ print $2 }')" "$(label version)"
check "and its licence" GPL-2.0-only "$(label licenses)"
check_true "it is small" test "$(d image inspect --format '{{.Size}}' policyctl)" -lt 50000000
check_false "there is no shell in it" d run --rm --entrypoint /bin/sh policyctl -c true
check "it is the same program" "$("$POLICYCTL" --version)" "$(d run --rm policyctl --version)"

# CAP_BPF and CAP_PERFMON, or SYS_ADMIN for a docker that does not know them.
if d run --rm --cap-add BPF policyctl --version >/dev/null 2>&1; then
	CAPABILITIES=(NET_ADMIN BPF PERFMON)
else
	CAPABILITIES=(NET_ADMIN SYS_ADMIN)
	say "this docker does not know CAP_BPF: SYS_ADMIN in its place"
fi

# in_image [without CAPABILITY] ARGUMENTS...: runs policyctl as compose.yaml does. $STATUS, $OUT.
in_image() {
	local capability without='' options=(--cap-drop ALL)
	if [ "$1" = without ]; then
		without=$2
		shift 2
	fi
	for capability in "${CAPABILITIES[@]}"; do
		[ "$capability" = "$without" ] || options+=(--cap-add "$capability")
	done
	OUT=$(d run --rm --network host --pid host "${options[@]}" --security-opt no-new-privileges --read-only \
		--env POLICYCTL_BPFFS=/bpf/policyctl --volume /sys/fs/bpf:/bpf \
		--volume "$DOCKER_SOCKET:/var/run/docker.sock:ro" policyctl "$@" 2>&1)
	STATUS=$?
}

say "attaching from within"
must d run -d --name web image /bin/busybox httpd -f -p 80
fetches() { in_host curl -so /dev/null -m 1 "http://$(address_of web)/"; }
must wait_until 5 fetches
for capability in "${CAPABILITIES[@]}"; do
	in_image without "$capability" attach container:web --deny tcp
	check "without $capability it does not" 1 "$STATUS"
	check_match "and says so" "CAP_(${capability/SYS_ADMIN/BPF})" "$OUT"
done
check_true "nothing is attached" fetches
in_image attach container:web --deny tcp
check "with all it does: ${OUT%%$'\n'*}" 0 "$STATUS"
check_false "and holds when that container is gone" fetches
check "the host's policyctl sees it" "$(veths_of web)" "$(in_host "$POLICYCTL" list --json | jq -r '.[].interface')"
in_image explain container:web to sctp 80
check_match "names of protocols are known" "default to allow" "$OUT"
in_image detach container:web
check "detached from within: $OUT" 0 "$STATUS"
check_true "everything passes again" fetches
must rmdir "$PINS" # a directory that an option named stays
finish
