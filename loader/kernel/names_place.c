// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "attachment_pins.h"
#include "bpfmap.h"
#include "compiled.h"
#include "error.h"
#include "name_keys.h"
#include "names_place.h"
#include "policy.skel.h"
#include "util.h"

static void set_resolver(struct pctl_resolver *resolver, const struct prefix *prefix)
{
	resolver->family = prefix->family;
	resolver->address[0] = htobe32(prefix->high >> 32);
	resolver->address[1] = htobe32((uint32_t)prefix->high);
	resolver->address[2] = htobe32(prefix->low >> 32);
	resolver->address[3] = htobe32((uint32_t)prefix->low);
}

static int set_resolvers(struct pctl_naming *naming, const struct prefixes *resolvers)
{
	if (resolvers->count > PCTL_RESOLVERS_MAX)
		return error_set(-E2BIG, "a policy can have %d resolvers", PCTL_RESOLVERS_MAX);
	for (size_t i = 0; i < resolvers->count; i++)
		set_resolver(&naming->resolvers[i], &resolvers->items[i]);
	naming->resolver_count = resolvers->count;
	return 0;
}

static void set_names(struct pctl_naming *naming, const struct compiled *compiled,
		      const volatile struct pctl_classes *classes)
{
	for (unsigned int i = 0; i < compiled->classes.set_count; i++) {
		if (compiled->sets[i]->live != PCTL_LIVE_DNS)
			continue;
		naming->names |= 1u << i;
		if (classes->live[i] != PCTL_LIVE_NAMES)
			naming->learns |= 1u << i;
	}
}

static int size_names(const struct policy_bpf *skeleton, const struct compiled *compiled)
{
	struct name_entry *entries;
	size_t count;
	int error = name_entries(compiled->sets, &entries, &count);

	if (error)
		return error;
	free(entries);
	return bpf_map__set_max_entries(skeleton->maps.names, count ? count : 1);
}

/* By their path, as with connections. */
static int reuse(struct policy_bpf *skeleton, const struct generation *previous)
{
	struct generation found = GENERATION_EMPTY;
	int error;

	snprintf(found.path, sizeof(found.path), "%s", previous->path);
	found.meta.names = true;
	error = attachment_maps_open(&found);
	error = error ?: bpf_map__reuse_fd(skeleton->maps.questions, found.maps[MAP_QUESTIONS]);
	error = error ?: bpf_map__reuse_fd(skeleton->maps.name_stats, found.maps[MAP_NAME_STATS]);
	generation_close(&found);
	return error;
}

int names_place(struct policy_bpf *skeleton, const struct generation_input *input,
		struct generation *generation)
{
	const struct compiled *compiled = input->plan->compiled;
	struct pctl_naming *naming = (void *)&skeleton->rodata->naming;
	int error;

	set_names(naming, compiled, &skeleton->rodata->classes);
	generation->meta.names = naming->names != 0;
	if (!naming->names) {
		bpf_map__set_autocreate(skeleton->maps.names, false);
		bpf_map__set_autocreate(skeleton->maps.dns_rooms, false);
		bpf_map__set_autocreate(skeleton->maps.questions, false);
		bpf_map__set_autocreate(skeleton->maps.name_stats, false);
		return 0;
	}
	error = set_resolvers(naming, &input->plan->policy->resolvers);
	naming->bridge = input->bridge;
	error = error ?: size_names(skeleton, compiled);
	if (!error && input->previous && input->previous->meta.names)
		error = reuse(skeleton, input->previous);
	return error;
}

int names_fill(const struct policy_bpf *skeleton, const struct compiled *compiled)
{
	struct bpf_map *map = skeleton->maps.names;
	struct name_entry *entries;
	size_t count;
	int error;

	if (!bpf_map__autocreate(map))
		return 0;
	error = name_entries(compiled->sets, &entries, &count);
	if (error)
		return error;
	for (size_t i = 0; i < count && !error; i++)
		if (bpf_map_update_elem(bpf_map__fd(map), &entries[i].key, &entries[i].value,
					BPF_ANY))
			error = error_set(-errno, "cannot write the names of sets: %m");
	free(entries);
	return error ?: map_freeze(bpf_map__fd(map), bpf_map__name(map));
}
