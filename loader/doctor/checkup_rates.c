// SPDX-License-Identifier: GPL-2.0-only
#include "checkup_rates.h"
#include "error.h"
#include "peer_buckets.h"

void checkup_rates(struct checkup *checkup, const struct attachment *attachment)
{
	struct findings *findings = &checkup->findings;
	struct bucket_summary summary;
	int error = buckets_summarise(&attachment->current, &summary);

	if (error) {
		findings_add(findings, FINDING_WARNING, "rates", "%s", error_message(error));
		error_clear();
		return;
	}
	if (!summary.each)
		return;
	/* Others that are full may be removed for new ones. */
	if (summary.peers < summary.capacity) {
		findings_add(findings, FINDING_OK, "rates", "%u of %u peers have a rate in use",
			     summary.peers, summary.capacity);
		return;
	}
	findings_add(findings, FINDING_WARNING, "rates",
		     "%u peers have a rate in use, and there is room for no more", summary.peers);
	findings_why(findings, "all further peers share one rate (`each`), so a flood from many "
			       "addresses can starve them");
	findings_do(findings,
		    "policyctl stats counts their packets; a rate without `each`, or with "
		    "a smaller burst, needs less room");
}
