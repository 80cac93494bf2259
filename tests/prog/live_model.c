/* SPDX-License-Identifier: GPL-2.0-only */
#include "live_model.h"

#include <bpf/bpf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "random_input.h"

/* The number of the address that a word stands for; RANDOM_ADDRESSES: none. */
static unsigned int number_of(const char *word)
{
	unsigned int number;

	word += strncmp(word, "*.", 2) ? 0 : 2;
	number = word[0] == 'a' ? (unsigned int)word[1] - '0' : RANDOM_ADDRESSES;
	return number < RANDOM_ADDRESSES ? number : RANDOM_ADDRESSES;
}

static struct prefix prefix_of(int family, const uint8_t address[16])
{
	struct prefix prefix = { .family = family, .length = family == PCTL_IPV4 ? 32 : 128 };

	memcpy(&prefix.high, address, 8);
	memcpy(&prefix.low, address + 8, 8);
	prefix.high = be64toh(prefix.high);
	prefix.low = be64toh(prefix.low);
	return prefix;
}

/* For the evaluator. */
static void fill_set(struct set *set)
{
	uint8_t address[16];
	size_t capacity = 0;

	set->loaded = set->live == PCTL_LIVE_DNS;
	prefixes_clear(&set->prefixes);
	for (size_t i = 0; i < set->word_count; i++) {
		unsigned int number = number_of(set->words[i]);

		set->loaded = set->loaded || !strcmp(set->words[i], "known");
		for (int f = 0; f < PCTL_FAMILIES && number < RANDOM_ADDRESSES; f++) {
			random_numbered(number, f, address);
			if (prefixes_add(&set->prefixes, &capacity, prefix_of(f, address)))
				abort();
		}
	}
}

/* Other policies had the same set, maybe with others. */
static void put_address(int fd, uint32_t set, unsigned int number, bool member)
{
	const struct pctl_member forever = { 0 };
	uint8_t address[16];

	for (int f = 0; f < PCTL_FAMILIES; f++) {
		struct pctl_member_key key = { .set = set, .family = f };

		random_numbered(number, f, address);
		memcpy(key.address, address, sizeof(key.address));
		if (!member)
			bpf_map_delete_elem(fd, &key);
		else if (bpf_map_update_elem(fd, &key, &forever, BPF_ANY))
			abort();
	}
}

static void fill_kernel(const struct set *set, const struct generation *generation, uint32_t number)
{
	bool members[RANDOM_ADDRESSES + 1] = {};
	struct pctl_live_set element;

	for (size_t i = 0; i < set->word_count; i++)
		members[number_of(set->words[i])] = true;
	for (unsigned int i = 0; i < RANDOM_ADDRESSES; i++)
		put_address(generation->maps[MAP_LIVE_MEMBERS], number, i, members[i]);
	if (bpf_map_lookup_elem(generation->maps[MAP_LIVE_SETS], &number, &element))
		abort();
	element.flags = set->loaded ? PCTL_LIVE_KNOWN : 0;
	if (bpf_map_update_elem(generation->maps[MAP_LIVE_SETS], &number, &element, BPF_ANY))
		abort();
}

void live_model_fill(struct policy *policy, const struct generation *generation)
{
	uint32_t at = 0, number;

	for (size_t i = 0; i < policy->set_count; i++) {
		if (!policy->sets[i]->live)
			continue;
		fill_set(policy->sets[i]);
		number = generation->meta.live[at++];
		if (number)
			fill_kernel(policy->sets[i], generation, number - 1);
	}
}
