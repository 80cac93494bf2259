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

/* Puts the target's name in front of the message. Returns `result`. */
static int name_it(const struct target *target, int result)
{
	return result ? error_prefix(result, "%s", target->name) : 0;
}

/* --- reading --- */

int target_read(const char *name, const char *socket, struct target *target)
{
	int error;

	*target = (struct target){ .name = name };
	if (!name || strncmp(name, TARGET_CONTAINER, strlen(TARGET_CONTAINER)) != 0)
		return TARGET_FOUND;
	target->several = true;
	if (!name[strlen(TARGET_CONTAINER)])
		return error_set(-EINVAL,
				 TARGET_CONTAINER " wants the name or the id of a container");
	error = endpoint_find(socket, target->socket) ? -EINVAL : 0;
	return name_it(target, error ?: target_container_ask(target));
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

int target_refresh(struct target *target)
{
	if (!target->several || target_container_is_there(target))
		return TARGET_FOUND;
	forget_container(target);
	return name_it(target, target_container_ask(target));
}

/* --- interfaces --- */

static int not_here(const char *name)
{
	char netns[NAME_MAX + 1];

	netns_find_interface(name, netns, sizeof(netns));
	if (netns[0])
		return error_set(TARGET_ABSENT,
				 "no such interface in this network namespace, but there is one in "
				 "%s: nsenter --net=/run/netns/%s policyctl …",
				 netns, netns);
	if (target_container_exists(name))
		return error_set(TARGET_ABSENT,
				 "no such interface in this network namespace, but there is a "
				 "container of this name: container:%s",
				 name);
	return error_set(TARGET_ABSENT, "no such interface in this network namespace");
}

static int link_by_name(struct session *session, const char *name, struct link *link)
{
	int error;

	if (!*name || strlen(name) >= ALTERNATIVE_NAME_SIZE || strchr(name, '/'))
		return error_set(-ENODEV, "not a name that an interface can have");
	error = nl_link_get(session->nl, name, 0, link);
	return error == -ENODEV ? not_here(name) : error;
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

/* The one veth that leads into a namespace. */
static int link_by_namespace(struct session *session, int32_t id, struct link *link)
{
	_cleanup_(freep) struct link *links = NULL;
	char names[256] = "";
	size_t found = 0;
	int error = links_into(session, id, &links, &found);

	if (error)
		return error;
	if (!found)
		return error_set(TARGET_ABSENT,
				 "no veth of this network namespace leads there (a container on "
				 "the host's network, on macvlan or on ipvlan has none)");
	if (found > 1) {
		join_names(links, found, names, sizeof(names));
		return error_set(-ENOTUNIQ, "%zu veths lead there, name one: %s", found, names);
	}
	*link = links[0];
	return TARGET_FOUND;
}

static int link_by_pid(struct session *session, const char *number, struct link *link)
{
	char *end;
	long pid = strtol(number, &end, 10);

	if (pid <= 0 || pid > INT_MAX || *end)
		return error_set(-EINVAL, "pid: wants the number of a process");
	if (kill(pid, 0) && errno == ESRCH)
		return error_set(TARGET_ABSENT, "no such process");
	return link_by_namespace(session, nl_netns_id(session->nl, pid, -1), link);
}

static int link_by_netns(struct session *session, const char *name, struct link *link)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(TARGET_ABSENT, "cannot open %s: %m", path);
	return link_by_namespace(session, nl_netns_id(session->nl, 0, fd), link);
}

static int one_link(struct session *session, const char *name, struct link *link)
{
	if (!strncmp(name, "pid:", strlen("pid:")))
		return link_by_pid(session, name + strlen("pid:"), link);
	if (!strncmp(name, "netns:", strlen("netns:")))
		return link_by_netns(session, name + strlen("netns:"), link);
	return link_by_name(session, name, link);
}

static int links_of_container(struct session *session, const struct target *target,
			      struct link **links, size_t *count)
{
	int32_t id = nl_netns_id(session->nl, target->container.pid, -1);
	int error = links_into(session, id, links, count);

	if (error || *count)
		return error;
	return target_container_without_veth(target);
}

int target_links(struct session *session, const struct target *target, struct link **links,
		 size_t *count)
{
	_cleanup_(freep) struct link *one = NULL;
	int result;

	if (target->several)
		return name_it(target, links_of_container(session, target, links, count));
	one = malloc(sizeof(*one));
	result = one ? one_link(session, target->name, one) : -ENOMEM;
	if (result)
		return name_it(target, result);
	*links = TAKE_PTR(one);
	*count = 1;
	return TARGET_FOUND;
}

/* --- attachments --- */

void attachments_close(struct attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++)
		attachment_close(&attachments->items[i]);
	free(attachments->items);
	*attachments = (struct attachments){};
}

/* Opens the attachments that there are. Moves the links without one to the front of the array and
 * returns how many these are, or a negative errno. */
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

/* The first `missing` links have no attachment: is that an error? */
static int not_attached(const struct target *target, bool all, const struct link *links,
			size_t missing, const struct attachments *attachments)
{
	char names[256];

	if (!attachments->count)
		return error_set(TARGET_NOT_ATTACHED, "nothing of policyctl is attached here");
	join_names(links, missing, names, sizeof(names));
	if (all)
		return error_set(TARGET_NOT_ATTACHED, "nothing of policyctl is attached to %s",
				 names);
	notice("%s: nothing of policyctl is attached to %s", target->name, names);
	return TARGET_FOUND;
}

int target_open(struct session *session, const struct target *target, bool all,
		struct attachments *attachments)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int result = target_links(session, target, &links, &count), missing;

	if (result)
		return result;
	missing = open_each(session, links, count, attachments);
	if (missing > 0)
		result = not_attached(target, all, links, missing, attachments);
	return name_it(target, missing < 0 ? missing : result);
}

/* --- one after the other --- */

int target_walk_begin(struct session *session, const struct target *target,
		      struct target_walk *walk)
{
	int result;

	if (!target->name)
		return attachment_list(session, &walk->ifindexes, &walk->count);
	result = target_open(session, target, false, &walk->opened);
	walk->count = walk->opened.count;
	return result;
}

int target_walk_next(struct session *session, struct target_walk *walk,
		     struct attachment **attachment)
{
	int error;

	if (walk->next == walk->count)
		return 0;
	if (!walk->ifindexes) {
		*attachment = &walk->opened.items[walk->next++];
		return 1;
	}
	do {
		attachment_close(&walk->current);
		walk->current = (struct attachment)ATTACHMENT_EMPTY;
		error = attachment_open(session, walk->ifindexes[walk->next++], &walk->current);
		/* Without the lock: another process is just attaching it, or has detached it. */
	} while (error == -ENOENT && !session->pins.held && walk->next < walk->count);
	*attachment = &walk->current;
	return error == -ENOENT && !session->pins.held ? 0 : error ?: 1;
}

void target_walk_end(struct target_walk *walk)
{
	attachments_close(&walk->opened);
	attachment_close(&walk->current);
	free(walk->ifindexes);
	*walk = (struct target_walk)TARGET_WALK_EMPTY;
}
