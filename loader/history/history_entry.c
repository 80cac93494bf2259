// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "history_entry.h"
#include "json_text.h"
#include "policy_parse.h"
#include "print.h"
#include "util.h"

#define FIRST_WORDS "# policyctl history 1 " /* 1: the version of the format */
#define SOURCE "history"

static const char *const event_names[HISTORY_EVENTS] = {
	[HISTORY_FOUND] = "found",
	[HISTORY_ATTACHED] = "attached",
	[HISTORY_CHANGED] = "changed",
	[HISTORY_UNDONE] = "undone",
	[HISTORY_NOT_CONFIRMED] = "not confirmed",
	[HISTORY_CONFIRMED] = "confirmed",
	[HISTORY_QUARANTINED] = "quarantined",
	[HISTORY_RELEASED] = "released",
	[HISTORY_DETACHED] = "detached",
};

const char *history_event_name(enum history_event event)
{
	return event_names[event];
}

void history_entry_clear(struct history_entry *entry)
{
	policy_free(entry->policy);
	free(entry->text);
	*entry = (struct history_entry){};
}

/* --- printing --- */

static json_t *who_json(const struct history_who *who)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:I, s:o}", "uid", (json_int_t)who->uid, "user",
			 json_text(who->user), "login", json_text(who->login), "sudo_user",
			 json_text(who->sudo_user), "command", json_text(who->command), "pid",
			 (json_int_t)who->pid, "parent", json_text(who->parent));
}

static json_t *owner_json(const struct owner *owner)
{
	if (!owner_is(owner))
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "manager", (json_int_t)owner->manager, "id",
			 json_text(owner->container), "name", json_text(owner->name), "network",
			 json_text(owner->network), "source", json_text(owner->source));
}

static json_t *set_json(const struct set *set)
{
	char digest[2 * PCTL_SET_DIGEST + 1];

	for (size_t i = 0; i < PCTL_SET_DIGEST; i++)
		snprintf(digest + 2 * i, 3, "%02x", set->digest[i]);
	return json_pack("{s:I, s:I, s:s}", "ipv4", (json_int_t)set->counts[PCTL_IPV4], "ipv6",
			 (json_int_t)set->counts[PCTL_IPV6], "digest", digest);
}

/* What the text does not say: the ids of rules, the members of sets from files, and whether it is
 * audited as a whole. */
static json_t *policy_json(const struct policy *policy)
{
	json_t *ids = json_array(), *sets = json_array();

	for (size_t i = 0; i < policy->count; i++)
		json_array_append_new(ids, json_integer(policy->rules[i].id));
	for (size_t i = 0; i < policy->set_count; i++)
		if (policy->sets[i]->path)
			json_array_append_new(sets, set_json(policy->sets[i]));
	return json_pack("{s:o, s:o, s:I, s:b}", "ids", ids, "sets", sets, "next_id",
			 (json_int_t)policy->next_id, "audit", policy->audit);
}

static json_t *header_json(const struct history_entry *entry, bool too_large)
{
	json_t *policy = entry->policy && !too_large ? policy_json(entry->policy) : json_null();

	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:b}", "event",
			 history_event_name(entry->event), "time", (json_int_t)entry->time,
			 "back_to", (json_int_t)entry->back_to, "mode_choice",
			 (json_int_t)entry->mode_choice, "confirm",
			 (json_int_t)entry->confirm_seconds, "interface",
			 json_text(entry->interface), "owner", owner_json(&entry->owner), "who",
			 who_json(&entry->who), "policy", policy, "too_large", too_large);
}

int history_entry_print(const struct history_entry *entry, char **text, size_t *length)
{
	_cleanup_(freep) char *policy = entry->policy ? policy_print(entry->policy) : strdup("");
	_cleanup_(freep) char *line = NULL;
	bool too_large = policy && strlen(policy) > HISTORY_TEXT_MAX;
	json_t *header = policy ? header_json(entry, too_large) : NULL;
	int used;

	if (header)
		line = json_dumps(header, JSON_COMPACT);
	json_decref(header);
	if (!line)
		return -ENOMEM;
	used = asprintf(text, FIRST_WORDS "%s\n%s", line, too_large ? "" : policy);
	if (used < 0)
		return -ENOMEM;
	*length = used;
	return 0;
}

/* --- reading --- */

static void read_text(const json_t *object, const char *name, char *text, size_t size)
{
	const char *value = json_string_value(json_object_get(object, name));

	snprintf(text, size, "%s", value ?: "");
}

/* A number that fits, or 0. */
static uint64_t read_number(const json_t *object, const char *name, uint64_t most)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value < 0 || (uint64_t)value > most ? 0 : value;
}

static void read_who(const json_t *object, struct history_who *who)
{
	who->uid = read_number(object, "uid", UINT32_MAX);
	who->pid = read_number(object, "pid", UINT32_MAX);
	read_text(object, "user", who->user, sizeof(who->user));
	read_text(object, "login", who->login, sizeof(who->login));
	read_text(object, "sudo_user", who->sudo_user, sizeof(who->sudo_user));
	read_text(object, "command", who->command, sizeof(who->command));
	read_text(object, "parent", who->parent, sizeof(who->parent));
}

static void read_owner(const json_t *object, struct owner *owner)
{
	*owner = (struct owner){};
	if (!json_is_object(object))
		return;
	owner->version = OWNER_VERSION;
	owner->manager = read_number(object, "manager", OWNER_SIDECAR);
	read_text(object, "id", owner->container, sizeof(owner->container));
	read_text(object, "name", owner->name, sizeof(owner->name));
	read_text(object, "network", owner->network, sizeof(owner->network));
	read_text(object, "source", owner->source, sizeof(owner->source));
}

static bool read_event(const json_t *object, enum history_event *event)
{
	const char *name = json_string_value(json_object_get(object, "event"));

	for (int i = 0; i < HISTORY_EVENTS && name; i++)
		if (!strcmp(name, event_names[i])) {
			*event = i;
			return true;
		}
	return false;
}

/* The sets from files of a policy, in the order of its text. */
struct stored_sets {
	const json_t *list;
	size_t next;
};

static int load_stored(void *data, const char *name, struct set *set,
		       struct diagnostics *diagnostics)
{
	struct stored_sets *sets = data;
	const json_t *item = json_array_get(sets->list, sets->next++);
	const char *digest = json_string_value(json_object_get(item, "digest"));

	(void)name, (void)diagnostics;
	if (!digest || strlen(digest) != 2 * PCTL_SET_DIGEST)
		return -EIO;
	for (size_t i = 0; i < PCTL_SET_DIGEST; i++)
		if (sscanf(digest + 2 * i, "%2hhx", &set->digest[i]) != 1)
			return -EIO;
	set->counts[PCTL_IPV4] = read_number(item, "ipv4", UINT32_MAX);
	set->counts[PCTL_IPV6] = read_number(item, "ipv6", UINT32_MAX);
	return 0;
}

static bool read_ids(const json_t *object, struct policy *policy)
{
	const json_t *ids = json_object_get(object, "ids");

	if (json_array_size(ids) != policy->count)
		return false;
	for (size_t i = 0; i < policy->count; i++) {
		json_int_t id = json_integer_value(json_array_get(ids, i));

		if (id <= 0 || id > UINT32_MAX)
			return false;
		policy->rules[i].id = id;
	}
	policy->next_id = read_number(object, "next_id", UINT32_MAX);
	return true;
}

static int read_policy(const json_t *object, const char *text, size_t length,
		       struct history_entry *entry)
{
	struct stored_sets sets = { .list = json_object_get(object, "sets") };
	const struct policy_files files = { .load = load_stored, .data = &sets };
	struct diagnostics diagnostics = {};
	int error = policy_parse(SOURCE, text, length, &files, &entry->policy, &diagnostics);

	diagnostics_clear(&diagnostics);
	if (error)
		entry->policy = NULL;
	if (error == -ENOMEM)
		return error;
	if (entry->policy)
		policy_forget_places(entry->policy);
	if (error || !read_ids(object, entry->policy)) {
		policy_free(entry->policy);
		entry->policy = NULL;
		entry->unreadable = true;
		return 0;
	}
	entry->policy->audit = json_is_true(json_object_get(object, "audit"));
	entry->text = strndup(text, length);
	return entry->text ? 0 : -ENOMEM;
}

static int read_header(const json_t *header, const char *text, size_t length,
		       struct history_entry *entry)
{
	const json_t *policy = json_object_get(header, "policy");

	if (!read_event(header, &entry->event)) {
		entry->unreadable = true;
		return 0;
	}
	entry->time = read_number(header, "time", INT64_MAX);
	entry->back_to = read_number(header, "back_to", UINT32_MAX);
	entry->mode_choice = read_number(header, "mode_choice", UINT16_MAX);
	entry->confirm_seconds = read_number(header, "confirm", UINT32_MAX);
	entry->too_large = json_is_true(json_object_get(header, "too_large"));
	read_text(header, "interface", entry->interface, sizeof(entry->interface));
	read_owner(json_object_get(header, "owner"), &entry->owner);
	read_who(json_object_get(header, "who"), &entry->who);
	return json_is_object(policy) ? read_policy(policy, text, length, entry) : 0;
}

int history_entry_parse(uint32_t number, const char *text, size_t length,
			struct history_entry *entry)
{
	const char *end = memchr(text, '\n', length), *start = text + strlen(FIRST_WORDS);
	struct history_entry new = { .number = number };
	json_t *header = NULL;
	int error = 0;

	if (end && end > start && !strncmp(text, FIRST_WORDS, strlen(FIRST_WORDS)))
		header = json_loadb(start, end - start, JSON_REJECT_DUPLICATES, NULL);
	if (header)
		error = read_header(header, end + 1, text + length - (end + 1), &new);
	else
		new.unreadable = true;
	json_decref(header);
	if (error)
		history_entry_clear(&new);
	else
		*entry = new;
	return error;
}
