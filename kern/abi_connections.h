/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections, for rules with `established`; part of abi.h, which includes it. */
#ifndef PCTL_ABI_CONNECTIONS_H
#define PCTL_ABI_CONNECTIONS_H

/*
 * An attachment whose policy has the word `established` has two tables of connections, which stay
 * when its policy changes. `half_open` has what was opened, and forgets the least recently used
 * entry when it is full. `connections` has what both sides have confirmed, and forgets nothing that
 * is alive: if it is full, a connection stays in `half_open`. Packets of both tables are
 * established. The programs make, change and sweep entries; an entry that has expired counts as not
 * there.
 *
 * Protocols: TCP, UDP, UDP-Lite, SCTP, DCCP, and the echo of ICMP and ICMPv6.
 */

#define PCTL_CONNECTIONS_DEFAULT 2048 /* entries of `connections` */
#define PCTL_HALF_OPEN_PART 8 /* `half_open` has that part of it */
#define PCTL_HALF_OPEN_MIN 256

/*
 * Key of both tables: one connection in both directions. `local` is the container's side: the
 * source of what it sends, the destination of what it receives. An IPv4 address is the first
 * element, the rest is 0.
 */
struct pctl_connection_key {
	__u32 local[4]; /* in network order */
	__u32 remote[4];
	/* Echo: the id is the port of the side that sent the request, the other port is 0. */
	__be16 local_port;
	__be16 remote_port;
	__u8 protocol; /* IANA number */
	__u8 family; /* enum pctl_family */
	__u16 vlan; /* enum pctl_vlan; 0 where no rule matches on VLANs */
};

enum pctl_connection_state {
	PCTL_CONNECTION_OPENED = 1, /* its first packet has passed */
	PCTL_CONNECTION_ANSWERED = 2, /* and an answer: of TCP SYN-ACK, of others any packet */
	/* And the opener has seen the answer. Of TCP: it acknowledged the SYN-ACK. Of others: it
	 * sent another packet. */
	PCTL_CONNECTION_CONFIRMED = 3,
};

enum pctl_connection_flags {
	PCTL_CONNECTION_FIN = 1, /* << enum pctl_direction: a FIN went this way */
	PCTL_CONNECTION_RST = 4, /* << enum pctl_direction: an RST went this way */
	PCTL_CONNECTION_BY_REMOTE = 16, /* the first packet went `to` the container */
	PCTL_CONNECTION_ADOPTED = 32, /* it was there before; user space made the entry */
};

/* Value of both tables. Not more than 32 bytes: with its key, and what the kernel adds, an element
 * of a hash without preallocation then takes 128. */
struct pctl_connection {
	__u32 began; /* PCTL_TICK()s */
	__u32 seen; /* of the last packet that passed */
	/* Roughly: they are not added atomically, and a GSO packet is one. */
	__u32 packets[PCTL_DIRECTIONS];
	/* TCP, by the direction of the sender: its last acknowledgement number. While the state is
	 * ANSWERED, that of the opener is what it has to acknowledge. In host order. */
	__u32 acknowledged[PCTL_DIRECTIONS];
	__u32 outcome; /* of its first packet: the rule that let it begin */
	__u16 generation; /* the low half of PCTL_GENERATION_OF(): whose rules `outcome` means */
	__u8 state; /* enum pctl_connection_state */
	__u8 flags; /* enum pctl_connection_flags */
};

#define PCTL_GENERATION_OF(generation) ((__u16)(generation)) /* of struct pctl_config */

/* Time in the tables: nanoseconds of CLOCK_MONOTONIC_COARSE / 2^24, so 17 ms; modulo 2^32. */
#define PCTL_TICK_SHIFT 24
#define PCTL_TICK(nanoseconds) ((__u32)((__u64)(nanoseconds) >> PCTL_TICK_SHIFT))
#define PCTL_TICKS(seconds) PCTL_TICK((seconds)*1000000000ull)

/* How long a connection may be silent, in ticks. */
#define PCTL_TIMEOUT_TCP_OPENING PCTL_TICKS(60)
#define PCTL_TIMEOUT_TCP PCTL_TICKS(6 * 3600)
#define PCTL_TIMEOUT_TCP_CLOSING PCTL_TICKS(10) /* after FINs of both sides, or an RST */
#define PCTL_TIMEOUT_TCP_CLOSING_FULL PCTL_TICKS(1) /* likewise, while the table is full */
#define PCTL_TIMEOUT_OTHER_OPENING PCTL_TICKS(30)
#define PCTL_TIMEOUT_UDP PCTL_TICKS(120) /* also UDP-Lite */
#define PCTL_TIMEOUT_ECHO PCTL_TICKS(30)
/* SCTP and DCCP: their handshakes are not looked at. SCTP has a heartbeat each 30 s. */
#define PCTL_TIMEOUT_OTHER PCTL_TICKS(300)

/* Index of `connection_stats` (per CPU); values: __u64. */
enum pctl_connection_counter {
	PCTL_CONNECTIONS_OPENED = 0,
	PCTL_CONNECTIONS_CONFIRMED = 1,
	PCTL_CONNECTIONS_REFUSED = 2, /* packets that would have confirmed one: the table is full */
	PCTL_CONNECTIONS_SWEPT = 3, /* that were removed because it was full */
	PCTL_CONNECTION_COUNTERS = 4,
};

/* Whether a packet is established. */
enum pctl_established {
	PCTL_ESTABLISHED_NO = 0,
	PCTL_ESTABLISHED_YES = 1,
	PCTL_ESTABLISHED_UNKNOWN = 2, /* matches every deny rule, no allow rule */
	PCTL_ESTABLISHED_STATES = 3,
};

/* What a probe says about that: the second 8 bytes of metadata for section `xdp`, cb[2] for the
 * others. */
enum pctl_probe_established {
	PCTL_PROBE_AS_IT_IS = 0, /* as the tables say; also without such metadata */
	PCTL_PROBE_NEW = 1, /* PCTL_ESTABLISHED_NO */
	PCTL_PROBE_ESTABLISHED = 2, /* PCTL_ESTABLISHED_YES */
};

/* Constants of a program, beside struct pctl_config. */
struct pctl_tracking {
	__u32 tracks; /* 0: no rule asks for established packets, and there are no tables */
	__u32 vlans; /* rules match on VLANs: connections are of a VLAN */
	__u32 established[PCTL_DIRECTIONS]; /* rules of this direction ask */
	__u32 sweep_ticks; /* a full table is swept once in this time */
	/* Planes of packets without a VLAN, by enum pctl_established. */
	__u8 planes[PCTL_DIRECTIONS][4];
	__u32 first_plane; /* number of the first element of `plane_tables` */
	/* In place of planes: the outcome of a rule that matches every established packet of this
	 * direction and no other. It decides if no rule of a smaller rank does. NONE: planes. */
	__u32 decides[PCTL_DIRECTIONS];
	__u32 decides_first[PCTL_DIRECTIONS]; /* no rule has a smaller rank */
};

#define PCTL_SHARED static inline __attribute__((always_inline, unused))

/* Is it closing: after FINs of both sides, or an RST? */
PCTL_SHARED __u32 pctl_connection_closing(const struct pctl_connection *connection)
{
	__u32 fins = PCTL_CONNECTION_FIN << 0 | PCTL_CONNECTION_FIN << 1;
	__u32 resets = PCTL_CONNECTION_RST << 0 | PCTL_CONNECTION_RST << 1;

	return (connection->flags & fins) == fins || connection->flags & resets;
}

PCTL_SHARED __u32 pctl_connection_timeout(__u8 protocol, const struct pctl_connection *connection)
{
	__u32 confirmed = connection->state == PCTL_CONNECTION_CONFIRMED;

	switch (protocol) {
	case 6: /* TCP */
		if (pctl_connection_closing(connection))
			return PCTL_TIMEOUT_TCP_CLOSING;
		return confirmed ? PCTL_TIMEOUT_TCP : PCTL_TIMEOUT_TCP_OPENING;
	case 1: /* ICMP */
	case 58: /* ICMPv6 */
		return PCTL_TIMEOUT_ECHO;
	case 17: /* UDP */
	case 136: /* UDP-Lite */
		return confirmed ? PCTL_TIMEOUT_UDP : PCTL_TIMEOUT_OTHER_OPENING;
	default:
		return confirmed ? PCTL_TIMEOUT_OTHER : PCTL_TIMEOUT_OTHER_OPENING;
	}
}

/* @now: PCTL_TICK(). `seen` may be later: another CPU read the clock after this one. */
PCTL_SHARED __u32 pctl_connection_expired(__u8 protocol, const struct pctl_connection *connection,
					  __u32 now)
{
	return (__s32)(now - connection->seen) >
	       (__s32)pctl_connection_timeout(protocol, connection);
}

/* Whether it makes room in a full table. What is closing has little left to send: without this a
 * server of a few hundred short connections a second would fill the table with them. */
PCTL_SHARED __u32 pctl_connection_makes_room(__u8 protocol,
					     const struct pctl_connection *connection, __u32 now)
{
	return pctl_connection_expired(protocol, connection, now) ||
	       (protocol == 6 && pctl_connection_closing(connection) &&
		(__s32)(now - connection->seen) > (__s32)PCTL_TIMEOUT_TCP_CLOSING_FULL);
}

/* The ports of an echo request or reply with this id. @by_local: the container's side sent the
 * request, so the reply goes to it. */
PCTL_SHARED void pctl_connection_echo(struct pctl_connection_key *key, __be16 id, __u32 by_local)
{
	key->local_port = by_local ? id : 0;
	key->remote_port = by_local ? 0 : id;
}

#endif
