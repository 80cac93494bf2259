// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "netns.h"
#include "target.h"

#define ALTERNATIVE_NAME_SIZE 128 /* ALTIFNAMSIZ of <linux/if.h>, which clashes with <net/if.h> */

int target_link(struct session *session, const char *name, int missing, struct link *link)
{
	char netns[NAME_MAX + 1];
	int error;

	if (!*name || strlen(name) >= ALTERNATIVE_NAME_SIZE || strchr(name, '/'))
		return command_failed(name,
				      error_set(-EINVAL, "not a name that an interface can have"),
				      "nothing was changed");
	error = nl_link_get(session->nl, name, 0, link);
	if (error != -ENODEV)
		return error ? command_failed(name, error, "nothing was changed") : EXIT_DONE;
	netns_find_interface(name, netns, sizeof(netns));
	if (netns[0])
		error_set(error,
			  "no such interface in this network namespace, but there is one in %s: "
			  "nsenter --net=/run/netns/%s policyctl …",
			  netns, netns);
	else
		error_set(error, "no such interface in this network namespace");
	command_failed(name, error, "nothing was changed");
	return missing;
}

int target_open(const char *name, struct session *session, struct attachment *attachment)
{
	struct link link;
	int error, status;

	error = session_open(session, false);
	if (error)
		return command_failed(NULL, error, "nothing was changed");
	status = target_link(session, name, EXIT_NOT_ATTACHED, &link);
	if (status != EXIT_DONE)
		return status;
	error = attachment_open(session, link.ifindex, attachment);
	if (error == -ENOENT) {
		fprintf(stderr, "policyctl: %s: nothing of policyctl is attached here\n", name);
		return EXIT_NOT_ATTACHED;
	}
	return error ? command_failed(name, error, "nothing was changed") : EXIT_DONE;
}
