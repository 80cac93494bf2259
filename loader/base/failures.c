// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "failures.h"

int failures_add(struct failures *failures, const char *subject, int error)
{
	struct failure *items = reallocarray(failures->items, failures->count + 1, sizeof(*items));

	failures->error = error;
	if (items) {
		failures->items = items;
		items[failures->count++] = (struct failure){
			.subject = subject ? strdup(subject) : NULL,
			.words = strdup(error_message(error)),
			.error = error,
		};
	}
	error_clear();
	return error;
}

const char *failure_words(const struct failure *failure)
{
	return failure->words ?: strerror(-failure->error);
}

void failures_clear(struct failures *failures)
{
	for (size_t i = 0; i < failures->count; i++) {
		free(failures->items[i].subject);
		free(failures->items[i].words);
	}
	free(failures->items);
	*failures = (struct failures){};
}
