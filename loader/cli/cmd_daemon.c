// SPDX-License-Identifier: GPL-2.0-only
/* policyctl daemon: follows the containers of this host. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "configuration_arguments.h"
#include "daemon.h"
#include "holder.h"
#include "named_interfaces.h"
#include "netlink.h"
#include "policies.h"
#include "util.h"

/* --- check --- */

/* The details are diagnostics as text. */
static void print_complaint(void *data, const char *path, const char *details, bool refused)
{
	bool *wrong = data;

	(void)path;
	fputs(details, stderr);
	*wrong |= refused;
}

static void print_good(const struct daemon_options *options,
		       const struct configuration *configuration, const struct policies *policies)
{
	const char *path = daemon_configuration_path(options);
	const char *directory = configuration->policy_directory;
	size_t count = policies_files(policies);

	printf("%s %s\n", path, access(path, F_OK) ? "is not there: defaults hold" : "is good");
	if (access(directory, F_OK))
		printf("%s is not there: there are no policy files\n", directory);
	else
		printf("%s has %zu policy file%s%s\n", directory, count, count == 1 ? "" : "s",
		       count ? ", without an error" : "");
}

/* Interfaces that are there, whose names are in the configuration, and that are never followed:
 * then the pattern was meant otherwise. */
static int check_interfaces(const struct daemon_options *options,
			    const struct configuration *configuration, bool *wrong)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error;

	if (!configuration->interface_count)
		return 0;
	error = nl_open(&nl) ?: nl_links(nl, &links, &count);
	for (size_t i = 0; i < count; i++) {
		const struct named_interfaces *interfaces = named_interfaces_find(
			configuration->interfaces, configuration->interface_count, links[i].name);
		const char *why = interfaces ? named_interfaces_why_never_here(&links[i]) : NULL;

		if (!why)
			continue;
		*wrong = true;
		fprintf(stderr,
			"%s: error: the pattern '%s' fits %s, which is never followed: %s\n",
			daemon_configuration_path(options), interfaces->pattern, links[i].name,
			why);
	}
	return error;
}

static int check(const struct daemon_options *options, const struct configuration *configuration)
{
	bool wrong = false;
	const struct policies_observer observer = { .complaint = print_complaint, .data = &wrong };
	struct policies *policies = NULL;
	int error = policies_open(configuration, &policies);

	error = error ?: policies_reload(policies, configuration, &observer);
	error = error ?: check_interfaces(options, configuration, &wrong);
	if (!error && !wrong)
		print_good(options, configuration, policies);
	policies_close(policies);
	if (error)
		return command_failed(NULL, error, NULL);
	return wrong ? EXIT_USAGE : EXIT_DONE;
}

/* --- the command line --- */

static int run_with(const struct arguments *arguments, struct daemon_options *options,
		    struct configuration *configuration)
{
	char socket[ENDPOINT_SIZE];
	int error, status = socket_from_arguments(arguments, configuration, socket);

	if (status != EXIT_DONE)
		return status;
	if (arguments_have(arguments, "check", NULL))
		return check(options, configuration);
	if (arguments_have(arguments, "hold", NULL)) {
		error = holder_run(configuration);
		return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
	}
	options->socket = socket;
	error = daemon_run(options, configuration);
	return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(configuration_clear) struct configuration configuration = {};
	struct diagnostics diagnostics = {};
	struct daemon_options options = {};
	int status, error;

	arguments_have(arguments, "config", &options.configuration);
	arguments_have(arguments, "log-format", &options.log_format);
	if (options.log_format && strcmp(options.log_format, "text") != 0 &&
	    strcmp(options.log_format, "json") != 0)
		return usage_failed(arguments->command, "--log-format is text or json, not %s",
				    options.log_format);
	error = daemon_read_configuration(&options, &configuration, &diagnostics);
	status = configuration_status(error, &diagnostics);
	return status == EXIT_DONE ? run_with(arguments, &options, &configuration) : status;
}

const struct command command_daemon = {
	.name = "daemon",
	.synopsis =
		"[--config FILE] [--docker-socket PATH] [--log-format FORMAT] [--check | --hold]",
	.summary = "follow the containers of this host, with the policies of their labels",
	.details =
		"Each container gets the policy that its labels and the configuration ask for,\n"
		"before its first packet, through restarts and new networks (docs/docker.md):\n"
		"  policyctl.deny, policyctl.allow              SPECs, separated by blanks or "
		"commas\n"
		"  policyctl.default.from, policyctl.default.to allow or deny\n"
		"  policyctl.audit                              true: enforce nothing, count what "
		"would be dropped\n"
		"  policyctl.policy                             NAME: NAME.policy of the policy\n"
		"                                               directory\n"
		"Runs in the foreground until SIGTERM or Ctrl-C; then what is in force stays in "
		"force,\n"
		"and the next one goes on from there. A changed policy file is read at once, "
		"everything\n"
		"on SIGHUP; what has an error changes nothing. There is one daemon for each "
		"network\n"
		"namespace.",
	.options =
		(const struct option_row[]){
			{ "config", "FILE", "instead of /etc/policyctl/policyctl.conf" },
			{ "docker-socket", "PATH",
			  "of the container engine: else as configured, else DOCKER_HOST, …" },
			{ "log-format", "FORMAT", "text or json, instead of what is configured" },
			{ "check", NULL,
			  "only say what is wrong in configuration and policy files" },
			{ "hold", NULL,
			  "only hold new veths, until a daemon that starts is ready: for its "
			  "service" },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
