/* SPDX-License-Identifier: GPL-2.0-only */
/* What one combination of labels and file comes to: a compiled policy, or what is wrong. */
#ifndef PCTL_CACHED_POLICY_H
#define PCTL_CACHED_POLICY_H

#include "policy_file.h"
#include "policies.h"

struct cached_policy {
	char *key; /* what containers with the same policy have in common */
	size_t key_size;
	char *file; /* name of the policy file; NULL: none */
	struct plan plan; /* empty if something is wrong */
	char source[128]; /* as in struct desired_policy */
	struct diagnostics diagnostics;
	uint64_t used; /* when it was asked for last, by a clock that counts */
};

/* What containers without labels of ours ask for, by configuration; or what labels do. */
struct request {
	const struct container *container;
	const char *file; /* NULL: none */
	bool labelled;
};

/* Without key. @policy: what the file says; NULL: none is asked for, or `diagnostics` say what is
 * wrong with it. 0 or -ENOMEM. */
int cached_policy_build(struct cached_policy *cached, const struct request *request,
			const struct policy *policy);

void cached_policy_free(struct cached_policy *cached);

/* What is wrong with the file's name, said where it stands. 0 or -ENOMEM. */
int cached_policy_refuse_file(struct cached_policy *cached, const struct request *request,
			      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Fills it in for one container. 0 or -ENOMEM. */
int cached_policy_fill(struct cached_policy *cached, const struct container *container,
		       struct desired_policy *desired);

/* All diagnostics as they are printed; @container: its name, in front of what labels say. NULL
 * without memory. */
char *cached_policy_print(const struct diagnostics *diagnostics, const char *container);

#endif
