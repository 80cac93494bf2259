/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which policy a container shall have: from its labels, the files of the policy directory, and the
 * configuration.
 *
 *   policyctl.deny, policyctl.allow           SPECs (docs/policy-language.md), separated by blanks
 * or commas policyctl.default.from, .default.to       allow or deny policyctl.policy NAME:
 * NAME.policy of the policy directory
 *
 * Rules come in this order: deny, allow, the file: a denial always wins. Any other label that
 * begins with `policyctl.` is an error.
 */
#ifndef PCTL_WANTED_H
#define PCTL_WANTED_H

#include "configuration.h"
#include "container.h"
#include "generation.h"

enum wanted_kind {
	WANTED_NOTHING, /* leave it alone */
	WANTED_POLICY,
	WANTED_FAULTY, /* something is wrong: `why`, `details` */
	WANTED_BY_OTHERS, /* not ours to say: nothing is put on and nothing taken off */
};

struct wanted {
	enum wanted_kind kind;
	/* Of WANTED_POLICY. Belongs to `policies`, lasts until policies_reload(); the ids of its
	 * rules are for the caller to give. */
	struct plan *plan;
	char source[128]; /* in words: "labels policyctl.deny", "web.policy", "unlabelled:
			     web.policy" */
	char why[512]; /* one line: "label policyctl.deny: 1:5: unknown protocol 'tpc'" */
	char *details; /* all diagnostics as they are printed, carets and all; or warnings; NULL:
			  none */
};

/* The policies that containers ask for, compiled; what many containers share is compiled once. */
struct policies;

int policies_open(const struct configuration *configuration, struct policies **policies);
void policies_close(struct policies *policies);

/*
 * Reads the files of the directory again (and the sets that they name). A file with an error
 * changes nothing: its last good contents stay, and `complaint` is called with its path, in how
 * many policies it is used does not matter, and all diagnostics printed.
 * @configuration: the new one, kept until the next call or policies_close()
 * @changed: called for each file whose contents are other than before; both may be NULL
 * A file that is gone is an error only for who asks for it.
 */
struct policies_observer {
	void (*complaint)(void *data, const char *path, const char *details);
	void (*changed)(void *data, const char *path);
	void *data;
};
int policies_reload(struct policies *policies, const struct configuration *configuration,
		    const struct policies_observer *observer);

/* Does the last good state of a file differ from what is on disk, which is wrong? For metrics. */
size_t policies_bad_files(const struct policies *policies);

/* -ENOMEM only. *wanted is to be cleared in any case. */
int policies_wanted(struct policies *policies, const struct container *container,
		    struct wanted *wanted);
void wanted_clear(struct wanted *wanted);

/* Has the container a label of ours? */
bool container_is_labelled(const struct container *container);

/* `default deny` for both directions: what a faulty container gets. Belongs to `policies`. */
struct plan *policies_hold(struct policies *policies);

#endif
