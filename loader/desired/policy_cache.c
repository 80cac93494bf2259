// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy_cache.h"
#include "util.h"

/* A container may have other labels at each start: the entry used least recently goes. */
#define CACHE_MAX 512

struct policy_cache_entry {
	char *key;
	size_t key_size;
	char *file; /* name of the policy file that it contains; NULL: none */
	struct desired_policy *desired;
	uint64_t used; /* when it was asked for last, in questions */
};

static void entry_clear(struct policy_cache_entry *entry)
{
	desired_policy_unref(entry->desired);
	free(entry->file);
	free(entry->key);
}

static void forget_at(struct policy_cache *cache, size_t index)
{
	entry_clear(&cache->items[index]);
	cache->items[index] = cache->items[--cache->count];
}

void policy_cache_forget(struct policy_cache *cache, const char *file)
{
	for (size_t i = cache->count; i-- > 0;)
		if (!file || (cache->items[i].file && !strcmp(cache->items[i].file, file)))
			forget_at(cache, i);
	if (cache->count)
		return;
	free(cache->items);
	cache->items = NULL;
}

struct desired_policy *policy_cache_find(struct policy_cache *cache, const char *key, size_t size)
{
	cache->questions++;
	for (size_t i = 0; i < cache->count; i++) {
		struct policy_cache_entry *entry = &cache->items[i];

		if (entry->key_size != size || memcmp(entry->key, key, size) != 0)
			continue;
		entry->used = cache->questions;
		return desired_policy_ref(entry->desired);
	}
	return NULL;
}

static void make_room(struct policy_cache *cache)
{
	size_t oldest = 0;

	if (cache->count < CACHE_MAX)
		return;
	for (size_t i = 1; i < cache->count; i++)
		if (cache->items[i].used < cache->items[oldest].used)
			oldest = i;
	forget_at(cache, oldest);
}

int policy_cache_add(struct policy_cache *cache, const char *key, size_t size, const char *file,
		     struct desired_policy *desired)
{
	struct policy_cache_entry entry = { .key_size = size, .used = cache->questions };
	struct policy_cache_entry *grown;

	make_room(cache);
	grown = reallocarray(cache->items, cache->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	cache->items = grown;
	entry.key = malloc(size + 1);
	entry.file = file ? strdup(file) : NULL;
	if (!entry.key || (file && !entry.file)) {
		entry_clear(&entry);
		return -ENOMEM;
	}
	memcpy(entry.key, key, size);
	entry.desired = desired_policy_ref(desired);
	grown[cache->count++] = entry;
	return 0;
}
