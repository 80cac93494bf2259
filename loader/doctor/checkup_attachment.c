// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "checkup.h"
#include "checkup_attachment.h"
#include "checkup_connections.h"
#include "checkup_dns.h"
#include "checkup_rates.h"
#include "checkup_sets.h"
#include "checkup_hooks.h"
#include "checkup_link.h"
#include "checkup_live.h"
#include "checkup_mirrors.h"
#include "checkup_quarantine.h"
#include "checkup_shape.h"
#include "checkup_sockets.h"
#include "error.h"
#include "transition.h"
#include "unconfirmed_words.h"
#include "util.h"

static void say_unreadable(struct checkup *checkup, const char *path, int error)
{
	struct findings *findings = &checkup->findings;

	findings_add(findings, FINDING_WARNING, "pins", "%s", error_message(error));
	findings_why(findings, "whether it is in force stays open");
	findings_do(findings,
		    error == -EPROTO ? "use the version of policyctl that attached it"
				     : "look below %s",
		    path);
	error_clear();
}

/* Opens the newest complete generation. *unfinished: there are others. */
static int open_newest(struct checkup *checkup, uint32_t ifindex, struct generation *generation,
		       bool *unfinished)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	int error;

	interface_path(&checkup->session, ifindex, path);
	error = pins_numbers(path, &numbers, &count);
	*unfinished = count != 1;
	if (!error && !count)
		error = -ENOENT;
	for (size_t i = count; i-- > 0 && !generation->number && (!error || error == -ENOENT);) {
		generation_path(&checkup->session, ifindex, numbers[i], path);
		error = generation_open(path, numbers[i], generation);
	}
	if (error && error != -ENOENT)
		say_unreadable(checkup, path, error);
	return error;
}

static void say_unfinished(struct checkup *checkup, const struct generation *generation)
{
	struct findings *findings = &checkup->findings;
	const char *what = "an attach";

	if (generation->number)
		what = generation->meta.phase == PHASE_DETACHING   ? "a detach"
		       : generation->meta.phase == PHASE_ENFORCING ? "an attach or apply"
								   : "an apply";
	if (checkup->holder.words[0]) {
		findings_add(findings, FINDING_NOTE, "interrupted", "%s is under way", what);
		findings_why(findings, "hooks may run the old policy and the new one, each packet "
				       "meets the whole of one");
		findings_do(findings, "nothing: see lock");
		return;
	}
	findings_add(findings, FINDING_WARNING, "interrupted", "%s was interrupted", what);
	findings_why(findings, "hooks may run the old policy and the new one, each packet meets "
			       "the whole of one");
	findings_do(findings, "policyctl list finishes it, or undoes it and says so (doctor "
			      "changes nothing)");
}

/* The interface with our XDP program, if it moved to another namespace. */
static const struct link *find_moved(const struct checkup *checkup, uint32_t id,
				     const struct other_namespace **other)
{
	for (size_t i = 0; i < checkup->others.count; i++) {
		*other = &checkup->others.items[i];
		for (size_t j = 0; j < (*other)->count; j++)
			if (id && (*other)->links[j].xdp_id == id)
				return &(*other)->links[j];
	}
	return NULL;
}

static void say_gone(struct checkup *checkup, const struct generation *generation)
{
	const struct other_namespace *other;
	const struct link *moved = find_moved(checkup, generation->programs[HOOK_XDP].id, &other);
	struct findings *findings = &checkup->findings;

	if (moved)
		findings_add(findings, FINDING_WARNING, "gone",
			     "the interface (ifindex %u) moved to %s, where it is %s",
			     generation->meta.ifindex, other->name, moved->name);
	else
		findings_add(findings, FINDING_WARNING, "gone",
			     "the interface (ifindex %u) is gone", generation->meta.ifindex);
	findings_why(findings, "its policy went with it: if the container lives on behind another "
			       "veth, nothing judges what it sends and receives there");
	findings_do(findings, "policyctl attach to the veth that leads to the container now "
			      "(pid:PID finds it); policyctl list removes what is left of this "
			      "one");
}

static void say_unconfirmed(struct checkup *checkup, const struct attachment *attachment)
{
	const struct pending *pending = &attachment->current.pending;
	const char *name = attachment->hooks.link.name;
	bool gone = pending_watch(pending) == PENDING_UNWATCHED;
	struct findings *findings = &checkup->findings;
	char words[UNCONFIRMED_WORDS];

	if (!pending_is(pending))
		return;
	unconfirmed_words(pending, words);
	findings_add(findings, gone ? FINDING_WARNING : FINDING_NOTE, "unconfirmed", "%s", words);
	findings_why(findings, gone ? "nothing takes its policy back when the time is over, until "
				      "a command, daemon or sidecar of policyctl looks"
				    : "its policy waits to be confirmed, and no other command "
				      "changes it");
	if (pending->learning)
		findings_do(findings, "policyctl undo %s takes it back now", name);
	else
		findings_do(findings,
			    "policyctl confirm %s keeps it, policyctl undo %s takes it back now",
			    name, name);
}

void checkup_attachment(struct checkup *checkup, uint32_t ifindex)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	const struct link *link = checkup_link_at(checkup, ifindex);
	struct generation *current = &attachment.current;
	char subject[32];
	bool unfinished;
	int error;

	snprintf(subject, sizeof(subject), "ifindex %u", ifindex);
	findings_about(&checkup->findings, link ? link->name : subject);
	error = open_newest(checkup, ifindex, current, &unfinished);
	if (error && error != -ENOENT)
		return;
	if (!link && current->number)
		findings_about(&checkup->findings, current->meta.name);
	if (unfinished || (current->number && current->meta.phase != PHASE_DONE) || error)
		say_unfinished(checkup, current);
	if (error)
		return;
	error = hooks_read(checkup->session.nl, ifindex, &attachment.hooks);
	if (error || hooks_of_another_interface(&attachment.hooks, current)) {
		findings_about(&checkup->findings, current->meta.name);
		say_gone(checkup, current);
		error_clear();
		return;
	}
	checkup_quarantine(checkup, &attachment);
	say_unconfirmed(checkup, &attachment);
	checkup_hooks(checkup, &attachment);
	checkup_sockets(checkup, &attachment);
	checkup_link(checkup, &attachment);
	checkup_connections(checkup, &attachment);
	checkup_mirrors(checkup, &attachment);
	checkup_rates(checkup, &attachment);
	checkup_sets(checkup, &attachment);
	checkup_shape(checkup, &attachment);
	checkup_live(checkup, &attachment);
	checkup_dns(checkup, &attachment);
}
