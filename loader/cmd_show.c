// SPDX-License-Identifier: GPL-2.0-only
/* policyctl show: the policy in force, in the policy language, with what each rule counted. */
#include <string.h>

#include "commands.h"
#include "display.h"
#include "report.h"
#include "target.h"
#include "util.h"

static void print_counts(const struct report *report, const struct counter_row *row)
{
	const char *separator = row->id ? ", " : " ";

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		const struct pctl_counter *counter = counters_slot(&report->counters, row->slot, d);

		if (!(row->directions & (1u << d)))
			continue;
		printf("%s%s: %llu packet%s %llu bytes", separator, policy_direction_name(d),
		       (unsigned long long)counter->packets, counter->packets == 1 ? "" : "s",
		       (unsigned long long)counter->bytes);
		separator = ", ";
	}
}

/* Text padded so that the comments behind it stand in one column. */
static void print_padded(const char *text)
{
	printf("%-39s ", text);
}

static int print_row(const struct report *report, const struct counter_row *row, void *data)
{
	char line[256];

	(void)data;
	if (row->rule) {
		char *text _cleanup_(freep) = policy_rule_print(row->rule);

		print_padded(text ? text : "?");
		printf("%s# id %u", display_start(stdout, COLOUR_FAINT), row->id);
	} else if (!strcmp(row->implicit, "default")) {
		snprintf(line, sizeof(line), "default %s %s",
			 row->directions == 1u << PCTL_FROM ? "from" : "to",
			 policy_verdict_name(row->verdict));
		print_padded(line);
		printf("%s#", display_start(stdout, COLOUR_FAINT));
	} else {
		snprintf(line, sizeof(line), "# implicit: allow %s", row->implicit);
		printf("%s", display_start(stdout, COLOUR_FAINT));
		print_padded(line);
		printf("#");
	}
	print_counts(report, row);
	printf("%s\n", display_end(stdout));
	return 0;
}

static void print_header(const struct report *report)
{
	const struct attachment *attachment = report->attachment;
	const struct meta *meta = &attachment->current.meta;
	const struct link *link = &attachment->hooks.link;
	char attached[32], changed[32];

	display_time(meta->attached_at, attached);
	display_time(meta->changed_at, changed);
	fputs(display_start(stdout, COLOUR_FAINT), stdout);
	printf("# %s (ifindex %u", link->name, meta->ifindex);
	if (strcmp(link->name, meta->name) != 0)
		printf(", %s when it was attached", meta->name);
	printf("): %s\n#   attached        %s\n", report_state(attachment), attached);
	if (attachment->current.number > 1)
		printf("#   policy since    %s (number %u)\n", changed, attachment->current.number);
	report_print_hooks(attachment, "# ");
	fputs(display_end(stdout), stdout);
}

static int run(const struct arguments *arguments)
{
	struct attachment attachment _cleanup_(attachment_close) = ATTACHMENT_EMPTY;
	struct session session _cleanup_(session_close) = SESSION_EMPTY;
	struct report report _cleanup_(report_close) = {};
	const char *name = arguments->operands[0];
	int status, error;

	status = target_open(name, &session, &attachment);
	if (status != EXIT_DONE)
		return status;
	error = report_open(&attachment, &report);
	if (error)
		return command_failed(name, error, NULL);
	if (arguments_have(arguments, "json", NULL))
		return display_json(report_json_policy(&report));
	print_header(&report);
	report_rows(&report, print_row, NULL);
	return EXIT_DONE;
}

const struct command command_show = {
	.name = "show",
	.synopsis = "IFACE [--json]",
	.summary = "the policy in force, with hit counters",
	.details = "Prints the policy in the policy language; what is not part of it stands in comments,\n"
		   "so the output can be applied again with policyctl apply IFACE --policy FILE. The id\n"
		   "behind a rule is what policyctl delete takes.",
	.options = (const struct option_row[]){
		{ "json", NULL, "print JSON" },
		{},
	},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
