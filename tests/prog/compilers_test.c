/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many instructions the verifier walks: most of the time that an attach takes, and more than a
 * million of them cannot be loaded. It depends on the compiler, which chooses what stays in
 * registers. So the test takes objects of several compilers, and looks at the programs for the
 * smallest policy and for the one that uses everything.
 *
 *   prog_compilers_test [OBJECT...]     default: the object of this build
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <libgen.h>
#include <stdio.h>

#include "abi.h"
#include "clock.h"
#include "skb_constants.h"
#include "support.h"

static char **objects;
static int object_count;

/* A constant of an object that is not loaded yet. The place depends on the compiler. */
static void *constant(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	const struct btf *btf = bpf_object__btf(object);
	int32_t section = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *type;
	const struct btf_var_secinfo *variables;
	size_t size;
	char *values;

	assert_non_null(map);
	assert_true(section > 0);
	values = (char *)bpf_map__initial_value(map, &size);
	type = btf__type_by_id(btf, section);
	variables = btf_var_secinfos(type);
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_type *variable = btf__type_by_id(btf, variables[i].type);

		if (!strcmp(btf__name_by_offset(btf, variable->name_off), name))
			return values + variables[i].offset;
	}
	fail_msg("no constant has the name %s", name);
	return NULL;
}

static struct bpf_object *open_object(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	struct pctl_config *config;

	assert_non_null(object);
	bpf_object__for_each_program(program, object)
		assert_int_equal(skb_constants_place(program), 0);
	config = constant(object, "config");
	config->compiled = 1;
	config->generation = 1;
	return object;
}

/* Maps that the constants make unnecessary need not exist. */
static void make_smallest(struct bpf_object *object)
{
	static const char *const needed[] = { "proto_rules",   "port_rules",  "rule_stats",
					      "unknown_stats", "event_rings", "lost_events" };
	struct bpf_map *map;
	bool keep;

	bpf_object__for_each_map(map, object)
	{
		keep = bpf_map__is_internal(map);
		for (size_t i = 0; i < COUNT(needed); i++)
			keep = keep || !strcmp(bpf_map__name(map), needed[i]);
		assert_int_equal(bpf_map__set_autocreate(map, keep), 0);
	}
}

/* As many sets from files as there can be, in as many lists, each of which has all of them. */
static void make_largest(struct bpf_object *object)
{
	struct pctl_config *config = constant(object, "config");
	struct pctl_classes *classes = constant(object, "classes");
	struct pctl_answering *answering = constant(object, "answering");
	struct pctl_treating *treating = constant(object, "treating");

	answering->by = PCTL_ANSWERS_BY_GUARD;
	treating->what = PCTL_TREATS_RATE | PCTL_TREATS_EACH | PCTL_TREATS_SHAPE |
			 PCTL_TREATS_MIRROR | PCTL_TREATS_DENIED;
	config->spoofed = PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_RULES);
	config->audits = 1;
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		config->track_fragments[i] = 1;
		config->vlans[i] = 1;
		classes->uses_peers[i] = 1;
		classes->uses_sources[i] = 1;
	}
	classes->set_count = PCTL_SETS_MAX;
	classes->list_count = PCTL_LISTS_MAX;
	for (int i = 0; i < PCTL_LISTS_MAX; i++)
		classes->list_sets[i] = (1u << PCTL_SETS_MAX) - 1;
}

/* With connections. */
static void track(struct bpf_object *object)
{
	struct pctl_tracking *tracking = constant(object, "tracking");

	tracking->tracks = 1;
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		tracking->established[i] = 1;
		tracking->planes[i][PCTL_ESTABLISHED_YES] = 2 + i;
		tracking->planes[i][PCTL_ESTABLISHED_UNKNOWN] = 4 + i;
	}
}

static void make_tracking(struct bpf_object *object)
{
	static const char *const needed[] = { "connections", "half_open", "connection_stats",
					      "conversations", "plane_tables" };

	make_smallest(object);
	track(object);
	for (size_t i = 0; i < COUNT(needed); i++)
		bpf_map__set_autocreate(bpf_object__find_map_by_name(object, needed[i]), true);
}

static void make_largest_tracking(struct bpf_object *object)
{
	struct pctl_tracking *tracking = constant(object, "tracking");

	make_largest(object);
	track(object);
	tracking->vlans = 1;
}

static uint32_t walked(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size), 0);
	return info.verified_insns;
}

static void check_walked(void (*make)(struct bpf_object *object), const char *what, uint32_t limit)
{
	for (int i = 0; i < object_count; i++) {
		struct bpf_object *object = open_object(objects[i]);
		struct bpf_program *program;
		uint32_t most = 0;
		uint64_t start;

		make(object);
		start = clock_monotonic_ns();
		if (bpf_object__load(object))
			fail_msg("%s: the %s policy cannot be loaded", objects[i], what);
		print_message("%s, %s, %llu ms:", basename(objects[i]), what,
			      (unsigned long long)((clock_monotonic_ns() - start) / NS_PER_MS));
		bpf_object__for_each_program(program, object)
		{
			print_message(" %s %u", bpf_program__name(program), walked(program));
			if (walked(program) > most)
				most = walked(program);
		}
		print_message("\n");
		if (most > limit)
			fail_msg("%s: %u instructions walked, the limit is %u", objects[i], most,
				 limit);
		bpf_object__close(object);
	}
}

static void test_smallest(void **state)
{
	(void)state;
	check_walked(make_smallest, "smallest", 12000);
}

static void test_largest(void **state)
{
	(void)state;
	check_walked(make_largest, "largest", 200000);
}

static void test_tracking(void **state)
{
	(void)state;
	check_walked(make_tracking, "tracking", 30000);
	check_walked(make_largest_tracking, "largest tracking", 250000);
}

int main(int argc, char **argv)
{
	static char own[] = POLICY_BPF_O, *only[] = { own };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_tracking),
	};

	objects = argc > 1 ? argv + 1 : only;
	object_count = argc > 1 ? argc - 1 : 1;
	return run_group("compilers", tests, COUNT(tests));
}
