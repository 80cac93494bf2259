// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus_live.h"
#include "prometheus_text.h"

static void write_live(FILE *out, const struct sample *sample, const char *name, const char *help,
		       uint64_t (*value)(const struct sample_live *live))
{
	bool begun = false;

	for (size_t i = 0; i < sample->count; i++)
		for (uint32_t j = 0; j < sample->items[i].live_count; j++) {
			if (!begun)
				prometheus_head(out, name, "gauge", help);
			begun = true;
			prometheus_begin(out, name, &sample->items[i]);
			prometheus_label(out, "set", sample->items[i].live[j].name);
			prometheus_end(out, value(&sample->items[i].live[j]));
		}
}

static uint64_t live_members(const struct sample_live *live)
{
	return live->members;
}

static uint64_t live_limit(const struct sample_live *live)
{
	(void)live;
	return PCTL_LIVE_SET_MEMBERS;
}

static uint64_t live_left_out(const struct sample_live *live)
{
	return live->left_out;
}

static uint64_t live_incomplete(const struct sample_live *live)
{
	return live->incomplete;
}

static uint64_t live_complete(const struct sample_live *live)
{
	return live->complete;
}

void prometheus_write_live(FILE *out, const struct sample *sample)
{
	write_live(out, sample, "live_set_members", "Members of a live set.", live_members);
	write_live(out, sample, "live_set_members_limit", "How many there is room for in a set.",
		   live_limit);
	write_live(out, sample, "live_set_left_out", "Members that did not fit in.", live_left_out);
	write_live(out, sample, "live_set_incomplete",
		   "1 if members did not fit in, so that the others are not all known.",
		   live_incomplete);
	write_live(out, sample, "live_set_complete",
		   "0 if it is not known of other addresses whether they are members.",
		   live_complete);
}

/* --- what was learnt of DNS, where a policy has names --- */

static bool reads_names(const struct sample_item *item)
{
	return item->readable && item->names.reads;
}

static void write_count(FILE *out, const struct sample *sample, const char *name, const char *help,
			enum pctl_name_counter counter)
{
	prometheus_head(out, name, "counter", help);
	for (size_t i = 0; i < sample->count; i++) {
		if (!reads_names(&sample->items[i]))
			continue;
		prometheus_begin(out, name, &sample->items[i]);
		prometheus_end(out, sample->items[i].names.counts[counter]);
	}
}

static void write_not_learnt(FILE *out, const struct sample *sample, const char *name)
{
	prometheus_head(out, name, "counter",
			"Answers of which nothing, or not all, was learnt, by why; reason full: "
			"addresses for which there was no room.");
	for (size_t i = 0; i < sample->count; i++)
		for (int j = PCTL_NAMES_OTHER; j < PCTL_NAME_COUNTERS; j++) {
			if (!reads_names(&sample->items[i]))
				continue;
			prometheus_begin(out, name, &sample->items[i]);
			prometheus_label(out, "reason", name_counter_reason(j));
			prometheus_end(out, sample->items[i].names.counts[j]);
		}
}

void prometheus_write_dns(FILE *out, const struct sample *sample)
{
	bool any = false;

	for (size_t i = 0; i < sample->count; i++)
		any = any || reads_names(&sample->items[i]);
	if (!any)
		return;
	write_count(out, sample, "dns_questions_total",
		    "Questions to resolvers for names of the policy.", PCTL_NAMES_QUESTIONS);
	write_count(out, sample, "dns_answers_total", "Answers to these that were read.",
		    PCTL_NAMES_ANSWERS);
	write_count(out, sample, "dns_addresses_total",
		    "Addresses in these that became members or stayed it.", PCTL_NAMES_ADDRESSES);
	write_not_learnt(out, sample, "dns_not_learnt_total");
}
