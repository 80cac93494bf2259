/* SPDX-License-Identifier: GPL-2.0-only */
#include "fragments.h"

#include <string.h>

/* The datagram of a fragment; and its VLAN, where rules ask for VLANs. */
static struct first_fragment piece_of(enum pctl_direction direction,
				      const struct packet_fields *fields, bool with_vlan)
{
	return (struct first_fragment){
		.direction = direction,
		.datagram = fields->datagram,
		.vlan = with_vlan ? fields->vlan : 0,
	};
}

static struct first_fragment *find_first(const struct fragment_memory *memory,
					 const struct first_fragment *piece)
{
	for (size_t i = 0; i < memory->count; i++) {
		struct first_fragment *item = &memory->items[i];

		if (item->direction == piece->direction && item->vlan == piece->vlan &&
		    !memcmp(&item->datagram, &piece->datagram, sizeof(piece->datagram)))
			return item;
	}
	return NULL;
}

static void forget(struct fragment_memory *memory, struct first_fragment *item)
{
	size_t index = item - memory->items;

	memory->count--;
	memmove(item, item + 1, (memory->count - index) * sizeof(*item));
}

/* Remembers the verdict of a first fragment for its datagram, in place of an older one. */
static void note_first(struct fragment_memory *memory, const struct first_fragment *piece,
		       const struct evaluation *evaluation)
{
	struct first_fragment *item = find_first(memory, piece);

	if (item)
		forget(memory, item);
	if (!evaluation_passes(evaluation) || evaluation->reason != PCTL_REASON_NONE)
		return;
	if (!memory->capacity)
		return;
	if (memory->count == memory->capacity)
		forget(memory, memory->items);
	item = &memory->items[memory->count++];
	*item = *piece;
	item->evaluation = *evaluation;
}

static void follow_first(const struct fragment_memory *memory, const struct first_fragment *piece,
			 struct evaluation *evaluation)
{
	const struct first_fragment *first = find_first(memory, piece);

	if (!first || (first->evaluation.audit && evaluation->audit))
		return;
	*evaluation = first->evaluation;
	evaluation->followed = true;
}

void fragment_evaluate(struct fragment_memory *memory, enum pctl_direction direction,
		       const struct packet_fields *fields, bool with_vlan, bool may_follow,
		       struct evaluation *evaluation)
{
	struct first_fragment piece = piece_of(direction, fields, with_vlan);

	if (fields->piece == PIECE_FIRST)
		note_first(memory, &piece, evaluation);
	if (fields->piece == PIECE_LATER && evaluation->verdict != VERDICT_ALLOW && may_follow)
		follow_first(memory, &piece, evaluation);
}
