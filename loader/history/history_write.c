// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "history_entry.h"
#include "history_store.h"
#include "util.h"

#define PRUNE_EVERY 64 /* entries that a process writes */

/* The record of the change before, which the next one follows. */
static int read_last(int place, struct history_entry *last, uint32_t *number)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t count = 0, length;
	int error = history_store_numbers(place, &numbers, &count);

	*number = !error && count ? numbers[count - 1] : 0;
	if (error || !count)
		return error;
	if (history_store_read(place, *number, &text, &length)) {
		error_clear();
		last->unreadable = true;
		return 0;
	}
	return history_entry_parse(*number, text, length, last);
}

static int add(int place, uint32_t number, const struct history_entry *entry)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = history_entry_print(entry, &text, &length);

	return error ?: history_store_write(place, number, text, length);
}

/* What the entry says of a policy: the entry does not own it. */
static struct history_entry entry_of(const struct history_change *change)
{
	struct history_entry entry = {
		.event = change->event,
		.back_to = change->back_to,
		.mode_choice = change->mode_choice,
		.confirm_seconds = change->confirm_seconds,
		.time = time(NULL),
		.policy = (struct policy *)change->policy,
	};

	snprintf(entry.interface, sizeof(entry.interface), "%s", change->interface);
	if (change->owner)
		entry.owner = *change->owner;
	history_who_here(&entry.who);
	return entry;
}

static struct history_entry entry_of_previous(const struct history_change *change)
{
	struct history_entry entry = entry_of(change);

	entry.event = HISTORY_FOUND;
	entry.back_to = entry.confirm_seconds = 0;
	entry.mode_choice = change->previous_mode_choice;
	entry.time = change->previous_time;
	entry.policy = (struct policy *)change->previous;
	entry.who = (struct history_who){};
	return entry;
}

static bool goes_back(enum history_event event)
{
	return event == HISTORY_UNDONE || event == HISTORY_NOT_CONFIRMED ||
	       event == HISTORY_RELEASED;
}

/* The entry with the policy that is in force again; 0: it is not known. */
static uint32_t find_back(const struct history_change *change, const struct history_entry *new)
{
	struct history history = {};
	uint32_t number = 0;

	if (history_read(change->pins, change->interface, change->owner, &history))
		return 0;
	for (size_t i = history.count; i-- > 0 && !number;) {
		const struct history_entry *entry = &history.entries[i];

		if (entry->event != HISTORY_QUARANTINED && history_same(entry, new))
			number = entry->back_to ?: entry->number;
	}
	history_clear(&history);
	return number;
}

/* A container that was started again with the same policy has a new veth, and no new entry. */
static bool is_nothing_new(const struct history_entry *last, const struct history_entry *new)
{
	return new->event == HISTORY_ATTACHED && last->event != HISTORY_DETACHED &&
	       last->event != HISTORY_QUARANTINED && last->policy &&history_same(last, new);
}

static int write_to(int place, const struct history_change *change)
{
	struct history_entry last = {}, new = entry_of(change), previous;
	uint32_t number = 0;
	int error = read_last(place, &last, &number);

	if (!error && change->previous) {
		previous = entry_of_previous(change);
		if (!number || !history_same(&last, &previous))
			error = add(place, ++number, &previous);
	}
	if (!error && goes_back(new.event) && !new.back_to)
		new.back_to = find_back(change, &new);
	if (!error && !(number && is_nothing_new(&last, &new)))
		error = add(place, number + 1, &new);
	history_entry_clear(&last);
	return error;
}

/* One warning, until it works again. */
static void warn(int error)
{
	static bool warned;

	if (error && !warned)
		notice("the history of policies is not written: %s (the policies are not "
		       "concerned)",
		       error_message(error));
	warned = error;
	error_clear();
}

void history_write(const struct history_change *change)
{
	static unsigned int written;
	_cleanup_(closep) int store = -1, place = -1;
	char name[HISTORY_PLACE_SIZE];
	int error = history_store_open(true, &store);

	if (error != -ENOENT) {
		history_store_place(change->pins, change->interface, change->owner, name);
		error = error ?: history_store_open_place(store, name, true, &place);
		error = error ?: write_to(place, change);
		warn(error);
	}
	if (place >= 0)
		history_store_prune_place(place);
	if (place >= 0 && written++ % PRUNE_EVERY == 0)
		history_store_prune(store, change->pins, name);
}
