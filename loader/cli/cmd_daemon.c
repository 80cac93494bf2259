// SPDX-License-Identifier: GPL-2.0-only
/* policyctl daemon: follows the containers of this host. */
#include <string.h>

#include "commands.h"
#include "daemon.h"

static int run(const struct arguments *arguments)
{
	struct daemon_options options = { .check = arguments_have(arguments, "check", NULL) };

	arguments_have(arguments, "config", &options.configuration);
	arguments_have(arguments, "docker-socket", &options.socket);
	arguments_have(arguments, "log-format", &options.log_format);
	if (options.log_format && strcmp(options.log_format, "text") != 0 &&
	    strcmp(options.log_format, "json") != 0)
		return usage_failed(arguments->command, "--log-format is text or json, not %s",
				    options.log_format);
	return daemon_run(&options);
}

const struct command command_daemon = {
	.name = "daemon",
	.synopsis = "[--config FILE] [--docker-socket PATH] [--log-format FORMAT] [--check]",
	.summary = "follow the containers of this host, with the policies of their labels",
	.details =
		"Each container gets the policy that its labels and the configuration ask for,\n"
		"before its first packet, through restarts and new networks (docs/docker.md):\n"
		"  policyctl.deny, policyctl.allow              SPECs, separated by blanks or "
		"commas\n"
		"  policyctl.default.from, policyctl.default.to allow or deny\n"
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
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
