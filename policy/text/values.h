/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading and writing of numbers that have names: protocols, ports, ICMP types and codes. */
#ifndef PCTL_VALUES_H
#define PCTL_VALUES_H

#include <stdio.h>

#include "rules.h"
#include "source.h"
#include "suggest.h"

/* What a name means may depend on fields before it: the protocol, the ICMP type. */
struct value_kind {
	const char *noun; /* what messages call one: "port" */
	unsigned int min, max; /* of what can be written */
	bool has_ranges;
	bool is_hexadecimal; /* written as 0x88cc, never as a decimal number */
	/* The number for a name; -ENOENT, or -ENOTUNIQ when the rule's protocols disagree. */
	int (*number)(const struct rule *rule, const char *name);
	/* The name to print, or NULL; no function: names are never printed. */
	const char *(*name)(const struct rule *rule, unsigned int number);
	void (*suggest)(const struct rule *rule, struct suggestion *suggestion);
};

extern const struct value_kind value_protocol, value_port, value_type, value_code, value_ethertype,
	value_vlan;

/* Reads one value or range. 0; -EINVAL, reported; -ENOMEM. */
int value_read(const struct value_kind *kind, const struct rule *rule, struct source *source,
	       const struct word *word, struct range *range);

/* Writes a set: a single value without braces, several as a list. */
void values_print(FILE *out, const struct value_kind *kind, const struct rule *rule,
		  const struct ranges *ranges);

/* Whether a rule may name this protocol; reports why not. */
int value_check_protocol(struct source *source, const struct word *word, unsigned int number);

#endif
