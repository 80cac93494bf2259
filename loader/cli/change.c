// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "command.h"
#include "error.h"
#include "ids.h"
#include "json_text.h"
#include "not_enforced.h"
#include "output.h"
#include "owner_words.h"
#include "print.h"
#include "target_container.h"
#include "terminal.h"
#include "util.h"

/* --- rules --- */

static int by_id(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The ids of a policy's rules, sorted; malloc'd, NULL without memory. */
static uint32_t *sorted_ids(const struct policy *policy)
{
	uint32_t *ids = calloc(policy->count + 1, sizeof(*ids));

	for (size_t i = 0; ids && i < policy->count; i++)
		ids[i] = policy->rules[i].id;
	if (ids)
		qsort(ids, policy->count, sizeof(*ids), by_id);
	return ids;
}

/* Calls `each` for the rules of `policy` that `other` does not have, and returns how many. */
static size_t each_missing(const struct policy *policy, const struct policy *other,
			   void (*each)(const struct rule *, const char *text, void *), void *data)
{
	_cleanup_(rule_texts_clear) struct rule_texts texts = {};
	_cleanup_(freep) uint32_t *ids = sorted_ids(other);
	size_t count = 0;

	if (!ids || policy_rule_texts(policy, &texts))
		return 0;
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (bsearch(&rule->id, ids, other->count, sizeof(*ids), by_id))
			continue;
		each(rule, texts.items[i], data);
		count++;
	}
	return count;
}

static void print_gone(const struct rule *rule, const char *text, void *data)
{
	(void)data;
	terminal_print(stdout, COLOUR_RED, "  - %s", text);
	printf("  # id %u\n", rule->id);
}

static void print_come(const struct rule *rule, const char *text, void *data)
{
	(void)data;
	terminal_print(stdout, COLOUR_GREEN, "  + %s", text);
	printf("  # id %u\n", rule->id);
}

static void add_json(const struct rule *rule, const char *text, void *list)
{
	json_array_append_new(list,
			      json_pack("{s:I, s:s}", "id", (json_int_t)rule->id, "rule", text));
}

static json_t *rules_missing_json(const struct policy *policy, const struct policy *other)
{
	json_t *list = json_array();

	each_missing(policy, other, add_json, list);
	return list;
}

/* --- sets --- */

enum set_change {
	SET_SAME,
	SET_COME,
	SET_GONE,
	SET_CHANGED,
};

/* How a set has changed; either may be NULL. */
static enum set_change set_change(const struct set *old, const struct set *new)
{
	if (!old || !new)
		return old ? SET_GONE : SET_COME;
	return sets_identical(old, new) ? SET_SAME : SET_CHANGED;
}

/* The set of this name; NULL: there is none. */
static const struct set *find_set(const struct policy *policy, const char *name)
{
	size_t number = policy_find_set(policy, name, strlen(name));

	return number < policy->set_count ? policy->sets[number] : NULL;
}

/* Calls `each` for every set that differs, and returns how many do. */
static size_t each_changed_set(const struct policy *old, const struct policy *new,
			       void (*each)(enum set_change, const struct set *old,
					    const struct set *new, void *),
			       void *data)
{
	size_t count = 0;

	for (size_t i = 0; i < old->set_count; i++) {
		const struct set *set = old->sets[i], *now = find_set(new, set->name);
		enum set_change change = set_change(set, now);

		if (change != SET_SAME)
			each(change, set, now, data);
		count += change != SET_SAME;
	}
	for (size_t i = 0; i < new->set_count; i++) {
		if (find_set(old, new->sets[i]->name))
			continue;
		each(SET_COME, NULL, new->sets[i], data);
		count++;
	}
	return count;
}

/* `3 prefixes from /etc/feed.txt`. @noun: with "prefixes"; @source: with where it is from */
static void describe_set(const struct set *set, bool noun, bool source, char *text, size_t size)
{
	uint64_t count = set_size(set);
	int used = snprintf(text, size, "%llu", (unsigned long long)count);

	if (noun)
		used += snprintf(text + used, size - used, " prefix%s", count == 1 ? "" : "es");
	if (source)
		snprintf(text + used, size - used, set->path ? " from %s" : " in the policy",
			 set->path);
}

static bool same_path(const struct set *a, const struct set *b)
{
	return !a->path == !b->path && (!a->path || !strcmp(a->path, b->path));
}

static void print_changed_set(const struct set *old, const struct set *new)
{
	char now[PATH_MAX + 64], before[PATH_MAX + 64];
	bool moved = !same_path(old, new);

	describe_set(new, true, moved, now, sizeof(now));
	describe_set(old, moved, moved, before, sizeof(before));
	if (moved || set_size(old) != set_size(new))
		printf("  set %s: %s, was %s\n", new->name, now, before);
	else
		printf("  set %s: %s, as many as before, but not the same\n", new->name, now);
}

static void print_set(enum set_change change, const struct set *old, const struct set *new,
		      void *data)
{
	const struct set *set = new ?: old;
	char text[PATH_MAX + 64];

	(void)data;
	if (change == SET_CHANGED) {
		print_changed_set(old, new);
		return;
	}
	describe_set(set, true, set->path, text, sizeof(text));
	terminal_print(stdout, change == SET_GONE ? COLOUR_RED : COLOUR_GREEN, "  %c set %s: %s",
		       change == SET_GONE ? '-' : '+', set->name, text);
	putchar('\n');
}

static void add_set_json(enum set_change change, const struct set *old, const struct set *new,
			 void *list)
{
	static const char *const words[] = {
		[SET_COME] = "added",
		[SET_GONE] = "removed",
		[SET_CHANGED] = "changed",
	};
	json_t *item = json_pack("{s:s, s:s}", "name", (new ?: old)->name, "change", words[change]);

	if (old)
		json_object_set_new(item, "was", json_integer(set_size(old)));
	if (old && old->path)
		json_object_set_new(item, "was_path", json_text(old->path));
	if (new)
		json_object_set_new(item, "prefixes", json_integer(set_size(new)));
	if (new &&new->path)
		json_object_set_new(item, "path", json_text(new->path));
	json_array_append_new(list, item);
}

static json_t *sets_changed_json(const struct policy *old, const struct policy *new)
{
	json_t *list = json_array();

	each_changed_set(old, new, add_set_json, list);
	return list;
}

/* --- both --- */

/* What a change comes to, or would. */
struct outcome {
	bool same; /* the policy */
	bool other_hook; /* or another mode of XDP */
	enum xdp_mode mode;
};

/* The next rule, from index *at on, whose id is in the sorted list; NULL: there is none left. */
static const struct rule *next_common(const struct policy *policy, size_t *at, const uint32_t *ids,
				      size_t count)
{
	while (*at < policy->count) {
		const struct rule *rule = &policy->rules[(*at)++];

		if (bsearch(&rule->id, ids, count, sizeof(*ids), by_id))
			return rule;
	}
	return NULL;
}

/* Are the rules that both policies have in another order? */
static bool reordered(const struct policy *old, const struct policy *new)
{
	_cleanup_(freep) uint32_t *old_ids = sorted_ids(old), *new_ids = sorted_ids(new);
	const struct rule *a, *b;
	size_t i = 0, j = 0;

	if (!old_ids || !new_ids)
		return false;
	do {
		a = next_common(old, &i, new_ids, new->count);
		b = next_common(new, &j, old_ids, old->count);
	} while (a && b && a->id == b->id);
	return a && b;
}

static size_t print_defaults(const struct policy *old, const struct policy *new)
{
	size_t count = 0;

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		if (old->defaults[d] == new->defaults[d])
			continue;
		printf("  default %s %s, was %s\n", policy_direction_name(d),
		       policy_verdict_name(new->defaults[d]),
		       policy_verdict_name(old->defaults[d]));
		count++;
	}
	return count;
}

static void print_difference(const struct policy *old, const struct policy *new)
{
	size_t count = each_changed_set(old, new, print_set, NULL);

	count += each_missing(old, new, print_gone, NULL);
	count += each_missing(new, old, print_come, NULL);
	count += print_defaults(old, new);
	if (reordered(old, new))
		printf("  the order of the rules\n");
	else if (!count)
		printf("  the order of the sets\n");
}

static json_t *change_json(const char *name, const struct policy *old, const struct policy *new,
			   const struct outcome *outcome, bool done)
{
	bool differs = !outcome->same || outcome->other_hook;

	return json_pack("{s:s, s:b, s:b, s:s, s:o, s:o, s:b, s:o, s:{s:s, s:s}}", "interface",
			 name, "changed", differs && done, "differs", differs, "hook",
			 outcome->mode == XDP_MODE_NONE ? "tc" : "xdp", "added",
			 rules_missing_json(new, old), "removed", rules_missing_json(old, new),
			 "reordered", reordered(old, new), "sets", sets_changed_json(old, new),
			 "defaults", "from", policy_verdict_name(new->defaults[PCTL_FROM]), "to",
			 policy_verdict_name(new->defaults[PCTL_TO]));
}

/* Have both the same rules in the same order? Rules with the same text have the same id. */
static bool same_ids(const struct policy *a, const struct policy *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->rules[i].id != b->rules[i].id)
			return false;
	return a->count == b->count;
}

/* Reads the policy in force, gives the rules of the new one their ids, and compares the two. */
static int compare(const struct attachment *attachment, struct policy *policy, struct policy **old,
		   bool *same)
{
	int error = generation_policy(&attachment->current, old);

	error = error ?: policy_assign_ids(policy, *old);
	*same = false;
	if (error || !same_ids(*old, policy))
		return error;
	return policy_same(*old, policy, same);
}

/* --- one --- */

/* A change that is under way. */
struct changing {
	struct session *session;
	const struct change_settings *settings;
	json_t *array; /* collects the JSON of several interfaces; NULL: it is printed at once */
};

static int tell(const struct changing *changing, const char *name, const struct policy *old,
		const struct policy *new, const struct outcome *outcome)
{
	bool done = !changing->settings->preview;

	if (changing->settings->json)
		return output_json_in(changing->array, change_json(name, old, new, outcome, done));
	if (outcome->other_hook)
		printf("%s: %s by %s%s%s\n", name, done ? "judged" : "would be judged",
		       outcome->mode == XDP_MODE_NONE ? "tc" : "xdp",
		       outcome->mode == XDP_MODE_NONE ? "" : " in mode ",
		       outcome->mode == XDP_MODE_NONE ? "" : xdp_mode_name(outcome->mode));
	if (outcome->same && outcome->other_hook)
		return EXIT_DONE;
	if (outcome->same) {
		printf("%s: nothing to change, this policy is in force\n", name);
		return EXIT_DONE;
	}
	printf("%s: %s\n", name, done ? "changed" : "would change");
	print_difference(old, new);
	return EXIT_DONE;
}

/* The record of the attachment's owner with the new policy's source; NULL: no owner is known. */
static const struct owner *new_owner(const struct attachment *attachment,
				     const struct change_settings *settings, struct owner *owner)
{
	const struct owner *old = &attachment->current.owner;

	if (owner_is(old) && old->manager != OWNER_NOBODY)
		*owner = *old;
	else
		target_owner(settings->target, &attachment->hooks.link, owner);
	if (!owner_is(owner))
		*owner = *old;
	if (!owner_is(owner))
		return NULL;
	owner_notice(owner, attachment->hooks.link.name);
	snprintf(owner->source, sizeof(owner->source), "%s", settings->source);
	owner->held = 0;
	owner->why[0] = '\0';
	return owner;
}

static int put_in_force(const struct changing *changing, struct attachment *attachment,
			struct plan *plan, const struct policy *old, bool same)
{
	struct owner owner;
	int error;

	if (same)
		error = attachment_repair(changing->session, attachment);
	else
		error = attachment_change(changing->session, attachment, plan, old,
					  new_owner(attachment, changing->settings, &owner));
	if (error > 0)
		notice("%s: put back what somebody had taken off", attachment->hooks.link.name);
	return error < 0 ? error : 0;
}

/* By another hook or in another mode, once the policy is in force. */
static int change_hook(const struct changing *changing, struct attachment *attachment,
		       struct plan *plan, struct outcome *outcome)
{
	const struct hook_arguments *hook = changing->settings->hook;
	enum mode_choice choice;
	int error = 0;

	outcome->mode = attachment->current.meta.mode;
	if (!hook || !hook->given)
		return 0;
	choice = hook_mode(hook, changing->session->nl, &attachment->hooks.link);
	outcome->other_hook = !hook_is(choice, outcome->mode);
	if (!outcome->other_hook)
		return 0;
	if (changing->settings->preview) {
		outcome->mode = attachment_mode_of(&attachment->hooks.link, choice);
		return 0;
	}
	error = attachment_change_mode(changing->session, attachment, plan, plan->policy, NULL,
				       choice);
	outcome->mode = attachment->current.meta.mode;
	return error;
}

/* A list that was fetched badly opens what it denied: that is said even if it is applied. */
static void warn_of_shrunk_sets(const char *name, const struct policy *old,
				const struct policy *new)
{
	for (size_t i = 0; i < old->set_count; i++) {
		const struct set *was = old->sets[i], *now = find_set(new, was->name);

		if (now && set_shrank(was, now))
			notice("%s: the set %s went from %llu prefixes to %llu: is %s whole?", name,
			       now->name, (unsigned long long)set_size(was),
			       (unsigned long long)set_size(now), now->path);
	}
}

static int change_one(const struct changing *changing, struct attachment *attachment,
		      struct plan *plan, struct outcome *outcome)
{
	bool preview = changing->settings->preview;
	_cleanup_(policy_freep) struct policy *old = NULL;
	char name[IF_NAMESIZE];
	int error;

	snprintf(name, sizeof(name), "%s", attachment->hooks.link.name);
	if (changing->settings->anew)
		policy_forget_ids(plan->policy);
	error = compare(attachment, plan->policy, &old, &outcome->same);
	if (!error)
		warn_of_shrunk_sets(name, old, plan->policy);
	if (preview && !error)
		notice_if_not_enforced(attachment);
	else if (!error)
		error = put_in_force(changing, attachment, plan, old, outcome->same);
	error = error ?: change_hook(changing, attachment, plan, outcome);
	if (error)
		return command_failed(
			name, error, preview ? "nothing was changed" : "the policy in force stays");
	return tell(changing, name, old, plan->policy, outcome);
}

/* --- several --- */

/* Adds a name to a list of them. */
static void add_name(char names[256], const char *name)
{
	size_t used = strlen(names);

	snprintf(names + used, 256 - used, "%s%s", used ? ", " : "", name);
}

/* Some interfaces have the new policy, others have not: says which. */
static void tell_state(const char *target, const char *new, const char *old)
{
	notice("%s: the new policy is in force on %s; on %s it is the one before", target,
	       *new ? new : "none of its interfaces", old);
}

int change_and_tell(struct session *session, struct attachments *attachments,
		    struct plan *const *plans, const struct change_settings *settings, bool *same)
{
	bool several = settings->target->several;
	struct changing changing = { session, settings, NULL };
	char changed[256] = "", failed[256] = "";
	int status = EXIT_DONE;

	if (several && settings->json)
		changing.array = json_array();
	if (same)
		*same = true;
	for (size_t i = 0; i < attachments->count; i++) {
		struct attachment *attachment = &attachments->items[i];
		struct outcome outcome = {};
		int result = change_one(&changing, attachment, plans[i], &outcome);

		add_name(result == EXIT_DONE ? changed : failed, attachment->hooks.link.name);
		status = result ?: status;
		if (same)
			*same = *same && outcome.same && !outcome.other_hook;
	}
	if (status != EXIT_DONE && several && !settings->preview)
		tell_state(settings->target->name, changed, failed);
	return changing.array ? output_json(changing.array) ?: status : status;
}

int change_all_and_tell(struct session *session, struct attachments *attachments, struct plan *plan,
			const struct change_settings *settings, bool *same)
{
	_cleanup_(freep) struct plan **plans = calloc(attachments->count + 1, sizeof(*plans));

	if (!plans)
		return command_failed(settings->target->name, -ENOMEM, "nothing was changed");
	for (size_t i = 0; i < attachments->count; i++)
		plans[i] = plan;
	return change_and_tell(session, attachments, plans, settings, same);
}
