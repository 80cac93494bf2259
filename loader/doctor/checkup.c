// SPDX-License-Identifier: GPL-2.0-only
/* What the checks look at: the store, the links, the other network namespaces. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "checkup.h"
#include "error.h"
#include "netns.h"
#include "util.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* include/uapi/asm-generic/socket.h, Linux 5.14 */
#endif

static void room_clear(struct room *room)
{
	free(room->links);
	free(room->tso);
}

/* "netns web" of /run/netns/web, "process 812 (nginx)" of /proc/812/ns/net. */
static void name_room(const char *path, char *name, size_t size)
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
	for (char *byte = command; *byte; byte++) /* somebody else chose it */
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

static int look_around(struct room *room, struct nl *nl)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(room->cookie);
	int error;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &room->cookie, &length))
		return -errno;
	error = nl_links(nl, &room->links, &room->count);
	room->tso = calloc(room->count + 1, sizeof(*room->tso));
	if (!room->tso)
		error = -ENOMEM;
	for (size_t i = 0; i < room->count && !error; i++)
		if (!strcmp(room->links[i].kind, "veth"))
			room->tso[i] = has_tso(fd, room->links[i].name);
	return error;
}

/* We are in that namespace now; the netlink socket of the checkup still speaks to its own. */
static int visit(struct nl *nl, const char *path, int fd, void *data)
{
	struct checkup *checkup = data;
	struct room *grown;
	struct room room = { .id = nl_netns_id(checkup->session.nl, 0, fd) };

	error_clear();
	name_room(path, room.name, sizeof(room.name));
	snprintf(room.path, sizeof(room.path), "%s", path);
	grown = reallocarray(checkup->rooms, checkup->room_count + 1, sizeof(*grown));
	if (grown)
		checkup->rooms = grown;
	if (!grown || look_around(&room, nl)) {
		error_clear();
		room_clear(&room);
		return grown ? 0 : -ENOMEM; /* it went just now: nothing to tell of it */
	}
	checkup->rooms[checkup->room_count++] = room;
	return 0;
}

static void look_at_store(struct checkup *checkup)
{
	struct session *session = &checkup->session;
	char where[PATH_MAX];
	int error;

	if (!checkup_bpffs(where))
		return; /* checkup_host() says so */
	error = store_look(&session->store);

	if (!error)
		error = attachment_list(session, &checkup->attached, &checkup->attached_count);
	checkup->looked = !error;
	if (error)
		snprintf(checkup->unseen, sizeof(checkup->unseen), "%s", error_message(error));
	error_clear();
}

int checkup_open(struct checkup *checkup)
{
	int error = nl_open(&checkup->session.nl);

	look_at_store(checkup);
	error = error ?: nl_links(checkup->session.nl, &checkup->links, &checkup->link_count);
	if (error)
		return error;
	error = netns_visit(visit, checkup);
	checkup->toured = !error;
	error_clear();
	return error == -ENOMEM ? error : 0;
}

void checkup_unlock(struct checkup *checkup)
{
	closep(&checkup->session.store.lock); /* no store_close(): it would tidy up */
}

void checkup_close(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->room_count; i++)
		room_clear(&checkup->rooms[i]);
	free(checkup->rooms);
	free(checkup->links);
	free(checkup->attached);
	checkup_unlock(checkup);
	nl_closep(&checkup->session.nl);
	findings_clear(&checkup->findings);
}

bool checkup_has_policy(const struct checkup *checkup, uint32_t ifindex)
{
	for (size_t i = 0; i < checkup->attached_count; i++)
		if (checkup->attached[i] == ifindex)
			return true;
	return false;
}

const struct link *checkup_link_at(const struct checkup *checkup, uint32_t ifindex)
{
	for (size_t i = 0; i < checkup->link_count; i++)
		if (checkup->links[i].ifindex == ifindex)
			return &checkup->links[i];
	return NULL;
}
