/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the IFACE of a command line to interfaces and their attachments. Nothing here prints: what
 * went wrong is in words in error_message(), with the name of the target in front.
 */
#ifndef PCTL_TARGET_H
#define PCTL_TARGET_H

#include "attachment.h"
#include "container.h"
#include "endpoint.h"
#include "session.h"

#define TARGET_CONTAINER "container:" /* what stands in front of a container's name */

/* The option row of the commands that take an IFACE. */
#define TARGET_OPTION_ROW                                                               \
	{                                                                               \
		"docker-socket", "PATH",                                                \
			"whose containers: else DOCKER_HOST, else /var/run/docker.sock" \
	}

/*
 * One interface or several, as a command is given them: the name of an interface; `pid:PID` or
 * `netns:NAME` for the host's end of the veth that leads into that network namespace;
 * `container:NAME` for all veths that lead to a container; or nothing, for every attachment.
 */
struct target {
	const char *name; /* as it was given, NULL: every attachment */
	bool several; /* it may be several interfaces: JSON about it is an array */
	/* container:NAME, as the engine described it last: */
	char socket[ENDPOINT_SIZE];
	struct container container;
	struct network *networks; /* all networks of the engine */
	size_t network_count;
};

/* What the functions below return if it is no negative errno. */
enum target_result {
	TARGET_FOUND = 0,
	TARGET_ABSENT, /* there is no such interface or container, or it has no veth here */
	TARGET_NOT_ATTACHED, /* policyctl is not attached to it */
};

/*
 * Reads a name. Asks the engine for a container, which may take its time: no session may be open.
 * @socket: of the engine, as given by the user; NULL: the default
 * Returns an enum target_result; -EINVAL where the name or the socket cannot be one; or another
 * negative errno. The target is to be cleared in any case.
 */
int target_read(const char *name, const char *socket, struct target *target);
void target_clear(struct target *target);

/* Asks the engine again if the container was started anew meanwhile. Returns as target_read(). */
int target_refresh(struct target *target);

/*
 * Finds the interfaces of a target that has a name, ascending by ifindex; *links is malloc'd.
 * Returns an enum target_result; -EINVAL where the name cannot be one; or another negative errno.
 */
int target_links(struct session *session, const struct target *target, struct link **links,
		 size_t *count);

struct attachments {
	struct attachment *items;
	size_t count;
};

/*
 * Opens the attachments of a target that has a name, to be closed in any case.
 * @all: every interface must have one; else one is enough, and notice() names those without
 * Returns as target_links().
 */
int target_open(struct session *session, const struct target *target, bool all,
		struct attachments *attachments);
void attachments_close(struct attachments *attachments);

/* A walk over the attachments of a target, ascending by ifindex. */
struct target_walk {
	struct attachments opened; /* of a target that has a name */
	uint32_t *ifindexes; /* of one without: they are opened one after the other, */
	struct attachment current; /* as this */
	size_t count; /* of attachments */
	size_t next;
};

#define TARGET_WALK_EMPTY                    \
	{                                    \
		.current = ATTACHMENT_EMPTY, \
	}

/* Begins a walk, which is to be ended in any case. Returns as target_links(). */
int target_walk_begin(struct session *session, const struct target *target,
		      struct target_walk *walk);

/*
 * Goes on to the next attachment, which is valid until the next call. Returns 1; 0 where there is
 * none left; or a negative errno where it cannot be opened, which does not end the walk.
 */
int target_walk_next(struct session *session, struct target_walk *walk,
		     struct attachment **attachment);
void target_walk_end(struct target_walk *walk);

#endif
