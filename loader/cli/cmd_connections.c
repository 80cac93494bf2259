// SPDX-License-Identifier: GPL-2.0-only
/* policyctl connections: the connections that an attachment knows, and the end of some. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "connection_filter.h"
#include "connection_json.h"
#include "connection_words.h"
#include "diagnostics.h"
#include "diagnostics_text.h"
#include "error.h"
#include "live_text.h"
#include "output.h"
#include "print.h"
#include "protocols.h"
#include "table.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

enum column {
	INTERFACE,
	PROTOCOL,
	VLAN,
	LOCAL,
	DIRECTION,
	REMOTE,
	NAME,
	STATE,
	AGE,
	IDLE,
	SENT,
	RECEIVED,
	BEGAN_BY,
};

static const struct table_column columns[] = {
	[INTERFACE] = { "INTERFACE", false, 0 },
	[PROTOCOL] = { "PROTO", false, 0 },
	[VLAN] = { "VLAN", true, 0 },
	[LOCAL] = { "CONTAINER", false, 0 },
	[DIRECTION] = { "", false, 0 },
	[REMOTE] = { "PEER", false, 0 },
	[NAME] = { "NAME", false, 4 },
	[STATE] = { "STATE", false, 0 },
	[AGE] = { "AGE", true, 2 },
	[IDLE] = { "IDLE", true, 0 },
	[SENT] = { "FROM", true, 3 },
	[RECEIVED] = { "TO", true, 3 },
	[BEGAN_BY] = { "LET BEGIN BY", false, 1 },
	{},
};

struct listing {
	struct connection_filter filter;
	bool cut, several, json;
	struct libscols_table *table;
	json_t *array; /* NULL: a table is printed */
};

static void listing_clear(struct listing *listing)
{
	connection_filter_clear(&listing->filter);
	if (listing->array)
		json_decref(listing->array);
	if (listing->table)
		scols_unref_table(listing->table);
}

/* --- one connection --- */

static void set_ends(struct libscols_line *line, const struct connection *connection)
{
	const struct pctl_connection_key *key = &connection->key;
	char protocol[CONNECTION_PROTOCOL_TEXT], text[CONNECTION_END_TEXT];

	connection_protocol_text(connection, protocol);
	if (protocol_is_icmp(key->protocol))
		table_set(line, PROTOCOL, "%s id %u", protocol, connection_echo_id(connection));
	else
		table_set(line, PROTOCOL, "%s", protocol);
	if (key->vlan)
		table_set(line, VLAN, "%u", key->vlan);
	connection_local_text(connection, text);
	table_set(line, LOCAL, "%s", text);
	table_set(line, DIRECTION, "%s",
		  connection_direction(connection) == PCTL_FROM ? "->" : "<-");
	connection_remote_text(connection, text);
	table_set(line, REMOTE, "%s", text);
}

static void set_name(struct libscols_line *line, const struct connections_view *view,
		     const struct connection *connection)
{
	struct live_finding findings[PCTL_SETS_MAX];
	uint32_t count = connection_live(view, connection, findings);
	char words[LIVE_MEMBER_WORDS];

	if (live_findings_words(findings, count, words))
		table_set(line, NAME, "%s", words);
}

static void add_line(struct listing *listing, const struct connections_view *view,
		     const struct connection *connection)
{
	struct libscols_line *line = scols_table_new_line(listing->table, NULL);
	const struct pctl_connection *value = &connection->value;
	uint32_t now = view->connections->now;
	char time[CONNECTION_TIME_TEXT], decider[CONNECTION_DECIDER_TEXT];

	if (listing->several)
		table_set(line, INTERFACE, "%s", view->attachment->hooks.link.name);
	set_ends(line, connection);
	set_name(line, view, connection);
	table_set(line, STATE, "%s%s", connection_state_name(connection),
		  value->flags & PCTL_CONNECTION_ADOPTED ? ", adopted" : "");
	connection_time_text(connection_age(connection, now), time);
	table_set(line, AGE, "%s", time);
	connection_time_text(connection_idle(connection, now), time);
	table_set(line, IDLE, "%s", time);
	table_set(line, SENT, "%u", value->packets[PCTL_FROM]);
	table_set(line, RECEIVED, "%u", value->packets[PCTL_TO]);
	connection_decider_text(view, connection, decider);
	table_set(line, BEGAN_BY, "%s", decider);
	if (value->state != PCTL_CONNECTION_CONFIRMED)
		table_set_colour(line, COLOUR_YELLOW);
	else if (!strcmp(connection_state_name(connection), "closing"))
		table_set_colour(line, COLOUR_FAINT);
}

static int take(struct listing *listing, const struct connections_view *view,
		const struct connection_maps *maps, const struct connection *connection)
{
	json_t *object;

	if (listing->cut) {
		int error = connection_cut(maps, connection);

		if (error)
			return error;
	}
	if (!listing->json) {
		add_line(listing, view, connection);
		return 0;
	}
	object = connection_json(view, connection);
	return !object || json_array_append_new(listing->array, object) ? -ENOMEM : 0;
}

/* --- one attachment --- */

/* The oldest first. */
static int compare(const void *a, const void *b)
{
	const struct connection *x = a, *y = b;
	int32_t difference = x->value.began - y->value.began;

	return difference ? (difference < 0 ? -1 : 1) : memcmp(&x->key, &y->key, sizeof(x->key));
}

/* *taken: how many fit */
static int take_all(struct listing *listing, const struct attachment *attachment,
		    const struct connection_maps *maps, size_t *taken)
{
	_cleanup_(connections_clear) struct connections connections = {};
	_cleanup_(rule_texts_clear) struct rule_texts texts = {};
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(live_maps_close) struct live_maps live_maps = LIVE_MAPS_EMPTY;
	struct live_asked live = {};
	uint64_t generation = attachment->current.meta.generation;
	int error = generation_policy(&attachment->current, &policy);

	*taken = 0;
	error = error ?: policy_rule_texts(policy, &texts);
	error = error ?: connections_read(maps, &connections);
	if (!error && generation_has_live(&attachment->current))
		error = live_asked_open(&attachment->current, policy, &live_maps, &live);
	if (error)
		return error;
	if (connections.count)
		qsort(connections.items, connections.count, sizeof(*connections.items), compare);
	for (size_t i = 0; i < connections.count && !error; i++) {
		const struct connections_view view = {
			.attachment = attachment,
			.connections = &connections,
			.policy = policy,
			.texts = &texts,
			.maps = &live_maps,
			.live = &live,
		};

		if (!connection_filter_fits(&listing->filter, &connections.items[i], policy,
					    generation))
			continue;
		++*taken;
		error = take(listing, &view, maps, &connections.items[i]);
	}
	return error;
}

static int each(struct session *session, struct attachment *attachment, void *data)
{
	const char *name = attachment->hooks.link.name;
	struct connection_maps maps = connection_maps_of(&attachment->current);
	struct listing *listing = data;
	size_t taken;
	int error;

	(void)session;
	if (!connections_tracked(&maps)) {
		notice("%s: no rule of its policy says `established`, so connections are not known",
		       name);
		return EXIT_DONE;
	}
	error = take_all(listing, attachment, &maps, &taken);
	if (error)
		return command_failed(name, error, NULL);
	if (listing->cut)
		notice("%s: %zu connection%s cut", name, taken, taken == 1 ? "" : "s");
	return EXIT_DONE;
}

/* --- arguments --- */

static int read_filter(const struct arguments *arguments, struct listing *listing)
{
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = {};
	int error = connection_filter_parse(arguments->operands + 1, arguments->operand_count - 1,
					    &listing->filter, &diagnostics);

	diagnostics_write(stderr, &diagnostics, NULL);
	if (error == -EINVAL && !diagnostics.count)
		return usage_failed(arguments->command, "%s", error_message(error));
	if (error && error != -EINVAL)
		return command_failed(NULL, error, NULL);
	return error ? EXIT_USAGE : EXIT_DONE;
}

static int read_arguments(const struct arguments *arguments, struct listing *listing)
{
	bool all = arguments_have(arguments, "all", NULL);

	listing->cut = arguments_have(arguments, "cut", NULL);
	listing->json = arguments_have(arguments, "json", NULL);
	if (listing->cut && all == (arguments->operand_count > 1))
		return usage_failed(arguments->command,
				    "--cut takes a FILTER that says which, or --all");
	if (all && !listing->cut)
		return usage_failed(arguments->command, "--all goes with --cut: all are shown");
	listing->table = table_new(columns);
	listing->array = listing->json ? json_array() : NULL;
	if (!listing->table || (listing->json && !listing->array))
		return command_failed(NULL, -ENOMEM, NULL);
	return read_filter(arguments, listing);
}

static int print(struct listing *listing)
{
	if (listing->json)
		return output_json(TAKE_PTR(listing->array));
	table_hide_empty(listing->table, INTERFACE, INTERFACE);
	table_hide_empty(listing->table, VLAN, VLAN);
	table_hide_empty(listing->table, NAME, NAME);
	if (!scols_table_is_empty(listing->table))
		table_print(TAKE_PTR(listing->table), columns);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(target_clear) struct target target = {};
	_cleanup_(listing_clear) struct listing listing = {};
	int status = read_arguments(arguments, &listing);
	size_t count;

	if (status == EXIT_DONE)
		status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
					       &target);
	if (status != EXIT_DONE)
		return status;
	listing.several = target.several;
	status =
		target_each(&target, listing.cut ? PINS_CHANGE : PINS_READ, each, &listing, &count);
	return status == EXIT_DONE || count > 1 ? print(&listing) ?: status : status;
}

const struct command command_connections = {
	.name = "connections",
	.synopsis = "IFACE [FILTER...] [--json] [--cut [--all]]",
	.summary = "the connections that it knows (rules with established)",
	.details = "One line for each connection that has passed and is not over: both ends, which "
		   "opened\n"
		   "it (-> the container, <- the peer), its state, how old it is and how long "
		   "silent, the\n"
		   "packets each way, and the rule that let it begin. States:\n"
		   "  opened       its first packet has passed\n"
		   "  answered     and an answer\n"
		   "  established  confirmed by both sides, so that a flood cannot evict it\n"
		   "  closing      of TCP: reset, or ended by both sides\n"
		   "`adopted`: it was open before the policy was in force.\n\n"
		   "FILTER is that of `policyctl monitor`, about the packet that opened the "
		   "connection, and\n"
		   "`state NAME`:\n"
		   "  policyctl connections veth0 tcp dport 443 state established\n"
		   "  policyctl connections veth0 to peer 192.0.2.0/24 --cut\n\n"
		   "--cut ends connections: no packet of theirs is `established` any more. A rule "
		   "that lets\n"
		   "such a packet pass by itself still does, and what may begin may begin anew.",
	.options =
		(const struct option_row[]){
			{ "cut", NULL, "end those that FILTER names, and print them" },
			{ "all", NULL, "with --cut: every connection" },
			{ "json", NULL, "print JSON" },
			TARGET_OPTION_ROW,
			{},
		},
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
