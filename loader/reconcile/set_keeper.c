// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "live_addresses.h"
#include "live_maps.h"
#include "log.h"
#include "reconcile_pass.h"
#include "set_keeper.h"
#include "sets.h"
#include "sightings.h"
#include "util.h"

static void clear_set(struct kept_set *kept)
{
	for (size_t i = 0; i < kept->set.word_count; i++)
		free(kept->set.words[i]);
	free(kept->set.words);
	free(kept->members);
	*kept = (struct kept_set){};
}

static void clear_kept(struct kept_set *sets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		clear_set(&sets[i]);
	free(sets);
}

static void forget_sets(struct set_keeper *keeper)
{
	clear_kept(keeper->sets, keeper->count);
	keeper->sets = NULL;
	keeper->count = 0;
}

void set_keeper_clear(struct set_keeper *keeper)
{
	forget_sets(keeper);
	*keeper = (struct set_keeper){};
}

/* --- what a set should have --- */

static int find_gateway(struct nl *nl, const struct live_set *set, struct kept_set *kept)
{
	struct link link;
	int error = set->word_count ? nl_link_get(nl, set->words[0], 0, &link) : -ENODEV;

	if (error == -ENODEV) { /* its bridge is gone: it has no addresses */
		error_clear();
		return 0;
	}
	return error ?: live_addresses(nl, link.ifindex, &kept->members, &kept->count);
}

/* -EAGAIN: it cannot be known yet. */
static int find(const struct follower *f, const struct member_claims *claims,
		const struct live_set *set, struct kept_set *kept)
{
	if (set->kind == PCTL_LIVE_HOST)
		return live_addresses(f->nl, 0, &kept->members, &kept->count);
	if (set->kind == PCTL_LIVE_GATEWAY)
		return find_gateway(f->nl, set, kept);
	if (!f->engine_seen)
		return -EAGAIN;
	return members_find(claims, set->kind, set->words, set->word_count, &kept->members,
			    &kept->count);
}

static int compare(const void *a, const void *b)
{
	const struct live_member *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return memcmp(x->address, y->address, sizeof(x->address));
}

static void sort(struct kept_set *kept)
{
	size_t unique = 0;

	if (kept->count)
		qsort(kept->members, kept->count, sizeof(*kept->members), compare);
	for (size_t i = 0; i < kept->count; i++)
		if (!unique || compare(&kept->members[unique - 1], &kept->members[i]) != 0)
			kept->members[unique++] = kept->members[i];
	kept->count = unique;
}

/* --- what it has --- */

static bool same_set(const struct live_set *a, const struct live_set *b)
{
	if (a->number != b->number || a->kind != b->kind || a->word_count != b->word_count)
		return false;
	for (size_t i = 0; i < a->word_count; i++)
		if (strcmp(a->words[i], b->words[i]) != 0)
			return false;
	return true;
}

static bool same_members(const struct kept_set *a, const struct kept_set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (compare(&a->members[i], &b->members[i]) != 0 ||
		    a->members[i].value.origin != b->members[i].value.origin)
			return false;
	return true;
}

static const struct kept_set *find_kept(const struct set_keeper *keeper, const struct live_set *set)
{
	for (size_t i = 0; i < keeper->count; i++)
		if (same_set(&keeper->sets[i].set, set))
			return &keeper->sets[i];
	return NULL;
}

/* --- bringing it there --- */

#define WORDS_SIZE 256

/* `compose { shop/web }`, as far as it fits. */
static void write_words(const struct live_set *set, char words[WORDS_SIZE])
{
	size_t length = snprintf(words, WORDS_SIZE, "%s {", set_kind_name(set->kind));

	for (size_t i = 0; i < set->word_count && length < WORDS_SIZE; i++)
		length += snprintf(words + length, WORDS_SIZE - length, "%s %s", i ? "," : "",
				   set->words[i]);
	if (length < WORDS_SIZE)
		snprintf(words + length, WORDS_SIZE - length, " }");
}

static void log_written(const struct kept_set *kept, uint64_t began_ns)
{
	char words[WORDS_SIZE];

	write_words(&kept->set, words);
	log_event(LOG_LEVEL_INFO, "live set changed", "set", words, "members",
		  log_number(kept->count), "ms",
		  log_milliseconds((clock_monotonic_ns() - began_ns) / 1e6), NULL);
	if (kept->count > PCTL_LIVE_SET_MEMBERS)
		log_event(LOG_LEVEL_WARNING, "live set incomplete", "set", words, "left_out",
			  log_number(kept->count - PCTL_LIVE_SET_MEMBERS), "why",
			  "it has no room for more: whether others are members is unknown", NULL);
}

static void log_failed(struct set_keeper *keeper, const struct live_set *set)
{
	const char *why = error_message(0);
	char words[WORDS_SIZE];

	keeper->failures++;
	if (strncmp(keeper->trouble, why, sizeof(keeper->trouble) - 1) != 0) {
		write_words(set, words);
		log_event(LOG_LEVEL_ERROR, "cannot keep a live set", "set", words, "why", why,
			  NULL);
	}
	snprintf(keeper->trouble, sizeof(keeper->trouble), "%s", why);
	error_clear();
}

/* Returns 0 if it is as it should be. Its words go to *kept. */
static int keep(struct follower *f, const struct member_claims *claims, struct live_set *set,
		struct kept_set *kept)
{
	struct set_keeper *keeper = &f->keeper;
	const struct kept_set *before = find_kept(keeper, set);
	uint64_t began_ns = clock_monotonic_ns();
	int error = find(f, claims, set, kept);

	kept->set = *set;
	*set = (struct live_set){};
	sort(kept);
	if (!error && before && (kept->set.flags & PCTL_LIVE_KNOWN) && same_members(before, kept))
		return 0;
	error = error ?: live_set_fill(f->pins, kept->set.number, kept->members, kept->count, true);
	if (!error) {
		keeper->writes++;
		keeper->trouble[0] = '\0';
		log_written(kept, began_ns);
	} else if (error != -EAGAIN) {
		error_set(error, "%s", error_message(error));
		log_failed(keeper, &kept->set);
	}
	return error;
}

static bool is_kept(const struct live_set *set)
{
	return members_are_containers(set->kind) || set->kind == PCTL_LIVE_HOST ||
	       set->kind == PCTL_LIVE_GATEWAY;
}

/* Returns whether some set is not as it should be. */
static bool keep_all(struct follower *f, const struct member_claims *claims, struct live_set *sets,
		     size_t count)
{
	struct set_keeper *keeper = &f->keeper;
	struct kept_set *kept = calloc(count + 1, sizeof(*kept));
	size_t used = 0;
	bool again = !kept;

	for (size_t i = 0; i < count && kept; i++) {
		if (!is_kept(&sets[i]))
			continue;
		if (!keep(f, claims, &sets[i], &kept[used])) {
			used++;
			continue;
		}
		again = true;
		clear_set(&kept[used]);
	}
	clear_kept(keeper->sets, keeper->count);
	keeper->sets = kept;
	keeper->count = used;
	return again;
}

static void refresh(struct follower *f)
{
	struct member_claims claims = {};
	struct live_set *sets = NULL;
	size_t count = 0;
	int error = live_sets_list(f->pins, &sets, &count);

	if (!error && count && f->engine_seen)
		error = sightings_claims(f, &claims);
	if (error) {
		f->keeper.dirty = true;
		error_set(error, "%s", error_message(error));
		log_failed(&f->keeper, &(struct live_set){});
	} else {
		f->keeper.dirty = keep_all(f, &claims, sets, count);
	}
	free(claims.items);
	live_sets_free(sets, count);
}

/* What another process wrote meanwhile is not known: all is written anew. */
static void take_over(struct set_keeper *keeper, bool first)
{
	if (first && !keeper->first)
		forget_sets(keeper);
	keeper->first = first;
}

bool set_keeper_is_due(struct follower *f)
{
	char path[PATH_MAX];

	if (!f->keeper.dirty)
		return false;
	live_directory(f->pins, path);
	if (access(path, F_OK)) { /* there are no live sets */
		forget_sets(&f->keeper);
		f->keeper.dirty = false;
		return false;
	}
	return gate_is_first(f->gate);
}

void set_keeper_refresh(struct reconcile_pass *pass)
{
	struct follower *f = pass->follower;

	if (!f->keeper.dirty)
		return;
	take_over(&f->keeper, gate_is_first(f->gate));
	if (f->keeper.first)
		refresh(f);
}

/* --- metrics --- */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void set_keeper_write_metrics(const struct set_keeper *keeper, FILE *out)
{
	size_t members = 0;

	for (size_t i = 0; i < keeper->count; i++)
		members += keeper->sets[i].count;
	head(out, "policyctl_follower_keeps_sets", "gauge",
	     "Whether this process keeps the live sets of its network namespace.");
	fprintf(out, "policyctl_follower_keeps_sets %d\n", keeper->first);
	head(out, "policyctl_follower_sets", "gauge", "Live sets that it keeps.");
	fprintf(out, "policyctl_follower_sets %zu\n", keeper->count);
	head(out, "policyctl_follower_set_members", "gauge", "Members of all of them together.");
	fprintf(out, "policyctl_follower_set_members %zu\n", members);
	head(out, "policyctl_follower_set_writes_total", "counter",
	     "Live sets whose members were changed, or could not be.");
	fprintf(out, "policyctl_follower_set_writes_total{result=\"written\"} %" PRIu64 "\n",
		keeper->writes);
	fprintf(out, "policyctl_follower_set_writes_total{result=\"failed\"} %" PRIu64 "\n",
		keeper->failures);
}
