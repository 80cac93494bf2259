// SPDX-License-Identifier: GPL-2.0-only
/* What policyctl remembers of a generation, beside what its programs read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "compiled.h"
#include "generation_remember.h"
#include "mirror_map.h"
#include "print.h"
#include "shape_classes.h"
#include "util.h"

/* Elements of the maps that hold plain bytes. */
#define BLOCK 4096

void generation_adopt_meta(struct generation *generation, const struct meta *meta)
{
	const struct meta made = generation->meta;

	generation->meta = *meta;
	generation->meta.abi_version = made.abi_version;
	generation->meta.generation = made.generation;
	generation->meta.set_count = made.set_count;
	generation->meta.text_length = made.text_length;
	generation->meta.rule_count = made.rule_count;
	generation->meta.slots = made.slots;
	generation->meta.next_id = made.next_id;
	memcpy(generation->meta.program_ids, made.program_ids, sizeof(made.program_ids));
	generation->meta.quarantine = made.quarantine;
	generation->meta.audit = made.audit;
	generation->meta.has_own = made.has_own;
	generation->meta.tracks = made.tracks;
	generation->meta.mirror_count = made.mirror_count;
	generation->meta.treats = made.treats;
	generation->meta.shapes = made.shapes;
	generation->meta.class_count = made.class_count;
	generation->meta.live_count = made.live_count;
	memcpy(generation->meta.live, made.live, sizeof(made.live));
	generation->meta.names = made.names;
}

static int keep(struct generation *generation, enum generation_map which, const char *name,
		const void *data, size_t size)
{
	int *fd = &generation->maps[which];
	int error = map_create_array(name, BLOCK, size, fd);

	error = error ?: map_write(*fd, name, data, size);
	return error ?: map_freeze(*fd, name);
}

static int keep_text(const struct policy *policy, struct generation *generation)
{
	_cleanup_(freep) char *text = policy_print(policy);

	if (!text)
		return -ENOMEM;
	generation->meta.text_length = strlen(text);
	return keep(generation, MAP_POLICY_TEXT, "policy_text", text, strlen(text));
}

static int keep_ids(const struct policy *policy, struct generation *generation)
{
	size_t size = policy->count * sizeof(struct rule_record);
	_cleanup_(freep) struct rule_record *records = malloc(size + 1);

	if (!records)
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++)
		records[i] = (struct rule_record){ policy->rules[i].id, policy->rules[i].baseline };
	generation->meta.rule_count = policy->count;
	generation->meta.next_id = policy->next_id;
	generation->meta.slots = policy_slots(policy);
	return keep(generation, MAP_RULE_IDS, "rule_ids", records, size);
}

static int keep_own(struct generation *generation)
{
	generation->meta.has_own = generation->own.known;
	if (!generation->own.known)
		return 0;
	return keep(generation, MAP_OWN, "own", &generation->own, sizeof(generation->own));
}

/* Not frozen: containers are renamed. */
static int keep_owner(const struct generation_input *input, struct generation *generation)
{
	const struct owner *owner = input->owner;
	int error;

	if (!owner && input->previous)
		owner = &input->previous->owner;
	if (!owner || !owner_is(owner))
		return 0;
	generation->owner = *owner;
	error = map_create_array("owner", sizeof(*owner), sizeof(*owner),
				 &generation->maps[MAP_OWNER]);
	return error ?: generation_save_owner(generation);
}

/* Not frozen: the time begins when the policy is in force. */
static int keep_pending(const struct pending *pending, struct generation *generation)
{
	int error;

	if (!pending || !pending_is(pending))
		return 0;
	generation->pending = *pending;
	error = map_create_array("pending", sizeof(*pending), sizeof(*pending),
				 &generation->maps[MAP_PENDING]);
	return error ?: pending_save(generation->maps[MAP_PENDING], pending);
}

/* Not frozen: which interfaces the targets are changes. */
static int keep_mirrors(const struct policy *policy, struct generation *generation)
{
	size_t size =
		generation->meta.mirror_count * PCTL_COPY_COUNTERS * sizeof(struct pctl_counter);
	int error = 0;

	if (!size)
		return 0;
	error = mirrors_fill(generation->maps[MAP_MIRRORS], policy);
	return error
		       ?: map_create_array("carried_copies", sizeof(struct pctl_counter), size,
					   &generation->maps[MAP_CARRIED_COPIES]);
}

static int keep_classes(struct generation *generation, const struct shape_class *classes)
{
	size_t size = generation->meta.class_count * sizeof(*classes);

	return size ? keep(generation, MAP_CLASSES, "classes", classes, size) : 0;
}

int generation_remember(struct generation *generation, const struct generation_input *input,
			const struct shape_class *classes)
{
	const struct policy *policy = input->plan->policy;
	int *maps = generation->maps, error;
	size_t carried = (input->plan->compiled->slots * PCTL_DIRECTIONS + PCTL_UNKNOWN_COUNTERS) *
			 sizeof(struct pctl_counter);

	error = keep_text(policy, generation);
	error = error ?: keep_ids(policy, generation);
	error = error ?: keep_owner(input, generation);
	error = error ?: keep_own(generation);
	error = error ?: keep_classes(generation, classes);
	error = error ?: keep_pending(input->pending, generation);
	error = error ?: keep_mirrors(policy, generation);
	error = error
			?: map_create_array("carried_stats", sizeof(struct pctl_counter), carried,
					    &maps[MAP_CARRIED_STATS]);
	error = error
			?: map_create_array("meta", sizeof(struct meta), sizeof(struct meta),
					    &maps[MAP_META]);
	return error ?: generation_save_meta(generation);
}
