// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "explanation_live_show.h"
#include "json_text.h"
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
	static const char *const memberships[] = {
		[PCTL_OUTSIDE] = "outside",
		[PCTL_INSIDE] = "inside",
		[PCTL_MEMBERSHIP_UNKNOWN] = "unknown",
	};
	const struct packet_fields *fields = &explanation->fields;
	const uint8_t *peer =
		explanation->direction == PCTL_FROM ? fields->destination : fields->source;
	json_t *list = json_array();

	for (uint32_t i = 0; i < explanation->live_count; i++) {
		const struct live_finding *finding = &explanation->live[i];
		const struct live_view view = { .set = finding->set };
		struct live_member member = { .family = fields->family };
		json_t *item;

		member.value = finding->answer.member;
		memcpy(member.address, peer, sizeof(member.address));
		item = json_pack("{s:o, s:s}", "name", json_text(finding->set->name), "membership",
				 memberships[finding->membership]);
		if (finding->answer.is_there)
			json_object_set_new(item, "member",
					    live_member_json(&view, &member, finding->answer.at));
		json_array_append_new(list, item);
	}
	return list;
}
