// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment_state.h"
#include "change.h"
#include "command.h"
#include "confirm_arguments.h"
#include "difference.h"
#include "error.h"
#include "json_text.h"
#include "ids.h"
#include "keeper.h"
#include "mirror_targets.h"
#include "not_enforced.h"
#include "output.h"
#include "own_addresses.h"
#include "print.h"
#include "target_container.h"
#include "terminal.h"
#include "unconfirmed_words.h"
#include "util.h"

/* What a change comes to, or would. */
struct outcome {
	bool same; /* the policy */
	bool other_hook; /* or another mode of XDP */
	enum xdp_mode mode;
	struct pending pending;
};

static json_t *change_json(const char *name, const struct policy *old, const struct policy *new,
			   const struct outcome *outcome, bool done)
{
	bool differs = !outcome->same || outcome->other_hook;
	json_t *object = json_pack("{s:o, s:b, s:b, s:s}", "interface", json_text(name), "changed",
				   differs && done, "differs", differs, "hook",
				   outcome->mode == XDP_MODE_NONE ? "tc" : "xdp"),
	       *difference = difference_json(old, new);

	json_object_set_new(object, "unconfirmed", unconfirmed_json(&outcome->pending));
	json_object_update(object, difference);
	json_decref(difference);
	return object;
}

/* Have both the same rules in the same order? Rules with the same text have the same id. */
static bool same_ids(const struct policy *a, const struct policy *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->rules[i].id != b->rules[i].id)
			return false;
	return a->count == b->count;
}

/* Reads the policy in force, gives the rules of the new one their ids, and compares the two. */
static int compare(const struct attachment *attachment, struct policy *policy, struct policy **old,
		   bool *same)
{
	int error = generation_policy(&attachment->current, old);

	error = error ?: policy_assign_ids(policy, *old);
	*same = false;
	if (error || !same_ids(*old, policy))
		return error;
	return policy_same(*old, policy, same);
}

/* --- one --- */

/* A change that is under way. */
struct changing {
	struct session *session;
	const struct change_settings *settings;
	json_t *array; /* collects the JSON of several interfaces; NULL: it is printed at once */
};

/* In the difference it stands only if it changes. */
static void print_audit(const struct policy *policy)
{
	if (!policy_only_audits(policy))
		return;
	terminal_print(stdout, COLOUR_YELLOW, "  audit: " ATTACHMENT_AUDITS);
	putchar('\n');
}

static int tell(const struct changing *changing, const char *name, const struct policy *old,
		const struct policy *new, const struct outcome *outcome)
{
	bool done = !changing->settings->preview;

	if (changing->settings->json)
		return output_json_in(changing->array, change_json(name, old, new, outcome, done));
	if (outcome->other_hook)
		printf("%s: %s by %s%s%s\n", name, done ? "judged" : "would be judged",
		       outcome->mode == XDP_MODE_NONE ? "tc" : "xdp",
		       outcome->mode == XDP_MODE_NONE ? "" : " in mode ",
		       outcome->mode == XDP_MODE_NONE ? "" : xdp_mode_name(outcome->mode));
	if (outcome->same && outcome->other_hook)
		return EXIT_DONE;
	if (outcome->same) {
		printf("%s: nothing to change, this policy is %s\n", name,
		       policy_only_audits(new) ? "audited" : "in force");
		print_audit(new);
		return EXIT_DONE;
	}
	printf("%s: %s\n", name, done ? "changed" : "would change");
	difference_print(old, new);
	if (old->audit == new->audit)
		print_audit(new);
	return EXIT_DONE;
}

/* The record of the attachment's owner with the new policy's source; NULL: no owner is known. */
static const struct owner *new_owner(const struct attachment *attachment,
				     const struct change_settings *settings, struct owner *owner)
{
	const struct owner *old = &attachment->current.owner;

	if (owner_is(old) && old->manager != OWNER_NOBODY)
		*owner = *old;
	else
		target_owner(settings->target, &attachment->hooks.link, owner);
	if (!owner_is(owner))
		*owner = *old;
	if (!owner_is(owner))
		return NULL;
	owner_set(owner->source, sizeof(owner->source), settings->source);
	owner->held = 0;
	owner->why[0] = '\0';
	return owner;
}

/* The hook and mode that are asked for, if these are others. */
static enum mode_choice choose_hook(const struct changing *changing,
				    const struct attachment *attachment, struct outcome *outcome)
{
	const struct hook_arguments *hook = changing->settings->hook;
	enum mode_choice choice;

	outcome->mode = attachment->current.meta.mode;
	if (!hook || !hook->given)
		return MODE_AUTO;
	choice = hook_mode(hook, changing->session->nl, &attachment->hooks.link);
	outcome->other_hook = !hook_is(choice, outcome->mode);
	if (outcome->other_hook)
		outcome->mode = attachment_mode_of(&attachment->hooks.link, choice);
	return choice;
}

/* Policy and hook change in one step, so that there is one thing to confirm or to undo. */
static int put_in_force(const struct changing *changing, struct attachment *attachment,
			struct plan *plan, const struct policy *old, enum mode_choice choice,
			struct outcome *outcome)
{
	struct session *session = changing->session;
	const struct owner *owner;
	struct owner record;
	int error;

	owner = outcome->same ? NULL : new_owner(attachment, changing->settings, &record);
	if (outcome->other_hook)
		error = attachment_change_mode(session, attachment, plan, old, owner, choice);
	else if (outcome->same)
		error = attachment_repair(session, attachment);
	else
		error = attachment_change(session, attachment, plan, old, owner);
	if (error > 0)
		notice("%s: put back what somebody had taken off", attachment->hooks.link.name);
	outcome->mode = attachment->current.meta.mode;
	return error < 0 ? error : 0;
}

/* A list that was fetched badly opens what it denied: that is said even if it is applied. */
static void warn_of_shrunk_sets(const char *name, const struct policy *old,
				const struct policy *new)
{
	for (size_t i = 0; i < old->set_count; i++) {
		const struct set *was = old->sets[i], *now;
		size_t number = policy_find_set(new, was->name, strlen(was->name));

		now = number < new->set_count ? new->sets[number] : NULL;
		if (now && set_shrank(was, now))
			notice("%s: the set %s went from %llu prefixes to %llu: is %s whole?", name,
			       now->name, (unsigned long long)set_size(was),
			       (unsigned long long)set_size(now), now->path);
	}
}

static int change_one(const struct changing *changing, struct attachment *attachment,
		      struct plan *plan, struct outcome *outcome)
{
	bool preview = changing->settings->preview;
	_cleanup_(policy_freep) struct policy *old = NULL;
	enum mode_choice choice;
	char name[IF_NAMESIZE];
	int error = 0;

	snprintf(name, sizeof(name), "%s", attachment->hooks.link.name);
	if (changing->settings->anew) {
		policy_forget_ids(plan->policy);
		error = own_addresses_find(changing->session->nl, &attachment->hooks.link,
					   plan->policy, &plan->policy->own_found);
	}
	error = error ?: compare(attachment, plan->policy, &old, &outcome->same);
	if (!error)
		warn_of_shrunk_sets(name, old, plan->policy);
	if (preview && !error)
		error = mirrors_check(changing->session, &attachment->hooks.link, plan->policy,
				      old);
	if (!error && !outcome->same)
		error = check_set_keeper(changing->session, plan->policy);
	if (preview && !error)
		notice_if_not_enforced(attachment);
	choice = choose_hook(changing, attachment, outcome);
	if (!preview && !error)
		error = put_in_force(changing, attachment, plan, old, choice, outcome);
	if (error)
		return command_failed(
			name, error, preview ? "nothing was changed" : "the policy in force stays");
	error = confirm_begin(attachment, &plan->pending);
	outcome->pending = attachment->current.pending;
	return error ?: tell(changing, name, old, plan->policy, outcome);
}

/* --- several --- */

int changes_check(const struct session *session, const struct attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++) {
		const struct attachment *attachment = &attachments->items[i];
		int error = check_change(session, attachment);

		if (error)
			return command_failed(attachment->hooks.link.name, error,
					      "nothing was changed");
	}
	return EXIT_DONE;
}

/* Adds a name to a list of them. */
static void add_name(char names[256], const char *name)
{
	size_t used = strlen(names);

	snprintf(names + used, 256 - used, "%s%s", used ? ", " : "", name);
}

/* Some interfaces have the new policy, others have not: says which. */
static void tell_state(const char *target, const char *new, const char *old)
{
	notice("%s: the new policy is in force on %s; on %s it is the one before", target,
	       *new ? new : "none of its interfaces", old);
}

int change_and_tell(struct session *session, struct attachments *attachments,
		    struct plan *const *plans, const struct change_settings *settings, bool *same)
{
	bool several = settings->target->several;
	struct changing changing = { session, settings, NULL };
	char changed[256] = "", failed[256] = "";
	int status = EXIT_DONE;

	if (several && settings->json)
		changing.array = json_array();
	if (same)
		*same = true;
	for (size_t i = 0; i < attachments->count; i++) {
		struct attachment *attachment = &attachments->items[i];
		struct outcome outcome = {};
		int result = change_one(&changing, attachment, plans[i], &outcome);

		add_name(result == EXIT_DONE ? changed : failed, attachment->hooks.link.name);
		status = result ?: status;
		if (same)
			*same = *same && outcome.same && !outcome.other_hook;
	}
	if (status != EXIT_DONE && several && !settings->preview)
		tell_state(settings->target->name, changed, failed);
	return changing.array ? output_json(changing.array) ?: status : status;
}

int change_all_and_tell(struct session *session, struct attachments *attachments, struct plan *plan,
			const struct change_settings *settings, bool *same)
{
	_cleanup_(freep) struct plan **plans = calloc(attachments->count + 1, sizeof(*plans));

	if (!plans)
		return command_failed(settings->target->name, -ENOMEM, "nothing was changed");
	for (size_t i = 0; i < attachments->count; i++)
		plans[i] = plan;
	return change_and_tell(session, attachments, plans, settings, same);
}
