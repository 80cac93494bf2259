# shellcheck shell=bash
TITLE="container to container on one bridge crosses both hooks: the sender's XDP, the receiver's tc"

experiment() {
	local sender=$SECOND_VETH_NAME receiver=$VETH
	if ! add_container second "$sender" "$SECOND" "$SECOND6" || ! wait_until 5 second_is_ready; then
		fail "a second container comes up"
		exit 1
	fi
	tcp_is answered second "$CONTAINER" 80

	say "the sender may not send tcp"
	deny "$sender" from:tcp
	capture_start host "$sender" tcp
	tcp_is lost second "$CONTAINER" 80
	nothing_captured "$sender" "$SECOND"
	dropped_is "$sender" from "$PROBES"
	undeny "$sender"

	say "the receiver may not receive tcp"
	deny "$receiver" to:tcp
	capture_start host "$sender" tcp
	capture_start host "$receiver" tcp
	tcp_is lost second "$CONTAINER" 80
	capture_stop "$sender" "$SECOND"
	check "the SYNs leave the sender, no answer comes" "SYN yes, answer no" "$(tcp_captured)"
	nothing_captured "$receiver"
	dropped_is "$receiver" to "$PROBES"

	say "both: the sender's hook comes first"
	deny "$sender" from:tcp
	tcp_is lost second "$CONTAINER" 80
	dropped_is "$sender" from "$PROBES"
	dropped_is "$receiver" to "$PROBES" # as before
	undeny "$sender"
	undeny "$receiver"

	tcp_is answered second "$CONTAINER" 80
}

second_is_ready() {
	serves second 80 && answers second "$CONTAINER"
}
