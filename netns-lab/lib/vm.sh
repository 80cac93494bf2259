# shellcheck shell=bash
# A virtual machine on a tap device: qemu without KVM, so that it runs everywhere; a kernel of this machine's packages
# ($LAB_KERNEL or the newest in /boot); busybox as its only program. Its console takes commands.

VM_TAP=tap6c30d72
VM=198.18.1.4
VM_COMMANDS=0

vm_kernel() {
	local kernel
	for kernel in ${LAB_KERNEL:-$(printf '%s\n' /boot/vmlinuz-* | sort -rV)}; do
		[ -e "$kernel" ] && [ -d "/lib/modules/${kernel#*/vmlinuz-}" ] && echo "$kernel" && return
	done
	return 1
}

# For cannot_run.
vm_needs() {
	if [ "$(uname -m)" != x86_64 ]; then
		echo "the virtual machine is one for x86_64"
	elif [ -n "$(needs qemu-system-x86_64 busybox modprobe)" ]; then
		needs qemu-system-x86_64 busybox modprobe
	elif ! vm_kernel >/dev/null; then
		echo "no kernel for the virtual machine: no /boot/vmlinuz-… with its modules"
	fi
}

# The modules of a network device of qemu's, in the order in which they are loaded.
vm_modules() { # VERSION DIRECTORY
	local module
	for module in virtio_pci virtio_net; do
		modprobe -S "$1" --show-depends $module
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
		case $module in
		*.xz) xz -dc "$module" ;;
		*.zst) zstd -qdc "$module" ;;
		*) cat "$module" ;;
		esac >"$2/$(basename "$module" | sed 's/\.ko.*//').ko"
		basename "$module" | sed 's/\.ko.*/.ko/' >>"$2/order"
	done
}

# It serves a file of 1 MB, and does what its console says, one line at a time.
vm_image() { # KERNEL OUTPUT
	local root=$LAB_STATE/vm-root
	mkdir -p "$root"/{bin,dev,proc,sys,modules,www} && cp "$(command -v busybox)" "$root/bin/busybox" || return
	: >"$root/modules/order"
	vm_modules "${1#*/vmlinuz-}" "$root/modules" || return
	cat >"$root/init" <<-INIT
		#!/bin/busybox sh
		/bin/busybox --install -s /bin
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		mount -t devtmpfs dev /dev
		stty -echo
		while read -r module; do insmod /modules/\$module; done </modules/order
		ip link set lo up
		ip link set eth0 up
		ip addr add $VM/24 dev eth0
		dd if=/dev/zero of=/www/file bs=1000 count=1000 2>/dev/null
		echo hello from the machine >/www/small
		httpd -h /www
		echo "ready: Linux \$(uname -r)"
		while read -r command; do eval "\$command"; done
	INIT
	chmod 755 "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$2" && rm -r "$root"
}

vm_is_ready() {
	grep -qs '^ready' "$LAB_STATE/vm.out" && answers host $VM
}

# Everything that it does is on a processor that qemu computes: it gets time.
vm_up() {
	local kernel
	kernel=$(vm_kernel)
	must_in host ip tuntap add dev $VM_TAP mode tap
	must_in host ip link set dev $VM_TAP master docker0 up
	if ! vm_image "$kernel" "$LAB_STATE/vm-initrd" || ! mkfifo -m 0600 "$LAB_STATE/vm.do"; then
		fail "the image of the virtual machine"
		exit 1
	fi
	say "host# qemu-system-x86_64 -kernel $kernel -nic tap,ifname=$VM_TAP,… &"
	# shellcheck disable=SC2016 # the inner shell's
	spawn host vm bash -c 'exec "${@:2}" <>"$1"' vm "$LAB_STATE/vm.do" \
		qemu-system-x86_64 -M pc -accel tcg -cpu max -m 192 -nodefaults -display none -no-reboot -serial stdio \
		-kernel "$kernel" -initrd "$LAB_STATE/vm-initrd" -append 'console=ttyS0 quiet panic=-1' \
		-nic tap,ifname=$VM_TAP,script=no,downscript=no,model=virtio-net-pci,mac=02:c6:12:01:04:aa
	VM_PID=$SPAWNED
	if wait_until 60 vm_is_ready; then
		say "machine: $(grep -a '^ready' "$LAB_STATE/vm.out" | tr -d '\r')"
		return
	fi
	fail "the virtual machine comes up"
	quote <"$LAB_STATE/vm.out"
	quote <"$LAB_STATE/vm.err"
	exit 1
}

vm_down() {
	end "$VM_PID"
	rm -f "$LAB_STATE/vm.do" "$LAB_STATE/vm-initrd"
	wait_until 5 vm_tap_is_free && run_in host ip link del dev $VM_TAP
}

vm_tap_is_free() {
	! run_in host ip link show dev $VM_TAP | grep -q LOWER_UP
}

vm_has_done() {
	grep -qs "^done $VM_COMMANDS" "$LAB_STATE/vm.out"
}

# vm_does COMMAND: what it printed is in $SAW.
vm_does() {
	VM_COMMANDS=$((VM_COMMANDS + 1))
	say "machine# $1"
	echo "echo begin $VM_COMMANDS; $1; echo done $VM_COMMANDS" >"$LAB_STATE/vm.do"
	wait_until 10 vm_has_done
	SAW=$(tr -d '\r' <"$LAB_STATE/vm.out" | sed "1,/^begin $VM_COMMANDS\$/d; /^done $VM_COMMANDS\$/,\$d")
	quote <<<"$SAW"
}

vm_ping_is() { # answered|lost ADDRESS
	local expected="2 of 2 answered"
	[ "$1" = answered ] || expected="0 of 2 answered"
	vm_does "ping -c 2 -i 0.2 -W 1 $2"
	check "ping from the machine to $2: $1" "$expected" \
		"$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) packets received.*/\2 of \1 answered/p' <<<"$SAW")"
}
