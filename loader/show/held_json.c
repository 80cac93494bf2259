// SPDX-License-Identifier: GPL-2.0-only
#include "clock.h"
#include "held_json.h"
#include "json_text.h"

const char *held_by(const struct held *held)
{
	if (held->abandoned)
		return "a process that is gone";
	return held->daemon ? "the daemon" : "a sidecar";
}

json_t *held_json(const struct held *held, const char *name)
{
	const char *manager = held->daemon ? "daemon" : "sidecar";
	uint64_t since_ns = clock_realtime_ns() - (clock_boot_ns() - held->hold.since_ns);

	return json_pack("{s:o, s:I, s:s, s:b, s:I, s:n, s:o, s:b, s:o}", "interface",
			 json_text(name), "ifindex", (json_int_t)held->hold.ifindex, "state",
			 "held", "enforcing", 0, "held_since",
			 (json_int_t)(since_ns / NS_PER_SECOND), "container", "manager",
			 json_text_or_null(held->abandoned ? "" : manager), "held", 1, "why",
			 json_text(held->hold.why));
}
