# shellcheck shell=bash
TITLE="both on: container TCP to outside and to docker0"

experiment() {
	deny "$VETH" tcp
	capture_start host "$VETH" tcp
	by_hand || record_start "$VETH"
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	tcp_is lost httpserver "$DOCKER0" "$TCP_PORT"
	nothing_captured "$VETH" # XDP drops before the tap
	# The probes that tcpdump could not see are in policyctl's capture, each with the rule that dropped it.
	by_hand || was_recorded "$VETH:from $CONTAINER > $OUTSIDE: drop by rule 1 (deny tcp)" \
		"$VETH:from $CONTAINER > $DOCKER0: drop by rule 1 (deny tcp)"
	dropped_is "$VETH" from $((2 * PROBES))
	dropped_is "$VETH" to 0
	undeny "$VETH"
}
