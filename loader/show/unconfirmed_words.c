// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "unconfirmed_words.h"

static const char *back_to(const struct pending *pending)
{
	return pending->nothing_before ? "nothing" : "policy before";
}

void unconfirmed_words(const struct pending *pending, char words[UNCONFIRMED_WORDS])
{
	unsigned long long left = pending_left(pending);
	int used =
		snprintf(words, UNCONFIRMED_WORDS, "%s%s in %llu s",
			 pending->learning ? "policyctl learn is at work, " : "",
			 pending->nothing_before ? "detached" : "back to the policy before", left);

	if (pending_watch(pending) == PENDING_UNWATCHED)
		snprintf(words + used, UNCONFIRMED_WORDS - used,
			 ", by the next policyctl command: the process that waited is gone");
	else
		snprintf(words + used, UNCONFIRMED_WORDS - used, ", by process %u",
			 pending->watcher);
}

json_t *unconfirmed_json(const struct pending *pending)
{
	enum pending_watch watch = pending_watch(pending);
	json_t *object;

	if (!pending_is(pending))
		return json_null();
	object = json_pack("{s:I, s:I, s:s, s:I}", "seconds", (json_int_t)pending->seconds,
			   "seconds_left", (json_int_t)pending_left(pending), "back_to",
			   back_to(pending), "process", (json_int_t)pending->watcher);
	json_object_set_new(object, "watched",
			    watch == PENDING_WATCH_UNKNOWN
				    ? json_null()
				    : json_boolean(watch == PENDING_WATCHED));
	return object;
}
