// SPDX-License-Identifier: GPL-2.0-only
/* policyctl history: the last policies of an interface or container. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "commands.h"
#include "difference.h"
#include "error.h"
#include "history.h"
#include "json_text.h"
#include "mode_words.h"
#include "output.h"
#include "owner_words.h"
#include "print.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

struct listing {
	struct history *items;
	size_t count;
	bool attached; /* the last entry of each is in force */
};

static void listing_clear(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		history_clear(&listing->items[i]);
	free(listing->items);
}

/* --- which places --- */

static int add_attached(struct session *session, const struct target *target,
			struct listing *listing)
{
	_cleanup_(attachments_close) struct attachments attachments = {};
	int result = target_open(session, target, false, &attachments);

	error_clear();
	if (result)
		return 0;
	listing->attached = true;
	listing->items = calloc(attachments.count + 1, sizeof(*listing->items));
	if (!listing->items)
		return -ENOMEM;
	for (size_t i = 0; i < attachments.count; i++) {
		const struct attachment *attachment = &attachments.items[i];
		int error =
			history_read(session->pins.path, attachment->hooks.link.name,
				     &attachment->current.owner, &listing->items[listing->count++]);

		if (error)
			return error;
	}
	return 0;
}

/* What is attached goes first. An interface or a container that is gone is known by its name. */
static int find(const char *name, struct listing *listing)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	const struct target target = { .name = name };
	bool container = !strncmp(name, TARGET_CONTAINER, strlen(TARGET_CONTAINER));
	int error = session_open(&session, PINS_READ);

	if (!error && !container)
		error = add_attached(&session, &target, listing);
	if (error || listing->attached)
		return error;
	return history_find(session.pins.path, container ? NULL : name,
			    container ? name + strlen(TARGET_CONTAINER) : NULL, &listing->items,
			    &listing->count);
}

/* --- what is told --- */

/* The entry in front of this one whose policy can be compared; NULL: there is none. */
static const struct history_entry *older(const struct history *history, size_t index)
{
	while (index-- > 0)
		if (history->entries[index].policy ||
		    history->entries[index].event == HISTORY_DETACHED)
			return &history->entries[index];
	return NULL;
}

static void print_who(const struct history_who *who)
{
	if (!who->command[0])
		return;
	if (who->user[0])
		printf(", by %s", who->user);
	else
		printf(", by uid %u", who->uid);
	if (who->login[0] && strcmp(who->login, who->user) != 0)
		printf(" (logged in as %s)", who->login);
	else if (who->sudo_user[0] && strcmp(who->sudo_user, who->user) != 0)
		printf(" (sudo by %s)", who->sudo_user);
	printf(": %s", who->command);
}

/* An entry with its policy, against the policy before it. */
static int print_difference(const struct history_entry *entry, const struct history_entry *before)
{
	_cleanup_(policy_freep) struct policy *nothing = policy_new();
	const struct policy *old = before && before->policy ? before->policy : nothing;
	bool same = false;

	if (!nothing || policy_same(old, entry->policy, &same))
		return -ENOMEM;
	if (!same)
		difference_print(old, entry->policy);
	if (before && before->policy && before->mode_choice != entry->mode_choice)
		printf("  by %s, was by %s\n", mode_choice_words(entry->mode_choice),
		       mode_choice_words(before->mode_choice));
	return 0;
}

static int print_entry(const struct history *history, size_t index, bool in_force)
{
	const struct history_entry *entry = &history->entries[index];
	char when[32];

	readable_time(entry->time, when);
	if (entry->unreadable) {
		printf("%u  cannot be read\n", entry->number);
		return 0;
	}
	printf("%s%u  %s  %s%s", terminal_start(stdout, in_force ? COLOUR_GREEN : COLOUR_NONE),
	       entry->number, when, history_event_name(entry->event), terminal_end(stdout));
	if (entry->confirm_seconds && entry->event != HISTORY_CONFIRMED)
		printf(", to be confirmed in %u s", entry->confirm_seconds);
	if (entry->back_to)
		printf(", back to %u", entry->back_to);
	if (in_force)
		printf(", in force");
	print_who(&entry->who);
	putchar('\n');
	if (entry->too_large)
		printf("  its policy is too large to be kept\n");
	return entry->policy ? print_difference(entry, older(history, index)) : 0;
}

static int print_history(const struct history *history, bool attached)
{
	const struct history_entry *last = &history->entries[history->count - 1];
	int error = 0;

	printf("%s", last->interface);
	if (owner_is_container(&last->owner))
		printf(" (%s%s%s)", owner_name(&last->owner), *last->owner.network ? " on " : "",
		       last->owner.network);
	putchar('\n');
	for (size_t i = history->count; i-- > 0 && !error;)
		error = print_entry(history, i, attached && i == history->count - 1);
	return error;
}

static json_t *who_json(const struct history_who *who)
{
	if (!who->command[0])
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:o}", "uid", (json_int_t)who->uid, "user",
			 json_text_or_null(who->user), "login", json_text_or_null(who->login),
			 "sudo_user", json_text_or_null(who->sudo_user), "command",
			 json_text(who->command), "pid", (json_int_t)who->pid, "parent",
			 json_text(who->parent));
}

static void add_policy_json(json_t *object, const struct history_entry *entry,
			    const struct history_entry *before)
{
	_cleanup_(policy_freep) struct policy *nothing = policy_new();
	json_t *difference;

	json_object_set_new(object, "policy", entry->policy ? json_text(entry->text) : json_null());
	if (!entry->policy || !nothing)
		return;
	difference =
		difference_json(before && before->policy ? before->policy : nothing, entry->policy);
	json_object_update(object, difference);
	json_decref(difference);
}

static json_t *entry_json(const struct history *history, size_t index, bool in_force)
{
	const struct history_entry *entry = &history->entries[index];
	json_t *object =
		json_pack("{s:I, s:b, s:o, s:o}", "number", (json_int_t)entry->number, "readable",
			  !entry->unreadable, "place", json_text(history->place), "interface",
			  json_text_or_null(entry->interface));

	if (entry->unreadable)
		return object;
	json_object_set_new(object, "event", json_string(history_event_name(entry->event)));
	json_object_set_new(object, "time", json_integer(entry->time));
	json_object_set_new(object, "in_force", json_boolean(in_force));
	json_object_set_new(object, "back_to",
			    entry->back_to ? json_integer(entry->back_to) : json_null());
	json_object_set_new(object, "confirm_seconds",
			    entry->confirm_seconds ? json_integer(entry->confirm_seconds)
						   : json_null());
	json_object_set_new(object, "mode", json_string(mode_choice_words(entry->mode_choice)));
	json_object_set_new(object, "by", who_json(&entry->who));
	json_object_set_new(object, "too_large", json_boolean(entry->too_large));
	owner_add_json(object, &entry->owner);
	add_policy_json(object, entry, older(history, index));
	return object;
}

static int tell(const struct listing *listing, bool json)
{
	json_t *array = json ? json_array() : NULL;
	int error = 0;

	for (size_t i = 0; i < listing->count && !error; i++) {
		const struct history *history = &listing->items[i];

		for (size_t j = history->count; array && j-- > 0;)
			json_array_append_new(
				array, entry_json(history, j,
						  listing->attached && j == history->count - 1));
		if (!array && history->count)
			error = print_history(history, listing->attached);
	}
	if (error)
		return command_failed(NULL, error, NULL);
	return array ? output_json(array) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(listing_clear) struct listing listing = {};
	const char *name = arguments->operands[0];
	bool json = arguments_have(arguments, "json", NULL);
	size_t entries = 0;
	int error = find(name, &listing);

	if (error)
		return command_failed(name, error, NULL);
	for (size_t i = 0; i < listing.count; i++)
		entries += listing.items[i].count;
	if (!entries && !json)
		notice("%s: no history is known", name);
	if (!entries && !listing.attached)
		return json ? output_json(json_array()) ?: EXIT_NOT_ATTACHED : EXIT_NOT_ATTACHED;
	return tell(&listing, json);
}

const struct command command_history = {
	.name = "history",
	.synopsis = "IFACE [--json]",
	.summary = "the last policies, with time, who and what changed",
	.details =
		"The newest first. Each change of the command line, the daemon or a sidecar is an "
		"entry,\n"
		"with the rules that came and went. policyctl undo IFACE --to NUMBER puts the "
		"policy of\n"
		"an entry in force again. A container has one history, whatever its veth is "
		"called.\n\n"
		"It is kept below /var/lib/policyctl/history; POLICYCTL_HISTORY names another "
		"directory,\n"
		"or `none`. container:NAME is looked for there, and no engine is asked.",
	.options =
		(const struct option_row[]){
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
