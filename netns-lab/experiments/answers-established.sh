# shellcheck shell=bash
TITLE="2.4.3.1 once more, with established: what the container opens is answered, what others open is not"
DRIVERS=policyctl

experiment() {
	local target
	policy "allow to established" "deny to tcp"
	for target in "$OUTSIDE" "$DOCKER0"; do
		capture_start host "$VETH" tcp
		tcp_is answered httpserver "$target" "$TCP_PORT"
		capture_stop "$VETH"
		check "tcpdump on $VETH shows the SYNs to $target and the answers" "SYN yes, answer yes" "$(tcp_captured)"
	done
	dropped_is "$VETH" to 0
	say "a connection that nobody opened from inside"
	fetch_is timeout host "http://$HOST/"
	tcp_is lost host "$CONTAINER" 80
	some_dropped "$VETH" to
	undeny "$VETH"
}
