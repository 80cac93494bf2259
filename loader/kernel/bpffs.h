/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which BPF file system policyctl pins in. Every mount of one is a file system of its own, which
 * ends with its last mount; where that is in the mount namespace of a single command, what is
 * pinned ends with the command. ip netns exec makes such a namespace, and one /sys in it.
 *
 * So the outermost one is taken that can be reached: on /sys/fs/bpf as process 1 sees it (or
 * kthreadd, where process 1 lets nobody look), else as an ancestor of this process does, the
 * farthest first, and as this process does last. Only processes of root in our own user namespace
 * are followed, for a process of somebody else can mount anything. One that has pins of this
 * network namespace already goes first.
 */
#ifndef PCTL_BPFFS_H
#define PCTL_BPFFS_H

#include <stdbool.h>
#include <sys/types.h>

#define BPFFS "/sys/fs/bpf"

struct bpffs {
	/* Its root; "": there is none. Where it is another one than BPFFS of this mount namespace,
	 * the path leads there in this process only: error.h shows the other one. */
	char path[64], shown[64];
	pid_t through; /* the process that it was found through, 0: none was needed */
	bool another_here; /* and on BPFFS of this mount namespace is another one */
};

/* Is this a directory of a BPF file system? */
bool bpffs_is(const char *path);

/*
 * Finds it. Once one was found through another process it stays the same one for the life of this
 * process, which may give up the privileges to find it again.
 * @pins: a path below its root that is there if this network namespace has pins
 * @make: mount one if there is none (says so): as far out as can be reached, and in the mount
 * namespace of this process only if another process lives there too
 * -ENODEV: there is one that cannot be reached, or none that would last.
 */
int bpffs_find(const char *pins, bool make, struct bpffs *found);

/* Does process 1 see the same one on BPFFS? 1: yes; 0: it sees another one; -1: it sees none, or it
 * cannot be told. */
int bpffs_is_of_first(const struct bpffs *bpffs);

#endif
