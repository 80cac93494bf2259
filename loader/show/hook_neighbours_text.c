// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hook_neighbours_text.h"

static bool is_ours(const struct attachment *attachment, const struct filter *filter)
{
	enum hook hook = filter->hook == TC_HOOK_EGRESS ? HOOK_EGRESS : HOOK_GUARD;

	if (filter_is_shape(filter))
		return attachment->current.meta.shapes & 1u << PCTL_FROM;
	return filter == hooks_filter_at_ours(&attachment->hooks, filter->hook) &&
	       hooks_runs(&attachment->hooks, &attachment->current, hook);
}

/* Is it one more entry of the filter before? A u32 filter has several at one priority, for its hash
 * tables too: one line is enough. */
static bool listed_before(const struct hooks *hooks, size_t index)
{
	const struct filter *filter = &hooks->filters[index], *before = filter - 1;

	return index > 0 && !filter->bpf && before->hook == filter->hook &&
	       before->priority == filter->priority && before->chain == filter->chain &&
	       !strcmp(before->kind, filter->kind);
}

const char *tc_hook_name(enum tc_hook hook)
{
	return hook == TC_HOOK_EGRESS ? "egress" : "ingress";
}

static size_t each_tcx(const struct attachment *attachment,
		       void (*each)(const struct neighbour *neighbour, void *data), void *data)
{
	const struct hooks *hooks = &attachment->hooks;
	size_t count = 0;

	for (int hook = 0; hook < 2; hook++)
		for (size_t i = 0; i < hooks->tcx_count[hook]; i++, count++)
			each(&(struct neighbour){ .hook = hook,
						  .program = hooks->tcx[hook][i],
						  .before = true },
			     data);
	return count;
}

size_t neighbours_each(const struct attachment *attachment,
		       void (*each)(const struct neighbour *neighbour, void *data), void *data)
{
	const struct hooks *hooks = &attachment->hooks;
	bool before[] = { [TC_HOOK_INGRESS] = true, [TC_HOOK_EGRESS] = true };
	size_t count = each_tcx(attachment, each, data);

	for (size_t i = 0; i < hooks->count; i++) {
		const struct filter *filter = &hooks->filters[i];

		if (is_ours(attachment, filter)) {
			before[filter->hook] &= filter_is_shape(filter);
			continue;
		}
		if (listed_before(hooks, i))
			continue;
		each(&(struct neighbour){ .hook = filter->hook,
					  .filter = filter,
					  .program = filter->program_id,
					  .before = before[filter->hook] },
		     data);
		count++;
	}
	return count;
}
