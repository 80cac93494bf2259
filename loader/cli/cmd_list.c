// SPDX-License-Identifier: GPL-2.0-only
/* policyctl list: what is attached where. */
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <string.h>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "report.h"
#include "table.h"
#include "target.h"
#include "util.h"

static const struct table_column columns[] = {
	{ "INTERFACE", false }, { "IFINDEX", true },   { "STATE", false },
	{ "MODE", false },	{ "XDP", true },       { "TC", true },
	{ "RULES", true },	{ "DEFAULT", false },  { "FROM DROPPED", true },
	{ "TO DROPPED", true }, { "ATTACHED", false }, {},
};

static void add_line(struct libscols_table *table, const struct report *report)
{
	const struct attachment *attachment = report->attachment;
	const struct generation *current = &attachment->current;
	const enum verdict *defaults = report->policy->defaults;
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char text[64];

	table_set(line, 0, "%s", attachment->hooks.link.name);
	table_set(line, 1, "%u", current->meta.ifindex);
	table_set(line, 2, "%s", report_state(attachment));
	table_set(line, 3, "%s", xdp_mode_name(current->meta.mode));
	table_set(line, 4, "%u", current->programs[HOOK_XDP].id);
	table_set(line, 5, "%u", current->programs[HOOK_EGRESS].id);
	table_set(line, 6, "%zu", report->policy->count);
	if (defaults[PCTL_FROM] == defaults[PCTL_TO])
		table_set(line, 7, "%s", policy_verdict_name(defaults[PCTL_FROM]));
	else
		table_set(line, 7, "from %s, to %s", policy_verdict_name(defaults[PCTL_FROM]),
			  policy_verdict_name(defaults[PCTL_TO]));
	table_set(line, 8, "%llu",
		  (unsigned long long)report_totals(report, PCTL_FROM).dropped.packets);
	table_set(line, 9, "%llu",
		  (unsigned long long)report_totals(report, PCTL_TO).dropped.packets);
	display_time(current->meta.attached_at, text);
	table_set(line, 10, "%s", text);
	scols_line_set_color(line, report_enforcing(attachment) ? NULL : "red");
}

struct output {
	struct libscols_table *table;
	json_t *array; /* NULL: the table */
};

static int add(struct session *session, struct attachment *attachment, void *data)
{
	_cleanup_(report_close) struct report report = {};
	const struct output *output = data;
	int error = report_open(attachment, &report);

	(void)session;
	if (error)
		return command_failed(attachment->hooks.link.name, error, NULL);
	if (output->array)
		json_array_append_new(output->array, report_json(&report));
	else
		add_line(output->table, &report);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	bool json = arguments_have(arguments, "json", NULL);
	struct output output = { .table = table_new(columns), .array = json ? json_array() : NULL };
	size_t count;
	int status;

	if (!output.table || (json && !output.array))
		return command_failed(NULL, -ENOMEM, NULL);
	status = target_each(add, &output, &count);
	if (json && (count || status == EXIT_DONE))
		status = display_json(output.array) ?: status;
	else if (json)
		json_decref(output.array);
	else if (!scols_table_is_empty(output.table))
		scols_print_table(output.table);
	else if (status == EXIT_DONE)
		notice("nothing is attached in this network namespace");
	scols_unref_table(output.table);
	return status;
}

const struct command command_list = {
	.name = "list",
	.synopsis = "[--json]",
	.summary = "what is attached where",
	.details = "One line for each interface of this network namespace: whether both programs "
		   "are in\n"
		   "place, their ids (as in ip link and tc filter), and how many packets they "
		   "dropped.",
	.options =
		(const struct option_row[]){
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
