// SPDX-License-Identifier: GPL-2.0-only
/* show_configuration FILE: prints its errors, or its settings. */
#include <errno.h>
#include <stdio.h>

#include "configuration.h"
#include "error.h"
#include "util.h"

static void show_patterns(const char *name, char *const *patterns, size_t count)
{
	printf("%s", name);
	for (size_t i = 0; i < count; i++)
		printf(" |%s|", patterns[i]);
	putchar('\n');
}

static void show(const struct configuration *configuration)
{
	printf("docker-socket %s\n", configuration->docker_socket ?: "-");
	printf("metrics %s\n", configuration->metrics ?: "-");
	printf("log-format %d\n", configuration->log_format);
	printf("log-level %d\n", configuration->log_level);
	printf("directory %s\n", configuration->policy_directory);
	printf("unlabelled %s\n", configuration->unlabelled ?: "-");
	printf("baseline %s\n", configuration->baseline ?: "-");
	printf("mode %d%s\n", configuration->mode, configuration->mode == MODE_AUTO ? " auto" : "");
	printf("on-error %d\n", configuration->faulty);
	printf("on-reload-error %d\n", configuration->faulty_change);
	printf("on-empty-set %d\n", configuration->empty_set);
	show_patterns("networks", configuration->networks, configuration->network_count);
	show_patterns("bridges", configuration->bridges, configuration->bridge_count);
}

static void show_interfaces(const struct configuration *configuration)
{
	for (size_t i = 0; i < configuration->interface_count; i++) {
		const struct named_interfaces *interfaces = &configuration->interfaces[i];

		printf("interfaces |%s| %s hook %d mode %d\n", interfaces->pattern,
		       interfaces->policy, interfaces->hook, interfaces->mode);
	}
}

int main(int argc, char **argv)
{
	_cleanup_(configuration_clear) struct configuration configuration = {};
	struct diagnostics diagnostics = {};
	int error;

	if (argc != 2)
		return 2;
	error = configuration_read(argv[1], false, &configuration, &diagnostics);
	for (size_t i = 0; i < diagnostics.count; i++) {
		_cleanup_(freep) char *text = diagnostic_print(&diagnostics.items[i]);

		fputs(text ?: "no memory\n", stdout);
	}
	diagnostics_clear(&diagnostics);
	if (!error) {
		show(&configuration);
		show_interfaces(&configuration);
	} else if (error != -EINVAL) {
		printf("%s\n", error_message(error));
	}
	return 0;
}
