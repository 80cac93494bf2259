/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void rule_clear(struct rule *rule)
{
	ranges_clear(&rule->ethertypes);
	ranges_clear(&rule->protocols);
	ranges_clear(&rule->dports);
	ranges_clear(&rule->sports);
	ranges_clear(&rule->types);
	ranges_clear(&rule->codes);
	ranges_clear(&rule->vlans);
	peers_clear(&rule->peers);
	free(rule->names);
	rule->names = NULL;
	rule->name_count = 0;
}

static int copy_names(struct rule *to, const struct rule *from)
{
	if (!from->name_count)
		return 0;
	to->names = calloc(from->name_count, sizeof(*to->names));
	if (!to->names)
		return -ENOMEM;
	memcpy(to->names, from->names, from->name_count * sizeof(*to->names));
	to->name_count = from->name_count;
	return 0;
}

int rule_copy(struct rule *to, const struct rule *from)
{
	struct rule copy = *from;

	copy.ethertypes = copy.protocols = copy.dports = copy.sports = copy.types = copy.codes =
		(struct ranges){ 0 };
	copy.vlans = (struct ranges){ 0 };
	copy.peers = (struct peers){ 0 };
	copy.names = NULL;
	copy.name_count = 0;
	if (ranges_copy(&copy.ethertypes, &from->ethertypes) ||
	    ranges_copy(&copy.protocols, &from->protocols) ||
	    ranges_copy(&copy.dports, &from->dports) || ranges_copy(&copy.sports, &from->sports) ||
	    ranges_copy(&copy.types, &from->types) || ranges_copy(&copy.codes, &from->codes) ||
	    ranges_copy(&copy.vlans, &from->vlans) || peers_copy(&copy.peers, &from->peers) ||
	    copy_names(&copy, from)) {
		rule_clear(&copy);
		return -ENOMEM;
	}
	*to = copy;
	return 0;
}

bool rule_is_ip(const struct rule *rule)
{
	return !rule->arp && !rule->ethertypes.count && !rule->spoofed;
}

int rule_single_protocol(const struct rule *rule)
{
	const struct ranges *protocols = &rule->protocols;

	if (protocols->count != 1 || protocols->items[0].low != protocols->items[0].high)
		return -1;
	return protocols->items[0].low;
}
