// SPDX-License-Identifier: GPL-2.0-only
/* policyctl unused: rules that decided nothing. */
#include <errno.h>
#include <time.h>

#include "attachment_view.h"
#include "commands.h"
#include "duration.h"
#include "error.h"
#include "history.h"
#include "json_text.h"
#include "output.h"
#include "print.h"
#include "target_arguments.h"
#include "terminal.h"
#include "unused.h"
#include "util.h"

#define LONGEST (3650ull * 24 * 3600)

struct looking {
	uint64_t least; /* seconds */
	uint64_t now;
	json_t *array; /* NULL: it is told in words */
	size_t unused; /* of all attachments */
};

/* What is known of one attachment. */
struct look {
	const struct attachment *attachment;
	struct attachment_view view;
	struct history history;
	struct rule_texts texts;
	size_t counts[3]; /* by enum rule_use */
};

static void look_clear(struct look *look)
{
	attachment_view_close(&look->view);
	history_clear(&look->history);
	rule_texts_clear(&look->texts);
}

static enum rule_use use_of(const struct looking *looking, const struct look *look, size_t index,
			    uint64_t *since)
{
	const struct policy *policy = look->view.policy;

	*since = rule_counts_since(&look->attachment->current.meta, policy, &policy->rules[index],
				   &look->history);
	return rule_use(policy, &look->view.counters, index, *since, looking->now, looking->least);
}

/* --- JSON --- */

static int add_json(const struct looking *looking, struct look *look)
{
	json_t *unused = json_array(), *young = json_array();
	const struct policy *policy = look->view.policy;
	uint64_t since;

	for (size_t i = 0; i < policy->count; i++) {
		enum rule_use use = use_of(looking, look, i, &since);

		look->counts[use]++;
		if (use != RULE_USED)
			json_array_append_new(use == RULE_UNUSED ? unused : young,
					      json_pack("{s:I, s:o, s:I}", "id",
							(json_int_t)policy->rules[i].id, "text",
							json_text(look->texts.items[i]),
							"counts_since", (json_int_t)since));
	}
	return json_array_append_new(
		looking->array,
		json_pack("{s:o, s:I, s:I, s:I, s:o, s:o}", "interface",
			  json_text(look->attachment->hooks.link.name), "attached_at",
			  (json_int_t)look->attachment->current.meta.attached_at, "since_seconds",
			  (json_int_t)looking->least, "used", (json_int_t)look->counts[RULE_USED],
			  "unused", unused, "too_young", young));
}

/* --- words --- */

static void print_those(const struct looking *looking, const struct look *look,
			enum rule_use wanted)
{
	uint64_t since;
	char when[32];

	for (size_t i = 0; i < look->view.policy->count; i++) {
		if (use_of(looking, look, i, &since) != wanted)
			continue;
		readable_time(since, when);
		printf("  %-60s # id %u, counts since %s\n", look->texts.items[i],
		       look->view.policy->rules[i].id, when);
	}
}

static void print_words(const struct looking *looking, struct look *look)
{
	const char *name = look->attachment->hooks.link.name;
	uint64_t since;

	for (size_t i = 0; i < look->view.policy->count; i++)
		look->counts[use_of(looking, look, i, &since)]++;
	printf("%s: %zu of %zu rules decided nothing\n", name, look->counts[RULE_UNUSED],
	       look->view.policy->count);
	print_those(looking, look, RULE_UNUSED);
	if (!look->counts[RULE_YOUNG])
		return;
	printf("%s: too young to say, with nothing decided so far: %zu\n", name,
	       look->counts[RULE_YOUNG]);
	print_those(looking, look, RULE_YOUNG);
}

/* --- the command --- */

static int each(struct session *session, struct attachment *attachment, void *data)
{
	_cleanup_(look_clear) struct look look = { .attachment = attachment };
	const char *name = attachment->hooks.link.name;
	struct looking *looking = data;
	int error = attachment_view_open(attachment, &look.view);

	error = error ?: policy_rule_texts(look.view.policy, &look.texts);
	if (!error &&
	    history_read(session->pins.path, name, &attachment->current.owner, &look.history)) {
		notice("%s: its history cannot be read, so rules count from its last change on: %s",
		       name, error_message(-EIO));
		error_clear();
	}
	if (error)
		return command_failed(name, error, NULL);
	if (looking->array)
		error = add_json(looking, &look) ? -ENOMEM : 0;
	else
		print_words(looking, &look);
	looking->unused += look.counts[RULE_UNUSED];
	return error ? command_failed(name, error, NULL) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(target_clear) struct target target = {};
	struct looking looking = { .now = time(NULL) };
	const char *text;
	size_t count;
	int status;

	if (arguments_have(arguments, "since", &text)) {
		looking.least = duration_parse(text, LONGEST);
		if (!looking.least)
			return usage_failed(arguments->command,
					    "--since takes a time such as 12h or 7d, not %s", text);
	}
	status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
				       &target);
	if (status != EXIT_DONE)
		return status;
	if (arguments_have(arguments, "json", NULL))
		looking.array = json_array();
	status = target_each(&target, PINS_READ, each, &looking, &count);
	if (looking.array && (status == EXIT_DONE || count > 1))
		status = output_json(TAKE_PTR(looking.array)) ?: status;
	json_decref(looking.array);
	return status ?: (looking.unused ? EXIT_DIFFERENCE : EXIT_DONE);
}

const struct command command_unused = {
	.name = "unused",
	.synopsis = "IFACE [--since TIME] [--json]",
	.summary = "rules that decided nothing",
	.details =
		"Prints the rules that have decided no packet since they came into force. With "
		"--since\n"
		"only those that are in force for TIME (12h, 7d) or longer; younger ones are "
		"listed apart,\n"
		"as too young to say. A rule keeps its counters, and so its time, while changes of "
		"the\n"
		"policy leave it as it is; detaching ends both, and so does a change of "
		"--audit.\n\n"
		"Counters do not tell when a rule decided last: a rule that did so once, long ago, "
		"counts\n"
		"as used. Exit status: 0 all rules were used, 3 some were not.",
	.options =
		(const struct option_row[]){
			{ "since", "TIME", "how long a rule must be in force to count as unused" },
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
