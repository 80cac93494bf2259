#!/bin/bash
# Real guests of systemd-nspawn, whose interfaces get a policy by their names: nothing denied gets out from the guest's
# first instruction on, through restarts, whatever it does to its own end.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need systemd-nspawn busybox
for file in talker counter; do
	[ -x "$DOCKER_PROGRAMS/docker_$file" ] || skip "docker_$file is not built"
done
mkdir -p "$POLICIES"
: >"$DAEMON_LOG"
new_netns host
must ip -n host link add br-guests address 02:00:00:00:64:01 type bridge
must ip -n host addr add 198.18.64.1/24 dev br-guests
must ip -n host link set br-guests up
counter bridge br-guests
DOCKER_SOCKET=$WORK/no-engine
TREE=$WORK/tree

leave() {
	wait_until 10 no_pins_left
	daemon_stop
	check "the daemon ends with status 0" 0 "$STATUS"
	check "and no sanitizer complained" "" "$(grep -E 'Sanitizer|runtime error' "$DAEMON_LOG")"
}

mkdir -p "$TREE"/{bin,etc,usr,proc,sys,dev,tmp,run,var,root}
cp "$(command -v busybox)" "$TREE/bin/busybox"
ln -s busybox "$TREE/bin/sh"
cp "$DOCKER_PROGRAMS/docker_talker" "$TREE/talker"
echo ID=test >"$TREE/etc/os-release"
# A guest has CAP_NET_ADMIN over its own end, and gives it another name. Even numbers say that TCP and ICMP are denied.
cat >"$TREE/start" <<'END'
#!/bin/sh
/bin/busybox ip link set host0 name mine
/bin/busybox ip link set mine up
/bin/busybox ip addr add 198.18.64.10/24 dev mine
exec /talker --number "$1" --record "/record.$1" --seconds 1 --rate 200 198.18.64.1
END
chmod +x "$TREE/start"

guest() { # NUMBER OPTION...: until it ends; 0 if it could run
	in_host timeout 60 systemd-nspawn --quiet --directory="$TREE" --machine=web --register=no --keep-unit --as-pid2 \
		--console=pipe --kill-signal=SIGTERM "${@:2}" /start "$1" >"$WORK/guest" 2>&1 </dev/null &&
		cp "$TREE/record.$1" "$RECORDS/start$1"
}

mkdir -p "$RECORDS"
guest 10 --network-bridge=br-guests ||
	skip "systemd-nspawn cannot run here: $(tail -n 1 "$WORK/guest")"
count
check "without a daemon it gets out" 1 "$(leaked_out 10 10 | wc -l)"

printf 'deny tcp\ndeny icmp\n' >"$POLICIES/guests.policy"
cat >"$DAEMON_CONFIG" <<-END
	[daemon]
	log-format = json
	[policy]
	directory = $POLICIES
	[follow "v[eb]-*"]
	policy = guests
END
daemon_start
for number in 20 22 24 26 28; do
	must guest $number --network-bridge=br-guests
done
count
for number in 20 22 24 26 28; do
	check "start $number: it talked" "" "$(silent $number $number)"
	check "start $number: 0 get out" "" "$(leaked_out $number $number)"
done
check "each start had its policy" 5 "$(log '.message == "policy in force" and .interface == "vb-web"' | wc -l)"
check "by native XDP: it has CAP_NET_ADMIN" 5 \
	"$(log '.message == "policy in force" and .hook == "xdp" and .mode == "native"' | wc -l)"
mark
must guest 30 --network-veth
check_logged "an interface without a bridge, too" '.message == "policy in force" and .interface == "ve-web"'
check_logged "it was held before" '.message == "policy in force" and .interface == "ve-web" and .gate_ms != null'
finish
