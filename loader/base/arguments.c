// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "error.h"

#define MAX_OPTIONS 16

const char *option_dashes(const char *name)
{
	return name[1] ? "--" : "-";
}

bool option_is_short_form(const struct option_row *row)
{
	return row->name && !row->help;
}

bool arguments_have(const struct arguments *arguments, const char *option, const char **value)
{
	bool found = false;

	for (size_t i = 0; i < arguments->option_count; i++) {
		if (strcmp(arguments->options[i].name, option) != 0)
			continue;
		found = true;
		if (value)
			*value = arguments->options[i].value;
	}
	return found;
}

int arguments_number(const struct arguments *arguments, const char *option, uint64_t least,
		     uint64_t most, uint64_t *number)
{
	const char *text = NULL;
	unsigned long long value;
	char *end;

	if (!arguments_have(arguments, option, &text))
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull() alone would allow blanks and signs in front */
	if (*text < '0' || *text > '9' || *end || errno || value < least || value > most)
		return error_set(-EINVAL, "%s%s takes a number from %llu to %llu, not '%s'",
				 option_dashes(option), option, (unsigned long long)least,
				 (unsigned long long)most, text);
	*number = value;
	return 0;
}

/* getopt_long()'s table for the rows, --help included. Returns how many there are. */
static size_t long_options(const struct option_row *rows, struct option table[MAX_OPTIONS + 2])
{
	size_t count = 0;

	for (; rows && rows->name && count < MAX_OPTIONS; rows++)
		if (rows->name[1])
			table[count++] = (struct option){
				.name = rows->name,
				.has_arg = rows->argument ? required_argument : no_argument,
			};
	table[count++] = (struct option){ .name = "help" };
	table[count] = (struct option){};
	return count;
}

/* The string of short options for getopt_long(), -h included. */
static void short_options(const struct option_row *rows, char letters[3 + 2 * MAX_OPTIONS])
{
	letters += sprintf(letters, ":h");
	for (; rows && rows->name; rows++)
		if (!rows->name[1])
			letters += sprintf(letters, "%s%s", rows->name, rows->argument ? ":" : "");
}

static const char *name_of_letter(const struct option_row *row, int letter)
{
	while (row->name[0] != letter || row->name[1])
		row++;
	return option_is_short_form(row) ? row[-1].name : row->name;
}

int arguments_parse(const struct option_row *rows, int argc, char **argv,
		    struct arguments *arguments, bool *help)
{
	struct option table[MAX_OPTIONS + 2];
	size_t count = long_options(rows, table);
	char letters[3 + 2 * MAX_OPTIONS];
	int index = 0, found;

	*help = false;
	*arguments = (struct arguments){
		.options = calloc(argc + 1, sizeof(*arguments->options)),
	};
	if (!arguments->options)
		return -ENOMEM;
	short_options(rows, letters);
	opterr = 0;
	optind = 1;
	while ((found = getopt_long(argc, argv, letters, table, &index)) != -1) {
		if (found == 'h' || (found == 0 && (size_t)index == count - 1)) {
			*help = true;
			return 0;
		}
		if (found == ':')
			return error_set(-EINVAL, "%s needs a value", argv[optind - 1]);
		if (found == '?')
			return error_set(-EINVAL, "unknown option %s", argv[optind - 1]);
		arguments->options[arguments->option_count++] = (struct given_option){
			found ? name_of_letter(rows, found) : table[index].name, optarg
		};
	}
	arguments->operands = argv + optind;
	arguments->operand_count = argc - optind;
	return 0;
}

void arguments_clear(struct arguments *arguments)
{
	free(arguments->options);
	*arguments = (struct arguments){};
}
