// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>

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
 * interface was moved with its XDP program. What containers have open the lookout sees.
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

/* To enter network namespaces, to find them by their processes, and to read their connection
 * tracking. */
static bool is_needed_to_look(cap_value_t capability)
{
	return capability == CAP_SYS_ADMIN || capability == CAP_SYS_PTRACE ||
	       capability == CAP_NET_ADMIN;
}

/* The capabilities that execve() could give back. Needs CAP_SETPCAP. */
static void drop_bounding_set(bool (*is_kept)(cap_value_t))
{
	for (cap_value_t i = 0; i < cap_max_bits(); i++)
		if (!is_kept(i) && cap_get_bound(i) == CAP_SET && cap_drop_bound(i))
			return; /* no-new-privileges and the filter on exec suffice */
}

/* Drops all that are there and not kept. */
static int keep(cap_t capabilities, bool (*is_kept)(cap_value_t))
{
	static const cap_flag_t sets[] = { CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE };

	for (cap_value_t i = 0; i < cap_max_bits(); i++)
		for (size_t j = 0; j < ARRAY_SIZE(sets); j++)
			if ((sets[j] == CAP_INHERITABLE || !is_kept(i)) &&
			    cap_set_flag(capabilities, sets[j], 1, &i, CAP_CLEAR))
				return -errno;
	return cap_set_proc(capabilities) ? -errno : 0;
}

static int drop_capabilities(bool (*is_kept)(cap_value_t))
{
	cap_t capabilities;
	int error;

	drop_bounding_set(is_kept);
	cap_reset_ambient();
	capabilities = cap_get_proc();
	error = capabilities ? keep(capabilities, is_kept) : -errno;
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
	error = drop_capabilities(is_needed);
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

/* --- of the process that looks into network namespaces --- */

/* What it calls, and what the C library may call for it: to allocate, to fork, to end. */
static const int allowed_to_look[] = {
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(bind),
	SCMP_SYS(getsockname),
	SCMP_SYS(setsockopt),
	SCMP_SYS(close),
	SCMP_SYS(read),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(stat),
	SCMP_SYS(stat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64),
	SCMP_SYS(statx),
	SCMP_SYS(lstat),
	SCMP_SYS(lstat64),
	SCMP_SYS(getdents),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(_llseek),
	SCMP_SYS(fork),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(gettid),
	SCMP_SYS(prctl),
	SCMP_SYS(alarm),
	SCMP_SYS(setitimer),
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(mmap2),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getrandom),
	SCMP_SYS(rseq),
#ifdef SANITIZED
	SCMP_SYS(write),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(prlimit64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
#endif
};

static int allow(scmp_filter_ctx filter, int call, struct scmp_arg_cmp argument)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, argument);
}

#define CHANGING (O_ACCMODE | O_CREAT | O_TRUNC) /* flags of open(); O_RDONLY is 0 */

/* Files for reading; netlink sockets; network namespaces; processes without namespaces. */
static int allow_some(scmp_filter_ctx filter)
{
	int error = allow(filter, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, CHANGING, 0));

	error = error ?: allow(filter, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, CHANGING, 0));
	error = error ?: allow(filter, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0));
	error = error ?: allow(filter, SCMP_SYS(setns), SCMP_A1(SCMP_CMP_EQ, CLONE_NEWNET, 0));
	error = error
			?: allow(filter, SCMP_SYS(clone),
				 SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	return error ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int fill_filter_to_look(scmp_filter_ctx filter)
{
	int error = allow_some(filter);

	for (size_t i = 0; i < ARRAY_SIZE(allowed_to_look) && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_to_look[i], 0);
	return error ?: seccomp_load(filter);
}

int privileges_drop_to_look(void)
{
	scmp_filter_ctx filter;
	int error = drop_capabilities(is_needed_to_look);

	if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		error = -errno;
	if (error)
		return error;
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	error = filter ? fill_filter_to_look(filter) : -ENOMEM;
	seccomp_release(filter);
	return error;
}
