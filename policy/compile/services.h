/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The services of one direction. A service is what is left to ask of a packet when its protocol and
 * selector are known: which plain rule decides if no other comes first, a row of struct rows, and
 * the rules that ask for peers and source ports. What leaves nothing to ask is an outcome at once.
 */
#ifndef PCTL_SERVICES_H
#define PCTL_SERVICES_H

#include "rows.h"
#include "source_classes.h"

struct service {
	uint32_t content; /* see services_content() */
	uint32_t refined; /* classes of source ports that refine it */
	bool known; /* packets of which everything is known can be of it */
	bool unknown; /* so can others, their peer aside */
};

/* Packets of a service with source ports of a class are of another one. */
struct refinement {
	uint32_t service, source, refined;
};

struct services {
	const struct traits *traits;
	const struct rows *rows;
	const struct source_classes *sources;
	struct budget *budget;
	uint32_t base; /* the first number in the map `services` */
	struct service *items;
	size_t count, capacity;
	struct intern contents; /* outcome, row, rules with peers */
	struct words of_content; /* the service of each, SERVICE_NONE: none yet */
	struct intern open; /* the same with rules with source ports among the others */
	struct words of_open; /* what each came to */
	struct refinement *refinements;
	size_t refinement_count, refinement_capacity;
	struct words rules; /* scratch */
};

#define SERVICE_NONE UINT32_MAX

/* What a service asks. */
struct content {
	uint32_t plain; /* the outcome by plain rules */
	uint32_t row;
	const uint32_t *rules; /* that ask for peers, before all of them plain rules; in order */
	size_t count;
};

void services_init(struct services *services, const struct traits *traits, const struct rows *rows,
		   const struct source_classes *sources, struct budget *budget, uint32_t base);
void services_clear(struct services *services);

/*
 * The outcome for what content says: PASS, DROP or CLASS.
 * @known: the rules may ask for source ports; else they do not, or match without being asked
 * 0, -ENOMEM, or -E2BIG: *budget says why.
 */
int services_outcome(struct services *services, const struct content *content, bool known,
		     uint32_t *outcome);

/* Good until the next service is made. */
struct content services_content(const struct services *services, size_t service);

#endif
