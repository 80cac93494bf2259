/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets of a capture, one after the other: those before tell which of them are established. */
#ifndef PCTL_PACKET_SEQUENCE_H
#define PCTL_PACKET_SEQUENCE_H

#include "explanation.h"

/* So many connections are remembered; then the older half is forgotten. */
#define SEQUENCE_CONNECTIONS 4096

struct packet_sequence {
	struct connection_memory memory; /* its clock stands still: captures may be merged */
	bool tracks, with_vlan;
};

/* Of a policy, for sequence_clear(). 0 or -ENOMEM. */
int sequence_start(const struct policy *policy, struct packet_sequence *sequence);
void sequence_clear(struct packet_sequence *sequence);

/*
 * As explain_frame(), for the next packet. It is established if those before it have opened its
 * connection, and passed; of others it is taken for the first one.
 */
int sequence_explain(struct packet_sequence *sequence, struct explainer *explainer,
		     enum pctl_direction direction, const uint8_t *frame, size_t length,
		     struct explanation *explanation);

#endif
