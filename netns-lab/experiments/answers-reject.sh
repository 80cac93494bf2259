# shellcheck shell=bash
TITLE="2.4.3.1 once more, with reject: new connections are refused at once, answers get a reset"
DRIVERS=policyctl

experiment() {
	policy "reject to tcp"
	say "connections to the container are refused at once"
	fetch_is refused host "http://$HOST/"
	fetch_is refused host "http://$CONTAINER/"
	fetch_is refused host "http://[$CONTAINER6]/"
	say "the container opens connections: the answers are rejected, and the server gets resets"
	capture_start outside eth0 "tcp port $TCP_PORT"
	tcp_is lost httpserver "$OUTSIDE" "$TCP_PORT"
	capture_stop eth0 "$OUTSIDE"
	check "tcpdump in outside sees as many resets as answers" "$PROBES and $PROBES" \
		"$(grep -c 'Flags \[S\.\]' <<<"$CAPTURED") and $(grep -c 'Flags \[R\]' <<<"$CAPTURED")"
	undeny "$VETH"
}
