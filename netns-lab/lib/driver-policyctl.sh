# shellcheck shell=bash
# With policyctl, as its --help says.

policyctl_deny() { # DEVICE SPEC
	local mode=()
	[ -z "$MODE" ] || mode=(--mode "$MODE")
	must_in host policyctl attach "$1" --deny "$2" "${mode[@]}"
}

# XDP stays attached, but the policy has no rule for what the container sends.
policyctl_xdp_off_tc_stays() {
	policyctl_undeny "$1"
	policyctl_deny "$1" to:tcp
}

policyctl_tc_off() {
	policyctl_undeny "$1"
}

policyctl_undeny() { # DEVICE
	must_in host policyctl detach "$1"
}

policyctl_count() { # DROP|PASS DEVICE from|to
	local field=dropped
	[ "$1" = DROP ] || field=passed
	run_in host policyctl stats "$2" --json | jq ".[0].$3.$field.packets"
}

policyctl_undeny_all() {
	[ "$(run_in host policyctl list --json)" = "[]" ] || do_in host policyctl detach --all
}
