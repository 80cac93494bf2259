# shellcheck shell=bash
TITLE="a tap device in the bridge instead of a veth: a virtual machine's port"

TAP=tap6c30d72
MACHINE=198.18.1.4

experiment() {
	MODE=native
	machine_up
	ping_is answered host "$MACHINE"
	tcp_is answered host "$MACHINE" 80
	machine_probes "$ALL"

	deny "$TAP" tcp
	ping_is answered host "$MACHINE"
	capture_start host "$TAP" tcp
	tcp_is lost host "$MACHINE" 80
	machine_probes "$NONE"
	nothing_captured "$TAP" "$MACHINE"
	dropped_is "$TAP" to "$PROBES"
	dropped_is "$TAP" from "$PROBES"

	undeny "$TAP"
	tcp_is answered host "$MACHINE" 80
	machine_probes "$ALL"
}

# The machine is a script that holds the device open and speaks ARP, ICMP and a little TCP.
machine_up() {
	must_in host ip tuntap add dev $TAP mode tap
	must_in host ip link set dev $TAP master docker0 up
	rm -f "$LAB_STATE/machine.do"
	mkfifo -m 0600 "$LAB_STATE/machine.do"
	spawn host machine /usr/bin/python3 "$LAB_DIR/lib/machine.py" $TAP $MACHINE "$LAB_STATE/machine.do"
	wait_until 5 answers host $MACHINE && return
	fail "the machine behind the tap device comes up"
	exit 1
}

machine_is_done() {
	[ "$(grep -c '^done' "$LAB_STATE/machine.out")" -gt "$1" ]
}

machine_probes() { # EXPECTED
	local before
	before=$(grep -c '^done' "$LAB_STATE/machine.out")
	say "machine# $PROBES SYNs to $DOCKER0 port $TCP_PORT"
	echo "$DOCKER0 $TCP_PORT $PROBES" >"$LAB_STATE/machine.do"
	wait_until 5 machine_is_done "$before"
	check "TCP probes of the machine to $DOCKER0" "$1" "$(sed -n 's/^done: //p' "$LAB_STATE/machine.out" | tail -n 1)"
}
