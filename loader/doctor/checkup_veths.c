// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "checkup.h"
#include "checkup_veths.h"
#include "name_list.h"

void checkup_veths(struct checkup *checkup)
{
	struct findings *findings = &checkup->findings;
	char names[256] = "";
	size_t count = 0;

	for (size_t i = 0; i < checkup->link_count && checkup->attached_count; i++) {
		const struct link *link = &checkup->links[i];

		if (strcmp(link->kind, "veth") != 0 || link->peer_nsid < 0 ||
		    checkup_has_policy(checkup, link->ifindex))
			continue;
		count++;
		name_list_add(names, sizeof(names), ", ", link->name);
	}
	if (!count)
		return;
	findings_add(findings, FINDING_NOTE, "without-policy",
		     "%zu veth%s into other network namespaces without a policy: %s", count,
		     count == 1 ? " leads" : "s lead", names);
	findings_why(findings, "these containers send and receive what they like");
	findings_do(findings, "nothing if that is meant; policyctl attach IFACE --policy FILE");
}
