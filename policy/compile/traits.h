/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the compiler needs to know of each rule, computed once.
 *
 * Rules are compiled in four ways, by the fields that they match on:
 *   plain    neither peer nor source port: they decide a protocol or a selector as a whole
 *   row      a peer, with whole protocols: a table of classes of protocols and peer classes
 *   listed   a peer list with a set from a file or a live set in it, or DNS names: by membership
 *   paired   all others: a peer together with a selector or a source port
 */
#ifndef PCTL_TRAITS_H
#define PCTL_TRAITS_H

#include "intern.h"
#include "policy.h"

#define TRAIT_NONE UINT32_MAX

struct trait {
	uint32_t outcome; /* the outcome where this rule decides */
	uint32_t peers; /* the number of its peer list; TRAIT_NONE: it does not match on the peer */
	uint32_t sources; /* the number of its list of source ports, likewise */
	uint8_t directions; /* bits 1 << enum pctl_direction; 0: `spoofed`, in no table */
	uint8_t selected; /* bits 1 << enum pctl_selected: protocols it can match */
	bool arp;
	bool ethertype; /* about frames that are neither IP nor ARP */
	bool deny; /* or reject */
	bool takes_unknown; /* a field that is unknown matches it */
	bool takes_unknown_plane; /* … also where its VLAN is, or whether it is established */
	bool selectors; /* matches on a destination port or an ICMP type */
	bool any; /* every IP protocol */
	bool listed;
	bool peers_negated; /* matches what is not in its list; with `dns`, the list has the `not`
			     */
	bool sources_negated;
	bool vlans; /* matches on VLANs */
	bool established; /* matches established packets alone */
	bool off; /* it does not match the packets of traits_select() */
	bool asked; /* listed or paired: neither plain nor in a row */
};

/* A list of addresses of a rule, without `not`. Rules with the same list share it. With `dns` the
 * list has a second part, the names, and both parts have their own `not`. */
struct peer_list {
	const struct peers *peers; /* that of one of its rules */
	/* Its sets with a map, and those of its DNS names, as bits by their index in traits->sets.
	 */
	uint32_t sets, names;
	uint32_t flags; /* enum pctl_list_flags */
	bool listed; /* matched by membership; else it has classes alone */
	uint32_t number; /* its number among those that are listed, from 0 on */
};

struct traits {
	const struct policy *policy;
	struct trait *rules; /* one for each rule */
	size_t count;
	struct peer_list *lists;
	size_t list_count;
	/* Sets from files and live sets that rules name. */
	const struct set *sets[PCTL_SETS_MAX];
	unsigned int set_count;
	unsigned int listed_count; /* peer lists that are listed */
	/* Lists of source ports, without `not`: sequences of low << 16 | high. */
	struct intern sources;
};

struct diagnostics;

/*
 * Fills in the traits of all rules. 0; -E2BIG: more sets from files and live sets, or more lists
 * with them, than there are maps and bits. *diagnostics (may be NULL), whose source is @name, then
 * names the rule that is one too many. -ENOMEM.
 */
int traits_collect(struct traits *traits, const struct policy *policy, const char *name,
		   struct diagnostics *diagnostics);
void traits_clear(struct traits *traits);

/* The action of a verdict, and of one whose packets pass all the same. */
enum pctl_action action_of(enum verdict verdict, bool audit);

/* Selects the rules for a VLAN (enum pctl_vlan), and for an enum pctl_established. */
void traits_select(struct traits *traits, unsigned int vlan, enum pctl_established established);
/* Every rule, as if it matched on neither. So it is before the first traits_select(). */
void traits_select_all(struct traits *traits);

/* Whether it is a rule of the direction, for some VLAN. */
static inline bool trait_names(const struct trait *trait, enum pctl_direction direction)
{
	return trait->directions & 1u << direction;
}

/* Whether it is a rule of the direction, for the selected packets. */
static inline bool trait_is_in(const struct trait *trait, enum pctl_direction direction)
{
	return trait_names(trait, direction) && !trait->off;
}

/* Whether it is about IP packets. */
static inline bool trait_is_ip(const struct trait *trait)
{
	return !trait->arp && !trait->ethertype;
}

static inline bool trait_is_plain(const struct trait *trait)
{
	return trait_is_ip(trait) && trait->peers == TRAIT_NONE && trait->sources == TRAIT_NONE;
}

static inline bool trait_is_row(const struct trait *trait)
{
	return trait->peers != TRAIT_NONE && !trait->listed && !trait->selectors &&
	       trait->sources == TRAIT_NONE;
}

/* Whether some packet of @protocol can match, in any direction. */
bool trait_covers(const struct traits *traits, size_t rule, unsigned int protocol);

#endif
