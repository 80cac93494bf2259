// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"
#include "error.h"
#include "ids.h"
#include "keeper.h"
#include "kernel_connection.h"
#include "learner.h"
#include "learning_policy.h"
#include "target_container.h"
#include "unconfirmed.h"
#include "util.h"

/* --- putting a policy in force --- */

static int make_plan(const struct learner *learner, const struct policy *present, struct plan *plan)
{
	int error = learning_policy(present, &plan->policy);

	error = error ?: policy_assign_ids(plan->policy, present);
	error = error ?: policy_compile(plan->policy, "policy", &plan->compiled, NULL);
	plan->pending = learner->pending;
	return error;
}

static int put_first(const struct learner *learner, struct session *session,
		     const struct target *target, struct learner_site *site)
{
	_cleanup_(plan_free) struct plan plan = {};
	struct owner owner = {};
	int error;

	if (site->link.type != ARPHRD_ETHER)
		return error_set(-EOPNOTSUPP,
				 "not an Ethernet interface: the programs read Ethernet frames");
	target_owner(target, &site->link, &owner);
	error = check_quarantine_of(session, &owner);
	error = error ?: make_plan(learner, NULL, &plan);
	if (owner_is(&owner))
		owner_set(owner.source, sizeof(owner.source), "policyctl learn");
	/* No verdict is at stake, so the cheapest hook will do. */
	error = error
			?: attachment_attach(session, &site->link, MODE_NONE, &plan,
					     owner_is(&owner) ? &owner : NULL, &site->attachment);
	site->put = !error;
	return error;
}

static int put_tracking(const struct learner *learner, struct session *session,
			const struct policy *present, struct learner_site *site)
{
	_cleanup_(plan_free) struct plan plan = {};
	int error = check_change(session, &site->attachment);

	if (error)
		return error_prefix(error,
				    "its policy knows no connections, for which it needs a rule "
				    "with `established`; learning would change it for a while");
	error = make_plan(learner, present, &plan);
	error = error ?: attachment_change(session, &site->attachment, &plan, present, NULL);
	site->put = !error;
	return error;
}

static int put_one(const struct learner *learner, struct session *session,
		   const struct target *target, struct learner_site *site)
{
	_cleanup_(policy_freep) struct policy *present = NULL;
	int error = attachment_open(session, site->link.ifindex, &site->attachment);

	if (error == -ENOENT) {
		error_clear();
		error = put_first(learner, session, target, site);
	} else if (!error) {
		error = generation_policy(&site->attachment.current, &present);
		if (!error && !policy_tracks(present))
			error = put_tracking(learner, session, present, site);
	}
	return error ? error_prefix(error, "%s", site->link.name) : 0;
}

/* The time begins when all is in place. */
static int begin_one(struct learner *learner, struct learner_site *site)
{
	int error = site->put ? unconfirmed_begin(&site->attachment) : 0;

	error = error
			?: learning_begin(&site->attachment, &learner->flows, &learner->names,
					  &site->learning);
	site->begun = true;
	return error ? error_prefix(error, "%s", site->link.name) : 0;
}

static int find_sites(struct learner *learner, struct session *session, const struct target *target)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int result = target_links(session, target, &links, &count);

	if (result)
		return result;
	learner->sites = calloc(count + 1, sizeof(*learner->sites));
	if (!learner->sites)
		return -ENOMEM;
	learner->count = count;
	for (size_t i = 0; i < count; i++)
		learner->sites[i] = (struct learner_site){
			.link = links[i],
			.attachment = ATTACHMENT_EMPTY,
			.learning = { .tap = TAP_EMPTY },
		};
	return 0;
}

static int open_all(struct learner *learner, const struct target *target)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = session_open(&session, PINS_CREATE);

	error = error ?: find_sites(learner, &session, target);
	for (size_t i = 0; i < learner->count && !error; i++)
		error = put_one(learner, &session, target, &learner->sites[i]);
	return error;
}

int learner_open(const struct target *target, const struct pending *pending,
		 struct learner *learner)
{
	_cleanup_(freep) char *words = NULL;
	int error;

	*learner = (struct learner){ .pending = *pending };
	error = nl_open(&learner->nl);
	error = error ?: open_all(learner, target);
	for (size_t i = 0; i < learner->count && !error; i++)
		error = begin_one(learner, &learner->sites[i]);
	if (!error)
		return 0;
	words = strdup(error_message(error));
	if (learner_put_back(learner))
		return error_prefix(error, "%s", words ?: "");
	return error_set(error, "%s", words ?: "");
}

/* --- learning --- */

/* Is the interface still there, with the policy that learning began with? */
static bool is_there(const struct learner *learner, const struct learner_site *site)
{
	const char *name = site->link.name;
	struct link link;

	if (nl_link_get(learner->nl, NULL, site->link.ifindex, &link)) {
		error_clear();
		notice("%s: the interface is gone: learning there has ended", name);
		return false;
	}
	if (!access(site->attachment.current.path, F_OK))
		return true;
	notice("%s: its policy was changed by another command: learning there has ended", name);
	return false;
}

int learner_look(struct learner *learner, bool thoroughly, size_t *left)
{
	int error = 0;

	*left = 0;
	for (size_t i = 0; i < learner->count && !error; i++) {
		struct learner_site *site = &learner->sites[i];

		if (site->learning.over)
			continue;
		error = learning_look(&site->learning);
		site->learning.over = thoroughly && !is_there(learner, site);
		*left += !site->learning.over;
	}
	return error;
}

uint64_t learner_connections(const struct learner *learner)
{
	uint64_t connections = 0;

	for (size_t i = 0; i < learner->count; i++)
		connections += learner->sites[i].learning.seen.total;
	return connections;
}

int learner_finish(struct learner *learner)
{
	int error = 0, last;

	for (size_t i = 0; i < learner->count; i++) {
		struct learning *learning = &learner->sites[i].learning;

		if (!learner->sites[i].begun)
			continue;
		last = learning_look(learning);
		learner->connections += learning->seen.total;
		last = last ?: learning_finish(learning);
		error = error ?: last;
		/* Names are a comment: without them nothing is wrong. */
		if (learnt_names_add(&learner->names, &learner->sites[i].attachment.current))
			error_clear();
		learner->gaps.unseen += learning->gaps.unseen;
		learner->gaps.refused += learning->gaps.refused;
		learner->gaps.frames += learning->gaps.frames;
	}
	learner->gaps.flows = learner->flows.left_out;
	return error;
}

/* --- the end --- */

static int put_back(const struct learner *learner, struct session *session,
		    const struct learner_site *site)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error = attachment_open(session, site->link.ifindex, &attachment);
	bool attached;

	if (error == -ENOENT || error == -ENODEV) {
		error_clear();
		return 0;
	}
	if (!error && attachment.current.pending.token != learner->pending.token)
		return 0;
	error = error ?: unconfirmed_go_back(session, &attachment, PLAN_NOT_CONFIRMED, &attached);
	return error ? error_prefix(error, "%s", site->link.name) : 0;
}

int learner_put_back(struct learner *learner)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = 0, one;
	bool any = false;

	for (size_t i = 0; i < learner->count; i++)
		any = any || learner->sites[i].put;
	if (!any)
		return 0;
	error = session_open(&session, PINS_CHANGE);
	for (size_t i = 0; i < learner->count && session.nl; i++) {
		one = learner->sites[i].put ? put_back(learner, &session, &learner->sites[i]) : 0;
		error = error ?: one;
		learner->sites[i].put = learner->sites[i].put && one;
	}
	return error;
}

void learner_close(struct learner *learner)
{
	for (size_t i = 0; i < learner->count; i++) {
		learning_end(&learner->sites[i].learning);
		attachment_close(&learner->sites[i].attachment);
	}
	free(learner->sites);
	flows_clear(&learner->flows);
	learnt_names_clear(&learner->names);
	nl_close(learner->nl);
	*learner = (struct learner){};
}
