// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "netns.h"
#include "target.h"
#include "util.h"

#define ALTERNATIVE_NAME_SIZE 128 /* ALTIFNAMSIZ of <linux/if.h>, which clashes with <net/if.h> */

static int not_here(const char *name, int missing)
{
	char netns[NAME_MAX + 1];

	netns_find_interface(name, netns, sizeof(netns));
	if (netns[0])
		error_set(-ENODEV,
			  "no such interface in this network namespace, but there is one in %s: "
			  "nsenter --net=/run/netns/%s policyctl …",
			  netns, netns);
	else
		error_set(-ENODEV, "no such interface in this network namespace");
	command_failed(name, -ENODEV, "nothing was changed");
	return missing;
}

static int link_by_name(struct session *session, const char *name, int missing, struct link *link)
{
	int error;

	if (!*name || strlen(name) >= ALTERNATIVE_NAME_SIZE || strchr(name, '/'))
		return command_failed(name,
				      error_set(-EINVAL, "not a name that an interface can have"),
				      "nothing was changed");
	error = nl_link_get(session->nl, name, 0, link);
	if (error == -ENODEV)
		return not_here(name, missing);
	return error ? command_failed(name, error, "nothing was changed") : EXIT_DONE;
}

/* The names of the links, separated by commas. */
static void join_names(const struct link *links, size_t count, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s", i ? ", " : "", links[i].name);
}

/* The veth of this namespace whose other end is in the namespace with this id. */
static int link_by_namespace(struct session *session, const char *name, int32_t id, int missing,
			     struct link *link)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0, found = 0;
	char names[256] = "";
	int error = nl_links(session->nl, &links, &count);

	for (size_t i = 0; i < count && id >= 0; i++)
		if (!strcmp(links[i].kind, "veth") && links[i].peer_nsid == id)
			links[found++] = links[i];
	if (found == 1) {
		*link = links[0];
		return EXIT_DONE;
	}
	if (error)
		return command_failed(name, error, "nothing was changed");
	join_names(links, found, names, sizeof(names));
	if (found)
		error = error_set(-ENOTUNIQ, "%zu veths lead there, name one: %s", found, names);
	else
		error = error_set(
			-ENODEV,
			"no veth of this network namespace leads there (a container on the "
			"host's network, on macvlan or on ipvlan has none)");
	command_failed(name, error, "nothing was changed");
	return found ? EXIT_FAILED : missing;
}

static int link_by_pid(struct session *session, const char *name, int missing, struct link *link)
{
	char *end;
	long pid = strtol(name + strlen("pid:"), &end, 10);

	if (pid <= 0 || pid > INT_MAX || *end) {
		error_set(-EINVAL, "pid: wants the number of a process");
		command_failed(name, -EINVAL, "nothing was changed");
		return EXIT_USAGE;
	}
	if (kill(pid, 0) && errno == ESRCH) {
		error_set(-ESRCH, "no such process");
		command_failed(name, -ESRCH, "nothing was changed");
		return missing;
	}
	return link_by_namespace(session, name, nl_netns_id(session->nl, pid, -1), missing, link);
}

static int link_by_netns(struct session *session, const char *name, int missing, struct link *link)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/run/netns/%s", name + strlen("netns:"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		error_set(-errno, "cannot open %s: %m", path);
		command_failed(name, -errno, "nothing was changed");
		return missing;
	}
	return link_by_namespace(session, name, nl_netns_id(session->nl, 0, fd), missing, link);
}

int target_link(struct session *session, const char *name, int missing, struct link *link)
{
	if (!strncmp(name, "pid:", strlen("pid:")))
		return link_by_pid(session, name, missing, link);
	if (!strncmp(name, "netns:", strlen("netns:")))
		return link_by_netns(session, name, missing, link);
	return link_by_name(session, name, missing, link);
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
