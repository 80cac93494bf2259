/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A map: who may reach whom, as the policies in force say, and who did, as their tables of
 * connections say. It knows nothing of other firewalls, of routes, and of what has no policy.
 */
#ifndef PCTL_MAP_H
#define PCTL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "policy.h"
#include "prefixes.h"

enum map_kind {
	MAP_ATTACHED, /* a container, or what is behind an interface, with its policy */
	MAP_HOST, /* this network namespace */
	MAP_BLOCK, /* addresses that rules name */
	MAP_ELSEWHERE, /* all others */
};

/* What becomes of packets of an attachment that no rule decides. */
enum map_stance {
	MAP_NO_POLICY,
	MAP_DENIES, /* both defaults deny */
	MAP_PARTLY, /* one does */
	MAP_OPEN, /* none does */
	MAP_HELD, /* all is dropped: quarantine, or a container that is held */
	MAP_AUDITS, /* nothing is enforced */
	MAP_STANCES,
};

struct map_node {
	enum map_kind kind;
	enum map_stance stance;
	char *name; /* of others' making: any bytes */
	char *network; /* likewise; NULL: none is known */
	char interface[16]; /* MAP_ATTACHED */
	struct prefixes addresses; /* single ones, or the blocks of MAP_BLOCK */
	struct policy *policy; /* MAP_ATTACHED; with the members of its sets */
	struct pctl_own own;
	bool unreadable; /* a set from a file cannot be read: nothing is known of it */
};

#define MAP_ECHO 0 /* as a port: the protocols without ports */

/* What may pass, or did, one way. */
struct map_flow {
	uint8_t protocol; /* TCP, UDP, ICMP, ICMPv6 */
	uint8_t families; /* bits 1 << enum pctl_family */
	uint16_t low, high; /* ports */
	uint32_t rules[PCTL_DIRECTIONS]; /* ids: of the sender's policy, of the receiver's; 0: no
					    rule */
	uint64_t connections, packets; /* that did; 0: it may */
};

struct map_edge {
	size_t from, to; /* nodes */
	bool seen; /* it did; else it may */
	uint8_t families; /* that both ends have, as in struct map_flow; 0: not known */
	struct map_flow *flows;
	size_t count, capacity;
};

struct map {
	struct map_node *nodes;
	size_t node_count, node_capacity;
	struct map_edge *edges;
	size_t edge_count, edge_capacity;
	bool with_connections;
	size_t attached; /* nodes with a policy: the first ones */
	size_t untracked; /* attachments of which no connections are known */
};

/* Zero-initialised is empty. */
void map_clear(struct map *map);

/* Appends one, zeroed but for these. NULL: out of memory. Takes nothing: texts are copied. */
struct map_node *map_add_node(struct map *map, enum map_kind kind, const char *name);

/* The edge between two nodes, made if need be. NULL: out of memory. */
struct map_edge *map_edge(struct map *map, size_t from, size_t to, bool seen);

/* Appends a flow, or joins it to one that it continues. 0 or -ENOMEM. */
int map_add_flow(struct map_edge *edge, const struct map_flow *flow);

/* Joins flows that are the same by IPv4 and IPv6. */
void map_edge_tidy(struct map_edge *edge);

/* Does all that is drawn pass, by the same rules? */
bool map_edge_is_all(const struct map_edge *edge);

/* "deny by default", … */
const char *map_stance_words(enum map_stance stance);

/* One line for a flow: "tcp 443, rules 3 → 1", "udp 53: 12 connections". For others' texts none. */
#define MAP_FLOW_TEXT 160
void map_flow_text(const struct map_edge *edge, const struct map_flow *flow,
		   char text[MAP_FLOW_TEXT]);

/* What the map does not know, a line each; NULL behind the last. */
extern const char *const map_limits[];

#endif
