// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "packet_layers.h"
#include "peer_sets.h"

void peer_sets_begin(struct peer_sets *sets)
{
	if (!++sets->row)
		sets->row = 1; /* 0 stands for never */
}

/* False: the frame has no addresses, or what stands there is not sure to be one. */
static bool read_peer(const uint8_t *frame, size_t captured, size_t length,
		      enum pctl_direction direction, struct peer_sets_answer *question)
{
	const uint8_t *bytes;
	struct packet_layers layers;

	packet_layers_read(frame, captured, length, &layers);
	if (!layers.has_addresses || layers.fault)
		return false;
	bytes = direction == PCTL_FROM ? layers.destination : layers.source;
	question->family = layers.network == NETWORK_IPV4 ? PCTL_IPV4 : PCTL_IPV6;
	memcpy(question->address, bytes,
	       question->family == PCTL_IPV4 ? 4 : sizeof(question->address));
	return true;
}

/* Where an answer to this question is kept. */
static struct peer_sets_answer *place(struct peer_sets *sets,
				      const struct peer_sets_answer *question)
{
	uint32_t hash = question->generation + question->family;

	for (int i = 0; i < 4; i++)
		hash = (hash ^ question->address[i]) * 0x9e3779b1; /* 2^32 / golden ratio */
	return &sets->answers[(hash >> 16) % PEER_SETS_KEPT];
}

static bool is_answered(const struct peer_sets_answer *answer,
			const struct peer_sets_answer *question)
{
	return answer->row == question->row && answer->generation == question->generation &&
	       answer->family == question->family &&
	       !memcmp(answer->address, question->address, sizeof(answer->address));
}

uint32_t peer_sets_find(struct peer_sets *sets, const struct live_asked *asked, uint64_t generation,
			enum pctl_direction direction, const uint8_t *frame, size_t captured,
			size_t length, const struct live_finding **findings)
{
	struct peer_sets_answer question = { .row = sets->row, .generation = generation }, *answer;

	if (!asked->count || !sets->maps.elements ||
	    !read_peer(frame, captured, length, direction, &question))
		return 0;
	answer = place(sets, &question);
	if (!is_answered(answer, &question)) {
		question.count = live_find(&sets->maps, asked, question.family, question.address,
					   question.findings);
		*answer = question;
	}
	*findings = answer->findings;
	return answer->count;
}
