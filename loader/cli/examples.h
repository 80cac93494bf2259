/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Examples of commands: --help and the manual pages print them, and tests/cli/examples.sh runs each
 * in a lab with an interface veth6c30d72, a container web and a file web.policy.
 */
#ifndef PCTL_EXAMPLES_H
#define PCTL_EXAMPLES_H

struct example {
	const char *command; /* its name; `policyctl` for the program as a whole */
	const char *means; /* what it does, without a full stop */
	const char *line; /* as it is typed */
};

/* The first example of a command, where `example` is NULL, or the next one. NULL: no more. */
const struct example *examples_next(const struct example *example, const char *command);

#endif
