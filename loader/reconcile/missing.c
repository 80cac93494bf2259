// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "missing.h"

#define ASK_AGAIN_NS NS_PER_SECOND

static int find(const struct missing *missing, const char *id)
{
	for (int i = 0; i < MISSING_MAX; i++)
		if (!strcmp(missing->items[i].id, id))
			return i;
	return -1;
}

void missing_add(struct missing *missing, const char *id)
{
	int at = find(missing, id);

	if (at < 0)
		at = missing->next++ % MISSING_MAX;
	snprintf(missing->items[at].id, sizeof(missing->items[at].id), "%s", id);
	missing->items[at].told_ns = clock_monotonic_ns();
}

void missing_remove(struct missing *missing, const char *id)
{
	int at = find(missing, id);

	if (at >= 0)
		missing->items[at].id[0] = '\0';
}

void missing_clear(struct missing *missing)
{
	*missing = (struct missing){};
}

bool missing_has(const struct missing *missing, const char *id)
{
	return find(missing, id) >= 0;
}

bool missing_ask(const struct missing *missing, const char *id)
{
	int at = find(missing, id);

	return at < 0 || clock_monotonic_ns() - missing->items[at].told_ns >= ASK_AGAIN_NS;
}
