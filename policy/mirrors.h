/* SPDX-License-Identifier: GPL-2.0-only */
/* Where copies of packets go: `mirror IFACE [mac ADDRESS]` behind a rule or a default. */
#ifndef PCTL_MIRRORS_H
#define PCTL_MIRRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct policy;

struct mirror {
	char name[PCTL_MIRROR_NAME]; /* of an interface; "": no copies */
	bool has_mac; /* copies get another receiver */
	uint8_t mac[6];
};

static inline bool mirror_given(const struct mirror *mirror)
{
	return mirror->name[0];
}

bool mirror_same(const struct mirror *a, const struct mirror *b);

/* The different mirrors of a policy, in the order of its defaults and rules. */
struct mirror_list {
	struct mirror items[PCTL_MIRRORS_MAX];
	size_t count;
	bool full; /* there are more */
};

void policy_mirrors(const struct policy *policy, struct mirror_list *list);

/* The number of a mirror in that list; list->count: it is not there. */
size_t mirror_number(const struct mirror_list *list, const struct mirror *mirror);

/* The directions, as bits, in which some rule or default makes copies. */
unsigned int policy_mirror_directions(const struct policy *policy);

#define MIRROR_MAC_TEXT 18 /* bytes, with NUL */
void mirror_mac_print(const uint8_t mac[6], char text[MIRROR_MAC_TEXT]);

#endif
