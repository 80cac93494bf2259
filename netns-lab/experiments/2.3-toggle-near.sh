# shellcheck shell=bash
TITLE="XDP on and off while the container probes docker0's own address"

experiment() {
	toggle_experiment "$DOCKER0"
}
