// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "examples.h"
#include "printable.h"
#include "util.h"

static void print_failure(const char *subject, const char *words, const char *state)
{
	_cleanup_(freep) char *line = NULL;

	if (asprintf(&line, "%s%s%s%s%s%s", subject ? subject : "", subject ? ": " : "", words,
		     state ? " (" : "", state ? state : "", state ? ")" : "") < 0)
		line = NULL;
	if (line)
		printable_one_line(line);
	fprintf(stderr, "policyctl: %s\n", line ?: strerror(ENOMEM));
}

int command_failed(const char *subject, int error, const char *state)
{
	print_failure(subject, error_message(error), state);
	return EXIT_FAILED;
}

int failures_print(const struct failures *failures, const char *state)
{
	for (size_t i = 0; i < failures->count; i++)
		print_failure(failures->items[i].subject, failure_words(&failures->items[i]),
			      state);
	if (failures->error && !failures->count)
		print_failure(NULL, strerror(-failures->error), state);
	return failures->error ? EXIT_FAILED : EXIT_DONE;
}

int usage_failed(const char *command, const char *format, ...)
{
	const char *gap = command ? " " : "";
	char words[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	printable_one_line(words);
	fprintf(stderr, "policyctl%s%s: %s (see policyctl%s%s --help)\n", gap, command ?: "", words,
		gap, command ?: "");
	return EXIT_USAGE;
}

/* --- help --- */

static void option_help(const struct option_row *row)
{
	const char *letter = option_is_short_form(row + 1) ? row[1].name : NULL;
	char left[40];

	snprintf(left, sizeof(left), "%s%s%s%s%s%s%s", letter ? "-" : "", letter ?: "",
		 letter ? ", " : "", option_dashes(row->name), row->name, row->argument ? " " : "",
		 row->argument ?: "");
	printf("  %-22s %s\n", left, row->help);
}

static void examples_help(const char *command)
{
	const struct example *example = examples_next(NULL, command);

	if (example)
		printf("\nExamples:\n");
	for (; example; example = examples_next(example, command))
		printf("  # %s\n  %s\n", example->means, example->line);
}

void command_help(const struct command *command)
{
	const struct option_row *row;

	printf("Usage: policyctl %s%s%s\n\n%s\n", command->name, *command->synopsis ? " " : "",
	       command->synopsis, command->details);
	printf("\nOptions:\n");
	for (row = command->options; row && row->name; row++)
		if (!option_is_short_form(row))
			option_help(row);
	option_help((const struct option_row[]){ { "help", NULL, "this text" }, {} });
	examples_help(command->name);
}

const char commands_about[] =
	"Decides which packets a container may send and receive, from the host's end of its\n"
	"veth. `from` is what the container sends, `to` what it receives.";

const char commands_arguments[] =
	"IFACE is the name of an interface; container:NAME-OR-ID for all veths of a container\n"
	"(docker or podman); or pid:PID or netns:NAME for the veth that leads to the network\n"
	"namespace of a process or of ip netns:\n"
	"  policyctl attach container:web --deny tcp\n\n"
	"A SPEC is [from:|to:]PROTO[/PORTS]: tcp, tcp/443, 443/tcp, from:udp/53,\n"
	"to:tcp/8000-8100, icmp, icmpv6, 47, arp, ethertype/0x88cc, any.";

const char commands_statuses[] =
	"0 done, 1 failed, 2 bad usage or bad policy and nothing was touched,\n"
	"3 diff found a difference or doctor something wrong, 4 no such attachment.";

void commands_help(void)
{
	printf("Usage: policyctl COMMAND [ARGUMENTS]\n\n%s\n\nCommands:\n", commands_about);
	for (size_t i = 0; commands[i]; i++)
		printf("  %-11s %s\n", commands[i]->name, commands[i]->summary);
	printf("\npolicyctl COMMAND --help tells more of each.\n");
	examples_help("policyctl");
	printf("\n%s\n\nExit status: %s\n", commands_arguments, commands_statuses);
}

/* --- arguments --- */

/* The length of the part of the synopsis that names required operands: all in front of the options.
 */
static int required(const struct command *command)
{
	const char *options = strstr(command->synopsis, " [");

	return options ? options - command->synopsis : (int)strlen(command->synopsis);
}

/* Checks the number of operands. EXIT_DONE or EXIT_USAGE. */
static int count_operands(const struct command *command, const struct arguments *arguments)
{
	if (arguments->operand_count < command->min_operands)
		return usage_failed(command->name, "missing argument: %.*s", required(command),
				    command->synopsis);
	if (command->max_operands >= 0 && arguments->operand_count > command->max_operands)
		return usage_failed(command->name, "unexpected argument %s",
				    arguments->operands[command->max_operands]);
	return EXIT_DONE;
}

int command_run(const struct command *command, int argc, char **argv)
{
	_cleanup_(arguments_clear) struct arguments arguments = {};
	bool help;
	int status, error = arguments_parse(command->options, argc, argv, &arguments, &help);

	arguments.command = command->name;
	if (error == -EINVAL)
		return usage_failed(command->name, "%s", error_message(error));
	if (error)
		return command_failed(NULL, error, NULL);
	if (help) {
		command_help(command);
		return EXIT_DONE;
	}
	status = count_operands(command, &arguments);
	return status == EXIT_DONE ? command->run(&arguments) : status;
}
