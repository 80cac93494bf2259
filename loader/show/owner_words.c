// SPDX-License-Identifier: GPL-2.0-only
#include "json_text.h"
#include "owner_words.h"

const char *owner_name(const struct owner *owner)
{
	if (!owner_is_container(owner))
		return "";
	return owner->name[0] ? owner->name : owner->container;
}

const char *owner_subject(const struct owner *owner)
{
	return owner_is_interface(owner) ? owner->name : owner_name(owner);
}

json_t *owner_container_json(const struct owner *owner)
{
	if (!owner_is_container(owner))
		return json_null();
	return json_pack("{s:s, s:o, s:o}", "id", owner->container, "name", json_text(owner->name),
			 "network", json_text_or_null(owner->network));
}

void owner_add_json(json_t *object, const struct owner *owner)
{
	static const struct owner nobody;

	if (!owner_is(owner))
		owner = &nobody;
	json_object_set_new(object, "container", owner_container_json(owner));
	json_object_set_new(object, "manager", json_text_or_null(owner_manager_name(owner)));
	json_object_set_new(object, "held", json_boolean(owner->held));
	json_object_set_new(object, "why", json_text_or_null(owner->held ? owner->why : ""));
	json_object_set_new(object, "policy_source", json_text_or_null(owner->source));
}
