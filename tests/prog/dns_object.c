// SPDX-License-Identifier: GPL-2.0-only
#include "support.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "dns_object.h"
#include "name_keys.h"
#include "policy.skel.h"
#include "programs.h"

#define PASS PCTL_OUTCOME(PCTL_PASS, PCTL_SLOT_DEFAULT)

static void pass_everything(struct policy_bpf *skeleton)
{
	struct pctl_tables *tables = (void *)skeleton->rodata->tables;

	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		tables[i].frame = tables[i].arp = tables[i].protocol = PASS;
		for (int protocol = 0; protocol < 256; protocol++)
			tables[i].by_protocol[protocol] = PASS;
	}
	((struct pctl_config *)&skeleton->rodata->config)->compiled = 1;
}

static void leave_maps_out(struct policy_bpf *skeleton)
{
	struct bpf_map *const unused[] = {
		skeleton->maps.fragments,	 skeleton->maps.answers,
		skeleton->maps.answer_rooms,	 skeleton->maps.services,
		skeleton->maps.source_ports,	 skeleton->maps.service_by_source,
		skeleton->maps.prefixes,	 skeleton->maps.peer_rules,
		skeleton->maps.pair_rules,	 skeleton->maps.peer_lists,
		skeleton->maps.list_rules,	 skeleton->maps.vlan_planes,
		skeleton->maps.plane_tables,	 skeleton->maps.treatments,
		skeleton->maps.mirrors,		 skeleton->maps.mirror_stats,
		skeleton->maps.connections,	 skeleton->maps.half_open,
		skeleton->maps.connection_stats, skeleton->maps.conversations,
		skeleton->maps.buckets,		 skeleton->maps.peer_buckets,
	};
	struct bpf_map *map;
	char name[16];

	for (size_t i = 0; i < COUNT(unused); i++)
		bpf_map__set_autocreate(unused[i], false);
	for (int i = 0; i < PCTL_SETS_MAX; i++) {
		snprintf(name, sizeof(name), "set_%d", i);
		map = bpf_object__find_map_by_name(skeleton->obj, name);
		bpf_map__set_autocreate(map, false);
	}
}

static void fill_names(struct dns_object *object, const char *const *const sets[], size_t set_count)
{
	struct set of[PCTL_SETS_MAX] = {};
	const struct set *by_slot[PCTL_SETS_MAX] = {};
	struct pctl_naming *naming = (void *)&object->skeleton->rodata->naming;
	struct pctl_classes *classes = (void *)&object->skeleton->rodata->classes;
	struct name_entry *entries;
	size_t count;

	for (size_t i = 0; i < set_count; i++) {
		of[i].live = PCTL_LIVE_DNS;
		of[i].words = (char **)sets[i];
		while (sets[i][of[i].word_count])
			of[i].word_count++;
		by_slot[i] = &of[i];
		naming->names |= 1u << i;
		naming->learns |= 1u << i;
		classes->live[i] = i + 1;
	}
	assert_int_equal(name_entries(by_slot, &entries, &count), 0);
	bpf_map__set_max_entries(object->skeleton->maps.names, count);
	assert_int_equal(policy_bpf__load(object->skeleton), 0);
	object->names = bpf_map__fd(object->skeleton->maps.names);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bpf_map_update_elem(object->names, &entries[i].key,
						     &entries[i].value, BPF_ANY),
				 0);
	free(entries);
}

/* They count their members. */
static void reset_sets(const struct dns_object *object)
{
	struct pctl_live_set live = { .kind = PCTL_LIVE_DNS, .flags = PCTL_LIVE_KNOWN };

	for (uint32_t i = 0; i < object->set_count; i++)
		assert_int_equal(bpf_map_update_elem(object->sets, &i, &live, BPF_ANY), 0);
}

void dns_object_load(struct dns_object *object, const char *const *const sets[], size_t set_count,
		     const struct pctl_resolver *resolvers, size_t resolver_count)
{
	bool wanted[HOOK_COUNT] = { true, true, true };
	struct bpf_program *program;
	struct pctl_naming *naming;
	int error;

	object->skeleton = policy_bpf__open();
	assert_non_null(object->skeleton);
	naming = (void *)&object->skeleton->rodata->naming;
	memcpy(naming->resolvers, resolvers, resolver_count * sizeof(*resolvers));
	naming->resolver_count = resolver_count;
	pass_everything(object->skeleton);
	leave_maps_out(object->skeleton);
	bpf_object__for_each_program(program, object->skeleton->obj)
		bpf_program__set_autoload(program, false);
	fill_names(object, sets, set_count);
	object->questions = bpf_map__fd(object->skeleton->maps.questions);
	object->stats = bpf_map__fd(object->skeleton->maps.name_stats);
	object->members = bpf_map__fd(object->skeleton->maps.live_members);
	object->sets = bpf_map__fd(object->skeleton->maps.live_sets);
	object->set_count = set_count;
	reset_sets(object);
	error = programs_load(object->skeleton, wanted, true, object->fds);
	if (error)
		fail_msg("cannot load the programs: %s", strerror(-error));
}

void dns_object_free(struct dns_object *object)
{
	for (int i = 0; i < HOOK_COUNT; i++)
		if (object->fds[i] >= 0)
			close(object->fds[i]);
	policy_bpf__destroy(object->skeleton);
}

void dns_object_run(const struct dns_object *object, enum hook hook, const void *frame,
		    size_t length)
{
	int verdict, pass = expected_return(hook == HOOK_XDP ? PCTL_FROM : PCTL_TO, true);

	assert_int_equal(run_program(object->fds[hook], frame, length, &verdict), 0);
	assert_int_equal(verdict, pass);
}

size_t dns_object_take(const struct dns_object *object, struct dns_learnt *learnt, size_t room)
{
	struct pctl_member_key key;
	size_t count = 0;

	while (!bpf_map_get_next_key(object->members, NULL, &key)) {
		if (count < room) {
			learnt[count].key = key;
			assert_int_equal(
				bpf_map_lookup_elem(object->members, &key, &learnt[count].value),
				0);
		}
		count++;
		assert_int_equal(bpf_map_delete_elem(object->members, &key), 0);
	}
	if (count)
		reset_sets(object);
	return count;
}

uint64_t dns_object_count(const struct dns_object *object, enum pctl_name_counter counter)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t values[cpus], sum = 0;
	uint32_t index = counter;

	assert_int_equal(bpf_map_lookup_elem(object->stats, &index, values), 0);
	for (int i = 0; i < cpus; i++)
		sum += values[i];
	return sum;
}
