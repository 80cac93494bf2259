/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers of DNS that pass while something learns: which addresses have which names. Read are
 * datagrams of port 53 that answer a question of the container, as the programs read them
 * (docs/names.md). Nothing that is read here opens anything by itself.
 */
#ifndef PCTL_NAME_ANSWERS_H
#define PCTL_NAME_ANSWERS_H

#include "learnt_names.h"
#include "packet_layers.h"
#include "rules.h"

#define ANSWERS_ASKED 128 /* questions that wait; the oldest is forgotten */

struct answers {
	struct question_asked {
		bool waits;
		struct prefix resolver;
		uint16_t port, id, type; /* port: the container's */
		char name[LEARNT_NAME];
	} asked[ANSWERS_ASKED];
	size_t next;
};

/*
 * Takes a packet with ports.
 * @peer: the address of its other end
 * @now: seconds since 1970
 */
void answers_take(struct answers *answers, const struct packet_layers *layers,
		  enum pctl_direction direction, const struct prefix *peer, uint64_t now,
		  struct learnt_names *names);

#endif
