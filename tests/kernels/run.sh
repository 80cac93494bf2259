#!/usr/bin/env bash
# Whether policyctl enforces on the kernels that Debian ships. Boots each under qemu with a small initramfs, attaches in
# both modes, and tests with ping and TCP; then runs some of tests/prog and of tests/cli there. What the verifier walks
# is told for the object by every clang that is here. Not part of tests/run.sh, since it downloads kernels, and takes a
# quarter of an hour or more for each: without KVM qemu computes what the processor does.
#
#   tests/kernels/run.sh [PACKAGE…]     default: the newest 6.1 and 6.12 for cloud machines
#
#   OBJECTS=DIRECTORY                   more objects: policy-clang-VERSION.bpf.o of compilers that are elsewhere
#   SCRIPTS="vlan …"                    other scripts of tests/cli; or of another folder, with arguments:
#                                       SCRIPTS=bench/rates:--limits:3 shows `tc police` where this kernel has it not
#   SUBJECTS="rates …"                  other subjects of tests/prog
#
# Needs a build with everything in it ($POLICYCTL_BUILD) and .ci/install-packages kernels.
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin # not what a user has put in front of Debian's

here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${POLICYCTL_BUILD:-$here/../../build}")
subjects=(answers by_hand compilers established events fragment_tracking ipv6_chain loading peers probes random rates
	readers)
[ -z "${SUBJECTS:-}" ] || read -ra subjects <<<"$SUBJECTS"
scripts=${SCRIPTS:-placed-checksums}
# What is not in the kernels' images, in the order in which it can be loaded.
modules=(veth sch_ingress cls_bpf udp_tunnel ip6_udp_tunnel vxlan ifb sch_htb sch_tbf cls_u32 act_mirred act_police
	tcp_bbr nfnetlink libcrc32c nf_tables nft_limit)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

newest() {
	apt-cache search --names-only "^linux-image-$1.*-cloud-amd64\$" | awk '{print $1}' |
		grep -v -e unsigned -e '^linux-image-6[.]12-cloud' | sort -V | tail -n 1
}

# With the libraries that they are linked to.
copy_programs() { # ROOT PROGRAM…
	local root=$1 program library
	shift
	for program; do
		program=$(command -v "$program")
		install -D "$program" "$root/usr/bin/$(basename "$program")"
		{ ldd "$program" 2>/dev/null || true; } | { grep -oE '/[^ ]+' || true; } | while read -r library; do
			mkdir -p "$root$(dirname "$library")"
			cp -nL "$library" "$root$library"
		done
	done
}

# What scripts of tests/cli need, with Python's own library.
copy_scripts() { # ROOT
	local library
	# What starts others is not busybox's, which takes its own ones first.
	copy_programs "$1" bash bpftool comm curl env ethtool find grep jq mawk mount nft nsenter ping python3 sed setpriv \
		sort ss sysctl timeout unshare xargs
	ln -sf mawk "$1/usr/bin/awk"
	library=$(/usr/bin/python3 -c 'import os; print(os.path.dirname(os.__file__))')
	mkdir -p "$1$library"
	tar -C "$library" --exclude=__pycache__ --exclude='*-packages' --exclude=test --exclude='config-*' -c . |
		tar -C "$1$library" -x
	find "$1$library/lib-dynload" -name '*.so' -exec ldd {} + | grep -oE ' /[^ ]+' | sort -u |
		while read -r library; do cp -nL --parents "$library" "$1"; done
	mkdir -p "$1/tests/cli" "$1/tests/bench" "$1/build"
	cp -r "$here/../lib" "$1/tests/"
	cp "$here"/../cli/*.sh "$here"/../cli/*.py "$1/tests/cli/"
	cp "$here/../bench/rates.sh" "$here/../bench/stream.py" "$1/tests/bench/"
	cp "$build/policyctl" "$build/cli_probe" "$build/policy.bpf.o" "$1/build/"
	tr ' ' '\n' <<<"$scripts" >"$1/tests/scripts"
}

make_initramfs() { # KERNEL-TREE OUTPUT
	local root=$work/root module subject
	rm -rf "$root"
	mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,modules,objects,etc}
	copy_programs "$root" "$build/policyctl" "$build/cli_probe" ip tc
	for subject in "${subjects[@]}"; do
		copy_programs "$root" "$build/prog_${subject}_test"
	done
	copy_scripts "$root"
	install -D "$build/policy.bpf.o" "$root$build/policy.bpf.o" # where the tests look for it
	cp "$build"/tests/prog/policy-clang-*.bpf.o ${OBJECTS:+"$OBJECTS"/*.bpf.o} "$root/objects/"
	install -D "$(command -v busybox)" "$root/bin/busybox"
	cp /etc/protocols /etc/services "$root/etc/"
	for module in "${modules[@]}"; do
		find "$1" -name "$module.ko*" -exec cp {} "$root/modules/" \;
	done
	find "$root/modules" -name '*.xz' -exec unxz {} +
	printf '%s\n' "${modules[@]}" >"$root/modules/order"
	install "$here/init.sh" "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$2"
}

boot() { # PACKAGE
	local tree=$work/$1 log=$work/$1.log
	mkdir -p "$tree"
	(cd "$work" && apt-get download -qq "$1" >/dev/null 2>&1 && dpkg-deb -x "$1"_*.deb "$tree")
	make_initramfs "$tree" "$work/initramfs"
	timeout 3600 qemu-system-x86_64 -nographic -no-reboot -m 2048 -smp 1 -cpu max \
		-kernel "$tree"/boot/vmlinuz-* -initrd "$work/initramfs" -nic none \
		-append 'console=ttyS0 quiet panic=-1' </dev/null >"$log" 2>&1 || true
	tr -d "\r" <"$log" | sed -n "/== /,\$p"
	grep -q 'kernels: all good' "$log"
}

"$here/../../.ci/install-packages" kernels
[ $# -gt 0 ] || set -- "$(newest 6.1.0)" "$(newest 6.12)"
status=0
for package in "$@"; do
	echo "### $package"
	boot "$package" || { echo "### $package: FAILED"; status=1; }
done
exit $status
