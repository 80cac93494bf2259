// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the manual pages of policyctl and of each command, from the table that --help prints:
 *
 *   command_pages DIRECTORY DATE    policyctl.8, policyctl-attach.8, …; DATE as 2026-11-30
 *
 * They are in the macros of man(7). What --help prints in lines stays in these lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "examples.h"

#define TITLE_SIZE 64

static const char *date;

/* One character of text: none is taken for a request, an escape or a hyphen. */
static void put_character(FILE *page, char character)
{
	switch (character) {
	case '\\':
		fputs("\\e", page);
		break;
	case '-':
		fputs("\\-", page);
		break;
	default:
		fputc(character, page);
	}
}

static void put(FILE *page, const char *text)
{
	bool line_begins = true;

	for (; *text; text++) {
		if (line_begins && (*text == '.' || *text == '\''))
			fputs("\\&", page);
		put_character(page, *text);
		line_begins = *text == '\n';
	}
}

static void put_lines(FILE *page, const char *text)
{
	fputs(".nf\n", page);
	put(page, text);
	fputs("\n.fi\n", page);
}

static void put_option(FILE *page, const struct option_row *row)
{
	const char *letter = option_is_short_form(row + 1) ? row[1].name : NULL;

	fputs(".TP\n.B ", page);
	if (letter) {
		put(page, "-");
		put(page, letter);
		fputs(", ", page);
	}
	put(page, option_dashes(row->name));
	put(page, row->name);
	if (row->argument) {
		fputs(" \\fI", page);
		put(page, row->argument);
		fputs("\\fP", page);
	}
	fputc('\n', page);
	put(page, row->help);
	fputc('\n', page);
}

static void put_examples(FILE *page, const char *command)
{
	const struct example *example = examples_next(NULL, command);

	fputs(example ? ".SH EXAMPLES\n" : "", page);
	for (; example; example = examples_next(example, command)) {
		fputs(".PP\n", page);
		put(page, example->means);
		fputs(":\n.PP\n.RS 4\n.nf\n", page);
		put(page, example->line);
		fputs("\n.fi\n.RE\n", page);
	}
}

static void put_statuses(FILE *page)
{
	fputs(".SH EXIT STATUS\n", page);
	put_lines(page, commands_statuses);
}

static void put_end(FILE *page)
{
	fputs(".SH SEE ALSO\n.BR policyctl (8),\n.BR policyctl.policy (5),\n"
	      ".BR policyctl.conf (5),\n.BR policyctl\\-json (5)\n",
	      page);
}

static void begin(FILE *page, const char *name, const char *summary)
{
	fprintf(page, ".TH %s 8 %s \"policyctl %s\" \"policyctl\"\n.SH NAME\n", name, date,
		PCTL_VERSION);
	put(page, name);
	fputs(" \\- ", page);
	put(page, summary);
	fputs("\n.SH SYNOPSIS\n", page);
}

static FILE *open_page(const char *directory, const char *name)
{
	char path[4096];
	FILE *page;

	snprintf(path, sizeof(path), "%s/%s.8", directory, name);
	page = fopen(path, "w");
	if (!page) {
		perror(path);
		exit(1);
	}
	return page;
}

static void close_page(FILE *page)
{
	if (ferror(page) || fclose(page)) {
		perror("command_pages");
		exit(1);
	}
}

static void write_command(const char *directory, const struct command *command)
{
	const struct option_row *row;
	char name[TITLE_SIZE];
	FILE *page;

	snprintf(name, sizeof(name), "policyctl-%s", command->name);
	page = open_page(directory, name);
	begin(page, name, command->summary);
	fputs(".nf\n", page);
	put(page, "policyctl ");
	put(page, command->name);
	fputs(*command->synopsis ? " " : "", page);
	put(page, command->synopsis);
	fputs("\n.fi\n.SH DESCRIPTION\n", page);
	put_lines(page, command->details);
	fputs(".SH OPTIONS\n", page);
	for (row = command->options; row && row->name; row++)
		if (!option_is_short_form(row))
			put_option(page, row);
	put_option(page, (const struct option_row[]){ { "help", NULL, "this text" }, {} });
	put_examples(page, command->name);
	put_statuses(page);
	put_end(page);
	close_page(page);
}

static void write_overview(const char *directory)
{
	FILE *page = open_page(directory, "policyctl");

	begin(page, "policyctl", "network policy for containers");
	fputs(".B policyctl\n.I COMMAND\n.RI [ ARGUMENTS ]\n.SH DESCRIPTION\n", page);
	put(page, commands_about);
	fputs("\n.SH COMMANDS\n", page);
	for (size_t i = 0; commands[i]; i++) {
		fputs(".TP\n.BR policyctl\\-", page);
		put(page, commands[i]->name);
		fputs(" (8)\n", page);
		put(page, commands[i]->summary);
		fputc('\n', page);
	}
	fputs(".SH ARGUMENTS\n", page);
	put_lines(page, commands_arguments);
	put_examples(page, "policyctl");
	put_statuses(page);
	fputs(".SH FILES\n.TP\n.I /etc/policyctl/policyctl.conf\nthe daemon's configuration:\n"
	      ".BR policyctl.conf (5)\n.TP\n.I /etc/policyctl/policies/NAME.policy\npolicies:\n"
	      ".BR policyctl.policy (5)\n.TP\n.I /sys/fs/bpf/policyctl/\nwhat is in force\n.TP\n"
	      ".I /var/lib/policyctl/history/\nthe policies before\n",
	      page);
	put_end(page);
	close_page(page);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: command_pages DIRECTORY DATE\n");
		return 2;
	}
	date = argv[2];
	write_overview(argv[1]);
	for (size_t i = 0; commands[i]; i++)
		write_command(argv[1], commands[i]);
	return 0;
}
