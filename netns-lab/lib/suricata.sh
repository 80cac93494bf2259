# shellcheck shell=bash
# An intrusion detection system where the copies arrive: Suricata, with one rule of its own and none of a feed. Its
# alerts are in eve.json, one a line.

SURICATA=

suricata_configured() {
	IDS=$LAB_STATE/ids
	mkdir "$IDS" || return
	cat >"$IDS/lab.rules" <<'RULES'
alert http any any -> any any (msg:"lab: somebody asks for secrets"; flow:established,to_server; http.uri; content:"secrets"; sid:1000001; rev:1;)
RULES
	cat >"$IDS/suricata.yaml" <<'YAML'
%YAML 1.1
---
vars:
  address-groups: {HOME_NET: any, EXTERNAL_NET: any}
outputs:
  - eve-log: {enabled: yes, filetype: regular, filename: eve.json, types: [alert]}
af-packet:
  - {interface: watch0, threads: 1, cluster-id: 99, cluster-type: cluster_flow, defrag: yes}
app-layer: {protocols: {http: {enabled: yes}}}
unix-command: {enabled: no}
YAML
}

suricata_runs() {
	grep -qs "Engine started" "$LAB_STATE/suricata.out" "$LAB_STATE/suricata.err"
}

# Copies have the checksums that the sender left to a network card, so they are not looked at (-k none).
suricata_start() {
	suricata_configured || {
		fail "suricata's files"
		exit 1
	}
	set -- suricata -c "$IDS/suricata.yaml" -S "$IDS/lab.rules" -l "$IDS" -k none --af-packet=watch0
	say "watcher# cat lab.rules"
	quote <"$IDS/lab.rules"
	say "watcher# $* &"
	spawn watcher suricata "$@"
	SURICATA=$SPAWNED
	wait_until 20 suricata_runs && return
	fail "suricata comes up"
	quote <"$LAB_STATE/suricata.err"
	exit 1
}

suricata_stop() {
	end "$SURICATA"
	rm -r "$IDS"
}

# alerts: what was alerted so far, "NUMBER SIGNATURE: SOURCE > DESTINATION PORT" for each kind.
alerts() {
	jq -r 'select(.event_type == "alert") | "\(.alert.signature): \(.src_ip) > \(.dest_ip) \(.dest_port)"' \
		"$IDS/eve.json" 2>/dev/null | sort | uniq -c | sed 's/^ *//'
}

alerted() {
	[ "$(alerts)" = "$1" ]
}

alert_is() { # EXPECTED, as alerts has it
	wait_until 10 alerted "$1"
	say "watcher# jq 'select(.event_type == \"alert\")' eve.json"
	check "suricata's alerts" "$1" "$(alerts)"
}
