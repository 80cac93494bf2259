/* SPDX-License-Identifier: GPL-2.0-only */
#include "compiled.h"

#include <stdlib.h>

#include "cleanup.h"

struct compiled *compiled_new(uint32_t slots)
{
	_cleanup_(compiled_freep) struct compiled *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->slots = slots;
	new->proto_keys = calloc(PCTL_DIRECTIONS * 256, sizeof(*new->proto_keys));
	new->proto_outcomes = calloc(PCTL_DIRECTIONS * 256, sizeof(*new->proto_outcomes));
	if (!new->proto_keys || !new->proto_outcomes)
		return NULL;
	return TAKE_PTR(new);
}

void compiled_free(struct compiled *compiled)
{
	if (!compiled)
		return;
	free(compiled->proto_keys);
	free(compiled->proto_outcomes);
	free(compiled->planes);
	free(compiled->port_keys);
	free(compiled->port_outcomes);
	free(compiled->prefixes.cells);
	free(compiled->services);
	free(compiled->peer_rules);
	free(compiled->pair_keys);
	free(compiled->pair_outcomes);
	free(compiled->list_rules);
	free(compiled->peer_lists);
	free(compiled->source_pages);
	free(compiled->source_keys);
	free(compiled->source_services);
	free(compiled->treatments);
	free(compiled->buckets);
	free(compiled);
}
