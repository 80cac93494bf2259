/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of the policy directory, as it is now and as it last was good. */
#ifndef PCTL_POLICY_FILE_H
#define PCTL_POLICY_FILE_H

#include "diagnostics.h"
#include "file_stamp.h"

enum file_state {
	FILE_GONE, /* it is not there */
	FILE_BAD, /* it cannot be read, is wrong, or too large for the tables */
	FILE_GOOD,
};

/* What is refused though it can be read: a file that is being written, or a list that was fetched
 * badly, would open what it denies. */
struct refusals {
	bool empty; /* a policy file without any rule or default */
	bool shrunk; /* a set from a file that lost more than half of its addresses, or all */
};

struct policy_file {
	char *name; /* without the suffix */
	char *path;
	enum file_state state;
	bool shrunk; /* it is FILE_BAD because a set shrank, and for nothing else */
	struct policy *policy; /* its last good contents; NULL: there were none, or it is gone */
	unsigned int version; /* counts the changes of `policy` */
	struct diagnostics diagnostics; /* about what is there now */
	struct file_stamp *stamps; /* of the file, and of the sets that it names */
	size_t stamp_count;
	char *told; /* the last complaint about it; NULL: none */
};

/* Not read yet: FILE_GONE. NULL without memory. */
struct policy_file *policy_file_new(const char *directory, const char *name);
void policy_file_free(struct policy_file *file);

/* Reads it again if it, or a set that it names, was touched, or if its set that shrank is not to be
 * refused any longer. 1: it was read; 0: it was not; -ENOMEM. Any other failure is in `state` and
 * `diagnostics`. */
int policy_file_refresh(struct policy_file *file, struct refusals refuse);

/* Its contents, or NULL. @keep: while the file is wrong, its last good contents count. */
const struct policy *policy_file_policy(const struct policy_file *file, bool keep);

#endif
