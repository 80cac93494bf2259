// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "samples.h"

static const char *words(enum counter_kind kind, enum verdict verdict)
{
	if (kind == COUNTER_RULE)
		return verdict == VERDICT_DENY ? "deny tcp" : "allow udp";
	return kind == COUNTER_IMPLICIT	 ? "arp"
	       : kind == COUNTER_DEFAULT ? "default"
					 : "rules no longer there";
}

struct sample_row row_of(enum counter_kind kind, enum verdict verdict, uint32_t id_or_slot,
			 uint64_t packets)
{
	struct sample_row row = {
		.kind = kind,
		.verdict = verdict,
		.directions = BOTH,
		.slot = id_or_slot,
		.id = kind == COUNTER_RULE ? id_or_slot : 0,
		.text = words(kind, verdict),
	};

	for (int d = 0; d < PCTL_DIRECTIONS; d++)
		row.measures[d].count = (struct pctl_counter){ packets, packets * 100 };
	return row;
}

struct sample_item item_of(uint32_t ifindex, const char *name, const struct sample_row *rows,
			   size_t count)
{
	struct sample_item item = {
		.ifindex = ifindex,
		.state = "enforcing",
		.enforcing = true,
		.readable = true,
		.attached_at = 1000,
		.rows = calloc(count, sizeof(*rows)),
		.row_count = count,
	};

	snprintf(item.name, sizeof(item.name), "%s", name);
	memcpy(item.rows, rows, count * sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind == COUNTER_RULE) /* by its index, as in the kernel */
			item.rows[i].slot = PCTL_SLOT_RULES + i;
		for (int d = 0; d < PCTL_DIRECTIONS; d++) {
			struct measure *sum = verdict_denies(rows[i].verdict) ? &item.dropped[d]
									      : &item.passed[d];

			sum->count.packets += rows[i].measures[d].count.packets;
			sum->count.bytes += rows[i].measures[d].count.bytes;
		}
	}
	return item;
}

struct sample sample_of(double clock, const struct sample_item *items, size_t count)
{
	struct sample sample = {
		.time = 1700000000 + clock,
		.clock = clock,
		.items = calloc(count + 1, sizeof(*items)),
		.count = count,
	};

	memcpy(sample.items, items, count * sizeof(*items));
	return sample;
}
