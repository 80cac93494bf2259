// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "capabilities.h"
#include "error.h"
#include "privileges.h"
#include "util.h"

/* --- capabilities --- */

/*
 * What the work takes; tests/cli/privileges.sh takes each away and sees the work fail. Not among
 * them:
 * CAP_SYS_ADMIN, which nearly is root. Without it a program cannot be opened by its id, which an
 * attachment without pins would need. And no other network namespace can be entered, into which an
 * interface was moved with its XDP program.
 * CAP_SYS_PTRACE: RTM_GETNSID works without it, and a process's cgroup and bounding set are world
 * readable, unless /proc hides processes.
 * CAP_DAC_OVERRIDE: all files that are read and written belong to the user that runs us.
 */
static const cap_value_t needed[] = {
	CAP_BPF, /* to load programs and maps, and open pinned ones */
	CAP_NET_ADMIN, /* to attach them, and hear which interfaces come */
	CAP_PERFMON, /* or the verifier refuses the programs' arithmetic */
};

/* Is /proc mounted with hidepid=? Then only processes that we may trace are visible. */
static bool proc_hides(void)
{
	FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[1024];
	bool hides = false;

	while (mounts && fgets(line, sizeof(line), mounts))
		if (strstr(line, " /proc proc "))
			hides = strstr(line, "hidepid=") && !strstr(line, "hidepid=0") &&
				!strstr(line, "hidepid=off");
	if (mounts)
		fclose(mounts);
	return hides;
}

static bool is_needed(cap_value_t capability)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (needed[i] == capability)
			return true;
	/* Engines that do not know these two (docker before 23.0) can give only the old one. */
	if (capability == CAP_SYS_ADMIN)
		return !capabilities_have(CAP_BPF) || !capabilities_have(CAP_PERFMON);
	return capability == CAP_SYS_PTRACE && proc_hides();
}

/* The capabilities that execve() could give back. Needs CAP_SETPCAP. */
static void drop_bounding_set(void)
{
	for (cap_value_t i = 0; i < cap_max_bits(); i++)
		if (!is_needed(i) && cap_get_bound(i) == CAP_SET && cap_drop_bound(i))
			return; /* no-new-privileges and the filter on exec suffice */
}

/* Drops all that are there and not needed. */
static int keep_needed(cap_t capabilities)
{
	static const cap_flag_t sets[] = { CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE };

	for (cap_value_t i = 0; i < cap_max_bits(); i++)
		for (size_t j = 0; j < ARRAY_SIZE(sets); j++)
			if ((sets[j] == CAP_INHERITABLE || !is_needed(i)) &&
			    cap_set_flag(capabilities, sets[j], 1, &i, CAP_CLEAR))
				return -errno;
	return cap_set_proc(capabilities) ? -errno : 0;
}

static int drop_capabilities(void)
{
	cap_t capabilities;
	int error;

	drop_bounding_set();
	cap_reset_ambient();
	capabilities = cap_get_proc();
	error = capabilities ? keep_needed(capabilities) : -errno;
	cap_free(capabilities);
	return error;
}

/* --- system calls --- */

/* In the sanitizer build, LeakSanitizer looks at its own process with ptrace. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

static const int refused[] = {
	/* another program in its place */
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
/* other processes */
#ifndef SANITIZED
	SCMP_SYS(ptrace),
#endif
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	/* namespaces and mounts */
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(open_tree),
	SCMP_SYS(move_mount),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig),
	SCMP_SYS(fsmount),
	SCMP_SYS(fspick),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(quotactl),
	SCMP_SYS(quotactl_fd),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	/* the kernel itself */
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(syslog),
	SCMP_SYS(acct),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
	/* the machine's name and time */
	SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(adjtimex),
	/* large interfaces that nothing here uses */
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(personality),
	SCMP_SYS(vhangup),
	SCMP_SYS(lookup_dcookie),
	/* another user */
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setreuid),
	SCMP_SYS(setregid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(setgroups),
};

#define NEW_NAMESPACES                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

/* clone() with flags for namespaces. clone3() has its flags in memory, where no filter can look. A
 * caller that hears ENOSYS takes clone(), as glibc does. */
static int refuse_namespaces(scmp_filter_ctx filter)
{
	int error = 0;

	for (uint64_t flag = 1; flag <= NEW_NAMESPACES && !error; flag <<= 1)
		if (flag & NEW_NAMESPACES)
			error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
						 SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
	return error ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int fill_filter(scmp_filter_ctx filter)
{
	int error = refuse_namespaces(filter);

	for (size_t i = 0; i < ARRAY_SIZE(refused) && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	error = error ?: seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree */
	error = error ?: seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1); /* all threads */
	return error ?: seccomp_load(filter);
}

static int refuse_system_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int error = filter ? fill_filter(filter) : -ENOMEM;

	seccomp_release(filter);
	return error;
}

/* --- both --- */

/* Each thread has capabilities of its own. */
static bool is_alone(void)
{
	DIR *threads = opendir("/proc/self/task");
	int count = 0;

	while (threads && readdir(threads))
		count++;
	if (threads)
		closedir(threads);
	return count <= 3; /* with . and .. */
}

int privileges_drop(void)
{
	int error;

	if (!is_alone())
		return error_set(-EBUSY, "privileges are given up before there are threads");
	error = drop_capabilities();
	if (error)
		notice("capabilities could not be given up: %s", strerror(-error));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		notice("new privileges could not be ruled out: %m");
		return 0; /* no filter without */
	}
	error = refuse_system_calls();
	if (error)
		notice("system calls could not be given up: %s", strerror(-error));
	return 0;
}
