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

struct policy_file {
	char *name; /* without the suffix */
	char *path;
	enum file_state state;
	struct policy *policy; /* what it last said that was good; NULL: nothing, or it is gone */
	unsigned int version; /* counts how often that became another one */
	struct diagnostics diagnostics; /* about what is there now */
	struct file_stamp *stamps; /* of the file, and of the sets that it names */
	size_t stamp_count;
	char *told; /* the complaint about it that somebody heard last; NULL: none */
};

/* Not read yet: as one that is not there. NULL without memory. */
struct policy_file *policy_file_new(const char *directory, const char *name);
void policy_file_free(struct policy_file *file);

/* Reads it again if it, or a set that it names, was touched. 1: it was read; 0, -ENOMEM; everything
 * else is in `state` and `diagnostics`. */
int policy_file_refresh(struct policy_file *file);

/* What it says, or NULL. @keep: while it is wrong, what it said before holds. */
const struct policy *policy_file_policy(const struct policy_file *file, bool keep);

#endif
