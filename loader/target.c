// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "netns.h"
#include "target.h"
#include "util.h"

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

int target_each(int (*each)(struct session *session, struct attachment *attachment, void *data),
		void *data, size_t *count)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	int status = EXIT_DONE, error;

	*count = 0;
	error = session_open(&session, false);
	error = error ?: attachment_list(&session, &ifindexes, count);
	if (error)
		return command_failed(NULL, error, "nothing was changed");
	for (size_t i = 0; i < *count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		error = attachment_open(&session, ifindexes[i], &attachment);
		if (error)
			status = command_failed(NULL, error, NULL);
		else
			status = each(&session, &attachment, data) ?: status;
	}
	return status;
}
