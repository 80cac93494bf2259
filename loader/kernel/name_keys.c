// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "name_keys.h"

#define STAR "*."

/* A word of a set. */
struct word {
	struct pctl_name_key key;
	bool star;
	unsigned int slot, number;
};

struct words {
	struct word *items;
	size_t count;
};

static size_t key_bytes(const struct pctl_name_key *key)
{
	return key->bits / 8;
}

/* Appends one label. Returns how many bytes of the key are used then; 0: it is none, or too much.
 */
static size_t add_label(struct pctl_name_key *key, size_t used, const char *label, size_t size)
{
	/* 255 bytes with the 0 of the root */
	if (!size || size > 63 || used + 1 + size > PCTL_NAME_BYTES - 2)
		return 0;
	key->labels[used++] = size;
	for (size_t i = 0; i < size; i++)
		key->labels[used++] = tolower((unsigned char)label[i]);
	return used;
}

bool name_key(const char *word, struct pctl_name_key *key)
{
	bool star = !strncmp(word, STAR, strlen(STAR));
	const char *name = star ? word + strlen(STAR) : word;
	size_t end = strlen(name), begin, used = 0;

	memset(key, 0, sizeof(*key));
	do { /* from the last label to the first */
		for (begin = end; begin > 0 && name[begin - 1] != '.'; begin--)
			;
		used = add_label(key, used, name + begin, end - begin);
		end = begin ? begin - 1 : 0;
	} while (used && begin);
	key->bits = (used + !star) * 8;
	return used;
}

/* --- the words of all sets --- */

/* By key, those without a star first. */
static int compare_words(const void *a, const void *b)
{
	const struct word *one = a, *other = b;
	int order = memcmp(one->key.labels, other->key.labels, sizeof(one->key.labels));

	if (one->star != other->star)
		return one->star ? 1 : -1;
	return order ?: (int)one->key.bits - (int)other->key.bits;
}

static size_t count_words(const struct set *const sets[PCTL_SETS_MAX])
{
	size_t count = 0;

	for (int i = 0; i < PCTL_SETS_MAX; i++)
		if (sets[i] && sets[i]->live == PCTL_LIVE_DNS)
			count += sets[i]->word_count;
	return count;
}

static int gather_words(const struct set *const sets[PCTL_SETS_MAX], struct words *words)
{
	for (unsigned int i = 0; i < PCTL_SETS_MAX; i++) {
		const struct set *set = sets[i];

		for (size_t w = 0; set && set->live == PCTL_LIVE_DNS && w < set->word_count; w++) {
			struct word *word = &words->items[words->count++];

			*word = (struct word){ .slot = i, .number = w };
			word->star = !strncmp(set->words[w], STAR, strlen(STAR));
			if (!name_key(set->words[w], &word->key))
				return -EINVAL;
		}
	}
	qsort(words->items, words->count, sizeof(*words->items), compare_words);
	return 0;
}

/* The first word that is not before @wanted. */
static size_t find_words(const struct words *words, const struct word *wanted)
{
	size_t low = 0, high = words->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_words(&words->items[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The sets with exactly this word. Later calls are for longer words, which are more special. */
static void add_sets(const struct words *words, const struct word *wanted,
		     struct pctl_name_sets *value)
{
	for (size_t i = find_words(words, wanted);
	     i < words->count && !compare_words(&words->items[i], wanted); i++) {
		value->sets |= 1u << words->items[i].slot;
		value->words[words->items[i].slot] = words->items[i].number;
	}
}

/* The sets that a name with this longest match is in: by stars in front of it, and by itself. */
static void find_sets(const struct words *words, const struct word *word,
		      struct pctl_name_sets *value)
{
	size_t end = key_bytes(&word->key) - !word->star;
	struct word part = { .star = true };

	memset(value, 0, sizeof(*value));
	for (size_t at = 0; at < end;) {
		size_t next = at + 1 + word->key.labels[at];

		memcpy(part.key.labels + at, word->key.labels + at, next - at);
		part.key.bits = next * 8;
		at = next;
		if (at < end || word->star) /* the apex is not below its own star */
			add_sets(words, &part, value);
	}
	if (!word->star)
		add_sets(words, word, value);
}

/* --- the entries --- */

static bool is_new(const struct name_entry *entries, size_t count, const struct pctl_name_key *key)
{
	return !count || memcmp(&entries[count - 1].key, key, sizeof(*key));
}

/* A star's apex would be found by the star, if it had no entry of its own. */
static void add_apexes(struct words *words)
{
	size_t count = words->count;

	for (size_t i = 0; i < count; i++) {
		struct word *apex = &words->items[words->count];

		if (!words->items[i].star)
			continue;
		*apex = words->items[i];
		apex->star = false;
		apex->key.bits += 8;
		words->count++;
	}
}

int name_entries(const struct set *const sets[PCTL_SETS_MAX], struct name_entry **entries,
		 size_t *count)
{
	size_t room = count_words(sets) * 2 + 1, made = 0;
	_cleanup_(freep) struct word *items = calloc(room, sizeof(*items));
	struct words words = { .items = items };
	struct name_entry *new = calloc(room, sizeof(*new));
	int error = items && new ? gather_words(sets, &words) : -ENOMEM;
	struct words all = words;

	if (error) {
		free(new);
		return error;
	}
	add_apexes(&all); /* behind the words, which stay sorted */
	for (size_t i = 0; i < all.count; i++) {
		if (!is_new(new, made, &items[i].key))
			continue;
		new[made].key = items[i].key;
		find_sets(&words, &items[i], &new[made++].value);
	}
	*entries = new;
	*count = made;
	return 0;
}
