/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which policy a container shall have: from its labels, the files of the policy directory, and the
 * configuration.
 *
 *	policyctl.deny, policyctl.allow			SPECs (spec_list.h)
 *	policyctl.policy				NAME: NAME.policy of the policy directory
 *	policyctl.default.from, policyctl.default.to	allow or deny
 *
 * Rules come in this order: deny, allow, the file: a denial of a label always wins. The defaults of
 * labels replace the file's. Any other label that begins with `policyctl.`, or whose name is nearly
 * one of these, is an error.
 */
#ifndef PCTL_POLICIES_H
#define PCTL_POLICIES_H

#include "configuration.h"
#include "container.h"
#include "generation.h"

enum desired_kind {
	DESIRED_NOTHING, /* leave it alone */
	DESIRED_POLICY,
	DESIRED_FAULTY, /* something is wrong: `why`, `details` */
	DESIRED_BY_OTHERS, /* not ours to say: nothing is put on and nothing taken off */
};

struct desired_policy {
	enum desired_kind kind;
	/* Of DESIRED_POLICY. Belongs to `policies`, lasts until policies_reload(), or until
	 * hundreds of other policies were asked for; the ids of its rules are for the caller to
	 * give. */
	struct plan *plan;
	/* In words: "labels policyctl.deny", "web.policy", "labels policyctl.deny, web.policy",
	 * "unlabelled: web.policy". */
	char source[128];
	char why[512]; /* one line: "label policyctl.deny:1:5: unknown protocol 'tpc'" */
	/* All diagnostics as they are printed, carets and all, those of labels with the container's
	 * name in front; or warnings; NULL: none. */
	char *details;
};

/* The policies that containers ask for, compiled; what many containers share is compiled once. */
struct policies;

/* Reads no file yet: that is what policies_reload() is for. Keeps nothing of *configuration. */
int policies_open(const struct configuration *configuration, struct policies **policies);
void policies_close(struct policies *policies);

/*
 * Reads the files of the directory that were touched (and the sets that they name), after the first
 * time for little. A file with an error changes nothing: its last good contents stay, for new
 * containers too, unless the configuration says something else than to keep them. A file that is
 * gone is an error only for who asks for it. 0 or -ENOMEM.
 * @configuration: the new one
 * @observer: may be NULL, its functions too
 * @complaint: a file is wrong, and was not or in another way before: path, all diagnostics printed
 * @changed: containers that ask for the file get something else than before
 */
struct policies_observer {
	void (*complaint)(void *data, const char *path, const char *details);
	void (*changed)(void *data, const char *path);
	void *data;
	bool again; /* tell also of what was wrong before in the same way */
};
int policies_reload(struct policies *policies, const struct configuration *configuration,
		    const struct policies_observer *observer);

/* How many files there are, and how many of them are wrong as they are on disk. */
size_t policies_files(const struct policies *policies);
size_t policies_bad_files(const struct policies *policies);

/* -ENOMEM only. *desired is to be cleared in any case. */
int policies_desired(struct policies *policies, const struct container *container,
		     struct desired_policy *desired);
void desired_policy_clear(struct desired_policy *desired);

/* Has the container a label of ours? */
bool container_is_labelled(const struct container *container);

/* `default deny` for both directions: what a faulty container gets. Belongs to `policies`. */
struct plan *policies_hold(struct policies *policies);

#endif
