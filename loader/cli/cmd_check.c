// SPDX-License-Identifier: GPL-2.0-only
/* policyctl check: parses and checks a policy file, without the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands.h"
#include "plan_arguments.h"
#include "reserved_sets.h"
#include "sets.h"
#include "terminal.h"

static int run(const struct arguments *arguments)
{
	_cleanup_(freep) struct given_option *options =
		calloc(arguments->option_count + 1, sizeof(*options));
	struct arguments with_file = {
		.command = arguments->command,
		.options = options,
		.option_count = arguments->option_count,
	};
	_cleanup_(plan_free) struct plan plan = {};
	const struct policy *policy;
	const char *name = "command line";
	int status;

	if (!options)
		return command_failed(NULL, -ENOMEM, NULL);
	if (arguments->option_count)
		memcpy(options, arguments->options, arguments->option_count * sizeof(*options));
	if (arguments->operand_count) {
		name = arguments->operands[0];
		options[with_file.option_count++] = (struct given_option){ "policy", name };
	}
	if (!policy_arguments_given(&with_file))
		return usage_failed(arguments->command, "missing argument: FILE or --rule TEXT");
	status = plan_from_arguments(&with_file, &plan);
	policy = plan.policy;
	if (status != EXIT_DONE)
		return status;
	printf("%s: %sok%s, %zu rule%s", name, terminal_start(stdout, COLOUR_GREEN),
	       terminal_end(stdout), policy->count, policy->count == 1 ? "" : "s");
	for (size_t i = 0; i < policy->set_count; i++) {
		const struct set *set = policy->sets[i];

		if (!set_is_reserved(set))
			printf(", set %s %llu %s", set->name, (unsigned long long)set_size(set),
			       set_unit(set, set_size(set)));
	}
	printf(", default from %s, to %s\n", policy_default_words(policy, PCTL_FROM),
	       policy_default_words(policy, PCTL_TO));
	return EXIT_DONE;
}

const struct command command_check = {
	.name = "check",
	.synopsis = "[FILE] [--rule TEXT]… [--deny SPEC]… [--reject SPEC]… [--allow SPEC]…\n"
		    "                       [--default VERDICT]",
	.summary = "parse and check a policy file, no privileges needed",
	.details = "Prints every error with its place, exit status 2, or the warnings there are "
		   "and one\n"
		   "line that it is well, exit status 0. /dev/stdin reads standard input. Rules of "
		   "options\n"
		   "stand before those of FILE, as they do with --policy FILE behind them.",
	.options = (const struct option_row[]){ POLICY_OPTION_ROWS, {} },
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
