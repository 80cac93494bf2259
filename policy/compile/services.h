/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The services of one direction. A service is what is still open when protocol and selector of a
 * packet are known: the plain rule that decides if no other comes first, a row of struct rows, and
 * the rules that match on peers and source ports. Where nothing is open there is an outcome
 * instead.
 */
#ifndef PCTL_SERVICES_H
#define PCTL_SERVICES_H

#include "rows.h"
#include "source_classes.h"

struct service {
	uint32_t content; /* see services_content() */
	uint32_t refined; /* classes of source ports that refine it */
	bool known; /* packets with all fields known can have this service */
	bool unknown; /* packets with an unknown field other than the peer can have it */
};

/* A service and a class of source ports make another service. */
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
	struct intern contents; /* contents: outcome, row, rules with peers */
	struct words of_content; /* the service of each content; SERVICE_NONE: none yet */
	struct intern open; /* the same with rules that match on source ports */
	struct words of_open; /* the outcome of each */
	struct refinement *refinements;
	size_t refinement_count, refinement_capacity;
	struct words rules; /* scratch */
};

#define SERVICE_NONE UINT32_MAX

/* What is still open in a service. */
struct content {
	uint32_t plain; /* the outcome by plain rules */
	uint32_t row;
	const uint32_t
		*rules; /* rules that match on peers and come before the plain outcome; in order */
	size_t count;
};

void services_init(struct services *services, const struct traits *traits, const struct rows *rows,
		   const struct source_classes *sources, struct budget *budget, uint32_t base);
void services_clear(struct services *services);

/*
 * The outcome for a content: PASS, DROP or CLASS.
 * @known: the rules may match on source ports; else they do not, or match whatever the ports
 * 0, -ENOMEM, or -E2BIG: *budget says why.
 */
int services_outcome(struct services *services, const struct content *content, bool known,
		     uint32_t *outcome);

/* Valid until the next service is made. */
struct content services_content(const struct services *services, size_t service);

#endif
