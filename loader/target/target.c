// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "netns.h"
#include "target_container.h"
#include "util.h"

#define ALTERNATIVE_NAME_SIZE 128 /* ALTIFNAMSIZ of <linux/if.h>, which clashes with <net/if.h> */

/* --- reading --- */

int target_read(const struct arguments *arguments, const char *name, int missing,
		struct target *target)
{
	const char *socket = NULL;

	*target = (struct target){ .name = name };
	if (!name || strncmp(name, TARGET_CONTAINER, strlen(TARGET_CONTAINER)) != 0)
		return EXIT_DONE;
	target->several = true;
	if (!name[strlen(TARGET_CONTAINER)])
		return usage_failed(arguments->command,
				    TARGET_CONTAINER " wants the name or the id of a container");
	arguments_have(arguments, "docker-socket", &socket);
	if (endpoint_find(socket, target->socket)) {
		command_failed(name, -EINVAL, "nothing was changed");
		return EXIT_USAGE;
	}
	return target_container_ask(target, missing);
}

static void forget_container(struct target *target)
{
	container_clear(&target->container);
	networks_free(target->networks, target->network_count);
	target->networks = NULL;
	target->network_count = 0;
}

void target_clear(struct target *target)
{
	forget_container(target);
	*target = (struct target){};
}

int target_refresh(struct target *target, int missing)
{
	if (!target->several || target_container_is_there(target))
		return EXIT_DONE;
	forget_container(target);
	return target_container_ask(target, missing);
}

/* --- interfaces --- */

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

static int by_ifindex(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

/* The veths of this namespace whose other end is in the namespace with this id. */
static int links_into(struct session *session, int32_t id, struct link **links, size_t *count)
{
	struct link *all = NULL;
	size_t all_count = 0, found = 0;
	int error = nl_links(session->nl, &all, &all_count);

	for (size_t i = 0; i < all_count && id >= 0; i++)
		if (!strcmp(all[i].kind, "veth") && all[i].peer_nsid == id)
			all[found++] = all[i];
	if (found)
		qsort(all, found, sizeof(*all), by_ifindex);
	*links = all;
	*count = found;
	return error;
}

/* The one veth that leads into it. */
static int link_by_namespace(struct session *session, const char *name, int32_t id, int missing,
			     struct link *link)
{
	_cleanup_(freep) struct link *links = NULL;
	char names[256] = "";
	size_t found = 0;
	int error = links_into(session, id, &links, &found);

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

static int one_link(struct session *session, const char *name, int missing, struct link *link)
{
	if (!strncmp(name, "pid:", strlen("pid:")))
		return link_by_pid(session, name, missing, link);
	if (!strncmp(name, "netns:", strlen("netns:")))
		return link_by_netns(session, name, missing, link);
	return link_by_name(session, name, missing, link);
}

static int links_of_container(struct session *session, const struct target *target, int missing,
			      struct link **links, size_t *count)
{
	int32_t id = nl_netns_id(session->nl, target->container.pid, -1);
	int error = links_into(session, id, links, count);

	if (error)
		return command_failed(target->name, error, "nothing was changed");
	return *count ? EXIT_DONE : target_container_without_veth(target, missing);
}

int target_links(struct session *session, const struct target *target, int missing,
		 struct link **links, size_t *count)
{
	struct link *one;
	int status;

	if (target->several)
		return links_of_container(session, target, missing, links, count);
	one = malloc(sizeof(*one));
	if (!one)
		return command_failed(target->name, -ENOMEM, "nothing was changed");
	status = one_link(session, target->name, missing, one);
	if (status == EXIT_DONE) {
		*links = one;
		*count = 1;
	} else {
		free(one);
	}
	return status;
}

/* --- attachments --- */

void attachments_close(struct attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++)
		attachment_close(&attachments->items[i]);
	free(attachments->items);
	*attachments = (struct attachments){};
}

static int not_attached(const char *name, const char *interfaces)
{
	if (interfaces)
		fprintf(stderr, "policyctl: %s: nothing of policyctl is attached to %s\n", name,
			interfaces);
	else
		fprintf(stderr, "policyctl: %s: nothing of policyctl is attached here\n", name);
	return EXIT_NOT_ATTACHED;
}

/* Opens those that there are; the links without one come to stand in front. Returns how many of
 * these there are, or a negative errno. */
static int open_each(struct session *session, struct link *links, size_t count,
		     struct attachments *attachments)
{
	int missing = 0;

	attachments->items = calloc(count, sizeof(*attachments->items));
	if (!attachments->items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct attachment *attachment = &attachments->items[attachments->count];
		int error;

		*attachment = (struct attachment)ATTACHMENT_EMPTY;
		error = attachment_open(session, links[i].ifindex, attachment);
		if (!error)
			attachments->count++;
		else if (error == -ENOENT)
			links[missing++] = links[i];
		else
			return error;
	}
	return missing;
}

int target_open(const struct target *target, bool all, struct session *session,
		struct attachments *attachments)
{
	_cleanup_(freep) struct link *links = NULL;
	int error = session_open(session, false), status, missing;
	char names[256];
	size_t count = 0;

	if (error)
		return command_failed(NULL, error, "nothing was changed");
	status = target_links(session, target, EXIT_NOT_ATTACHED, &links, &count);
	if (status != EXIT_DONE)
		return status;
	missing = open_each(session, links, count, attachments);
	if (missing < 0)
		return command_failed(target->name, missing, "nothing was changed");
	if (!missing)
		return EXIT_DONE;
	join_names(links, missing, names, sizeof(names));
	status = not_attached(target->name, attachments->count ? names : NULL);
	return all || !attachments->count ? status : EXIT_DONE;
}

static int each_of_all(int (*each)(struct session *session, struct attachment *attachment,
				   void *data),
		       void *data, size_t *count)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	int status = EXIT_DONE, error = session_open(&session, false);

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

int target_each(const struct target *target,
		int (*each)(struct session *session, struct attachment *attachment, void *data),
		void *data, size_t *count)
{
	_cleanup_(attachments_close) struct attachments attachments = {};
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int status;

	*count = 0;
	if (!target->name)
		return each_of_all(each, data, count);
	status = target_open(target, false, &session, &attachments);
	if (status != EXIT_DONE)
		return status;
	*count = attachments.count;
	for (size_t i = 0; i < attachments.count; i++)
		status = each(&session, &attachments.items[i], data) ?: status;
	return status;
}
