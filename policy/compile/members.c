/* SPDX-License-Identifier: GPL-2.0-only */
#include "members.h"

static void fill(struct members *members, const struct intern *sets, uint32_t first)
{
	const uint32_t *lists;
	size_t count;

	for (uint32_t i = first; i < intern_count(sets); i++) {
		lists = intern_get(sets, i, &count);
		for (size_t j = 0; j < count; j++)
			members->classes[members->ends[lists[j]]++] = i;
	}
}

int members_collect(struct members *members, const struct intern *sets, uint32_t first,
		    size_t list_count)
{
	uint32_t *ends = calloc(list_count + 1, sizeof(*ends));
	uint32_t *classes = calloc(sets->words.count + 1, sizeof(*classes));
	const uint32_t *lists;
	size_t count;

	if (!ends || !classes) {
		free(ends);
		free(classes);
		return -ENOMEM;
	}
	for (uint32_t i = first; i < intern_count(sets); i++) {
		lists = intern_get(sets, i, &count);
		for (size_t j = 0; j < count; j++)
			ends[lists[j] + 1]++;
	}
	for (size_t i = 1; i <= list_count; i++)
		ends[i] += ends[i - 1];
	/* Each end is the start of its list now; filling moves it to the end. */
	*members = (struct members){ .classes = classes, .ends = ends };
	fill(members, sets, first);
	return 0;
}

void members_clear(struct members *members)
{
	free(members->classes);
	free(members->ends);
	*members = (struct members){ 0 };
}
