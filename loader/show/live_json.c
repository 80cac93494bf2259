// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "json_text.h"
#include "live_json.h"

json_t *live_member_json(const struct live_view *view, const struct live_member *member,
			 uint32_t now)
{
	const char *name = live_member_name(view->set, &member->value);
	char address[INET6_ADDRSTRLEN], origin[9];
	json_t *item;

	inet_ntop(member->family == PCTL_IPV4 ? AF_INET : AF_INET6, member->address, address,
		  sizeof(address));
	snprintf(origin, sizeof(origin), "%08x", member->value.origin);
	item = json_pack("{s:s, s:s?, s:s?, s:b}", "address", address, "name", name, "container",
			 member->value.origin ? origin : NULL, "expired",
			 pctl_member_expired(&member->value, now));
	json_object_set_new(item, "seconds_left",
			    member->value.until
				    ? json_integer(live_seconds_left(&member->value, now))
				    : json_null());
	return item;
}

static json_t *finding_json(const struct live_finding *finding, enum pctl_family family,
			    const uint8_t *address)
{
	static const char *const memberships[] = {
		[PCTL_OUTSIDE] = "outside",
		[PCTL_INSIDE] = "inside",
		[PCTL_MEMBERSHIP_UNKNOWN] = "unknown",
	};
	const struct live_view view = { .set = finding->set };
	struct live_member member = { .family = family, .value = finding->answer.member };
	json_t *item = json_pack("{s:o, s:s}", "name", json_text(finding->set->name), "membership",
				 memberships[finding->membership]);

	memcpy(member.address, address, family == PCTL_IPV4 ? 4 : sizeof(member.address));
	if (finding->answer.is_there)
		json_object_set_new(item, "member",
				    live_member_json(&view, &member, finding->answer.at));
	return item;
}

json_t *live_findings_json(const struct live_finding *findings, uint32_t count,
			   enum pctl_family family, const uint8_t *address)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list, finding_json(&findings[i], family, address));
	return list;
}

static json_t *members_json(const struct live_view *view, uint32_t now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->member_count; i++)
		json_array_append_new(list, live_member_json(view, &view->members[i], now));
	return list;
}

json_t *live_json(const struct live_views *views)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < views->count; i++) {
		const struct live_view *view = &views->items[i];
		json_t *item = json_pack("{s:o, s:b}", "name", json_text(view->set->name),
					 "looked_up", view->asked);

		if (view->asked) {
			json_object_set_new(item, "count", json_integer(view->count));
			json_object_set_new(item, "known",
					    json_boolean(view->flags & PCTL_LIVE_KNOWN));
			json_object_set_new(item, "incomplete",
					    json_boolean(view->flags & PCTL_LIVE_INCOMPLETE));
			json_object_set_new(item, "left_out", json_integer(view->left_out));
		}
		if (view->members)
			json_object_set_new(item, "members", members_json(view, views->now));
		json_array_append_new(list, item);
	}
	return list;
}
