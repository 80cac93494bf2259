/* SPDX-License-Identifier: GPL-2.0-only */
/* The labels of a container that are about its policy; policies.h lists them. */
#ifndef PCTL_LABELS_H
#define PCTL_LABELS_H

#include "container.h"
#include "diagnostics.h"

struct policy;

#define LABEL_POLICY "policyctl.policy"
#define LABEL_AUDIT "policyctl.audit"

/*
 * A label with the name of a network behind it, `policyctl.rules.front`, takes the place of the one
 * without on the veth of that network (container->on_network). All functions here look for both.
 */

/* Has the container a label of ours? One that only says whether its policy is audited does not
 * count: it asks for no policy. */
bool container_is_labelled(const struct container *container);

/* The value of a label, on the network of the veth; NULL: there is none. *full: the name that it
 * has there, if that is not NULL. */
const char *labels_value(const struct container *container, const char *name, const char **full);

/* Whether its policy is audited: what the label says, @otherwise where there is none or it is wrong
 * (labels_check_audit()). */
bool labels_audit(const struct container *container, bool otherwise);

/* The next four return 0 or -ENOMEM. Mistakes are added to *diagnostics, with "label NAME" as
 * their source. The order of a policy is: these rules, the file, these defaults. The rules can name
 * the sets and rates that the policy has. */
int labels_add_rules(const struct container *container, struct policy *policy,
		     struct diagnostics *diagnostics);
int labels_set_defaults(const struct container *container, struct policy *policy,
			struct diagnostics *diagnostics);

/* Adds an error where the label that audits is neither `true` nor `false`. */
int labels_check_audit(const struct container *container, struct diagnostics *diagnostics);

/* Adds an error for each label of ours that does not exist, and a warning for each whose network
 * the container is not on. */
int labels_find_unknown(const struct container *container, struct diagnostics *diagnostics);

/* A key that two containers share if and only if they have the same labels of ours. For the caller
 * to free; NULL without memory. */
char *labels_key(const struct container *container, size_t *size);

/* Writes "labels policyctl.deny, policyctl.allow", without the labels that name a file and that
 * audit; "" if there are none. */
void labels_describe(const struct container *container, char *text, size_t size);

#endif
