# shellcheck shell=bash
TITLE="XDP on and off while the container probes outside"

experiment() {
	toggle_experiment "$OUTSIDE"
}
