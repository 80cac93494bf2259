// SPDX-License-Identifier: GPL-2.0-only
/* The main program: finds the command and runs it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "command.h"
#include "error.h"
#include "guarded_output.h"
#include "progress_bar.h"

/* Messages of libbpf, among them the verifier's log, are printed only with POLICYCTL_DEBUG=1. */
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

/* The descriptor of a closed standard stream would be reused, by a netlink socket for example. */
static void open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int unknown_command(const char *name)
{
	return usage_failed(NULL, "unknown command %s", name);
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : "--help";

	if (argc < 2) {
		return usage_failed(NULL, "which command?");
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		if (argc <= 2) {
			commands_help();
			return EXIT_DONE;
		}
		name = argv[2];
		command = find_command(name);
		if (command)
			command_help(command);
		return command ? EXIT_DONE : unknown_command(name);
	}
	if (!strcmp(name, "--version"))
		name = "version";
	command = find_command(name);
	if (!command)
		return unknown_command(name);
	return command_run(command, argc - 1, argv + 1);
}

static void print_notice(const char *words)
{
	fprintf(stderr, "policyctl: %s\n", words);
}

/* Holds output back until the command has released its locks: a pager must not block others. */
static void hold_output(void)
{
	static char buffer[16 << 20];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int main(int argc, char **argv)
{
	int status;

	open_standard_streams();
	if (guarded_output_open())
		return EXIT_FAILED;
	hold_output();
	notice_to(print_notice);
	progress_to(&progress_bar);
	libbpf_set_print(quiet_unless_asked);
	status = dispatch(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		notice("cannot write the output: %m%s",
		       status == EXIT_DONE ? " (what was asked for was done)" : "");
		return EXIT_FAILED;
	}
	return status;
}
