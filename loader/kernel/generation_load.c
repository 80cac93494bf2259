// SPDX-License-Identifier: GPL-2.0-only
/* From a compiled policy to loaded programs with filled maps. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "bpfmap.h"
#include "buckets_place.h"
#include "capabilities.h"
#include "compile.h"
#include "connections_place.h"
#include "constants.h"
#include "error.h"
#include "generation.h"
#include "generation_remember.h"
#include "live_place.h"
#include "map_sizes.h"
#include "names_place.h"
#include "netlink.h"
#include "policy.skel.h"
#include "programs.h"
#include "set_map.h"
#include "shape_classes.h"
#include "shared_sets.h"
#include "treatments_compile.h"
#include "util.h"

struct loader {
	const struct generation_input *input;
	const struct compiled *compiled;
	struct policy_bpf *skeleton;
	struct generation *generation;
	struct shape_class *classes; /* generation->meta.class_count of them */
};

/* --- what is shared --- */

/* The index of a set among those of the policy that come from files. */
static unsigned int file_number(const struct policy *policy, const struct set *set)
{
	unsigned int number = 0;

	for (size_t i = 0; i < policy->set_count && policy->sets[i] != set; i++)
		number += policy->sets[i]->path != NULL;
	return number;
}

static bool is_used(const struct compiled *compiled, const struct set *set)
{
	for (unsigned int i = 0; i < compiled->classes.set_count; i++)
		if (compiled->sets[i] == set)
			return true;
	return false;
}

static int open_sets(struct loader *loader)
{
	const struct policy *policy = loader->input->plan->policy;
	struct generation *generation = loader->generation;
	uint32_t *count = &generation->meta.set_count;
	int error = 0;

	*count = 0;
	for (size_t i = 0; i < policy->set_count && !error; i++) {
		const struct set *set = policy->sets[i];

		if (!set->path)
			continue;
		if (*count == PCTL_SETS_MAX)
			return error_set(-E2BIG, "a policy can have %d sets from files, not more",
					 PCTL_SETS_MAX);
		error = shared_set_get(loader->input->shared, set, is_used(loader->compiled, set),
				       &generation->sets[*count]);
		*count += !error;
	}
	return error;
}

/* Puts the sets in the places of set_0 and so on, and tells the programs where their tries begin.
 */
static int place_sets(struct loader *loader)
{
	struct pctl_classes *classes = (void *)&loader->skeleton->rodata->classes;
	struct pctl_set_header header;
	struct bpf_map *map;
	char name[16];
	int error = 0;

	for (unsigned int i = 0; i < PCTL_SETS_MAX && !error; i++) {
		int fd;

		set_pin_name(i, name);
		map = bpf_object__find_map_by_name(loader->skeleton->obj, name);
		if (i >= loader->compiled->classes.set_count || loader->compiled->sets[i]->live) {
			bpf_map__set_autocreate(map, false);
			continue;
		}
		fd = loader->generation->sets[file_number(loader->input->plan->policy,
							  loader->compiled->sets[i])];
		error = set_map_header(fd, &header);
		memcpy(classes->set_roots[i], header.roots, sizeof(header.roots));
		error = error ?: bpf_map__reuse_fd(map, fd);
	}
	return error;
}

static int place_events(struct loader *loader)
{
	const struct policy_bpf *skeleton = loader->skeleton;
	struct bpf_map *const maps[EVENT_MAPS] = {
		[EVENT_SUBSCRIPTIONS] = skeleton->maps.data_subscriptions,
		[EVENT_RINGS] = skeleton->maps.event_rings,
		[EVENT_LOST] = skeleton->maps.lost_events,
	};
	struct event_maps *events = &loader->generation->events;
	int error = event_maps_get(loader->input->shared, events);

	for (int i = 0; i < EVENT_MAPS && !error; i++)
		error = bpf_map__reuse_fd(maps[i], events->fds[i]);
	return error;
}

/* --- filling: once, since a policy in the kernel never changes --- */

static int fill_array(struct bpf_map *map, const void *values, size_t count)
{
	int error;

	if (!bpf_map__autocreate(map))
		return 0;
	error = map_fill_array(bpf_map__fd(map), bpf_map__name(map), values,
			       bpf_map__value_size(map), count);
	return error ?: map_freeze(bpf_map__fd(map), bpf_map__name(map));
}

static int fill_hash(struct bpf_map *map, const void *keys, const void *values, size_t count)
{
	int error;

	if (!bpf_map__autocreate(map))
		return 0;
	error = map_fill(bpf_map__fd(map), bpf_map__name(map), keys, values, count);
	return error ?: map_freeze(bpf_map__fd(map), bpf_map__name(map));
}

static int fill_treatments(const struct loader *loader)
{
	const struct compiled *c = loader->compiled;
	size_t count = maps_treatments(c);
	_cleanup_(freep) struct pctl_treatment *treatments = calloc(count + 1, sizeof(*treatments));
	int error;

	if (!count)
		return 0;
	if (!treatments)
		return -ENOMEM;
	memcpy(treatments, c->treatments, count * sizeof(*treatments));
	error = buckets_assign(loader->skeleton, c, loader->input, treatments);
	shape_classes_place(c, loader->classes, treatments);
	return error ?: fill_array(loader->skeleton->maps.treatments, treatments, count);
}

static int fill_maps(const struct loader *loader)
{
	const struct compiled *c = loader->compiled;
	const struct policy_bpf *skeleton = loader->skeleton;
	int error;

	error = fill_hash(skeleton->maps.proto_rules, c->proto_keys, c->proto_outcomes,
			  c->proto_count);
	error = error
			?: fill_hash(skeleton->maps.port_rules, c->port_keys, c->port_outcomes,
				     c->port_count);
	error = error ?: fill_array(skeleton->maps.services, c->services, c->service_count);
	error = error
			?: fill_array(skeleton->maps.source_ports, c->source_pages,
				      c->source_page_count);
	error = error
			?: fill_hash(skeleton->maps.service_by_source, c->source_keys,
				     c->source_services, c->source_count);
	error = error ?: fill_array(skeleton->maps.prefixes, c->prefixes.cells, c->prefixes.count);
	error = error ?: fill_array(skeleton->maps.peer_rules, c->peer_rules, c->peer_rule_count);
	error = error
			?: fill_hash(skeleton->maps.pair_rules, c->pair_keys, c->pair_outcomes,
				     c->pair_count);
	error = error ?: fill_array(skeleton->maps.peer_lists, c->peer_lists, c->peer_list_count);
	error = error ?: fill_array(skeleton->maps.list_rules, c->list_rules, c->list_rule_count);
	error = error
			?: fill_array(skeleton->maps.vlan_planes, c->vlan_planes,
				      maps_vlan_planes(c));
	error = error ?: fill_array(skeleton->maps.plane_tables, c->planes, c->plane_count);
	error = error ?: names_fill(skeleton, c);
	return error ?: fill_treatments(loader);
}

/* --- the skeleton dies with its function: descriptors of our own --- */

static int take_map(const struct loader *loader, enum generation_map which, struct bpf_map *map)
{
	int *fd = &loader->generation->maps[which];

	if (!bpf_map__autocreate(map))
		return 0;
	*fd = dup(bpf_map__fd(map));
	return *fd < 0 ? -errno : 0;
}

static int take_maps(const struct loader *loader)
{
	const struct policy_bpf *skeleton = loader->skeleton;
	int error;

	error = take_map(loader, MAP_PROTO_RULES, skeleton->maps.proto_rules);
	error = error ?: take_map(loader, MAP_PORT_RULES, skeleton->maps.port_rules);
	error = error ?: take_map(loader, MAP_RULE_STATS, skeleton->maps.rule_stats);
	error = error ?: take_map(loader, MAP_UNKNOWN_STATS, skeleton->maps.unknown_stats);
	error = error ?: take_map(loader, MAP_FRAGMENTS, skeleton->maps.fragments);
	error = error ?: take_map(loader, MAP_CONNECTIONS, skeleton->maps.connections);
	error = error ?: take_map(loader, MAP_HALF_OPEN, skeleton->maps.half_open);
	error = error ?: take_map(loader, MAP_LIVE_SETS, skeleton->maps.live_sets);
	error = error ?: take_map(loader, MAP_LIVE_MEMBERS, skeleton->maps.live_members);
	error = error ?: take_map(loader, MAP_MIRRORS, skeleton->maps.mirrors);
	error = error ?: take_map(loader, MAP_MIRROR_STATS, skeleton->maps.mirror_stats);
	error = error ?: take_map(loader, MAP_CONNECTION_STATS, skeleton->maps.connection_stats);
	error = error ?: take_map(loader, MAP_BUCKETS, skeleton->maps.buckets);
	error = error ?: take_map(loader, MAP_PEER_BUCKETS, skeleton->maps.peer_buckets);
	error = error ?: take_map(loader, MAP_QUESTIONS, skeleton->maps.questions);
	return error ?: take_map(loader, MAP_NAME_STATS, skeleton->maps.name_stats);
}

static int find_id(const struct program *program, uint32_t *id)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(program->fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about a program: %m");
	*id = info.id;
	return 0;
}

static int load_programs(const struct loader *loader)
{
	struct generation *generation = loader->generation;
	/* Tests, which attach nothing, have no mode and get all programs. */
	bool any = !generation->meta.guarded && generation->meta.mode == XDP_MODE_NONE;
	/*
	 * Native mode takes jumbo frames only from a program that says it reads them in pieces.
	 * Generic mode takes them from any, and makes frames whole for one that does not say so,
	 * which costs a third less of a bulk TCP stream than cutting them up.
	 */
	bool frags = generation->meta.mode != XDP_MODE_GENERIC;
	bool wanted[HOOK_COUNT];
	int fds[HOOK_COUNT], error;

	for (int i = 0; i < HOOK_COUNT; i++)
		wanted[i] = any || generation_wants(generation, i);
	error = programs_load(loader->skeleton, wanted, frags, fds);
	if (error == -ENODATA)
		return error_set(error, "the kernel does not describe its socket buffers "
					"(/sys/kernel/btf/vmlinux): without that the programs "
					"cannot see where a checksum is to be written");
	if (error)
		return capabilities_explain(error, "cannot load the BPF programs");
	for (int i = 0; i < HOOK_COUNT; i++)
		generation->programs[i].fd = fds[i];
	for (int i = 0; i < HOOK_COUNT && !error; i++) {
		struct program *program = &generation->programs[i];

		if (program->fd >= 0)
			error = find_id(program, &program->id);
		generation->meta.program_ids[i] = program->id;
	}
	return error;
}

/* The maps first, then the programs that read them. */
static int load_object(struct loader *loader)
{
	struct bpf_program *program;
	int error;

	bpf_object__for_each_program(program, loader->skeleton->obj)
		bpf_program__set_autoload(program, false);
	error = open_sets(loader);
	error = error ?: place_sets(loader);
	error = error ?: live_place(loader->skeleton, loader->input, loader->generation);
	error = error ?: connections_place(loader->skeleton, loader->input, loader->generation);
	error = error ?: buckets_place(loader->skeleton, loader->input, loader->generation);
	error = error ?: names_place(loader->skeleton, loader->input, loader->generation);
	error = error ?: place_events(loader);
	if (error)
		return error;
	error = policy_bpf__load(loader->skeleton);
	if (error)
		return capabilities_explain(error, "cannot create the BPF maps");
	error = fill_maps(loader);
	error = error ?: load_programs(loader);
	return error ?: take_maps(loader);
}

static int load(struct loader *loader)
{
	int error;

	loader->skeleton = policy_bpf__open();
	if (!loader->skeleton)
		return error_set(-errno, "cannot open the BPF object: %m");
	constants_set(loader->skeleton, loader->compiled, loader->generation);
	maps_size(loader->skeleton, loader->compiled, loader->generation);
	loader->generation->meta.mirror_count = loader->compiled->mirror_count;
	error = load_object(loader);
	policy_bpf__destroy(loader->skeleton);
	return error;
}

/* --- together --- */

/* XDP sees neither a VLAN tag in the metadata nor, by that, which connection it is. */
static bool needs_guard(const struct compiled *compiled)
{
	return compiled->vlans[PCTL_FROM] ||
	       (compiled_tracks(compiled) && compiled_asks_for_vlans(compiled));
}

/* Where nothing is behind native XDP, it judges for good. */
static int check_guard(const struct compiled *compiled, const struct meta *meta)
{
	if (meta->mode != XDP_MODE_NATIVE || meta->guarded)
		return 0;
	if (needs_guard(compiled))
		return error_set(-EOPNOTSUPP,
				 "native XDP does not see the VLAN tags that this device takes "
				 "off, and nothing behind it judges them: rules on VLANs for what "
				 "it sends (`from`) need --mode generic");
	if (compiled->mirrors_from)
		return error_set(-EOPNOTSUPP,
				 "native XDP cannot copy packets, and nothing behind it does: "
				 "`mirror` for what it sends (`from`) needs --mode generic or "
				 "--hook tc");
	if (treatments_given(compiled, PCTL_FROM))
		return error_set(-EOPNOTSUPP,
				 "native XDP cannot limit packets, and nothing behind it does: "
				 "`rate` for what it sends (`from`) needs --mode generic or "
				 "--hook tc");
	return 0;
}

/* Entries of the tables of connections tell generations apart by half of the number. */
static uint64_t next_number(const struct generation *previous)
{
	uint64_t number = unique_number();

	while (previous &&
	       PCTL_GENERATION_OF(number) == PCTL_GENERATION_OF(previous->meta.generation))
		number = unique_number();
	return number;
}

static enum audit find_audit(const struct plan *plan)
{
	if (plan->policy->audit)
		return AUDIT_WHOLE;
	return policy_only_audits(plan->policy) ? AUDIT_WORDS : AUDIT_NONE;
}

int generation_make(const struct generation_input *input, const char *path, uint32_t number,
		    struct generation *generation)
{
	struct generation new = GENERATION_EMPTY;
	struct loader loader = {
		.input = input,
		.compiled = input->plan->compiled,
		.generation = &new,
	};
	int error;

	new.meta = input->meta;
	new.meta.abi_version = PCTL_ABI_VERSION;
	new.meta.generation = next_number(input->previous);
	new.meta.quarantine = input->plan->quarantine ? QUARANTINE_ON : QUARANTINE_NONE;
	new.meta.audit = find_audit(input->plan);
	if (input->plan->compiled->spoofed)
		new.own = input->own ? *input->own : input->plan->policy->own_found;
	new.number = number;
	error = check_guard(loader.compiled, &new.meta);
	if (error)
		return error;
	snprintf(new.path, sizeof(new.path), "%s", path);
	error = shape_classes_number(input->plan, input->previous, &loader.classes, &new.meta);
	error = error ?: load(&loader);
	error = error ?: generation_remember(&new, input, loader.classes);
	free(loader.classes);
	if (error)
		generation_close(&new);
	else
		*generation = new;
	return error;
}

int generation_load(const struct policy *policy, const struct meta *meta,
		    const struct generation *previous, const char *path, uint32_t number,
		    struct generation *generation)
{
	struct plan plan = { .policy = (struct policy *)policy };
	struct generation_input input = { .plan = &plan, .meta = *meta, .previous = previous };
	int error = policy_compile(policy, "policy", &plan.compiled, NULL);

	if (error)
		return error_set(error, "cannot compile the policy: %s", strerror(-error));
	error = generation_make(&input, path, number, generation);
	compiled_free(plan.compiled);
	return error;
}
