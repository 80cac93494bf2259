// SPDX-License-Identifier: GPL-2.0-only
#include "checkup_connections.h"
#include "connection_table.h"
#include "error.h"

static void say_full(struct findings *findings, const struct connection_summary *summary)
{
	findings_add(findings, FINDING_WARNING, "connections",
		     "the table of connections is full: %llu of %u",
		     (unsigned long long)summary->entries[CONNECTIONS_CONFIRMED],
		     summary->capacity[CONNECTIONS_CONFIRMED]);
	findings_why(findings,
		     "what begins now is not confirmed, and a flood can make it forgotten: "
		     "then its packets are not established");
	findings_do(findings, "policyctl connections tells which they are, and --cut ends some");
}

void checkup_connections(struct checkup *checkup, const struct attachment *attachment)
{
	const struct connection_maps maps = connection_maps_of(&attachment->current);
	struct findings *findings = &checkup->findings;
	struct connection_summary summary;
	int error = connections_summarise(&maps, &summary);

	if (error) {
		findings_add(findings, FINDING_WARNING, "connections", "%s", error_message(error));
		error_clear();
		return;
	}
	if (!summary.tracked)
		return;
	if (summary.entries[CONNECTIONS_CONFIRMED] >= summary.capacity[CONNECTIONS_CONFIRMED])
		say_full(findings, &summary);
	else
		findings_add(findings, FINDING_OK, "connections", "%llu of %u connections",
			     (unsigned long long)summary.entries[CONNECTIONS_CONFIRMED],
			     summary.capacity[CONNECTIONS_CONFIRMED]);
}
