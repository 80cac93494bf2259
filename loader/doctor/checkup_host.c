// SPDX-License-Identifier: GPL-2.0-only
/* Is this host fit: what is asked of the system and of whoever runs policyctl. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/stat.h>

#include "capabilities.h"
#include "checkup.h"
#include "error.h"
#include "util.h"

#define SYSCTL "/proc/sys/"

long checkup_sysctl(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -1;

	if (file && fscanf(file, "%ld", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

/* A sysctl of which there is one, which only the first network namespace shows. */
static long main_sysctl(const char *path)
{
	_cleanup_(closep) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int first = -1;
	long value = checkup_sysctl(path);

	if (value >= 0 || home < 0)
		return value;
	first = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	if (first < 0 || setns(first, CLONE_NEWNET))
		return -1;
	value = checkup_sysctl(path);
	if (setns(home, CLONE_NEWNET))
		abort(); /* in the wrong namespace nothing may go on */
	return value;
}

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

static void say_jit_off(struct findings *findings, bool by_setting)
{
	findings_add(findings, FINDING_WARNING, "jit", "%s: programs are interpreted, not compiled",
		     by_setting ? "off (net.core.bpf_jit_enable is 0)"
				: "of no use (though net.core.bpf_jit_enable is not 0)");
	findings_why(findings, "each packet costs several times as much");
	findings_do(findings, "sysctl -w net.core.bpf_jit_enable=1; programs that are loaded "
			      "already stay as they are until policyctl apply");
}

/* The setting, and what the trial of the programs shows. */
static void check_jit(struct checkup *checkup)
{
	long enabled = main_sysctl(SYSCTL "net/core/bpf_jit_enable");
	long harden = main_sysctl(SYSCTL "net/core/bpf_jit_harden");
	struct findings *findings = &checkup->findings;

	if (enabled == 0 || checkup->jited == 0) {
		say_jit_off(findings, enabled == 0);
	} else if (enabled == 2) {
		findings_add(findings, FINDING_NOTE, "jit",
			     "net.core.bpf_jit_enable is 2: the code of each program is written "
			     "to the kernel's log");
		findings_why(findings, "for debugging only; addresses of the kernel stand there");
		findings_do(findings, "sysctl -w net.core.bpf_jit_enable=1");
	} else if (harden == 2) {
		findings_add(findings, FINDING_NOTE, "jit",
			     "on, with constants hidden for root too (net.core.bpf_jit_harden is "
			     "2)");
		findings_why(findings, "policies are constants of the programs: each packet costs "
				       "somewhat more");
		findings_do(findings, "sysctl -w net.core.bpf_jit_harden=1 keeps it for other "
				      "users only");
	} else if (enabled < 0 && checkup->jited < 0) {
		findings_add(findings, FINDING_NOTE, "jit", "whether it is on cannot be seen");
		findings_why(findings, "net.core.bpf_jit_enable is for root, in the first network "
				       "namespace");
		findings_do(findings, "run policyctl doctor as root");
	} else {
		findings_add(findings, FINDING_OK, "jit", "on%s",
			     checkup->jited > 0 ? ": the programs are compiled" : "");
	}
}

/* POLICYCTL_BPFFS may be the mount itself or a directory in it. */
bool checkup_bpffs(char where[PATH_MAX])
{
	const char *root = getenv("POLICYCTL_BPFFS");
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", root && *root ? root : STORE_ROOT);
	if (root && *root && store_is_bpffs(copy)) {
		snprintf(where, PATH_MAX, "%s", copy);
		return true;
	}
	snprintf(where, PATH_MAX, "%s", dirname(copy));
	return store_is_bpffs(where);
}

static void check_bpffs(struct findings *findings)
{
	const char *root = getenv("POLICYCTL_BPFFS");
	char where[PATH_MAX];
	struct statvfs fs;

	if (!checkup_bpffs(where) && root && *root) {
		findings_add(findings, FINDING_WARNING, "bpffs",
			     "POLICYCTL_BPFFS=%s is not inside a BPF file system", root);
		findings_why(findings, "what is attached elsewhere is not seen, and nothing can be "
				       "attached");
		findings_do(findings, "unset POLICYCTL_BPFFS, if it is not meant");
	} else if (!checkup_bpffs(where)) {
		findings_add(findings, FINDING_WARNING, "bpffs",
			     "no BPF file system is mounted on %s, as seen from here", where);
		findings_why(findings, "what keeps policies in force without a process is pinned "
				       "there; without it nothing that is attached can be seen");
		findings_do(findings,
			    "mount -t bpf bpf %s # but below ip netns exec, which hides it: "
			    "nsenter --net=/run/netns/NAME policyctl doctor",
			    where);
	} else if (!statvfs(where, &fs) && fs.f_flag & ST_RDONLY) {
		findings_add(findings, FINDING_WARNING, "bpffs", "%s is mounted read-only", where);
		findings_why(findings, "nothing can be attached, changed or detached");
		findings_do(findings, "mount -o remount,rw %s", where);
	} else if (faccessat(AT_FDCWD, where, W_OK | X_OK, AT_EACCESS)) {
		findings_add(findings, FINDING_WARNING, "bpffs",
			     "%s is mounted, but this user may not write there", where);
		findings_why(findings, "nothing can be attached, changed or detached");
		findings_do(findings, "run policyctl as root");
	} else {
		findings_add(findings, FINDING_OK, "bpffs", "mounted on %s, writable", where);
	}
}

/* The object brings the types it needs and relocates against none of the kernel's. */
static void check_btf(struct findings *findings)
{
	findings_add(findings, FINDING_OK, "btf", "%s; policyctl works without",
		     access("/sys/kernel/btf/vmlinux", R_OK)
			     ? "the kernel shows no types (/sys/kernel/btf/vmlinux)"
			     : "the kernel shows its types (/sys/kernel/btf/vmlinux)");
}

/* Kernels since 5.11 count maps and programs as the control group's memory. They are told by a
 * helper of the same release, as libbpf itself does it. */
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
	long value = checkup_sysctl(SYSCTL "kernel/unprivileged_bpf_disabled");

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

/* Of this network namespace, since Linux 5.3. */
static void check_bridge(struct findings *findings)
{
	long ipv4 = checkup_sysctl(SYSCTL "net/bridge/bridge-nf-call-iptables");
	long ipv6 = checkup_sysctl(SYSCTL "net/bridge/bridge-nf-call-ip6tables");

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
	check_jit(checkup);
	check_bpffs(findings);
	check_btf(findings);
	check_memlock(findings);
	check_unprivileged(findings);
	check_bridge(findings);
	checkup_places(checkup);
}
