// SPDX-License-Identifier: GPL-2.0-only
/* policyctl undo: back to the policy before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "commands.h"
#include "confirm_arguments.h"
#include "error.h"
#include "history.h"
#include "mode.h"
#include "plan_arguments.h"
#include "policy_parse.h"
#include "set_files.h"
#include "target_arguments.h"
#include "target_container.h"
#include "terminal.h"
#include "undo_unconfirmed.h"
#include "unconfirmed.h"
#include "util.h"

struct undoing {
	const struct arguments *arguments;
	struct target target;
	struct session session;
	struct attachments attachments;
	struct pending pending; /* of --confirm */
	uint64_t to; /* 0: the one before */
	/* one for each attachment */
	struct history *histories;
	const struct history_entry **entries;
	struct plan *plans;
	struct plan **list;
};

static void undoing_close(struct undoing *undoing)
{
	for (size_t i = 0; i < undoing->attachments.count; i++) {
		if (undoing->histories)
			history_clear(&undoing->histories[i]);
		if (undoing->plans)
			plan_free(&undoing->plans[i]);
	}
	free(undoing->histories);
	free(undoing->entries);
	free(undoing->plans);
	free(undoing->list);
	attachments_close(&undoing->attachments);
	session_close(&undoing->session);
	target_clear(&undoing->target);
}

/* --- which policy --- */

static int no_entry(const struct undoing *undoing, const char *name)
{
	if (undoing->to)
		error_set(
			0,
			"its history has no policy with the number %llu, see policyctl history %s",
			(unsigned long long)undoing->to, name);
	else
		error_set(0,
			  "no policy before this one is known, see policyctl history %s; policyctl "
			  "detach %s takes it off",
			  name, name);
	return command_failed(name, 0, "nothing was changed");
}

/* Who says undo a moment too late does not mean the policy before the one that is back. */
static bool is_back_already(const struct undoing *undoing, const struct history *history)
{
	return !undoing->to && history->count &&
	       history->entries[history->count - 1].event == HISTORY_NOT_CONFIRMED;
}

static int find_entry(struct undoing *undoing, size_t i)
{
	const struct attachment *attachment = &undoing->attachments.items[i];
	const char *name = attachment->hooks.link.name;
	struct history *history = &undoing->histories[i];
	int error =
		history_read(undoing->session.pins.path, name, &attachment->current.owner, history);

	if (error)
		return command_failed(name, error, "nothing was changed");
	if (is_back_already(undoing, history)) {
		error_set(0,
			  "its last change was not confirmed and is undone already; undo %s --to "
			  "NUMBER goes further back, see policyctl history %s",
			  name, name);
		return command_failed(name, 0, "nothing was changed");
	}
	undoing->entries[i] =
		undoing->to ? history_numbered(history, undoing->to) : history_before(history);
	if (!undoing->entries[i] || !undoing->entries[i]->policy)
		return no_entry(undoing, name);
	return EXIT_DONE;
}

/* The history has the files of sets, not what was in them. */
static void notice_other_sets(const char *name, const struct policy *then, const struct policy *now)
{
	for (size_t i = 0; i < then->set_count && i < now->set_count; i++) {
		const struct set *old = then->sets[i], *new = now->sets[i];

		if (new->path && memcmp(old->digest, new->digest, sizeof(old->digest)) != 0)
			notice("%s: the set %s is as %s is now: %llu prefixes, then it had %llu",
			       name, new->name, new->path, (unsigned long long)set_size(new),
			       (unsigned long long)set_size(old));
	}
}

/* The text is read like any policy file. */
static int read_plan(struct undoing *undoing, size_t i)
{
	const struct history_entry *entry = undoing->entries[i];
	const char *name = undoing->attachments.items[i].hooks.link.name;
	struct plan *plan = &undoing->plans[i];
	struct diagnostics diagnostics = {};
	int status, error = policy_parse("history", entry->text, strlen(entry->text), &files_loader,
					 &plan->policy, &diagnostics);

	if (!error)
		plan->policy->audit = entry->policy->audit;
	error = error ?: plan_compile(plan, "history", &diagnostics);
	status = plan_status(error, &diagnostics, NULL);
	if (status != EXIT_DONE)
		return status;
	plan->purpose = PLAN_UNDO;
	plan->back_to = entry->back_to ?: entry->number;
	plan->pending = undoing->pending;
	undoing->list[i] = plan;
	notice_other_sets(name, entry->policy, plan->policy);
	return EXIT_DONE;
}

static int prepare(struct undoing *undoing)
{
	size_t count = undoing->attachments.count;
	int status = EXIT_DONE;

	undoing->histories = calloc(count, sizeof(*undoing->histories));
	undoing->entries = calloc(count, sizeof(*undoing->entries));
	undoing->plans = calloc(count, sizeof(*undoing->plans));
	undoing->list = calloc(count, sizeof(*undoing->list));
	if (!undoing->histories || !undoing->entries || !undoing->plans || !undoing->list)
		return command_failed(undoing->target.name, -ENOMEM, "nothing was changed");
	for (size_t i = 0; i < count && status == EXIT_DONE; i++)
		status = find_entry(undoing, i);
	for (size_t i = 0; i < count && status == EXIT_DONE; i++)
		status = read_plan(undoing, i);
	return status;
}

/* --- doing it --- */

static struct hook_arguments hook_of(const struct history_entry *entry)
{
	if (entry->mode_choice == MODE_NONE)
		return (struct hook_arguments){ true, HOOK_CHOICE_TC, MODE_AUTO };
	if (entry->mode_choice > MODE_NONE) /* of a later version */
		return (struct hook_arguments){};
	return (struct hook_arguments){ true, HOOK_CHOICE_XDP, entry->mode_choice };
}

static int go_back(struct undoing *undoing)
{
	const struct hook_arguments hook = hook_of(undoing->entries[0]);
	const struct change_settings settings = {
		.target = &undoing->target,
		.source = "undo",
		.anew = true,
		.json = arguments_have(undoing->arguments, "json", NULL),
		.hook = &hook,
	};
	char when[32];

	for (size_t i = 0; i < undoing->attachments.count; i++) {
		const struct history_entry *entry = undoing->entries[i];

		readable_time(entry->time, when);
		notice("%s: back to number %u of its history, of %s",
		       undoing->attachments.items[i].hooks.link.name, entry->number, when);
	}
	return change_and_tell(&undoing->session, &undoing->attachments, undoing->list, &settings,
			       NULL);
}

static bool one_waits(const struct undoing *undoing)
{
	for (size_t i = 0; i < undoing->attachments.count; i++)
		if (attachment_unconfirmed(&undoing->attachments.items[i]))
			return true;
	return false;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(undoing_close) struct undoing undoing = {
		.arguments = arguments,
		.session = SESSION_EMPTY,
	};
	int status = confirm_from_arguments(arguments, &undoing.pending);

	if (status != EXIT_DONE)
		return status;
	if (arguments_number(arguments, "to", 1, UINT32_MAX, &undoing.to))
		return usage_failed(arguments->command, "%s", error_message(-EINVAL));
	status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
				       &undoing.target);
	if (status == EXIT_DONE)
		status = target_attachments(&undoing.target, false, PINS_CHANGE, &undoing.session,
					    &undoing.attachments);
	if (status != EXIT_DONE)
		return status;
	if (one_waits(&undoing) && !undoing.to && !pending_is(&undoing.pending))
		return undo_unconfirmed(&undoing.session, &undoing.attachments,
					arguments_have(arguments, "json", NULL));
	status = changes_check(&undoing.session, &undoing.attachments);
	if (status == EXIT_DONE)
		status = prepare(&undoing);
	return status == EXIT_DONE ? go_back(&undoing) : status;
}

const struct command command_undo = {
	.name = "undo",
	.synopsis = "IFACE [--to NUMBER] [--confirm TIME] [--json]",
	.summary = "back to the policy before",
	.details =
		"A change that waits to be confirmed is taken back at once. Else the policy before "
		"the\n"
		"one in force comes back, by its hook and in its mode, as policyctl history has "
		"it. Each\n"
		"undo goes one further back; an undo is an entry of the history too. --to NUMBER "
		"puts the\n"
		"policy of that entry in force, for example one that was undone. Sets from files "
		"are read\n"
		"again, as the files are now.",
	.options =
		(const struct option_row[]){
			{ "to", "NUMBER", "of an entry, as policyctl history prints it" },
			CONFIRM_OPTION_ROW,
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
