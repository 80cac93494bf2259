/* SPDX-License-Identifier: GPL-2.0-only */
/* Containers and networks, as a container engine (docker, podman) describes them. */
#ifndef PCTL_CONTAINER_H
#define PCTL_CONTAINER_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTAINER_ID_SIZE 65 /* 64 hexadecimal digits, as the engine's API has them */
#define CONTAINER_SHORT_ID 12 /* digits that are shown to people, and that they type */

struct label {
	char *name;
	char *value;
};

/* Whether a process of it may have CAP_NET_ADMIN. */
enum container_power {
	POWER_UNKNOWN, /* not told yet: an engine does not answer while the container starts */
	POWER_PLAIN,
	POWER_NET_ADMIN, /* by --privileged or --cap-add */
};

/* In which user namespace its capabilities count. */
enum container_userns {
	USERNS_UNKNOWN, /* not told yet, or another container's */
	USERNS_OF_ENGINE, /* as the engine gives it to all: engine_userns() */
	USERNS_HOST,
	USERNS_OWN,
};

/* What the engine gave a container on one network. */
struct container_address {
	bool has[2]; /* of IPv4, of IPv6: there is one */
	uint8_t ipv4[4], ipv6[16]; /* in network order */
};

struct container {
	char id[CONTAINER_ID_SIZE];
	char *name; /* without the slash in front */
	char *network_mode; /* HostConfig.NetworkMode: "default", "bridge", "host", "none",
			     * "container:ID", a network's name; podman: "bridge" for
			     * all networks; "" if not told yet */
	struct label *labels;
	size_t label_count;
	char **networks; /* names of those it is connected to */
	size_t network_count;
	struct container_address *addresses; /* on each of them; a container that does not run has
					      * none, nor has one that is just being started */
	bool running; /* as the engine said last; a paused one runs */
	pid_t pid; /* 0: not running, or not known */
	enum container_power power;
	enum container_userns userns;
	/* Of a copy, for questions about one veth: the name of its network. NULL, "": not known. */
	const char *on_network;
};

/* Is it a whole id? */
bool container_is_id(const char *text);

void container_clear(struct container *container); /* frees what it has */
void containers_free(struct container *items, size_t count);

/* The value of a label; NULL: there is none of that name. */
const char *container_label(const struct container *container, const char *name);

/* The id of the container that it shares the network of (`container:ID`); NULL: it has its own. */
const char *container_network_owner(const struct container *container);

struct network {
	char id[CONTAINER_ID_SIZE];
	char *name;
	char *driver; /* "bridge", "macvlan", … */
	char bridge[IF_NAMESIZE]; /* the interface of a bridge network, "" otherwise */
};

void networks_free(struct network *items, size_t count);

#endif
