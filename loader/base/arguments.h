/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words behind the name of a command, parsed by a table of the options that it takes. Nothing
 * here prints: what is wrong with the words is -EINVAL and a message (error.h), and the command
 * line prints it as bad usage.
 */
#ifndef PCTL_ARGUMENTS_H
#define PCTL_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One option of a command. A table of them ends with a row without a name. */
struct option_row {
	const char *name; /* without dashes; a single letter is a short option */
	const char *argument; /* what --help calls its value; NULL: it takes none */
	const char *help; /* NULL: this letter is the short form of the row above */
};

/* An option as it was given. */
struct given_option {
	const char *name; /* the long one, also where the letter was given */
	const char *value; /* NULL: it takes none */
};

struct arguments {
	const char *command; /* its name, set by the caller of arguments_parse() */
	struct given_option *options; /* in the order given */
	size_t option_count;
	char **operands; /* what is no option, in the order given; points into argv */
	int operand_count;
};

/*
 * Parses argv[1] and what follows; argv[0] is the name of the command. Options and operands may
 * stand in any order; behind "--" all are operands. --help and -h, which are in no table, end the
 * parsing and set *help.
 * @rows: the table; NULL: no options
 * Returns 0, -EINVAL or -ENOMEM. The arguments are to be cleared in any case.
 */
int arguments_parse(const struct option_row *rows, int argc, char **argv,
		    struct arguments *arguments, bool *help);
void arguments_clear(struct arguments *arguments);

/* Was this option given? Its value (the last one) goes to *value, if that is not NULL. */
bool arguments_have(const struct arguments *arguments, const char *option, const char **value);

/*
 * The value of an option that takes a whole decimal number.
 * Returns 0, or -EINVAL if the value is no number from `least` to `most`. *number stays as it is
 * unless the option was given.
 */
int arguments_number(const struct arguments *arguments, const char *option, uint64_t least,
		     uint64_t most, uint64_t *number);

/* What stands in front of an option's name: "--", or "-" in front of a letter. */
const char *option_dashes(const char *name);

/* Is this row a letter that is the short form of the row above? */
bool option_is_short_form(const struct option_row *row);

#endif
