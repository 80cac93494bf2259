/* SPDX-License-Identifier: GPL-2.0-only */
#include "mirrors.h"

#include <stdio.h>
#include <string.h>

#include "policy.h"

bool mirror_same(const struct mirror *a, const struct mirror *b)
{
	return !strcmp(a->name, b->name) && a->has_mac == b->has_mac &&
	       (!a->has_mac || !memcmp(a->mac, b->mac, sizeof(a->mac)));
}

size_t mirror_number(const struct mirror_list *list, const struct mirror *mirror)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (mirror_same(&list->items[i], mirror))
			break;
	return i;
}

static void add(struct mirror_list *list, const struct mirror *mirror)
{
	if (!mirror_given(mirror) || mirror_number(list, mirror) < list->count)
		return;
	if (list->count < PCTL_MIRRORS_MAX)
		list->items[list->count++] = *mirror;
	else
		list->full = true;
}

void policy_mirrors(const struct policy *policy, struct mirror_list *list)
{
	*list = (struct mirror_list){ .count = 0 };
	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		add(list, &policy->default_treatments[i].mirror);
	for (size_t i = 0; i < policy->count; i++)
		add(list, &policy->rules[i].treatment.mirror);
}

unsigned int policy_mirror_directions(const struct policy *policy)
{
	unsigned int directions = 0;

	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		if (mirror_given(&policy->default_treatments[i].mirror))
			directions |= 1u << i;
	for (size_t i = 0; i < policy->count; i++)
		if (mirror_given(&policy->rules[i].treatment.mirror))
			directions |= policy->rules[i].directions;
	return directions;
}

void mirror_mac_print(const uint8_t mac[6], char text[MIRROR_MAC_TEXT])
{
	snprintf(text, MIRROR_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
}
