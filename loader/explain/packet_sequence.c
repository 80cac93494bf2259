// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_connection.h"
#include "packet_sequence.h"

int sequence_start(const struct policy *policy, struct packet_sequence *sequence)
{
	*sequence = (struct packet_sequence){
		.tracks = policy_tracks(policy),
		.with_vlan = policy_asks_for_vlans(policy),
	};
	if (!sequence->tracks)
		return 0;
	sequence->memory.items = calloc(SEQUENCE_CONNECTIONS, sizeof(*sequence->memory.items));
	sequence->memory.capacity = SEQUENCE_CONNECTIONS;
	return sequence->memory.items ? 0 : -ENOMEM;
}

void sequence_clear(struct packet_sequence *sequence)
{
	free(sequence->memory.items);
	*sequence = (struct packet_sequence){};
}

static void make_room(struct connection_memory *memory)
{
	size_t half = memory->capacity / 2;

	if (memory->count < memory->capacity)
		return;
	memmove(memory->items, memory->items + half, half * sizeof(*memory->items));
	memory->count = half;
}

int sequence_explain(struct packet_sequence *sequence, struct explainer *explainer,
		     enum pctl_direction direction, const uint8_t *frame, size_t length,
		     struct explanation *explanation)
{
	struct connection_memory *memory = &sequence->memory;
	int error = explain_frame(explainer, direction, frame, length, explanation);

	if (error || !sequence->tracks)
		return error;
	if (connections_ask(memory, direction, &explanation->fields, sequence->with_vlan) ==
	    PCTL_ESTABLISHED_YES) {
		explainer->established = true;
		error = explain_frame(explainer, direction, frame, length, explanation);
		explainer->established = false;
	}
	if (error || !decision_passes(&explanation->decision))
		return error;
	make_room(memory);
	connections_note(memory, direction, &explanation->fields, sequence->with_vlan,
			 explanation->decision.slot);
	return 0;
}
