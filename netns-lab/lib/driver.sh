# shellcheck shell=bash
# Each experiment is told in these words and runs twice: `hand` does them with ip, tc and bpftool, `policyctl`
# with policyctl. SPEC is [from:|to:]PROTOCOL[/PORT], as on policyctl's command line.
#
#   deny DEVICE SPEC        attach, and deny that
#   xdp_off_tc_stays DEVICE from `deny tcp`: nothing is denied any more in what the container sends
#   tc_off DEVICE           after that: nothing is denied at all; by hand, clsact stays
#   undeny DEVICE           all off
#   dropped DEVICE from|to  how many packets were dropped in that direction
#   passed DEVICE from|to   and how many passed
#   undeny_all              as undeny, for what an experiment may have left on
#
# MODE is native or generic: of the XDP program, where an experiment wants a certain one.

MODE=

deny() { "${DRIVER}_deny" "$@" && note_programs "$1"; }
xdp_off_tc_stays() { "${DRIVER}_xdp_off_tc_stays" "$@" && note_programs "$1"; }
tc_off() { "${DRIVER}_tc_off" "$@"; }
undeny() { "${DRIVER}_undeny" "$@"; }
dropped() { "${DRIVER}_count" DROP "$@"; }
passed() { "${DRIVER}_count" PASS "$@"; }
undeny_all() { "${DRIVER}_undeny_all"; }

by_hand() { [ "$DRIVER" = hand ]; }

# The ids of the programs on a device, as the kernel reports them.
xdp_id() {
	run_in host ip link show dev "$1" | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p'
}

tc_id() {
	run_in host tc filter show dev "$1" egress | sed -n 's/.* id \([0-9]*\) name .*/\1/p'
}

# Does what was just seen ($SAW) show an XDP program?
xdp_shown() {
	grep -o -m 1 'prog/xdp .*' <<<"$SAW" || echo "no xdp"
}

# The ids of a program's maps.
map_ids() {
	bpftool prog show id "$1" | sed -n 's/.*map_ids \([0-9,]*\).*/\1/p' | tr ',' '\n'
}

dropped_is() { # DEVICE from|to NUMBER
	check "the counter of drops, $2 the container" "$3" "$(dropped "$1" "$2")"
}

some_dropped() { # DEVICE from|to
	check_match "the counter of drops, $2 the container, is not zero" '^[1-9]' "$(dropped "$1" "$2")"
}

# Both counters of drops, to see whether they moved.
drops() { # DEVICE
	echo "from $(dropped "$1" from), to $(dropped "$1" to)"
}

nothing_dropped() { # DEVICE
	check "the counters of drops" "from 0, to 0" "$(drops "$1")"
}
