#!/usr/bin/env bash
# Whether policyctl enforces on the kernels that Debian ships. Boots each under qemu with a small initramfs, attaches in
# both modes, and tests with ping and TCP; then runs some of tests/prog there. Not part of tests/run.sh, since it
# downloads kernels.
#
#   tests/kernels/run.sh [PACKAGE…]     default: the newest 6.1 and 6.12 for cloud machines
#
# Needs: apt-get download, qemu-system-x86, cpio, busybox-static; a built policyctl ($POLICYCTL_BUILD).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${POLICYCTL_BUILD:-$here/../../build}")
subjects=(by_hand events fragment_tracking ipv6_chain loading peers probes random readers)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

newest() {
	apt-cache search --names-only "^linux-image-$1.*-cloud-amd64\$" | awk '{print $1}' |
		grep -v -e unsigned -e '^linux-image-6[.]12-cloud' | sort -V | tail -n 1
}

need() {
	command -v "$1" >/dev/null || { echo "kernels: missing: $1 (package $2)" >&2; exit 1; }
}

# copy_program PROGRAM ROOT: with the libraries it is linked to
copy_program() {
	local program library
	program=$(command -v "$1")
	install -D "$program" "$2/prog/$(basename "$program")"
	ldd "$program" | grep -oE '/[^ ]+' | while read -r library; do
		mkdir -p "$2$(dirname "$library")"
		cp -nL "$library" "$2$library"
	done
}

make_initramfs() { # KERNEL-TREE OUTPUT
	local root=$work/root module subject
	rm -rf "$root"
	mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,modules,etc}
	copy_program "$build/policyctl" "$root"
	copy_program ip "$root"
	copy_program tc "$root"
	for subject in "${subjects[@]}"; do
		copy_program "$build/prog_${subject}_test" "$root"
	done
	install -D "$build/policy.bpf.o" "$root$build/policy.bpf.o" # where the tests look for it
	install -D "$(command -v busybox)" "$root/bin/busybox"
	cp /etc/protocols /etc/services "$root/etc/"
	for module in veth sch_ingress cls_bpf; do
		find "$1" -name "$module.ko*" -exec cp {} "$root/modules/" \;
	done
	find "$root/modules" -name '*.xz' -exec unxz {} +
	install "$here/init.sh" "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip) >"$2"
}

boot() { # PACKAGE
	local tree=$work/$1 log=$work/$1.log
	mkdir -p "$tree"
	(cd "$work" && apt-get download -qq "$1" >/dev/null 2>&1 && dpkg-deb -x "$1"_*.deb "$tree")
	make_initramfs "$tree" "$work/initramfs"
	timeout 600 qemu-system-x86_64 -nographic -no-reboot -m 1024 -smp 1 -cpu max \
		-kernel "$tree"/boot/vmlinuz-* -initrd "$work/initramfs" -nic none \
		-append 'console=ttyS0 quiet panic=-1' </dev/null >"$log" 2>&1 || true
	tr -d "\r" <"$log" | sed -n "/== /,\$p"
	grep -q 'kernels: all good' "$log"
}

need qemu-system-x86_64 qemu-system-x86
need cpio cpio
need busybox busybox-static
[ $# -gt 0 ] || set -- "$(newest 6.1.0)" "$(newest 6.12)"
status=0
for package in "$@"; do
	echo "### $package"
	boot "$package" || { echo "### $package: FAILED"; status=1; }
done
exit $status
