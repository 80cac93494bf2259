/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections when the policy has changed. */
#ifndef PCTL_REJUDGE_H
#define PCTL_REJUDGE_H

#include "connection_table.h"
#include "generation.h"

/* What became of the connections that another policy let begin. */
struct rejudged {
	size_t kept, cut;
};

/*
 * Judges every connection that began under another generation: what this one lets begin stays, with
 * the rule that lets it; the others are cut. The programs of the others must no longer run. May be
 * repeated. 0, or what reading, changing or asking failed with.
 */
int connections_rejudge(const struct connection_maps *maps, const struct generation *generation,
			struct rejudged *rejudged);

#endif
