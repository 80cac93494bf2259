/* SPDX-License-Identifier: GPL-2.0-only */
/* The labels of a container that speak of its policy (policies.h says which there are). */
#ifndef PCTL_LABELS_H
#define PCTL_LABELS_H

#include "container.h"
#include "diagnostics.h"

struct policy;

#define LABEL_POLICY "policyctl.policy"

/* Has the container a label of ours? */
bool container_is_labelled(const struct container *container);

/* All of these: 0 or -ENOMEM; mistakes are added to *diagnostics, whose sources are "label NAME".
 * What they say comes in this order: rules, then the file, then the defaults. */
int labels_add_rules(const struct container *container, struct policy *policy,
		     struct diagnostics *diagnostics);
int labels_set_defaults(const struct container *container, struct policy *policy,
			struct diagnostics *diagnostics);

/* The labels that do not exist. */
int labels_find_unknown(const struct container *container, struct diagnostics *diagnostics);

/* Two containers with the same key have the same labels of ours, and nothing else is in it: for the
 * caller to free; NULL without memory. */
char *labels_key(const struct container *container, size_t *size);

/* "labels policyctl.deny, policyctl.allow", without the one that names a file; "": none. */
void labels_describe(const struct container *container, char *text, size_t size);

#endif
