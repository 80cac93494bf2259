// SPDX-License-Identifier: GPL-2.0-only
/* policyctl stats: packets and bytes, passed and dropped, by direction and rule. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "display.h"
#include "error.h"
#include "report.h"
#include "table.h"
#include "target.h"
#include "util.h"

#define RULE_WIDTH 100 /* a rule may have thousands of ports; show prints it whole */
#define CUT "..." /* what it ends with then */
#define PASS "pass"
#define DROP "drop"

static const struct table_column columns[] = {
	{ "INTERFACE", false }, { "DIRECTION", false }, { "VERDICT", false }, { "PACKETS", true },
	{ "BYTES", true },	{ "ID", true },		{ "RULE", false },    {},
};

struct output {
	struct libscols_table *table;
	json_t *array; /* NULL: the table */
	const struct report *report;
	enum pctl_direction direction;
};

static void add_line(struct output *output, const char *verdict, const struct pctl_counter *counter,
		     uint32_t id, const char *rule)
{
	struct libscols_line *line = scols_table_new_line(output->table, NULL);

	table_set(line, 0, "%s", output->report->attachment->hooks.link.name);
	table_set(line, 1, "%s", policy_direction_name(output->direction));
	table_set(line, 2, "%s", verdict);
	table_set(line, 3, "%llu", (unsigned long long)counter->packets);
	table_set(line, 4, "%llu", (unsigned long long)counter->bytes);
	if (id)
		table_set(line, 5, "%u", id);
	table_set(line, 6, "%s", rule);
	if (!strcmp(verdict, DROP) && counter->packets)
		scols_line_set_color(line, "red");
}

static int add_row(const struct counter_row *row, void *data)
{
	_cleanup_(freep) char *text = row->rule ? policy_rule_print(row->rule) : NULL;
	struct output *output = data;
	char words[RULE_WIDTH + 1];
	const struct pctl_counter *counter =
		counters_slot(&output->report->counters, row->slot, output->direction);

	if (!(row->directions & (1u << output->direction)))
		return 0;
	if ((row->kind == COUNTER_RETIRED || row->kind == COUNTER_IMPLICIT) && !counter->packets)
		return 0;
	if (snprintf(words, sizeof(words), "%s%s",
		     row->kind == COUNTER_IMPLICIT ? "implicit: " : "",
		     text ? text : row->name) > RULE_WIDTH)
		strcpy(words + RULE_WIDTH - strlen(CUT), CUT);
	add_line(output, row->verdict == VERDICT_DENY ? DROP : PASS, counter,
		 row->rule ? row->rule->id : 0, words);
	return 0;
}

/* How much of it was decided with a field unknown, where it was. */
static void add_unknown(struct output *output)
{
	static const struct {
		int reason;
		const char *name;
	} reasons[] = {
#define X(id, number, name, meaning) { number, name },
		PCTL_UNKNOWN_REASONS(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		const struct pctl_counter *counter = counters_unknown(
			&output->report->counters, reasons[i].reason, output->direction);
		char text[64];

		snprintf(text, sizeof(text), "of these with a field unknown: %s", reasons[i].name);
		if (counter->packets)
			add_line(output, "either", counter, 0, text);
	}
}

static int add_report(struct output *output, const struct attachment *attachment)
{
	_cleanup_(report_close) struct report report = {};
	int error = report_open(attachment, &report);

	if (error)
		return command_failed(attachment->hooks.link.name, error, NULL);
	if (output->array) {
		json_array_append_new(output->array, report_json_stats(&report));
		return EXIT_DONE;
	}
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct totals totals = report_totals(&report, d);

		output->report = &report;
		output->direction = d;
		counters_rows(report.policy, add_row, output);
		add_line(output, PASS, &totals.passed, 0, "all that passed");
		add_line(output, DROP, &totals.dropped, 0, "all that was dropped");
		add_unknown(output);
	}
	return EXIT_DONE;
}

static int add_each(struct session *session, struct attachment *attachment, void *data)
{
	(void)session;
	return add_report(data, attachment);
}

static int add_all(struct output *output)
{
	size_t count;
	int status = target_each(add_each, output, &count);

	if (status == EXIT_DONE && !count)
		notice("nothing is attached in this network namespace");
	return status;
}

static int add_one(struct output *output, const char *name)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int status = target_open(name, &session, &attachment);

	return status == EXIT_DONE ? add_report(output, &attachment) : status;
}

static int run(const struct arguments *arguments)
{
	struct output output = { .table = table_new(columns) };
	bool json = arguments_have(arguments, "json", NULL);
	int status;

	if (!output.table)
		return command_failed(NULL, -ENOMEM, NULL);
	if (json)
		output.array = json_array();
	status = arguments->operand_count ? add_one(&output, arguments->operands[0])
					  : add_all(&output);
	if (json && status == EXIT_DONE)
		status = display_json(output.array);
	else if (json)
		json_decref(output.array);
	else if (!scols_table_is_empty(output.table))
		scols_print_table(output.table);
	scols_unref_table(output.table);
	return status;
}

const struct command command_stats = {
	.name = "stats",
	.synopsis = "[IFACE] [--json]",
	.summary = "packets and bytes by direction, rule and verdict",
	.details = "Counts since attach; apply keeps the counts of rules that stay. Bytes are "
		   "those of\n"
		   "whole frames. A GSO packet counts as the packets it becomes where the kernel "
		   "tells\n"
		   "(to), and as one where it does not (from).",
	.options =
		(const struct option_row[]){
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
