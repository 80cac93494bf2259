// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "explanation_live_show.h"
#include "live_json.h"
#include "live_text.h"

/* Why the peer is in live sets. */
void explanation_print_live(const struct explanation *explanation)
{
	char words[LIVE_MEMBER_WORDS];

	for (uint32_t i = 0; i < explanation->live_count; i++) {
		const struct live_finding *finding = &explanation->live[i];
		const struct live_view view = { .set = finding->set };

		printf("%-12s", i ? "" : "sets");
		if (finding->answer.is_there) {
			live_member_words(&view, &finding->answer.member, finding->answer.at,
					  words);
			printf("@%s has the peer%s%s\n", finding->set->name, *words ? ": " : "",
			       words);
		} else {
			printf("it is not known whether @%s has the peer: the set is not "
			       "complete\n",
			       finding->set->name);
		}
	}
}

json_t *explanation_live_json(const struct explanation *explanation)
{
	const struct packet_fields *fields = &explanation->fields;

	return live_findings_json(explanation->live, explanation->live_count, fields->family,
				  explanation->direction == PCTL_FROM ? fields->destination
								      : fields->source);
}
