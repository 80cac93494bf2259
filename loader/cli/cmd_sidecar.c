// SPDX-License-Identifier: GPL-2.0-only
/* policyctl sidecar: follows one container, in the foreground, and prints its dropped packets. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "configuration_arguments.h"
#include "plan_arguments.h"
#include "sidecar.h"
#include "target_container.h"
#include "util.h"

/* Can docker or podman give this name to a container? If not, waiting for it would be in vain. */
static bool is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";

	return *name && !name[strspn(name, allowed)];
}

/* The name of the container. It may be given as in place of an IFACE: container:NAME. */
static const char *container_of(const struct arguments *arguments)
{
	const char *name = arguments->operands[0];
	size_t prefix = strlen(TARGET_CONTAINER);

	return strncmp(name, TARGET_CONTAINER, prefix) ? name : name + prefix;
}

static int run_with(const struct arguments *arguments, const struct configuration *configuration)
{
	_cleanup_(plan_free) struct plan plan = {};
	bool json = arguments_have(arguments, "json", NULL);
	char socket[ENDPOINT_SIZE];
	const struct sidecar_options options = {
		.container = container_of(arguments),
		.plan = policy_arguments_given(arguments) ? &plan : NULL,
		.configuration = configuration,
		.socket = socket,
		.detach_on_exit = arguments_have(arguments, "detach-on-exit", NULL),
		.json = json,
	};
	int error, status = socket_from_arguments(arguments, configuration, socket);

	if (status == EXIT_DONE && options.plan)
		status = plan_from_arguments(arguments, &plan);
	if (status != EXIT_DONE)
		return status;
	log_open(json ? LOG_FORMAT_JSON : configuration->log_format, configuration->log_level);
	error = sidecar_run(&options);
	return error ? command_failed(options.container, error, NULL) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(configuration_clear) struct configuration configuration = {};
	struct diagnostics diagnostics = {};
	const char *path = NULL;
	bool given = arguments_have(arguments, "config", &path);
	int error, status;

	if (!is_name(container_of(arguments)))
		return usage_failed(arguments->command,
				    "'%s' is not the name or the id of a container",
				    arguments->operands[0]);
	error = configuration_read(given ? path : CONFIGURATION_PATH, !given, &configuration,
				   &diagnostics);
	status = configuration_status(error, &diagnostics);
	return status == EXIT_DONE ? run_with(arguments, &configuration) : status;
}

const struct command command_sidecar = {
	.name = "sidecar",
	.synopsis = "CONTAINER [--deny SPEC]… [--reject SPEC]… [--allow SPEC]… [--rule TEXT]…\n"
		    "                         [--policy FILE] [--default VERDICT] "
		    "[--detach-on-exit] [--json]",
	.summary = "follow one container, and print what of it is dropped",
	.details =
		"What policyctl daemon does, for one container, in the foreground: it has its\n"
		"policy before its first packet, through restarts and on new networks. CONTAINER "
		"is\n"
		"a name or an id, and need not exist yet. Without a policy here, that of its "
		"labels\n"
		"holds (policyctl daemon --help).\n\n"
		"At the end, by SIGTERM or Ctrl-C, the policy stays in force, unless "
		"--detach-on-exit\n"
		"is given. docs/docker.md shows it in a compose file.",
	.options =
		(const struct option_row[]){
			POLICY_OPTION_ROWS,
			{ "detach-on-exit", NULL, "take the policy off at the end" },
			{ "docker-socket", "PATH",
			  "of the container engine: else as configured, else DOCKER_HOST, …" },
			{ "config", "FILE", "instead of /etc/policyctl/policyctl.conf" },
			{ "json", NULL, "print drops, and what happens, as JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
