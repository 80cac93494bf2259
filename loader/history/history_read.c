// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "history_entry.h"
#include "history_store.h"
#include "print.h"
#include "util.h"

#define SHORT_ID 12 /* digits of an id, as engines print it */

void history_clear(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		history_entry_clear(&history->entries[i]);
	free(history->entries);
	*history = (struct history){};
}

static int read_place(int store, const char *name, struct history *history)
{
	_cleanup_(closep) int place = -1;
	_cleanup_(freep) uint32_t *numbers = NULL;
	size_t count = 0;
	int error = history_store_open_place(store, name, false, &place);

	snprintf(history->place, sizeof(history->place), "%s", name);
	error = error ?: history_store_numbers(place, &numbers, &count);
	if (error)
		return error == -ENOENT ? 0 : error;
	history->entries = calloc(count + 1, sizeof(*history->entries));
	if (!history->entries)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct history_entry *entry = &history->entries[history->count++];
		_cleanup_(freep) char *text = NULL;
		size_t length = 0;

		entry->number = numbers[i];
		if (history_store_read(place, numbers[i], &text, &length))
			entry->unreadable = true;
		else if (history_entry_parse(numbers[i], text, length, entry))
			return -ENOMEM;
	}
	error_clear();
	return 0;
}

int history_read(const char *pins, const char *interface, const struct owner *owner,
		 struct history *history)
{
	_cleanup_(closep) int store = -1;
	char name[HISTORY_PLACE_SIZE];
	int error = history_store_open(false, &store);

	*history = (struct history){};
	history_store_place(pins, interface, owner, name);
	error = error ?: read_place(store, name, history);
	if (error)
		history_clear(history);
	return error == -ENOENT ? 0 : error;
}

/* --- places that are looked for --- */

struct search {
	const char *interface, *container;
	struct history **histories;
	size_t *count;
};

static bool is_meant(const struct search *search, const struct history *history)
{
	const struct history_entry *last =
		history->count ? &history->entries[history->count - 1] : NULL;
	const char *container = search->container;

	if (!last || last->unreadable)
		return false;
	if (search->interface && !strcmp(last->interface, search->interface))
		return true;
	return container && owner_is(&last->owner) &&
	       (!strcmp(last->owner.name, container) ||
		(strlen(container) >= SHORT_ID &&
		 !strncmp(last->owner.container, container, strlen(container))));
}

static int look(int store, const char *place, void *data)
{
	struct search *search = data;
	struct history history = {}, *grown;
	int error = read_place(store, place, &history);

	if (error != -ENOMEM && (error || !is_meant(search, &history))) {
		error_clear(); /* it is not ours */
		history_clear(&history);
		return 0;
	}
	grown = error ? NULL : reallocarray(*search->histories, *search->count + 1, sizeof(*grown));
	if (!grown) {
		history_clear(&history);
		return -ENOMEM;
	}
	*search->histories = grown;
	grown[(*search->count)++] = history;
	return 0;
}

int history_find(const char *pins, const char *interface, const char *container,
		 struct history **histories, size_t *count)
{
	struct search search = { interface, container, histories, count };
	_cleanup_(closep) int store = -1;
	int error = history_store_open(false, &store);

	*histories = NULL;
	*count = 0;
	error = error ?: history_store_places(store, pins, look, &search);
	return error == -ENOENT ? 0 : error;
}

/* --- which one --- */

bool history_same(const struct history_entry *a, const struct history_entry *b)
{
	bool same = false;

	if (!a->policy || !b->policy)
		return !a->policy && !b->policy && !a->unreadable && !b->unreadable &&
		       !a->too_large && !b->too_large;
	return a->mode_choice == b->mode_choice && !policy_same(a->policy, b->policy, &same) &&
	       same;
}

const struct history_entry *history_numbered(const struct history *history, uint32_t number)
{
	for (size_t i = 0; i < history->count; i++)
		if (history->entries[i].number == number)
			return &history->entries[i];
	return NULL;
}

const struct history_entry *history_before(const struct history *history)
{
	const struct history_entry *last =
		history->count ? &history->entries[history->count - 1] : NULL;
	uint32_t from = last ? last->back_to ?: last->number : 0;

	for (size_t i = history->count; i-- > 0;) {
		const struct history_entry *entry = &history->entries[i];

		if (entry->number < from && entry->event == HISTORY_DETACHED)
			return NULL;
		if (entry->number < from && entry->event != HISTORY_QUARANTINED && entry->policy &&
		    !history_same(entry, last))
			return entry;
	}
	return NULL;
}
