# shellcheck shell=bash
TITLE="Suricata where the copies arrive: its alert on one request among others, at the container and by it"
DRIVERS="hand policyctl docker"

cannot_run() {
	needs suricata
}

experiment() {
	local first="1 lab: somebody asks for secrets: $DOCKER0 > $CONTAINER 80"
	watcher_up
	suricata_start
	say "nothing is copied: nothing is alerted"
	fetch_is 200 host "http://$CONTAINER/?secrets=before"

	if by_hand; then copying_by_mirred "$VETH"; else policy "default allow mirror $COPIES"; fi
	say "what is not meant by the rule, and what is"
	fetch_is 200 host "http://$CONTAINER/index.html"
	fetch_is 200 host "http://$CONTAINER/?secrets=of-the-container"
	alert_is "$first"
	fetch_is 200 httpserver "http://$OUTSIDE:$TCP_PORT/?secrets=of-others"
	alert_is "$first"$'\n'"1 lab: somebody asks for secrets: $CONTAINER > $OUTSIDE $TCP_PORT"
	if by_hand; then copying_off "$VETH"; else undeny "$VETH"; fi
	suricata_stop
}
