// SPDX-License-Identifier: GPL-2.0-only
/* policyctl list: prints a line for each attachment. */
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment_json.h"
#include "attachment_state.h"
#include "attachment_view.h"
#include "commands.h"
#include "container_lookup.h"
#include "error.h"
#include "gate.h"
#include "held_json.h"
#include "output.h"
#include "table.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

#define NAME_WIDTH 32 /* of a container on a terminal */
#define CUT "..."

enum column {
	CONTAINER,
	NETWORK,
	INTERFACE,
	IFINDEX,
	STATE,
	MODE,
	XDP,
	TC,
	POLICY,
	RULES,
	DEFAULT,
	FROM_DROPPED,
	TO_DROPPED,
	ATTACHED,
};

static const struct table_column columns[] = {
	[CONTAINER] = { "CONTAINER", false, 0 },
	[NETWORK] = { "NETWORK", false, 2 },
	[INTERFACE] = { "INTERFACE", false, 0 },
	[IFINDEX] = { "IFINDEX", true, 7 },
	[STATE] = { "STATE", false, 0 },
	[MODE] = { "MODE", false, 4 },
	[XDP] = { "XDP", true, 6 },
	[TC] = { "TC", true, 5 },
	[POLICY] = { "POLICY", false, 0 },
	[RULES] = { "RULES", true, 0 },
	[DEFAULT] = { "DEFAULT", false, 3 },
	[FROM_DROPPED] = { "FROM DROPPED", true, 1 },
	[TO_DROPPED] = { "TO DROPPED", true, 1 },
	[ATTACHED] = { "ATTACHED", false, 8 },
	{},
};

/* An attachment whose container is looked up when the session is closed. */
struct item {
	struct link link;
	struct owner owner;
	struct libscols_line *line;
	json_t *object; /* in the array */
};

struct listing {
	struct libscols_table *table;
	json_t *array; /* NULL: a table is printed */
	struct item *items;
	size_t count;
};

static struct libscols_line *add_line(struct libscols_table *table,
				      const struct attachment_view *view)
{
	const struct attachment *attachment = view->attachment;
	const struct generation *current = &attachment->current;
	const char *from = policy_default_words(view->policy, PCTL_FROM);
	const char *to = policy_default_words(view->policy, PCTL_TO);
	struct libscols_line *line = scols_table_new_line(table, NULL);
	bool closed = (owner_is(&current->owner) && current->owner.held) ||
		      attachment_in_quarantine(attachment);
	char text[64];

	table_set(line, INTERFACE, "%s", attachment->hooks.link.name);
	table_set(line, IFINDEX, "%u", current->meta.ifindex);
	if (pending_is(&current->pending) && attachment_in_place(attachment))
		table_set(line, STATE, "%s, %llu s left", attachment_state_word(attachment),
			  (unsigned long long)pending_left(&current->pending));
	else
		table_set(line, STATE, "%s", attachment_state_word(attachment));
	table_set(line, MODE, "%s",
		  generation_wants(current, HOOK_XDP) ? xdp_mode_name(current->meta.mode) : "tc");
	if (generation_wants(current, HOOK_XDP))
		table_set(line, XDP, "%u", current->programs[HOOK_XDP].id);
	else
		table_set(line, XDP, "-");
	table_set(line, TC, "%u", current->programs[HOOK_EGRESS].id);
	table_set(line, RULES, "%zu", view->policy->count);
	if (!strcmp(from, to))
		table_set(line, DEFAULT, "%s", from);
	else
		table_set(line, DEFAULT, "from %s, to %s", from, to);
	table_set(line, FROM_DROPPED, "%llu",
		  (unsigned long long)attachment_view_totals(view, PCTL_FROM).dropped.packets);
	table_set(line, TO_DROPPED, "%llu",
		  (unsigned long long)attachment_view_totals(view, PCTL_TO).dropped.packets);
	readable_time(current->meta.attached_at, text);
	table_set(line, ATTACHED, "%s", text);
	if (!attachment_enforcing(attachment) || closed)
		table_set_red(line);
	return line;
}

static int add(struct session *session, struct attachment *attachment, void *data)
{
	_cleanup_(attachment_view_close) struct attachment_view view = {};
	struct listing *listing = data;
	struct item *items, *item;
	int error = attachment_view_open(attachment, &view);

	(void)session;
	if (error)
		return command_failed(attachment->hooks.link.name, error, NULL);
	items = reallocarray(listing->items, listing->count + 1, sizeof(*items));
	if (!items)
		return command_failed(attachment->hooks.link.name, -ENOMEM, NULL);
	listing->items = items;
	item = &items[listing->count++];
	*item = (struct item){ attachment->hooks.link, attachment->current.owner, NULL, NULL };
	if (listing->array) {
		item->object = attachment_json(&view);
		json_array_append_new(listing->array, item->object);
	} else {
		item->line = add_line(listing->table, &view);
	}
	return EXIT_DONE;
}

/* Shortens "labels policyctl.deny, policyctl.default.to" to "labels deny, default.to". */
static void set_policy(struct libscols_line *line, const char *source)
{
	static const char prefix[] = "policyctl.";
	char words[sizeof(((struct owner *)NULL)->source)] = "";
	size_t used = 0;

	while (*source && used + 1 < sizeof(words)) {
		if (!strncmp(source, prefix, strlen(prefix)))
			source += strlen(prefix);
		words[used++] = *source;
		source += *source != '\0';
	}
	table_set(line, POLICY, "%s", words);
}

/* A terminal has no room for a long name. */
static void set_container(struct libscols_line *line, const char *name)
{
	bool cut = strlen(name) > NAME_WIDTH && isatty(STDOUT_FILENO);

	table_set(line, CONTAINER, "%.*s%s",
		  cut ? NAME_WIDTH - (int)strlen(CUT) : (int)strlen(name), name, cut ? CUT : "");
}

static void add_owners(struct listing *listing, const char *socket)
{
	_cleanup_(container_lookup_clear) struct container_lookup lookup = {};

	container_lookup_init(&lookup, socket);
	for (size_t i = 0; i < listing->count; i++) {
		struct item *item = &listing->items[i];

		container_lookup_complete(&lookup, &item->link, &item->owner);
		if (item->object) {
			owner_add_json(item->object, &item->owner);
		} else if (owner_is(&item->owner)) {
			set_container(item->line, owner_name(&item->owner));
			table_set(item->line, NETWORK, "%s", item->owner.network);
			set_policy(item->line, item->owner.source);
		}
	}
}

/* --- interfaces that are held --- */

static void add_held_line(struct libscols_table *table, const struct held *held, const char *name)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	table_set(line, INTERFACE, "%s", name);
	table_set(line, IFINDEX, "%u", held->hold.ifindex);
	table_set(line, STATE, "held");
	table_set(line, POLICY, "none: held by %s, %s", held_by(held), held->hold.why);
	table_set_red(line);
}

/* What the gates of daemon and sidecars hold, and that is there still. */
static int add_held(struct listing *listing, size_t *count)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) struct held *held = NULL;
	size_t held_count = 0;
	struct link link;
	int error = session_open(&session, PINS_READ);

	error = error ?: gates_held(&session, &held, &held_count);
	for (size_t i = 0; i < held_count; i++) {
		if (nl_link_get(session.nl, NULL, held[i].hold.ifindex, &link))
			continue;
		if (listing->array)
			json_array_append_new(listing->array, held_json(&held[i], link.name));
		else
			add_held_line(listing->table, &held[i], link.name);
		++*count;
	}
	if (error)
		return command_failed(NULL, error, NULL);
	error_clear();
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	bool json = arguments_have(arguments, "json", NULL);
	struct listing listing = { .table = table_new(columns),
				   .array = json ? json_array() : NULL };
	const struct target all = {};
	const char *socket = NULL;
	size_t count;
	int status;

	if (!listing.table || (json && !listing.array))
		return command_failed(NULL, -ENOMEM, NULL);
	arguments_have(arguments, "docker-socket", &socket);
	status = target_each(&all, PINS_READ, add, &listing, &count);
	if (status == EXIT_DONE)
		status = add_held(&listing, &count);
	add_owners(&listing, socket);
	free(listing.items);
	if (json && (count || status == EXIT_DONE))
		status = output_json(listing.array) ?: status;
	else if (json)
		json_decref(listing.array);
	table_hide_empty(listing.table, CONTAINER, NETWORK);
	table_hide_empty(listing.table, POLICY, POLICY);
	if (!json && !scols_table_is_empty(listing.table))
		table_print(listing.table, columns);
	else
		scols_unref_table(listing.table);
	if (!json && !count && status == EXIT_DONE)
		notice("nothing is attached in this network namespace");
	return status;
}

const struct command command_list = {
	.name = "list",
	.synopsis = "[--json] [--docker-socket PATH]",
	.summary = "what is attached where",
	.details = "One line for each interface of this network namespace: whether both programs "
		   "are in\n"
		   "place, their ids (as in ip link and tc filter), and how many packets they "
		   "dropped; in\n"
		   "front of it the container behind it, where that is known. A veth that the "
		   "daemon\n"
		   "holds, since its container is not known yet, has a line that says why. A "
		   "narrow terminal\n"
		   "gets fewer columns.",
	.options =
		(const struct option_row[]){
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
