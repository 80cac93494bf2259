/* SPDX-License-Identifier: GPL-2.0-only */
/* What one combination of labels and file comes to: a compiled policy, or what is wrong. */
#ifndef PCTL_RECIPE_H
#define PCTL_RECIPE_H

#include "policy_file.h"
#include "wanted.h"

struct recipe {
	char *key; /* what containers with the same recipe have in common */
	size_t key_size;
	char *file; /* name of the policy file; NULL: none */
	struct plan plan; /* empty if something is wrong */
	char source[128]; /* as in struct wanted */
	struct diagnostics diagnostics;
	uint64_t used; /* when it was asked for last, by a clock that counts */
};

/* What containers without labels of ours ask for, by configuration; or what labels do. */
struct request {
	const struct container *container;
	const char *file; /* NULL: none */
	bool labelled;
};

/* Without key. @policy: what the file says; NULL: none is asked for, or `diagnostics` of the recipe
 * say what is wrong with it. 0 or -ENOMEM. */
int recipe_cook(struct recipe *recipe, const struct request *request, const struct policy *policy);

void recipe_free(struct recipe *recipe);

/* What is wrong with the file's name, said where it stands. 0 or -ENOMEM. */
int recipe_refuse_file(struct recipe *recipe, const struct request *request, const char *format,
		       ...) __attribute__((format(printf, 3, 4)));

/* Fills it in for one container. 0 or -ENOMEM. */
int recipe_serve(struct recipe *recipe, const struct container *container, struct wanted *wanted);

/* All diagnostics as they are printed; @container: its name, in front of what labels say. NULL
 * without memory. */
char *recipe_print(const struct diagnostics *diagnostics, const char *container);

#endif
