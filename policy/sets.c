/* SPDX-License-Identifier: GPL-2.0-only */
#include "sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

static const char *const kind_names[PCTL_LIVE_KINDS] = {
	[PCTL_LIVE_DNS] = "dns",	 [PCTL_LIVE_CONTAINER] = "container",
	[PCTL_LIVE_COMPOSE] = "compose", [PCTL_LIVE_LABEL] = "label",
	[PCTL_LIVE_NETWORK] = "network", [PCTL_LIVE_HOST] = "host",
	[PCTL_LIVE_GATEWAY] = "gateway",
};

const char *set_kind_name(enum pctl_live_kind kind)
{
	return kind < PCTL_LIVE_KINDS ? kind_names[kind] : NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void set_normalise_words(struct set *set)
{
	size_t kept = 0;

	if (!set->word_count)
		return;
	qsort(set->words, set->word_count, sizeof(*set->words), by_text);
	for (size_t i = 1; i < set->word_count; i++) {
		if (strcmp(set->words[kept], set->words[i]) != 0)
			set->words[++kept] = set->words[i];
		else
			free(set->words[i]);
	}
	set->word_count = kept + 1;
}

void set_free(struct set *set)
{
	if (!set)
		return;
	prefixes_clear(&set->prefixes);
	prefixes_clear(&set->expired);
	for (size_t i = 0; i < set->word_count; i++)
		free(set->words[i]);
	free(set->words);
	free(set->name);
	free(set->path);
	free(set);
}

static int copy_words(struct set *copy, const struct set *set)
{
	copy->words = calloc(set->word_count + 1, sizeof(*copy->words));
	if (!copy->words)
		return -ENOMEM;
	for (; copy->word_count < set->word_count; copy->word_count++) {
		copy->words[copy->word_count] = strdup(set->words[copy->word_count]);
		if (!copy->words[copy->word_count])
			return -ENOMEM;
	}
	return 0;
}

struct set *set_copy(const struct set *set)
{
	_cleanup_(set_freep) struct set *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *set;
	copy->prefixes = (struct prefixes){ 0 };
	copy->expired = (struct prefixes){ 0 };
	copy->words = NULL;
	copy->word_count = 0;
	copy->name = strdup(set->name);
	copy->path = set->path ? strdup(set->path) : NULL;
	if (!copy->name || (set->path && !copy->path) || copy_words(copy, set) ||
	    prefixes_copy(&copy->prefixes, &set->prefixes) ||
	    prefixes_copy(&copy->expired, &set->expired))
		return NULL;
	return TAKE_PTR(copy);
}

uint64_t set_size(const struct set *set)
{
	if (set->live)
		return set->word_count;
	return set->path ? set->counts[PCTL_IPV4] + set->counts[PCTL_IPV6] : set->prefixes.count;
}

const char *set_unit(const struct set *set, uint64_t count)
{
	static const char *const units[PCTL_LIVE_KINDS][2] = {
		[PCTL_LIVE_FREE] = { "prefix", "prefixes" },
		[PCTL_LIVE_DNS] = { "name", "names" },
		[PCTL_LIVE_CONTAINER] = { "container", "containers" },
		[PCTL_LIVE_COMPOSE] = { "service", "services" },
		[PCTL_LIVE_LABEL] = { "label", "labels" },
		[PCTL_LIVE_NETWORK] = { "network", "networks" },
		[PCTL_LIVE_HOST] = { "word", "words" },
		[PCTL_LIVE_GATEWAY] = { "word", "words" },
	};

	return units[set->live][count != 1];
}

static bool same_words(const struct set *a, const struct set *b)
{
	if (a->word_count != b->word_count)
		return false;
	for (size_t i = 0; i < a->word_count; i++)
		if (strcmp(a->words[i], b->words[i]) != 0)
			return false;
	return true;
}

bool sets_identical(const struct set *a, const struct set *b)
{
	if (a->live || b->live)
		return a->live == b->live && same_words(a, b);
	if (!a->path || !b->path)
		return !a->path && !b->path && prefixes_equal(&a->prefixes, &b->prefixes);
	return !strcmp(a->path, b->path) && !memcmp(a->digest, b->digest, sizeof(a->digest));
}

bool set_shrank(const struct set *old, const struct set *new)
{
	return old->path && new->path &&set_size(new) * 2 < set_size(old);
}
