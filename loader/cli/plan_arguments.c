// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "command.h"
#include "diagnostics_text.h"
#include "plan_arguments.h"

int plan_status(int error, struct diagnostics *diagnostics, const struct diagnostics *known)
{
	diagnostics_write(stderr, diagnostics, known);
	diagnostics_clear(diagnostics);
	if (error == -EINVAL || error == -E2BIG)
		return EXIT_USAGE;
	return error ? command_failed(NULL, error, "nothing was changed") : EXIT_DONE;
}

int plan_from_arguments(const struct arguments *arguments, struct plan *plan)
{
	struct diagnostics diagnostics = {};
	int error = policy_from_arguments(arguments, plan, &diagnostics);

	return plan_status(error, &diagnostics, NULL);
}
