// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "capabilities.h"
#include "diagnostics.h"
#include "error.h"
#include "generation.h"
#include "netlink.h"
#include "policy.skel.h"
#include "util.h"

static const char *const program_pins[HOOK_COUNT] = {
	[HOOK_EGRESS] = "tc",
	[HOOK_GUARD] = "guard",
	[HOOK_XDP] = "xdp",
};

/* Names of the pins and, for policyctl's own maps, of the maps. */
static const char *const map_names[MAP_COUNT] = {
	[MAP_PROTO_RULES] = "proto_rules",     [MAP_PORT_RULES] = "port_rules",
	[MAP_RULE_STATS] = "rule_stats",       [MAP_UNKNOWN_STATS] = "unknown_stats",
	[MAP_FRAGMENTS] = "fragments",	       [MAP_STAMPS] = "stamps",

	[MAP_POLICY_TEXT] = "policy_text",     [MAP_RULE_IDS] = "rule_ids",
	[MAP_CARRIED_STATS] = "carried_stats", [MAP_META] = "meta",
};

static uint32_t at_least_one(size_t count)
{
	return count ? count : 1;
}

void generation_close(struct generation *generation)
{
	for (int i = 0; i < HOOK_COUNT; i++)
		closep(&generation->programs[i].fd);
	for (int i = 0; i < MAP_COUNT; i++)
		closep(&generation->maps[i]);
}

bool generation_wants(const struct generation *generation, enum hook hook)
{
	return hook != HOOK_GUARD || generation->meta.mode == XDP_MODE_GENERIC;
}

static int find_id(struct program *program)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(program->fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about a program: %m");
	program->id = info.id;
	return 0;
}

/* --- loading --- */

static void size_maps(struct policy_bpf *skeleton, const struct compiled *compiled)
{
	bpf_map__set_max_entries(skeleton->maps.proto_rules, at_least_one(compiled->proto_count));
	bpf_map__set_max_entries(skeleton->maps.port_rules, at_least_one(compiled->port_count));
	bpf_map__set_max_entries(skeleton->maps.rule_stats, compiled->slots * PCTL_DIRECTIONS);
	if (!compiled->track_fragments[PCTL_FROM] && !compiled->track_fragments[PCTL_TO])
		bpf_map__set_max_entries(skeleton->maps.fragments, 1);
}

static int fill_map(int fd, const void *keys, const void *values, size_t count, const char *what)
{
	__u32 batch = count;

	if (count && bpf_map_update_batch(fd, keys, values, &batch, NULL))
		return error_set(-errno, "cannot fill the map %s: %m", what);
	return 0;
}

static int take_map(struct generation *generation, enum generation_map which, struct bpf_map *map)
{
	generation->maps[which] = dup(bpf_map__fd(map));
	return generation->maps[which] < 0 ? -errno : 0;
}

static int take_program(struct generation *generation, enum hook hook, struct bpf_program *program)
{
	generation->programs[hook].fd = dup(bpf_program__fd(program));
	return generation->programs[hook].fd < 0 ? -errno : find_id(&generation->programs[hook]);
}

/* The skeleton dies with its function: keep descriptors of our own. */
static int take_descriptors(struct generation *generation, struct policy_bpf *skeleton)
{
	int error;

	error = take_program(generation, HOOK_EGRESS, skeleton->progs.policyctl_tc);
	error = error ?: take_program(generation, HOOK_GUARD, skeleton->progs.policyctl_guard);
	error = error ?: take_program(generation, HOOK_XDP, skeleton->progs.policyctl_xdp);
	error = error ?: take_map(generation, MAP_PROTO_RULES, skeleton->maps.proto_rules);
	error = error ?: take_map(generation, MAP_PORT_RULES, skeleton->maps.port_rules);
	error = error ?: take_map(generation, MAP_RULE_STATS, skeleton->maps.rule_stats);
	error = error ?: take_map(generation, MAP_UNKNOWN_STATS, skeleton->maps.unknown_stats);
	error = error ?: take_map(generation, MAP_STAMPS, skeleton->maps.stamps);
	return error ?: take_map(generation, MAP_FRAGMENTS, skeleton->maps.fragments);
}

static void set_constants(struct policy_bpf *skeleton, const struct compiled *compiled,
			  const struct generation *generation)
{
	skeleton->rodata->config.compiled = 1;
	if (generation_wants(generation, HOOK_GUARD))
		skeleton->rodata->config.stamp = generation->meta.stamp;
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		skeleton->rodata->config.track_fragments[i] = compiled->track_fragments[i];
		memcpy((void *)&skeleton->rodata->tables[i], &compiled->tables[i],
		       sizeof(compiled->tables[i]));
	}
}

static int load_programs(const struct compiled *compiled, const struct generation *previous,
			 struct generation *generation)
{
	struct policy_bpf *skeleton = policy_bpf__open();
	int error;

	if (!skeleton)
		return error_set(-errno, "cannot open the BPF object: %m");
	set_constants(skeleton, compiled, generation);
	/* Native mode takes jumbo frames only from a program that says it reads them in pieces. */
	bpf_program__set_flags(skeleton->progs.policyctl_xdp, BPF_F_XDP_HAS_FRAGS);
	size_maps(skeleton, compiled);
	/* While an apply has swapped XDP and not yet the guard, they must know each other's stamps.
	 */
	error = previous ? bpf_map__reuse_fd(skeleton->maps.stamps, previous->maps[MAP_STAMPS]) : 0;
	error = error ?: policy_bpf__load(skeleton);
	if (error)
		error = capabilities_explain(error, "cannot load the BPF programs");
	error = error ?: take_descriptors(generation, skeleton);
	policy_bpf__destroy(skeleton);
	error = error
			?: fill_map(generation->maps[MAP_PROTO_RULES], compiled->proto_keys,
				    compiled->proto_outcomes, compiled->proto_count, "proto_rules");
	return error
		       ?: fill_map(generation->maps[MAP_PORT_RULES], compiled->port_keys,
				   compiled->port_outcomes, compiled->port_count, "port_rules");
}

static int create_array(struct generation *generation, enum generation_map which,
			uint32_t value_size, uint32_t entries)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, map_names[which], sizeof(__u32), value_size,
				entries, NULL);

	if (fd < 0)
		return capabilities_explain(-errno, "cannot create a BPF map");
	generation->maps[which] = fd;
	return 0;
}

static int set_element(const struct generation *generation, enum generation_map which, __u32 index,
		       const void *value)
{
	if (bpf_map_update_elem(generation->maps[which], &index, value, BPF_ANY))
		return error_set(-errno, "cannot write the map %s: %m", map_names[which]);
	return 0;
}

static int get_element(const struct generation *generation, enum generation_map which, __u32 index,
		       void *value)
{
	if (bpf_map_lookup_elem(generation->maps[which], &index, value))
		return error_set(-errno, "cannot read the map %s: %m", map_names[which]);
	return 0;
}

int generation_save_meta(const struct generation *generation)
{
	return set_element(generation, MAP_META, 0, &generation->meta);
}

static int remember_policy(const struct policy *policy, struct generation *generation)
{
	_cleanup_(freep) char *text = policy_print(policy);
	int error;

	if (!text)
		return -ENOMEM;
	generation->meta.text_length = strlen(text);
	generation->meta.rule_count = policy->count;
	generation->meta.next_id = policy->next_id;
	error = create_array(generation, MAP_POLICY_TEXT, strlen(text) + 1, 1);
	error = error ?: set_element(generation, MAP_POLICY_TEXT, 0, text);
	error = error
			?: create_array(generation, MAP_RULE_IDS, sizeof(__u32),
					at_least_one(policy->count));
	for (size_t i = 0; i < policy->count && !error; i++)
		error = set_element(generation, MAP_RULE_IDS, i, &policy->rules[i].id);
	return error;
}

int generation_load(const struct policy *policy, const struct meta *meta,
		    const struct generation *previous, const char *path, uint32_t number,
		    struct generation *generation)
{
	struct generation new = GENERATION_EMPTY;
	struct compiled *compiled;
	int error;

	error = policy_compile(policy, "policy", &compiled, NULL);
	if (error)
		return error_set(error, "cannot compile the policy: %s", strerror(-error));
	new.meta = *meta;
	new.meta.abi_version = PCTL_ABI_VERSION;
	new.number = number;
	snprintf(new.path, sizeof(new.path), "%s", path);
	error = load_programs(compiled, previous, &new);
	for (int i = 0; i < HOOK_COUNT; i++)
		new.meta.program_ids[i] = new.programs[i].id;
	error = error ?: remember_policy(policy, &new);
	error = error
			?: create_array(&new, MAP_CARRIED_STATS, sizeof(struct pctl_counter),
					(compiled->slots + PCTL_UNKNOWN_MAX) * PCTL_DIRECTIONS);
	error = error ?: create_array(&new, MAP_META, sizeof(struct meta), 1);
	error = error ?: generation_save_meta(&new);
	compiled_free(compiled);
	if (error)
		generation_close(&new);
	else
		*generation = new;
	return error;
}

/* --- pins --- */

static int pin(int fd, const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (bpf_obj_pin(fd, path))
		return capabilities_explain(-errno, "cannot pin in the BPF file system");
	return 0;
}

static int unpin(const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (unlink(path) && errno != ENOENT)
		return error_set(-errno, "cannot remove %s: %m", path);
	return 0;
}

int generation_pin(struct generation *generation)
{
	const char *path = generation->path;
	int error;

	if (mkdir(path, 0700))
		return error_set(-errno, "cannot create %s: %m", path);
	error = 0;
	for (int i = 0; i < HOOK_COUNT && !error; i++)
		error = pin(generation->programs[i].fd, path, program_pins[i]);
	for (int i = 0; i < MAP_COUNT && !error; i++)
		error = pin(generation->maps[i], path, map_names[i]);
	if (error)
		generation_unpin(path);
	return error;
}

int generation_unpin(const char *path)
{
	int error = 0;

	for (int i = MAP_COUNT - 1; i >= 0; i--)
		error = unpin(path, map_names[i]) ?: error;
	for (int i = 0; i < HOOK_COUNT; i++)
		error = unpin(path, program_pins[i]) ?: error;
	if (rmdir(path) && errno != ENOENT)
		error = error_set(-errno, "cannot remove %s: %m", path);
	return error;
}

static int open_pin(const char *directory, const char *name, int *fd)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	*fd = bpf_obj_get(path);
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT)
		return -ENOENT;
	return capabilities_explain(-errno, "cannot open what is pinned in the BPF file system");
}

/* Another version's meta may be larger than ours: look before reading. */
static int read_meta(int fd, struct meta *meta)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info), index = 0;

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return error_set(-errno, "cannot ask the kernel about a map: %m");
	if (info.value_size == sizeof(*meta) && bpf_map_lookup_elem(fd, &index, meta))
		return error_set(-errno, "cannot read the map %s: %m", map_names[MAP_META]);
	if (info.value_size == sizeof(*meta) && meta->abi_version == PCTL_ABI_VERSION)
		return 0;
	return error_set(-EPROTO,
			 "attached by another version of policyctl: use that one to detach it");
}

int generation_peek(const char *path, struct meta *meta)
{
	_cleanup_(closep) int fd = -1;
	int error = open_pin(path, map_names[MAP_META], &fd);

	return error ?: read_meta(fd, meta);
}

/* Opens what is there; a pin that is missing makes it damaged. */
static int open_or_damaged(struct generation *generation, const char *name, int *fd)
{
	int error = open_pin(generation->path, name, fd);

	if (error != -ENOENT)
		return error;
	generation->damaged = true;
	return 0;
}

int generation_open(const char *path, uint32_t number, struct generation *generation)
{
	struct generation new = GENERATION_EMPTY;
	int error;

	new.number = number;
	snprintf(new.path, sizeof(new.path), "%s", path);
	error = open_pin(path, map_names[MAP_META], &new.maps[MAP_META]);
	error = error ?: read_meta(new.maps[MAP_META], &new.meta);
	for (int i = 0; i < MAP_META && !error; i++)
		error = open_or_damaged(&new, map_names[i], &new.maps[i]);
	for (int i = 0; i < HOOK_COUNT && !error; i++) {
		error = open_or_damaged(&new, program_pins[i], &new.programs[i].fd);
		new.programs[i].id = new.meta.program_ids[i];
		if (!error && new.programs[i].fd < 0) /* its pin is gone; takes CAP_SYS_ADMIN */
			new.programs[i].fd = bpf_prog_get_fd_by_id(new.programs[i].id);
	}
	if (error)
		generation_close(&new);
	else
		*generation = new;
	return error;
}

/* --- what it holds --- */

int generation_policy(const struct generation *generation, struct policy **policy)
{
	_cleanup_(freep) char *text = calloc(1, generation->meta.text_length + 1);
	struct diagnostics diagnostics = {};
	struct policy *parsed;
	int error;

	if (generation->damaged)
		return error_set(-EIO,
				 "somebody removed pins from %s: what is attached goes on "
				 "enforcing, and policyctl detach takes it off",
				 generation->path);
	if (!text)
		return -ENOMEM;
	error = get_element(generation, MAP_POLICY_TEXT, 0, text);
	if (error)
		return error;
	error = policy_parse(generation->path, text, generation->meta.text_length, NULL, &parsed,
			     &diagnostics);
	diagnostics_clear(&diagnostics);
	if (error)
		return error_set(error, "the policy text pinned in %s cannot be read",
				 generation->path);
	parsed->next_id = generation->meta.next_id;
	for (size_t i = 0; i < parsed->count && !error; i++)
		error = get_element(generation, MAP_RULE_IDS, i, &parsed->rules[i].id);
	if (error)
		policy_free(parsed);
	else
		*policy = parsed;
	return error;
}
