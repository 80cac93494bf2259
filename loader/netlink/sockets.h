/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets and the connection tracking of a network namespace, as its own kernel tables have
 * them: sock_diag(7) and ctnetlink. Whoever is root in the namespace can put into both what was
 * never on a wire: TCP_REPAIR, sockets with foreign addresses, entries made by hand.
 */
#ifndef PCTL_SOCKETS_H
#define PCTL_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct prefixes;

/* One end of a connection. */
struct endpoint_address {
	uint8_t bytes[16]; /* network order; of IPv4 the first 4, the rest 0 */
	uint16_t port; /* host order; of ICMP echo the id */
};

/* Is its address one of these, which are normalised? @family: enum pctl_family */
bool endpoint_is_one_of(const struct endpoint_address *end, uint8_t family,
			const struct prefixes *addresses);

/* A socket that is connected or that listens. An IPv4-mapped IPv6 address counts as IPv4. */
struct socket_seen {
	uint8_t protocol; /* IANA number */
	uint8_t family; /* enum pctl_family */
	bool listens; /* `remote` is empty; UDP: it is not connected */
	bool both_families; /* listens on ::, and takes IPv4 too */
	struct endpoint_address local, remote;
};

/* An entry of connection tracking. A tuple is what a packet has before or behind NAT. */
struct tracked_seen {
	uint8_t protocol;
	uint8_t family;
	struct tracked_tuple {
		struct endpoint_address source, destination;
	} original, reply; /* of a packet that opens it, of one that answers */
	/* Interfaces of the namespace, where they were asked for, else 0: */
	uint32_t there; /* through which packets leave to where it was opened to */
	uint32_t back; /* to where it was opened from */
};

/* What was found. */
struct sockets_seen {
	struct socket_seen *sockets;
	struct tracked_seen *tracked;
	size_t socket_count, tracked_count;
	size_t socket_capacity, tracked_capacity;
	size_t listening; /* so many of the sockets listen */
	size_t left_out; /* connected sockets and entries that were too many */
};

void sockets_clear(struct sockets_seen *seen);

/* So many listening sockets are looked at: a container may have any number, and each connected one
 * is compared with all. Of more it is not seen whose connections they took. */
#define SOCKETS_LISTENING_MAX 8192

/*
 * Reads the sockets of the network namespace that this thread is in: of TCP, UDP, UDP-Lite, SCTP
 * and DCCP, where the kernel has the protocol and lists its sockets.
 * @limit: how many connected ones at most
 */
int sockets_read(struct sockets_seen *seen, size_t limit);

/*
 * Likewise the entries of its connection tracking that were answered and have not ended. -EPERM: it
 * may not be read. Without connection tracking in the kernel there are none.
 */
int tracked_read(struct sockets_seen *seen, size_t limit);

/* For the two above: one message of the kernel. */
int sockets_take(const struct nlmsghdr *message, uint8_t protocol, struct sockets_seen *seen,
		 size_t limit);
int tracked_take(const struct nlmsghdr *message, struct sockets_seen *seen, size_t limit);

/* Does a socket listen where this one is connected, so that the other end opened it? */
bool socket_was_accepted(const struct sockets_seen *seen, const struct socket_seen *socket);

#endif
