// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "error.h"
#include "netns.h"
#include "other_namespaces.h"
#include "util.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* include/uapi/asm-generic/socket.h, Linux 5.14 */
#endif

static void other_namespace_clear(struct other_namespace *other)
{
	free(other->links);
	free(other->tso);
}

/* "netns web" of /run/netns/web, "process 812 (nginx)" of /proc/812/ns/net. */
static void put_name(const char *path, char *name, size_t size)
{
	char command[32] = "", file[64];
	FILE *stream = NULL;
	unsigned int pid;

	if (sscanf(path, "/proc/%u/", &pid) != 1) {
		snprintf(name, size, "netns %.64s", strrchr(path, '/') + 1);
		return;
	}
	snprintf(file, sizeof(file), "/proc/%u/comm", pid);
	stream = fopen(file, "re");
	if (stream && fgets(command, sizeof(command), stream))
		command[strcspn(command, "\n")] = '\0';
	if (stream)
		fclose(stream);
	for (char *byte = command; *byte; byte++) /* the process chose it */
		if (*byte < ' ' || *byte > '~')
			*byte = '?';
	snprintf(name, size, "process %u (%s)", pid, command);
}

static bool has_tso(int socket, const char *name)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GTSO };
	struct ifreq request = { .ifr_data = (char *)&value };

	memcpy(request.ifr_name, name, IF_NAMESIZE);
	return !ioctl(socket, SIOCETHTOOL, &request) && value.data;
}

static int read_links(struct other_namespace *other, struct nl *nl)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(other->cookie);
	int error;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &other->cookie, &length))
		return -errno;
	error = nl_links(nl, &other->links, &other->count);
	other->tso = calloc(other->count + 1, sizeof(*other->tso));
	if (!other->tso)
		error = -ENOMEM;
	for (size_t i = 0; i < other->count && !error; i++)
		if (!strcmp(other->links[i].kind, "veth"))
			other->tso[i] = has_tso(fd, other->links[i].name);
	return error;
}

struct visiting {
	struct nl *home; /* speaks to our own namespace, which knows ids of the others */
	struct other_namespaces *others;
};

/* This thread is in that namespace now, and @nl speaks to it. */
static int visit(struct nl *nl, const char *path, int fd, void *data)
{
	const struct visiting *visiting = data;
	struct other_namespaces *others = visiting->others;
	struct other_namespace other = { .id = nl_netns_id(visiting->home, 0, fd) };
	struct other_namespace *grown;

	error_clear();
	put_name(path, other.name, sizeof(other.name));
	snprintf(other.path, sizeof(other.path), "%s", path);
	grown = reallocarray(others->items, others->count + 1, sizeof(*grown));
	if (grown)
		others->items = grown;
	if (!grown || read_links(&other, nl)) {
		error_clear();
		other_namespace_clear(&other);
		return grown ? 0 : -ENOMEM; /* 0: it went away just now */
	}
	others->items[others->count++] = other;
	return 0;
}

int other_namespaces_read(struct nl *nl, struct other_namespaces *others)
{
	struct visiting visiting = { nl, others };
	int error = netns_visit(visit, &visiting);

	others->complete = !error;
	error_clear();
	return error == -ENOMEM ? error : 0;
}

void other_namespaces_clear(struct other_namespaces *others)
{
	for (size_t i = 0; i < others->count; i++)
		other_namespace_clear(&others->items[i]);
	free(others->items);
	*others = (struct other_namespaces){};
}

const struct other_namespace *other_namespace_with_id(const struct other_namespaces *others,
						      int32_t id)
{
	for (size_t i = 0; i < others->count && id >= 0; i++)
		if (others->items[i].id == id)
			return &others->items[i];
	return NULL;
}

const struct other_namespace *other_namespace_with_cookie(const struct other_namespaces *others,
							  uint64_t cookie)
{
	for (size_t i = 0; i < others->count; i++)
		if (others->items[i].cookie == cookie)
			return &others->items[i];
	return NULL;
}
