/* SPDX-License-Identifier: GPL-2.0-only */
/* From the IFACE of a command line to interfaces and their attachments, with the messages that go
 * along. */
#ifndef PCTL_TARGET_H
#define PCTL_TARGET_H

#include "attachment.h"
#include "command.h"
#include "container.h"
#include "endpoint.h"

/* The option row of the commands that take an IFACE. */
#define TARGET_OPTION_ROW                                                               \
	{                                                                               \
		"docker-socket", "PATH",                                                \
			"whose containers: else DOCKER_HOST, else /var/run/docker.sock" \
	}

/*
 * What stands for one interface or for several: its name; `pid:PID` and `netns:NAME` for the host's
 * end of the veth that leads into a namespace; `container:NAME` for all veths that lead into a
 * container's; or nothing, for every attachment.
 */
struct target {
	const char *name; /* as it was given, NULL: every attachment */
	bool several; /* it may stand for several: what is told of each is told in an array */
	/* container:NAME, as its engine knew it when it was asked last: */
	char socket[ENDPOINT_SIZE];
	struct container container;
	struct network *networks; /* of the engine, all */
	size_t network_count;
};

/*
 * Asks the engine for a container, which may take its time: no session may be open. EXIT_DONE, or,
 * each with a message, EXIT_USAGE, EXIT_FAILED, or `missing` where there is no such container or
 * none that can have a veth. To be cleared in any case.
 */
int target_read(const struct arguments *arguments, const char *name, int missing,
		struct target *target);
void target_clear(struct target *target);

/* Asks again, if the container is not what it was: it was started anew. */
int target_refresh(struct target *target, int missing);

/* Names the networks of a container on which it has no veth here: nothing holds there. */
void target_notice_uncovered(const struct target *target);

/*
 * Finds the interfaces, ascending by ifindex; malloc'd. EXIT_DONE, or EXIT_USAGE, EXIT_FAILED or,
 * where there is none, `missing`, each with a message.
 */
int target_links(struct session *session, const struct target *target, int missing,
		 struct link **links, size_t *count);

/* Whose this interface of the target is: version 0 unless it is a container's. */
void target_owner(const struct target *target, const struct link *link, struct owner *owner);

struct attachments {
	struct attachment *items;
	size_t count;
};

/*
 * Opens the session and the attachments of a target that has a name. EXIT_DONE, EXIT_FAILED or
 * EXIT_NOT_ATTACHED. Both are to be closed in any case.
 * @all: every interface must have one; else one is enough, and those without are named
 */
int target_open(const struct target *target, bool all, struct session *session,
		struct attachments *attachments);
void attachments_close(struct attachments *attachments);

/*
 * Opens a session and calls `each` for every attachment of the target, in the order of the
 * ifindexes. One that fails does not keep the others from their turn. Returns EXIT_DONE or the last
 * other status; *count tells how many there are.
 */
int target_each(const struct target *target,
		int (*each)(struct session *session, struct attachment *attachment, void *data),
		void *data, size_t *count);

#endif
