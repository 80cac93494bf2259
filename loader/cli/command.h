/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command of the command line is a row of the table in commands.c. The row drives dispatch, the
 * parsing of arguments, --help and shell completion. Exit statuses, and the printing of what
 * failed, are known in this room alone.
 */
#ifndef PCTL_COMMAND_H
#define PCTL_COMMAND_H

#include "arguments.h"
#include "failures.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* the message says what is in force now */
	EXIT_USAGE = 2, /* bad usage or a bad policy: nothing was changed */
	EXIT_DIFFERENCE = 3, /* diff: the policies differ; doctor: it found a warning or a fault */
	EXIT_NOT_ATTACHED = 4, /* there is no such attachment */
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

/* All commands; NULL is the last one. */
extern const struct command *const commands[];

/* Parses the arguments of a command and runs it. Returns an exit status.
 * @argv: the name of the command first */
int command_run(const struct command *command, int argc, char **argv);

/* Parts of --help that the manual page has too: what policyctl is, what IFACE and SPEC mean, and
 * the exit statuses. */
extern const char commands_about[], commands_arguments[], commands_statuses[];

/* Print --help on standard output: of one command; of all. */
void command_help(const struct command *command);
void commands_help(void);

/*
 * Prints "policyctl: subject: message (state)" for a failed call, and returns EXIT_FAILED.
 * @subject: what it concerns; may be NULL
 * @state: what is in force now, "nothing was changed" for example; may be NULL
 */
int command_failed(const char *subject, int error, const char *state);

/* Prints a line for each failure, as command_failed() does. Returns EXIT_FAILED if anything failed,
 * else EXIT_DONE. */
int failures_print(const struct failures *failures, const char *state);

/* Prints "policyctl command: message (see policyctl command --help)" in one line for bad usage, and
 * returns EXIT_USAGE.
 * @command: NULL: "policyctl: message (see policyctl --help)" */
int usage_failed(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
