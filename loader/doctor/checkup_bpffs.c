// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "checkup.h"
#include "checkup_bpffs.h"
#include "process.h"

/* Through whom it was found, and why it is not the one that is mounted here. */
static void say_through(struct findings *findings, const struct bpffs *bpffs)
{
	char process[PROCESS_WORDS];

	process_describe(bpffs->through, process);
	findings_add(findings, FINDING_OK, "bpffs",
		     "%s, writable: as process %s sees it, since %s on " BPFFS
		     " in this mount namespace",
		     bpffs->shown, process,
		     bpffs->another_here ? "another one, which ends with it, is" : "none is");
}

/* The one on /sys/fs/bpf of this mount namespace. */
static void say_here(struct findings *findings, const struct bpffs *bpffs)
{
	int of_first = bpffs_is_of_first(bpffs);

	if (of_first) {
		findings_add(findings, FINDING_OK, "bpffs", "mounted on %s, writable%s",
			     bpffs->shown, of_first > 0 ? ": the one that process 1 sees" : "");
		return;
	}
	findings_add(findings, FINDING_NOTE, "bpffs",
		     "mounted on %s, writable, and process 1 sees another one, which cannot be "
		     "reached from here",
		     bpffs->shown);
	findings_why(findings, "what is attached from there is not seen here, and what is pinned "
			       "here may end with this mount namespace");
	findings_do(findings, "run policyctl as root, in place of ip netns exec NAME by nsenter "
			      "--net=/run/netns/NAME");
}

/* Where it is mounted: POLICYCTL_BPFFS may be the mount itself or a directory in it. */
static void mount_place(const struct pins *pins, char where[PATH_MAX])
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", pins->root);
	snprintf(where, PATH_MAX, "%s",
		 bpffs_is(copy) && pins_wanted_root() ? copy : dirname(copy));
}

static void say_mounted(struct findings *findings, const struct pins *pins)
{
	const struct bpffs *bpffs = &pins->bpffs;
	const char *shown;
	char where[PATH_MAX];
	struct statvfs fs;

	mount_place(pins, where);
	shown = bpffs->path[0] ? bpffs->shown : where;
	if (!statvfs(where, &fs) && fs.f_flag & ST_RDONLY) {
		findings_add(findings, FINDING_WARNING, "bpffs", "%s is mounted read-only", shown);
		findings_why(findings, "nothing can be attached, changed or detached");
		findings_do(findings, "mount -o remount,rw %s", shown);
	} else if (faccessat(AT_FDCWD, where, W_OK | X_OK, AT_EACCESS)) {
		findings_add(findings, FINDING_WARNING, "bpffs",
			     "%s is mounted, but this user may not write there", shown);
		findings_why(findings, "nothing can be attached, changed or detached");
		findings_do(findings, "run policyctl as root");
	} else if (pins_wanted_root()) {
		findings_add(findings, FINDING_OK, "bpffs",
			     "mounted on %s, writable: the one that POLICYCTL_BPFFS names", shown);
	} else if (bpffs->through) {
		say_through(findings, bpffs);
	} else {
		say_here(findings, bpffs);
	}
}

void checkup_bpffs(struct checkup *checkup)
{
	struct findings *findings = &checkup->findings;

	if (checkup->nowhere[0]) {
		findings_add(findings, FINDING_WARNING, "bpffs", "%s", checkup->nowhere);
		findings_why(findings, "what is attached elsewhere is not seen, and nothing can be "
				       "attached");
		findings_do(findings, pins_wanted_root()
					      ? "unset POLICYCTL_BPFFS, if it is not meant"
					      : "run policyctl where the one of the host is seen");
	} else if (!pins_wanted_root() && !checkup->session.pins.bpffs.path[0]) {
		findings_add(findings, FINDING_NOTE, "bpffs",
			     "no BPF file system is mounted on " BPFFS " yet");
		findings_why(findings, "what keeps policies in force without a process is pinned "
				       "there: nothing is attached");
		findings_do(findings,
			    "nothing: attach mounts it; mount -t bpf bpf " BPFFS " does so now");
	} else {
		say_mounted(findings, &checkup->session.pins);
	}
}

void checkup_lock(struct checkup *checkup)
{
	const struct lock_holder *holder = &checkup->holder;
	struct findings *findings = &checkup->findings;

	if (!holder->words[0])
		return;
	findings_add(findings, holder->stopped ? FINDING_WARNING : FINDING_NOTE, "lock",
		     "a change is under way: %s holds the lock%s", holder->words,
		     holder->stopped ? " and is stopped" : "");
	findings_why(findings,
		     "nothing else can be attached, changed or detached meanwhile; what is "
		     "said of interfaces may be of before or after it");
	if (holder->stopped)
		findings_do(findings,
			    "kill -CONT %d lets it go on; if it is killed, the next command "
			    "finishes the change or undoes it",
			    holder->pid);
	else
		findings_do(findings, "nothing: policyctl doctor again, when it is over");
}
