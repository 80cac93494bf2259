/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command of the command line is: a row of the table in commands.c. The row drives dispatch,
 * argument parsing, --help and shell completion.
 */
#ifndef PCTL_COMMAND_H
#define PCTL_COMMAND_H

#include "arguments.h"
#include "failures.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* the message names the state left behind */
	EXIT_USAGE = 2, /* bad usage or bad policy, nothing was touched */
	EXIT_DIFFERENCE = 3,
	EXIT_NOT_ATTACHED = 4,
};

struct command {
	const char *name;
	const char *synopsis; /* the arguments, as --help shows them */
	const char *summary; /* one line */
	const char *details; /* paragraphs for --help */
	const struct option_row *options; /* ends with a row without a name; may be NULL */
	int min_operands;
	int max_operands; /* -1: any number */
	int (*run)(const struct arguments *arguments);
};

/* All commands, ends with a row without a name. */
extern const struct command *const commands[];

/* Parses what stands behind the name of a command and runs it. Returns an exit status. */
int command_run(const struct command *command, int argc, char **argv);

/* Prints on standard output. */
void command_help(const struct command *command);
void commands_help(void);

/* Prints "policyctl: subject: message" for a failed call and returns EXIT_FAILED. `state` says what
 * is in force now: "nothing was changed". subject may be NULL. */
int command_failed(const char *subject, int error, const char *state);

/* Prints a line as command_failed() for each. Returns EXIT_FAILED if anything failed, else
 * EXIT_DONE. */
int failures_print(const struct failures *failures, const char *state);

/* Prints "policyctl command: message (see policyctl command --help)" for bad usage and returns
 * EXIT_USAGE. */
int usage_failed(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
