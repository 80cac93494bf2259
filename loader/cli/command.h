/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command of the command line is: a row of the table in commands.c. The row drives dispatch,
 * argument parsing, --help and shell completion.
 */
#ifndef PCTL_COMMAND_H
#define PCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* the message names the state left behind */
	EXIT_USAGE = 2, /* bad usage or bad policy, nothing was touched */
	EXIT_DIFFERENCE = 3,
	EXIT_NOT_ATTACHED = 4,
};

struct option_row {
	const char *name; /* without dashes; of one letter: a short option */
	const char *argument; /* what --help calls it, NULL: takes none */
	const char *help; /* NULL: a letter that is short for the row above */
};

struct arguments;

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

/* What stood on the command line. */
struct given_option {
	const char *name;
	const char *value; /* NULL: takes none */
};

struct arguments {
	const struct command *command;
	struct given_option *options; /* in the order given */
	size_t option_count;
	char **operands;
	int operand_count;
};

/* All commands, ends with a row without a name. */
extern const struct command *const commands[];

/* What stands in front of an option's name: "--", or "-" if it is one letter. */
const char *option_dashes(const char *name);

/* Was this option given? Its value (the last one) goes to *value, if that is not NULL. */
bool arguments_have(const struct arguments *arguments, const char *option, const char **value);

/* The same for a whole number: EXIT_DONE, *number untouched if the option was not given; EXIT_USAGE
 * with a message unless it is one from least to most. */
int arguments_number(const struct arguments *arguments, const char *option, uint64_t least,
		     uint64_t most, uint64_t *number);

/* Parses what stands behind the name of a command and runs it. Returns an exit status. */
int command_run(const struct command *command, int argc, char **argv);

/* Prints on standard output. */
void command_help(const struct command *command);
void commands_help(void);

/* Prints "policyctl: subject: message" for a failed call and returns EXIT_FAILED. `state` says what
 * is in force now: "nothing was changed". subject may be NULL. */
int command_failed(const char *subject, int error, const char *state);

/* The same for bad usage, with the message at hand: EXIT_USAGE. */
int usage_failed(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
