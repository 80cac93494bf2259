/* SPDX-License-Identifier: GPL-2.0-only */
/* What a list of rules decides for each peer class. The time depends on the number of classes
 * that the rules name, not on the number of all classes. Each answer replaces the last one. */
#ifndef PCTL_BY_CLASS_H
#define PCTL_BY_CLASS_H

#include "peer_classes.h"

struct by_class {
	const struct traits *traits;
	const struct peer_classes *peers;
	struct budget *budget;
	uint32_t unknown; /* the outcome where the peer is unknown */
	uint32_t otherwise; /* the outcome of every class that is not touched */
	uint32_t *touched; /* classes in the list of some rule; never class 0 */
	size_t touched_count;
	uint32_t *outcomes; /* the outcomes of these classes */
	uint32_t *marks; /* per class: its state, valid from by_class->mark on */
	uint32_t *passed; /* per class: the last round in which a list contained it */
	uint32_t mark, round;
	struct words rest; /* the classes that `not` left over */
};

/* 0 or -ENOMEM. */
int by_class_init(struct by_class *by_class, const struct traits *traits,
		  const struct peer_classes *peers, struct budget *budget);
void by_class_clear(struct by_class *by_class);

/*
 * @rules: rules that match, apart from the peer; in their order
 * @last: the outcome if none of them matches
 * 0, -E2BIG or -ENOMEM.
 */
int by_class_decide(struct by_class *by_class, const uint32_t *rules, size_t count, uint32_t last);

static inline bool by_class_touched(const struct by_class *by_class, uint32_t class)
{
	return by_class->marks[class] >= by_class->mark;
}

static inline uint32_t by_class_outcome(const struct by_class *by_class, uint32_t class)
{
	if (class == CLASS_UNKNOWN)
		return by_class->unknown;
	return by_class_touched(by_class, class) ? by_class->outcomes[class] : by_class->otherwise;
}

#endif
