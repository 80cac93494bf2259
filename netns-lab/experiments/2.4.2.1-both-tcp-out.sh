# shellcheck shell=bash
TITLE="both on: container TCP to outside and to docker0"

experiment() {
	deny "$VETH" tcp
	capture_start host "$VETH" tcp
	by_hand || record_start "$VETH"
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	tcp_is lost httpserver "$DOCKER0" "$TCP_PORT"
	nothing_captured "$VETH" # XDP drops before the tap
	by_hand || all_recorded
	dropped_is "$VETH" from $((2 * PROBES))
	dropped_is "$VETH" to 0
	undeny "$VETH"
}

# The probes that tcpdump could not see are in policyctl's capture, each with who dropped it.
all_recorded() {
	record_stop
	check_same "policyctl capture has every probe, with verdict and rule" \
		"$PROBES $VETH:from $CONTAINER > $OUTSIDE: drop by rule 1 (deny tcp)
$PROBES $VETH:from $CONTAINER > $DOCKER0: drop by rule 1 (deny tcp)" "$(recorded)"
}
