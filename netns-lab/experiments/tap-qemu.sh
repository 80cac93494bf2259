# shellcheck shell=bash
TITLE="a real virtual machine on a tap device in the bridge: its pings denied and counted, its traffic limited and copied"

cannot_run() {
	vm_needs
}

experiment() {
	vm_up
	ping_is answered host "$VM"
	vm_ping_is answered "$DOCKER0"

	deny "$VM_TAP" icmp
	ping_is lost host "$VM"
	vm_ping_is lost "$DOCKER0"
	dropped_is "$VM_TAP" to 2
	dropped_is "$VM_TAP" from 2
	fetch_is 200 host "http://$VM/small"
	undeny "$VM_TAP"
	ping_is answered host "$VM"

	limited
	copied
	vm_down
}

limited() {
	download_takes "less than 1.5 s" 0 1.5
	if by_hand; then
		limit_by_htb "$VM_TAP" "$DOCKER0"
	else
		VETH=$VM_TAP policy "allow any peer $DOCKER0 rate 3mbit burst 200ms"
	fi
	download_takes "about 2.6 s at 3 Mbit/s" 2.2 8
	if by_hand; then limit_by_htb_off "$VM_TAP"; else undeny "$VM_TAP"; fi
}

copied() {
	watcher_up
	if by_hand; then copying_by_mirred "$VM_TAP"; else VETH=$VM_TAP policy "default allow mirror $COPIES"; fi
	echoes_copied 2 2 ping_is answered host "$VM"
	echoes_copied 2 2 vm_ping_is answered "$DOCKER0"
	if by_hand; then copying_off "$VM_TAP"; else undeny "$VM_TAP"; fi
}

# 1 MB from the machine.
download_takes() { # WORDS LEAST MOST
	do_in host curl -sS -m 20 -o /dev/null -w '%{size_download} bytes, %{time_total}\n' "http://$VM/file"
	check "1 MB from the machine takes $1" yes "$(yes_or_no within "${SAW##* }" "$2" "$3")"
}
