// SPDX-License-Identifier: GPL-2.0-only
/* policyctl version: prints the versions of policyctl, its format and libbpf. */
#include <bpf/libbpf.h>
#include <stdio.h>

#include "abi.h"
#include "commands.h"

static int run(const struct arguments *arguments)
{
	(void)arguments;
	printf("policyctl %s (format %d, libbpf %s)\n", PCTL_VERSION, PCTL_ABI_VERSION,
	       libbpf_version_string() + 1);
	return EXIT_DONE;
}

const struct command command_version = {
	.name = "version",
	.synopsis = "",
	.summary = "which policyctl this is",
	.details =
		"Its version, the number of the format in which it keeps its state in the kernel,\n"
		"and the version of libbpf it runs with. Also: policyctl --version.",
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
