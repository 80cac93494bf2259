/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections: is a packet part of one, and what does it make of it? abi_connections.h describes
 * the tables. conversation.h reads from packets what is needed here.
 *
 * Where XDP has a guard behind it, only the guard changes the tables: it would take its own packet,
 * which XDP has noted, for an established one.
 */
#ifndef PCTL_CONNECTIONS_H
#define PCTL_CONNECTIONS_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"
#include "parse.h"
#include "plain.h"
#include "tick.h"
#include "verifier.h"
#include "wire.h"

/* What a packet can be to a connection. */
enum role {
	ROLE_NONE, /* nothing: it is not established */
	ROLE_UNKNOWN,
	ROLE_SYN, /* it opens one, and is established by none */
	ROLE_OPENER, /* it is part of one, or opens it */
	ROLE_MEMBER, /* it is part of one, or of none */
	ROLE_ERROR, /* an ICMP error about a packet of one, which went the other way */
};

/* The beginning of the packet that an ICMP error is about, which went the other way. */
struct embedded4 {
	struct iphdr ip;
	struct icmp_echo payload; /* or ports */
};

struct embedded6 {
	struct ipv6hdr ip;
	struct icmp_echo payload;
};

/* What a packet says of its connection. */
struct conversation {
	struct pctl_connection_key key;
	__u32 sequence, acknowledgement; /* of TCP */
	__u8 tcp_flags;
	__u8 role;
	__u8 direction;
	__u8 established; /* enum pctl_established */
	union {
		struct embedded4 v4;
		struct embedded6 v6;
	} embedded; /* of an ICMP error; here, since the stack has no room for it */
};

/*
 * Of the packet that this CPU judges. It would not fit on the stack of Linux 6.1, which 512 bytes
 * of all functions share. Programs at these hooks do not interrupt each other: softirqs are off.
 * BPF_PROG_TEST_RUN may be interrupted; what a probe hears then is about another packet.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct conversation);
} conversations SEC(".maps");

/* NULL: never. */
static __always_inline struct conversation *current_conversation(void)
{
	__u32 index = 0;

	return bpf_map_lookup_elem(&conversations, &index);
}

static __always_inline void count_connections(enum pctl_connection_counter counter, __u64 number)
{
	__u32 index = counter;
	__u64 *count = bpf_map_lookup_elem(&connection_stats, &index);

	if (count)
		*count += number;
}

/* NULL: there is none, or it has expired. */
static __always_inline struct pctl_connection *find_connection(struct pctl_connection_key *key,
							       __u32 now)
{
	struct pctl_connection *found = bpf_map_lookup_elem(&connections, key);

	if (found && !pctl_connection_expired(key->protocol, found, now))
		return found;
	found = bpf_map_lookup_elem(&half_open, key);
	return found && !pctl_connection_expired(key->protocol, found, now) ? found : NULL;
}

static __always_inline bool is_part(__u8 role)
{
	return role == ROLE_OPENER || role == ROLE_MEMBER || role == ROLE_ERROR;
}

/* enum pctl_established of the current packet. */
static __always_inline __u8 find_established(struct conversation *c)
{
	if (c->role == ROLE_NONE || c->role == ROLE_SYN)
		return PCTL_ESTABLISHED_NO;
	if (!is_part(c->role))
		return PCTL_ESTABLISHED_UNKNOWN;
	return find_connection(&c->key, current_tick()) ? PCTL_ESTABLISHED_YES
							: PCTL_ESTABLISHED_NO;
}

/* --- a packet that passed changes its connection --- */

static __always_inline __u8 opener_of(const struct pctl_connection *connection)
{
	return connection->flags & PCTL_CONNECTION_BY_REMOTE ? PCTL_TO : PCTL_FROM;
}

static __always_inline void open_connection(struct conversation *c, __u32 outcome, __u32 now)
{
	struct pctl_connection new = {
		.began = now,
		.seen = now,
		.outcome = outcome,
		.generation = PCTL_GENERATION_OF(config.generation),
		.state = PCTL_CONNECTION_OPENED,
		.flags = c->direction == PCTL_TO ? PCTL_CONNECTION_BY_REMOTE : 0,
		.packets = { c->direction == PCTL_FROM, c->direction == PCTL_TO },
	};

	if (!bpf_map_update_elem(&half_open, &c->key, &new, BPF_ANY))
		count_connections(PCTL_CONNECTIONS_OPENED, 1);
}

/* An RST further in front of what the other side has acknowledged does not reset: a sender that
 * does not see the connection would have to guess the number. Likewise the acknowledgement of a
 * SYN-ACK. */
#define SEQUENCE_WINDOW 65536

/* Its FINs, RSTs and acknowledgements. */
static __always_inline void note_tcp(struct pctl_connection *connection,
				     const struct conversation *c)
{
	__u8 flags = c->tcp_flags, direction = c->direction & 1, other = direction ^ 1;

	if (flags & TCP_RST) {
		if (c->sequence - connection->acknowledged[other] < SEQUENCE_WINDOW)
			connection->flags |= PCTL_CONNECTION_RST << direction;
		return;
	}
	/* It goes on after the other side's RST: that was not for it, or not the other side's. */
	connection->flags &= ~(PCTL_CONNECTION_RST << other);
	if (flags & TCP_FIN)
		connection->flags |= PCTL_CONNECTION_FIN << direction;
	if (flags & TCP_ACK && connection->state == PCTL_CONNECTION_CONFIRMED)
		connection->acknowledged[direction] = c->acknowledgement;
}

static __always_inline void note_answer(struct pctl_connection *connection,
					const struct conversation *c)
{
	__u8 direction = c->direction & 1;

	if (c->key.protocol == IPPROTO_TCP) {
		if ((c->tcp_flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
			return;
		connection->acknowledged[direction] = c->acknowledgement;
		connection->acknowledged[direction ^ 1] = c->sequence + 1;
	}
	connection->state = PCTL_CONNECTION_ANSWERED;
}

/* Does this packet of the opener show that it has seen the answer? */
static __always_inline bool confirms(const struct pctl_connection *connection,
				     const struct conversation *c)
{
	if (connection->state != PCTL_CONNECTION_ANSWERED)
		return false;
	if (c->key.protocol != IPPROTO_TCP)
		return true;
	return c->tcp_flags & TCP_ACK && !(c->tcp_flags & TCP_RST) &&
	       c->acknowledgement - connection->acknowledged[c->direction & 1] < SEQUENCE_WINDOW;
}

struct sweep {
	__u32 now;
	__u32 swept;
};

static long sweep_one(void *map, struct pctl_connection_key *key,
		      struct pctl_connection *connection, struct sweep *sweep)
{
	if (pctl_connection_makes_room(key->protocol, connection, sweep->now) &&
	    !bpf_map_delete_elem(map, key))
		sweep->swept++;
	return 0;
}

/* Removes what makes room. Rarely: it walks the whole table. */
static __always_inline __u32 sweep_connections(__u32 now)
{
	struct sweep sweep = { .now = now };
	__u32 before = swept_at;

	if (now - before < tracking.sweep_ticks ||
	    __sync_val_compare_and_swap(&swept_at, before, now) != before)
		return 0;
	bpf_for_each_map_elem(&connections, sweep_one, &sweep, 0);
	count_connections(PCTL_CONNECTIONS_SWEPT, sweep.swept);
	return sweep.swept;
}

/* Moves a connection to the table of those that are not forgotten, if that has room. */
static __always_inline void confirm_connection(struct conversation *c,
					       struct pctl_connection *connection)
{
	struct pctl_connection copy;
	long error;

	connection->state = PCTL_CONNECTION_CONFIRMED;
	if (c->key.protocol == IPPROTO_TCP)
		note_tcp(connection, c);
	copy = *connection;
	error = bpf_map_update_elem(&connections, &c->key, &copy, BPF_ANY);
	if (error && sweep_connections(copy.seen))
		error = bpf_map_update_elem(&connections, &c->key, &copy, BPF_ANY);
	if (error)
		connection->state = PCTL_CONNECTION_ANSWERED;
	else
		bpf_map_delete_elem(&half_open, &c->key);
	count_connections(error ? PCTL_CONNECTIONS_REFUSED : PCTL_CONNECTIONS_CONFIRMED, 1);
}

static __always_inline void touch(struct pctl_connection *connection, __u8 direction, __u32 now)
{
	connection->packets[direction & 1]++;
	if (connection->seen != now)
		connection->seen = now;
}

/* A packet of an entry of `half_open`. */
static __always_inline void note_half_open(struct conversation *c,
					   struct pctl_connection *connection, __u32 now)
{
	bool by_opener = opener_of(connection) == c->direction;

	touch(connection, c->direction, now);
	if (c->role == ROLE_SYN)
		return;
	if (by_opener && confirms(connection, c))
		return confirm_connection(c, connection);
	if (!by_opener)
		note_answer(connection, c);
	if (c->key.protocol == IPPROTO_TCP)
		note_tcp(connection, c);
}

/* The entry that the current packet changes. NULL: it has none that is alive. */
static __always_inline struct pctl_connection *find_noted(struct conversation *c, __u32 now)
{
	struct pctl_connection *found = bpf_map_lookup_elem(&connections, &c->key);
	bool opens = c->role == ROLE_SYN || c->role == ROLE_OPENER;

	if (found && !pctl_connection_expired(c->key.protocol, found, now) &&
	    !(c->role == ROLE_SYN && pctl_connection_closing(found)))
		return found;
	if (found && opens)
		bpf_map_delete_elem(&connections, &c->key);
	found = bpf_map_lookup_elem(&half_open, &c->key);
	if (found && !pctl_connection_expired(c->key.protocol, found, now) &&
	    !(c->role == ROLE_SYN && pctl_connection_closing(found)))
		return found;
	return NULL;
}

/* The current packet, whose outcome lets it pass. @found: its entry, which is alive; NULL: it was
 * not looked for, or not found. */
VERIFIED_ONCE int note_packet(__u32 outcome, struct pctl_connection *found)
{
	struct conversation *c = tracking.tracks ? current_conversation() : NULL;
	__u32 now;

	if (!c || c->role < ROLE_SYN || c->role == ROLE_ERROR)
		return 0;
	now = current_tick();
	if (!found)
		found = find_noted(c, now);
	if (!found) {
		if (c->role == ROLE_SYN || c->role == ROLE_OPENER)
			open_connection(c, outcome, now);
	} else if (found->state != PCTL_CONNECTION_CONFIRMED) {
		note_half_open(c, found, now);
	} else if (c->role != ROLE_SYN) {
		touch(found, c->direction, now);
		if (c->key.protocol == IPPROTO_TCP)
			note_tcp(found, c);
	}
	return 0;
}

/* --- plain packets --- */

static __always_inline bool is_icmp(__u8 protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
	       protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP;
}

/* enum role of a TCP packet. */
static __always_inline __u8 tcp_role(__u8 flags)
{
	if (!(flags & TCP_SYN) || flags & TCP_ACK)
		return ROLE_MEMBER;
	/* With another flag it is no packet that any stack sends. */
	return flags & (TCP_FIN | TCP_RST) ? ROLE_NONE : ROLE_SYN;
}

static __always_inline void read_tcp(struct conversation *c, const struct tcp_header *tcp)
{
	c->tcp_flags = tcp->flags;
	c->sequence = bpf_ntohl(tcp->sequence);
	c->acknowledgement = bpf_ntohl(tcp->acknowledgement);
	c->role = tcp_role(tcp->flags);
}

/* The ports of a packet: @words as in struct packet. */
static __always_inline void take_ports(struct pctl_connection_key *key, __u8 direction,
				       const __be16 words[2])
{
	key->local_port = direction == PCTL_FROM ? words[0] : words[1];
	key->remote_port = direction == PCTL_FROM ? words[1] : words[0];
}

static __always_inline void take_ipv6(struct pctl_connection_key *key, __u8 direction,
				      const struct in6_addr *source,
				      const struct in6_addr *destination)
{
	__builtin_memcpy(key->local, direction == PCTL_FROM ? source : destination,
			 sizeof(key->local));
	__builtin_memcpy(key->remote, direction == PCTL_FROM ? destination : source,
			 sizeof(key->remote));
}

/* The key of a plain packet, which is 0 before. False: never, is_plain() has seen the headers. */
static __always_inline bool take_plain(struct pctl_connection_key *key, const struct plain *p,
				       __u8 direction, void *data, void *data_end)
{
	struct iphdr *ip4 = data + ETH_HLEN;
	struct ipv6hdr *ip6 = data + ETH_HLEN;

	key->protocol = p->protocol;
	key->family = p->family;
	take_ports(key, direction, p->words);
	if (p->family == PCTL_IPV4) {
		if ((void *)(ip4 + 1) > data_end)
			return false;
		key->local[0] = direction == PCTL_FROM ? ip4->saddr : ip4->daddr;
		key->remote[0] = direction == PCTL_FROM ? ip4->daddr : ip4->saddr;
		return true;
	}
	if ((void *)(ip6 + 1) > data_end)
		return false;
	take_ipv6(key, direction, &ip6->saddr, &ip6->daddr);
	return true;
}

/* The TCP header of a plain packet. NULL: it is not TCP. */
static __always_inline struct tcp_header *plain_tcp(const struct plain *p, void *data,
						    void *data_end)
{
	struct tcp_header *tcp = data + bounded(p->at, IP_END_MASK);

	return p->protocol == IPPROTO_TCP && (void *)(tcp + 1) <= data_end ? tcp : NULL;
}

/* enum role of a plain packet. */
static __always_inline __u8 plain_role(const struct plain *p, void *data, void *data_end)
{
	struct tcp_header *tcp = plain_tcp(p, data, data_end);

	if (p->protocol == IPPROTO_TCP)
		return tcp ? tcp_role(tcp->flags) : ROLE_UNKNOWN;
	return has_ports(p->protocol) ? ROLE_OPENER : ROLE_NONE;
}

/* Nearly every packet of a confirmed connection only refreshes it. */
static __always_inline bool is_quiet(const struct pctl_connection *connection, __u8 tcp_flags)
{
	return connection->state == PCTL_CONNECTION_CONFIRMED &&
	       !(tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)) &&
	       !(connection->flags &
		 (PCTL_CONNECTION_RST << PCTL_FROM | PCTL_CONNECTION_RST << PCTL_TO));
}

/* A plain packet that passes. @found: its connection, or NULL */
static __always_inline void note_plain(struct pctl_connection *found,
				       const struct pctl_connection_key *key, __u8 direction,
				       __u8 role, const struct tcp_header *tcp, __u32 outcome,
				       __u32 now)
{
	struct conversation *c;

	if (found && is_quiet(found, tcp ? tcp->flags : 0)) {
		touch(found, direction, now);
		if (tcp && tcp->flags & TCP_ACK)
			found->acknowledged[direction & 1] = bpf_ntohl(tcp->acknowledgement);
		return;
	}
	c = current_conversation();
	if (!c)
		return;
	__builtin_memset(c, 0, offsetof(struct conversation, embedded));
	c->key = *key;
	c->direction = direction;
	c->role = role;
	if (tcp)
		read_tcp(c, tcp);
	note_packet(outcome, found);
}

#endif
