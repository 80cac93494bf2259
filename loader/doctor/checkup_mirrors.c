// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "checkup_mirrors.h"
#include "error.h"
#include "mirror_targets.h"

#define CHECK "mirror"

static const struct link *link_called(const struct checkup *checkup, const char *name)
{
	for (size_t i = 0; i < checkup->link_count; i++)
		if (!strcmp(checkup->links[i].name, name))
			return &checkup->links[i];
	return NULL;
}

static void say_no_copies(struct checkup *checkup, const struct mirror_view *mirror,
			  const char *interface)
{
	const struct link *again = link_called(checkup, mirror->at.name);
	struct findings *findings = &checkup->findings;

	if (again && mirror->at.state == PCTL_MIRROR_GONE) {
		findings_add(findings, FINDING_WARNING, CHECK,
			     "no copies go to %s: it was made anew (ifindex %u)", mirror->at.name,
			     again->ifindex);
		findings_do(findings,
			    "policyctl show %s looks for it, as every other command but "
			    "doctor does",
			    interface);
	} else {
		findings_add(findings, FINDING_WARNING, CHECK, "no copies go to %s: %s",
			     mirror->at.name, mirror_state_words(&mirror->at));
		findings_do(findings, "make it, or name another interface in the policy");
	}
	findings_why(findings,
		     "what watches there sees nothing; packets are judged and pass as ever");
}

static void check_target(struct checkup *checkup, const struct link *link,
			 const struct mirror_view *mirror)
{
	const struct link *target = checkup_link_at(checkup, mirror->at.ifindex);
	struct findings *findings = &checkup->findings;

	if (mirror->at.state != PCTL_MIRROR_LIVE) {
		say_no_copies(checkup, mirror, link->name);
	} else if (mirror->down) {
		findings_add(findings, FINDING_WARNING, CHECK, "%s, which copies go to, is down",
			     mirror->at.name);
		findings_why(findings, "no copy gets there; packets are judged and pass as ever");
		findings_do(findings, "ip link set dev %s up", mirror->at.name);
	} else if (target && target->mtu < link->mtu) {
		findings_add(
			findings, FINDING_WARNING, CHECK,
			"%s, which copies go to, has an MTU of %u, and the interface one of %u",
			mirror->at.name, target->mtu, link->mtu);
		findings_why(findings, "copies of larger packets do not get there");
		findings_do(findings, "ip link set dev %s mtu %u, at both ends", mirror->at.name,
			    link->mtu);
	} else {
		findings_add(findings, FINDING_OK, CHECK, "copies go to %s", mirror->at.name);
	}
}

void checkup_mirrors(struct checkup *checkup, const struct attachment *attachment)
{
	struct mirror_views mirrors = {};
	int error = mirrors_view(&attachment->current, &mirrors);

	if (error) {
		findings_add(&checkup->findings, FINDING_WARNING, CHECK, "%s",
			     error_message(error));
		error_clear();
		return;
	}
	mirrors_look(checkup->session.nl, &mirrors);
	for (uint32_t i = 0; i < mirrors.count; i++)
		check_target(checkup, &attachment->hooks.link, &mirrors.items[i]);
}
