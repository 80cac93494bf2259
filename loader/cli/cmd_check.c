// SPDX-License-Identifier: GPL-2.0-only
/* policyctl check: parses and checks a policy file, without the kernel. */
#include "cleanup.h"
#include "commands.h"
#include "plan_arguments.h"
#include "reserved_sets.h"
#include "sets.h"
#include "terminal.h"

static int run(const struct arguments *arguments)
{
	const char *path = arguments->operands[0];
	struct given_option option = { "policy", path };
	struct arguments as_option = {
		.command = arguments->command,
		.options = &option,
		.option_count = 1,
	};
	_cleanup_(plan_free) struct plan plan = {};
	int status = plan_from_arguments(&as_option, &plan);
	const struct policy *policy = plan.policy;

	if (status != EXIT_DONE)
		return status;
	printf("%s: %sok%s, %zu rule%s", path, terminal_start(stdout, COLOUR_GREEN),
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
	.synopsis = "FILE",
	.summary = "parse and check a policy file, no privileges needed",
	.details = "Prints every error with its place, exit status 2, or the warnings there are "
		   "and one\n"
		   "line that it is well, exit status 0. /dev/stdin reads standard input.",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
