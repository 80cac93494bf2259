// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "error.h"
#include "follower_metrics.h"
#include "follower_state.h"
#include "util.h"

static const char *const status_names[] = {
	[VETH_WAITING] = "waiting",	   [VETH_ALONE] = "left_alone",
	[VETH_ENFORCED] = "enforced",	   [VETH_HELD] = "held",
	[VETH_OTHERS] = "others",	   [VETH_FAILED] = "failed",
	[VETH_QUARANTINED] = "quarantine",
};

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_status(const struct follower *f, FILE *out)
{
	size_t counts[ARRAY_SIZE(status_names)] = {};

	for (size_t i = 0; i < f->veths.count; i++)
		counts[f->veths.items[i].status]++;
	head(out, "policyctl_follower_veths", "gauge", "Container veths by status.");
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++)
		fprintf(out, "policyctl_follower_veths{status=\"%s\"} %zu\n", status_names[i],
			counts[i]);
}

static void write_counts(const struct follower *f, FILE *out)
{
	const struct {
		const char *what;
		uint64_t count;
	} rows[] = {
		{ "attached", f->counts.attached }, { "changed", f->counts.changed },
		{ "put_back", f->counts.repaired }, { "taken_off", f->counts.detached },
		{ "failed", f->counts.failures },   { "resync", f->counts.resyncs },
	};

	head(out, "policyctl_follower_actions_total", "counter", "What the follower did.");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(out, "policyctl_follower_actions_total{action=\"%s\"} %" PRIu64 "\n",
			rows[i].what, rows[i].count);
}

static void write_gate(const struct follower *f, FILE *out)
{
	struct pctl_counter dropped;

	if (gate_counter(f->gate, &dropped)) {
		error_clear();
		return;
	}
	head(out, "policyctl_follower_gate_dropped_packets_total", "counter",
	     "Packets dropped while their container was not known.");
	fprintf(out, "policyctl_follower_gate_dropped_packets_total %" PRIu64 "\n",
		(uint64_t)dropped.packets);
}

void follower_write_metrics(const struct follower *follower, FILE *out)
{
	head(out, "policyctl_follower_engine_up", "gauge", "Whether the container engine answers.");
	fprintf(out, "policyctl_follower_engine_up %d\n", engine_synced(follower->engine));
	write_status(follower, out);
	write_counts(follower, out);
	write_gate(follower, out);
	set_keeper_write_metrics(&follower->keeper, out);
	head(out, "policyctl_follower_unjudged_devices_total", "counter",
	     "Devices that containers were seen to have above the host's.");
	fprintf(out, "policyctl_follower_unjudged_devices_total %" PRIu64 "\n",
		follower->counts.uppers);
	head(out, "policyctl_follower_latency_seconds", "histogram",
	     "From the kernel's message about a veth until it is held, and until its policy is in "
	     "force.");
	histogram_write(out, &follower->counts.gate, "policyctl_follower_latency_seconds",
			"stage=\"held\"");
	histogram_write(out, &follower->counts.policy, "policyctl_follower_latency_seconds",
			"stage=\"policy\"");
}
