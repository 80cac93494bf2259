/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The desired policy of each container: from its labels, the files of the policy directory, and the
 * configuration.
 *
 *	policyctl.deny, .reject, .allow			SPECs (spec_list.h)
 *	policyctl.rules					rules, in the policy language
 *	policyctl.policy				NAME: NAME.policy of the policy directory
 *	policyctl.default.from, policyctl.default.to	allow or deny
 *	policyctl.audit					true or false: enforce nothing
 *	policyctl.rules.NETWORK, …			in place of the one without, on that network
 *
 * Rules come in this order: the baseline, deny, reject, allow, rules, the file. So a denial in a
 *label always wins. Defaults in labels replace the file's. Any other label that begins with
 *`policyctl.`, or with a name that is nearly one of these, is an error.
 */
#ifndef PCTL_POLICIES_H
#define PCTL_POLICIES_H

#include "configuration.h"
#include "desired_policy.h"

/* The policies that containers ask for, compiled. Containers with the same labels share one. */
struct policies;

/* Reads no file yet: policies_reload() does. Keeps nothing of *configuration. */
int policies_open(const struct configuration *configuration, struct policies **policies);
void policies_close(struct policies *policies);

/*
 * Reads the files of the directory that were touched, and the sets that they name. Repeating it
 * costs little. A file with an error changes nothing: its last good contents stay, for new
 * containers too, unless the configuration says otherwise. A file that is gone is an error only for
 * the containers that ask for it. 0 or -ENOMEM.
 * @configuration: the new one
 * @observer: may be NULL, its functions too
 */
struct policies_observer {
	/* A file is wrong, and was not, or in another way, before. All diagnostics as text.
	 * @refused: it does not count; otherwise these are warnings */
	void (*complaint)(void *data, const char *path, const char *details, bool refused);
	/* Containers that ask for this file get something else than before. @sets: how many
	 * addresses its sets from files have, "feed 1204, office 3"; "" without any */
	void (*changed)(void *data, const char *path, const char *sets);
	void *data;
	/* The operator asked for it: it complains also of what was wrong before in the same way,
	 * and takes sets that lost most of their addresses. */
	bool again;
};
int policies_reload(struct policies *policies, const struct configuration *configuration,
		    const struct policies_observer *observer);

/* How many files there are, and how many of them are wrong as they are on disk. */
size_t policies_files(const struct policies *policies);
size_t policies_bad_files(const struct policies *policies);

/* What a container should have, for desired_policy_unref(). 0 or -ENOMEM. */
int policies_desired(struct policies *policies, const struct container *container,
		     struct desired_policy **desired);

/* What the interfaces of a pattern should have, likewise. */
int policies_desired_of_interfaces(struct policies *policies,
				   const struct named_interfaces *interfaces,
				   struct desired_policy **desired);

/* `default deny` for both directions: the policy of a faulty container. Belongs to `policies`. */
struct plan *policies_hold(struct policies *policies);

#endif
