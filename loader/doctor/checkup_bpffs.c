// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "checkup_bpffs.h"
#include "findings.h"
#include "store.h"

/* POLICYCTL_BPFFS may be the mount itself or a directory in it. */
bool bpffs_find(char where[PATH_MAX])
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

void checkup_bpffs(struct findings *findings)
{
	const char *root = getenv("POLICYCTL_BPFFS");
	char where[PATH_MAX];
	struct statvfs fs;

	if (!bpffs_find(where) && root && *root) {
		findings_add(findings, FINDING_WARNING, "bpffs",
			     "POLICYCTL_BPFFS=%s is not inside a BPF file system", root);
		findings_why(findings, "what is attached elsewhere is not seen, and nothing can be "
				       "attached");
		findings_do(findings, "unset POLICYCTL_BPFFS, if it is not meant");
	} else if (!bpffs_find(where)) {
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
