// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capabilities.h"
#include "checkup.h"
#include "checkup_bpffs.h"
#include "checkup_host.h"
#include "checkup_jit.h"
#include "checkup_kernel.h"
#include "checkup_namespaces.h"
#include "error.h"
#include "sysctl.h"

static void check_capabilities(struct findings *findings)
{
	int error = capabilities_check();

	if (!error) {
		findings_add(findings, FINDING_OK, "capabilities", "all that policyctl needs");
		return;
	}
	findings_add(findings, FINDING_WARNING, "capabilities", "%s", error_message(error));
	findings_why(findings, "without them policyctl refuses to work, and doctor sees less: "
			       "what it could not look at is named below");
	findings_do(findings, "run it as root, or in a container with these capabilities added");
	error_clear();
}

/* The offsets of kernel/skb_constants.h. */
static void check_btf(struct findings *findings)
{
	if (!access("/sys/kernel/btf/vmlinux", R_OK)) {
		findings_add(findings, FINDING_OK, "btf",
			     "the kernel describes its types (/sys/kernel/btf/vmlinux)");
		return;
	}
	findings_add(findings, FINDING_FAULT, "btf",
		     "the kernel does not describe its types (/sys/kernel/btf/vmlinux)");
	findings_why(findings, "the programs need that to see where a checksum is to be written, "
			       "and will not load");
	findings_do(findings, "a kernel with CONFIG_DEBUG_INFO_BTF; in a container, mount /sys");
}

/* Since 5.11 the kernel counts maps and programs as memory of the control group. A helper of the
 * same release tells such a kernel; libbpf does the same. */
static void check_memlock(struct findings *findings)
{
	struct rlimit limit;

	if (capabilities_check()) {
		error_clear();
		return;
	}
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_ktime_get_coarse_ns,
				    NULL) == 1) {
		findings_add(findings, FINDING_OK, "memlock",
			     "the kernel does not count BPF against RLIMIT_MEMLOCK");
		return;
	}
	if (!getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur == RLIM_INFINITY) {
		findings_add(findings, FINDING_OK, "memlock", "RLIMIT_MEMLOCK is unlimited");
		return;
	}
	findings_add(findings, FINDING_WARNING, "memlock",
		     "this kernel counts maps against RLIMIT_MEMLOCK, which is %llu KiB",
		     (unsigned long long)limit.rlim_cur >> 10);
	findings_why(findings, "larger policies will not load, for want of permission");
	findings_do(findings, "ulimit -l unlimited; of a systemd service LimitMEMLOCK=infinity");
}

static void check_unprivileged(struct findings *findings)
{
	long value = sysctl_read(SYSCTL "kernel/unprivileged_bpf_disabled");

	if (value) {
		findings_add(findings, FINDING_OK, "unprivileged-bpf",
			     value < 0 ? "cannot be asked (kernel.unprivileged_bpf_disabled)"
				       : "only who has the capability may load programs");
		return;
	}
	findings_add(findings, FINDING_NOTE, "unprivileged-bpf",
		     "every user may load BPF programs (kernel.unprivileged_bpf_disabled is 0)");
	findings_why(findings, "policyctl does not need it, and containers may use it to attack "
			       "the kernel that enforces for it");
	findings_do(findings, "sysctl -w kernel.unprivileged_bpf_disabled=2");
}

/* These settings are of this network namespace, since Linux 5.3. */
static void check_bridge(struct findings *findings)
{
	long ipv4 = sysctl_read(SYSCTL "net/bridge/bridge-nf-call-iptables");
	long ipv6 = sysctl_read(SYSCTL "net/bridge/bridge-nf-call-ip6tables");

	if (ipv4 <= 0 && ipv6 <= 0) {
		findings_add(findings, FINDING_OK, "bridge-netfilter",
			     "%s: iptables does not see what a bridge switches",
			     ipv4 < 0 ? "not there" : "off");
		return;
	}
	findings_add(findings, FINDING_NOTE, "bridge-netfilter",
		     "on for %s: what a bridge switches between containers goes through iptables "
		     "too",
		     ipv4 <= 0	 ? "IPv6"
		     : ipv6 <= 0 ? "IPv4"
				 : "IPv4 and IPv6");
	findings_why(findings, "it may drop what policyctl passed (docker has it so); policyctl "
			       "counts that as passed");
	findings_do(findings, "nothing if that is meant; iptables -L FORWARD -v and nft list "
			      "ruleset tell what it drops");
}

void checkup_host(struct checkup *checkup)
{
	struct findings *findings = &checkup->findings;

	findings_about(findings, "host");
	check_capabilities(findings);
	checkup_kernel(checkup);
	checkup_jit(checkup);
	checkup_bpffs(checkup);
	checkup_lock(checkup);
	check_btf(findings);
	check_memlock(findings);
	check_unprivileged(findings);
	check_bridge(findings);
	checkup_namespaces(checkup);
}
