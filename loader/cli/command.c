// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "util.h"

#define MAX_OPTIONS 16

const char *option_dashes(const char *name)
{
	return name[1] ? "--" : "-";
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
		return EXIT_DONE;
	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull() takes blanks and signs too */
	if (*text < '0' || *text > '9' || *end || errno || value < least || value > most)
		return usage_failed(arguments->command,
				    "%s%s takes a number from %llu to %llu, not '%s'",
				    option_dashes(option), option, (unsigned long long)least,
				    (unsigned long long)most, text);
	*number = value;
	return EXIT_DONE;
}

int command_failed(const char *subject, int error, const char *state)
{
	fprintf(stderr, "policyctl: %s%s%s%s%s%s\n", subject ? subject : "", subject ? ": " : "",
		error_message(error), state ? " (" : "", state ? state : "", state ? ")" : "");
	return EXIT_FAILED;
}

int usage_failed(const struct command *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "policyctl %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (see policyctl %s --help)\n", command->name);
	return EXIT_USAGE;
}

/* --- help --- */

/* Is it a letter for the row above? */
static bool is_short_form(const struct option_row *row)
{
	return row->name && !row->help;
}

static void option_help(const struct option_row *row)
{
	const char *letter = is_short_form(row + 1) ? row[1].name : NULL;
	char left[40];

	snprintf(left, sizeof(left), "%s%s%s%s%s%s%s", letter ? "-" : "", letter ?: "",
		 letter ? ", " : "", option_dashes(row->name), row->name, row->argument ? " " : "",
		 row->argument ?: "");
	printf("  %-22s %s\n", left, row->help);
}

void command_help(const struct command *command)
{
	const struct option_row *row;

	printf("Usage: policyctl %s%s%s\n\n%s\n", command->name, *command->synopsis ? " " : "",
	       command->synopsis, command->details);
	printf("\nOptions:\n");
	for (row = command->options; row && row->name; row++)
		if (!is_short_form(row))
			option_help(row);
	option_help((const struct option_row[]){ { "help", NULL, "this text" }, {} });
}

void commands_help(void)
{
	printf("Usage: policyctl COMMAND [ARGUMENTS]\n\n"
	       "Decides which packets a container may send and receive, from the host's end of "
	       "its\n"
	       "veth. `from` is what the container sends, `to` what it receives.\n\nCommands:\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\npolicyctl COMMAND --help tells more of each. For example:\n"
	       "  policyctl attach veth6c30d72 --deny tcp\n"
	       "  policyctl show veth6c30d72\n"
	       "  policyctl detach veth6c30d72\n\n"
	       "IFACE is the name of an interface; container:NAME-OR-ID for all veths of a "
	       "container\n"
	       "(docker or podman); or pid:PID or netns:NAME for the veth that leads to the "
	       "network\n"
	       "namespace of a process or of ip netns:\n"
	       "  policyctl attach container:web --deny tcp\n\n"
	       "A SPEC is [from:|to:]PROTO[/PORTS]: tcp, tcp/443, 443/tcp, from:udp/53,\n"
	       "to:tcp/8000-8100, icmp, icmpv6, 47, arp, any.\n\n"
	       "Exit status: 0 done, 1 failed, 2 bad usage or bad policy and nothing was touched,\n"
	       "3 diff found a difference or doctor something wrong, 4 no such attachment.\n");
}

/* --- arguments --- */

/* getopt_long()'s table for a command, --help included. */
static size_t long_options(const struct command *command, struct option table[MAX_OPTIONS + 2])
{
	const struct option_row *row;
	size_t count = 0;

	for (row = command->options; row && row->name && count < MAX_OPTIONS; row++)
		if (row->name[1])
			table[count++] = (struct option){
				.name = row->name,
				.has_arg = row->argument ? required_argument : no_argument,
			};
	table[count++] = (struct option){ .name = "help" };
	table[count] = (struct option){};
	return count;
}

/* And its short options, -h included. */
static void short_options(const struct command *command, char letters[3 + 2 * MAX_OPTIONS])
{
	const struct option_row *row;

	letters += sprintf(letters, ":h");
	for (row = command->options; row && row->name; row++)
		if (!row->name[1])
			letters += sprintf(letters, "%s%s", row->name, row->argument ? ":" : "");
}

static const char *name_of_letter(const struct command *command, int letter)
{
	const struct option_row *row = command->options;

	while (row->name[0] != letter || row->name[1])
		row++;
	return is_short_form(row) ? row[-1].name : row->name;
}

/* How much of the synopsis names what must be there: all in front of the options. */
static int required(const struct command *command)
{
	const char *options = strstr(command->synopsis, " [");

	return options ? options - command->synopsis : (int)strlen(command->synopsis);
}

/* EXIT_DONE, or the status to exit with; *help when --help was given. */
static int parse(int argc, char **argv, struct arguments *arguments, bool *help)
{
	const struct command *command = arguments->command;
	struct option table[MAX_OPTIONS + 2];
	size_t count = long_options(command, table);
	char letters[3 + 2 * MAX_OPTIONS];
	int index = 0, found;

	short_options(command, letters);
	opterr = 0;
	optind = 1;
	while ((found = getopt_long(argc, argv, letters, table, &index)) != -1) {
		if (found == 'h' || (found == 0 && (size_t)index == count - 1)) {
			*help = true;
			return EXIT_DONE;
		}
		if (found == ':')
			return usage_failed(command, "%s needs a value", argv[optind - 1]);
		if (found == '?')
			return usage_failed(command, "unknown option %s", argv[optind - 1]);
		arguments->options[arguments->option_count++] = (struct given_option){
			found ? name_of_letter(command, found) : table[index].name, optarg
		};
	}
	arguments->operands = argv + optind;
	arguments->operand_count = argc - optind;
	if (arguments->operand_count < command->min_operands)
		return usage_failed(command, "missing argument: %.*s", required(command),
				    command->synopsis);
	if (command->max_operands >= 0 && arguments->operand_count > command->max_operands)
		return usage_failed(command, "unexpected argument %s",
				    arguments->operands[command->max_operands]);
	return EXIT_DONE;
}

int command_run(const struct command *command, int argc, char **argv)
{
	_cleanup_(freep) struct given_option *options = calloc(argc + 1, sizeof(*options));
	struct arguments arguments = { .command = command, .options = options };
	bool help = false;
	int status;

	if (!options)
		return command_failed(NULL, -ENOMEM, NULL);
	status = parse(argc, argv, &arguments, &help);
	if (status != EXIT_DONE)
		return status;
	if (help) {
		command_help(command);
		return EXIT_DONE;
	}
	return command->run(&arguments);
}
