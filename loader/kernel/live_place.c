// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "compiled.h"
#include "error.h"
#include "live_place.h"
#include "live_registry.h"
#include "policy.skel.h"
#include "util.h"

/* Does a rule look for peers in it? The others only compare questions with its names. */
static bool is_looked_up(const struct pctl_classes *classes, unsigned int slot)
{
	for (unsigned int i = 0; i < classes->list_count; i++)
		if (classes->list_sets[i] & 1u << slot)
			return true;
	return false;
}

/* The place of a set among the live sets of its policy. */
static uint32_t live_number(const struct policy *policy, const struct set *set)
{
	uint32_t number = 0;

	for (size_t i = 0; i < policy->set_count && policy->sets[i] != set; i++)
		number += policy->sets[i]->live != PCTL_LIVE_FREE;
	return number;
}

static uint32_t count_live(const struct policy *policy)
{
	uint32_t count = 0;

	for (size_t i = 0; i < policy->set_count; i++)
		count += policy->sets[i]->live != PCTL_LIVE_FREE;
	return count;
}

static int place_set(const struct generation_input *input, const struct live_maps *maps,
		     const struct set *set, struct generation *generation, uint32_t *live)
{
	const struct policy *policy = input->plan->policy;
	uint32_t at = live_number(policy, set), number;
	_cleanup_(live_definition_clear) struct live_definition definition = {};
	int error;

	if (set->live == PCTL_LIVE_GATEWAY && !input->gateway)
		return error_set(-ENODATA,
				 "@gateway is the address of the interface's bridge, and which one "
				 "that is cannot be known yet");
	error = live_definition_make(policy, set, input->gateway, &definition);
	error = error
			?: live_registry_get(input->shared, maps, &definition, &number,
					     &generation->live_holds[at]);
	if (error)
		return error;
	generation->meta.live[at] = number + 1;
	*live = number + 1;
	return 0;
}

static int place_all(struct policy_bpf *skeleton, const struct generation_input *input,
		     struct generation *generation, const bool wanted[PCTL_SETS_MAX])
{
	const struct compiled *compiled = input->plan->compiled;
	struct pctl_classes *classes = (void *)&skeleton->rodata->classes;
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	_cleanup_(closep) int lock = -1;
	int error = input->shared ? live_lock(input->shared, true, &lock) : 0;

	error = error ?: live_maps_get(input->shared, &maps);
	for (unsigned int i = 0; i < PCTL_SETS_MAX && !error; i++)
		if (wanted[i])
			error = place_set(input, &maps, compiled->sets[i], generation,
					  &classes->live[i]);
	error = error ?: bpf_map__reuse_fd(skeleton->maps.live_sets, maps.sets);
	return error ?: bpf_map__reuse_fd(skeleton->maps.live_members, maps.members);
}

int live_place(struct policy_bpf *skeleton, const struct generation_input *input,
	       struct generation *generation)
{
	const struct compiled *compiled = input->plan->compiled;
	struct pctl_classes *classes = (void *)&skeleton->rodata->classes;
	bool wanted[PCTL_SETS_MAX] = {}, any = false;

	generation->meta.live_count = count_live(input->plan->policy);
	/* What is there is of the generation before. */
	memset(generation->meta.live, 0, sizeof(generation->meta.live));
	if (generation->meta.live_count > PCTL_SETS_MAX)
		return error_set(-E2BIG, "a policy can have %d sets from files and live sets",
				 PCTL_SETS_MAX);
	for (unsigned int i = 0; i < compiled->classes.set_count; i++) {
		if (!compiled->sets[i]->live)
			continue;
		classes->live[i] = PCTL_LIVE_NAMES;
		wanted[i] = is_looked_up(&compiled->classes, i);
		any = any || wanted[i];
	}
	if (any)
		return place_all(skeleton, input, generation, wanted);
	bpf_map__set_autocreate(skeleton->maps.live_sets, false);
	bpf_map__set_autocreate(skeleton->maps.live_members, false);
	return 0;
}
