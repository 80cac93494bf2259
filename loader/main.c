// SPDX-License-Identifier: GPL-2.0-only
/* Finds the command and runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "command.h"

/* libbpf's own words, the verifier's log among them, only for who asks: POLICYCTL_DEBUG=1. */
static int quiet_unless_asked(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return getenv("POLICYCTL_DEBUG") ? vfprintf(stderr, format, args) : 0;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : "--help";

	libbpf_set_print(quiet_unless_asked);
	if (argc < 2) {
		fputs("policyctl: which command? (see policyctl --help)\n", stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		command = argc > 2 ? find_command(argv[2]) : NULL;
		if (command)
			command_help(command);
		else
			commands_help();
		return EXIT_DONE;
	}
	if (!strcmp(name, "--version"))
		name = "version";
	command = find_command(name);
	if (!command) {
		fprintf(stderr, "policyctl: unknown command %s (see policyctl --help)\n", name);
		return EXIT_USAGE;
	}
	return command_run(command, argc - 1, argv + 1);
}
