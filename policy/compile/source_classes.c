/* SPDX-License-Identifier: GPL-2.0-only */
#include "source_classes.h"

#include <errno.h>

#include "budget.h"
#include "cleanup.h"
#include "sweep.h"

struct builder {
	struct source_classes *out;
	struct budget *budget;
	struct sweep *sweep; /* over ports; its things are lists */
	struct intern sets; /* the lists that contain each class */
};

/* Notes where the lists in use begin and end. */
static int note_lists(struct builder *builder, const struct traits *traits, const bool *used)
{
	const uint32_t *ranges;
	size_t count;

	for (uint32_t i = 0; i < intern_count(&traits->sources); i++) {
		ranges = intern_get(&traits->sources, i, &count);
		for (size_t j = 0; used[i] && j < count; j++)
			if (sweep_note(builder->sweep, ranges[j] >> 16, ranges[j] & 0xffff, i))
				return -ENOMEM;
	}
	return 0;
}

/* The class of the ports that are in the active lists. */
static int find_class(struct builder *builder, uint32_t *class)
{
	const struct words *active = &builder->sweep->active;
	int error;

	error = intern_add(&builder->sets, active->items, active->count, class);
	if (!error)
		error = budget_spend(builder->budget, active->count);
	if (!error)
		error = budget_allows(builder->budget, builder->sets.words.count, BUDGET_MEMBERS,
				      "pairs of a class and a list of source ports");
	if (!error)
		error = budget_allows(builder->budget, intern_count(&builder->sets),
				      BUDGET_SOURCE_CLASSES, "classes of source ports");
	return error;
}

static int sweep_ports(struct builder *builder, size_t list_count)
{
	struct source_classes *out = builder->out;
	uint32_t class;
	int changed, error;

	out->classes = calloc(SWEEP_SIZE, sizeof(*out->classes));
	if (!out->classes || intern_add(&builder->sets, NULL, 0, &class))
		return -ENOMEM;
	for (uint32_t i = 0; i < SWEEP_SIZE; i++) {
		changed = sweep_step(builder->sweep, i);
		error = changed > 0 ? find_class(builder, &class) : changed;
		if (error)
			return error;
		out->classes[i] = (uint16_t) class;
		out->outside_occurs |= !class;
	}
	out->count = (uint32_t)intern_count(&builder->sets);
	return members_collect(&out->members, &builder->sets, 0, list_count);
}

/* The lists of source ports that rules of this direction use; NULL without memory. *any: there
 * is one. */
static bool *find_used(const struct traits *traits, enum pctl_direction direction,
		       struct budget *budget, bool *any)
{
	bool *used = calloc(intern_count(&traits->sources) + 1, sizeof(*used));
	const struct trait *trait;
	size_t ranges;

	*any = false;
	budget_begin(budget, false);
	for (size_t i = 0; used && i < traits->count; i++) {
		trait = &traits->rules[i];
		if (!trait_names(trait, direction) || trait->sources == TRAIT_NONE)
			continue;
		*any = used[trait->sources] = true;
		intern_get(&traits->sources, trait->sources, &ranges);
		budget_blame(budget, i, (uint32_t)ranges);
	}
	return used;
}

int source_classes_build(struct source_classes *classes, const struct traits *traits,
			 enum pctl_direction direction, struct budget *budget)
{
	_cleanup_(sweep_freep) struct sweep *sweep = sweep_new();
	struct builder builder = { .out = classes, .budget = budget, .sweep = sweep };
	bool any;
	_cleanup_(freep) bool *used = find_used(traits, direction, budget, &any);
	int error = 0;

	*classes = (struct source_classes){ 0 };
	if (!used || !sweep)
		return -ENOMEM;
	if (!any)
		return 0;
	error = note_lists(&builder, traits, used);
	if (!error)
		error = sweep_ports(&builder, intern_count(&traits->sources));
	intern_clear(&builder.sets);
	if (error)
		source_classes_clear(classes);
	return error;
}

void source_classes_clear(struct source_classes *classes)
{
	free(classes->classes);
	members_clear(&classes->members);
	*classes = (struct source_classes){ 0 };
}
