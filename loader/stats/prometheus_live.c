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

static uint64_t live_complete(const struct sample_live *live)
{
	return live->complete;
}

void prometheus_write_live(FILE *out, const struct sample *sample)
{
	write_live(out, sample, "live_set_members", "Members of a live set.", live_members);
	write_live(out, sample, "live_set_complete",
		   "0 if it is not known of other addresses whether they are members.",
		   live_complete);
}
