// SPDX-License-Identifier: GPL-2.0-only
#include "checkup_dns.h"
#include "error.h"
#include "name_counts.h"

#define CHECK "dns"

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* Either somebody makes up answers, or the routes are not symmetric. */
static void say_elsewhere(struct findings *findings, uint64_t count)
{
	findings_add(findings, FINDING_WARNING, CHECK,
		     "%llu answer%s in the name of a resolver came through an interface without a "
		     "route to it",
		     (unsigned long long)count, plural(count));
	findings_why(findings, "nothing was learnt from them: another container may have made them "
			       "up");
	findings_do(findings,
		    "if they are the resolver's own: give this host a route to it through "
		    "that interface (ip route get RESOLVER)");
}

static void say_cut(struct findings *findings, uint64_t count)
{
	findings_add(findings, FINDING_NOTE, CHECK,
		     "%llu answer%s could be read in part or not at all", (unsigned long long)count,
		     plural(count));
	findings_why(findings,
		     "addresses in later fragments, or in TCP answers of several packets, "
		     "are not learnt");
	findings_do(findings, "let the resolver send no more than 1232 bytes by UDP "
			      "(edns-packet-max, edns-buffer-size)");
}

void checkup_dns(struct checkup *checkup, const struct attachment *attachment)
{
	struct findings *findings = &checkup->findings;
	struct name_counts names;
	const uint64_t *counts = names.counts;
	uint64_t cut;

	if (!attachment->current.meta.names)
		return;
	if (name_counts_read(&attachment->current, &names)) {
		findings_add(findings, FINDING_WARNING, CHECK, "%s", error_message(0));
		error_clear();
		return;
	}
	cut = counts[PCTL_NAMES_CUT] + counts[PCTL_NAMES_BROKEN];
	if (counts[PCTL_NAMES_ELSEWHERE])
		say_elsewhere(findings, counts[PCTL_NAMES_ELSEWHERE]);
	else
		findings_add(findings, FINDING_OK, CHECK,
			     "%llu question%s for its names, %llu answer%s read",
			     (unsigned long long)counts[PCTL_NAMES_QUESTIONS],
			     plural(counts[PCTL_NAMES_QUESTIONS]),
			     (unsigned long long)counts[PCTL_NAMES_ANSWERS],
			     plural(counts[PCTL_NAMES_ANSWERS]));
	if (cut)
		say_cut(findings, cut);
}
