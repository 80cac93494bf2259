/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a report tells: everything in force in this network namespace at one moment, for the person
 * who has to say that the host is as it should be. One HTML page that loads nothing and runs no
 * script.
 */
#ifndef PCTL_REPORT_H
#define PCTL_REPORT_H

#include <stdio.h>
#include <sys/utsname.h>

#include "findings.h"
#include "map.h"
#include "sample.h"

struct report {
	struct sample sample;
	struct map map;
	char *picture; /* of the map, as SVG; NULL: there is none */
	char *no_picture; /* why not */
	const struct findings *findings;
	struct utsname host;
	const char *version; /* of policyctl */
};

/* Frees all but the findings. */
void report_clear(struct report *report);

/* Draws report->map. Without Graphviz there is no picture. 0 or -ENOMEM. */
int report_draw(struct report *report);

void report_write(FILE *out, const struct report *report);

/* --- parts of the page --- */

/* The style sheet, for light and dark screens, narrow ones, and paper. */
extern const char report_style[];

void report_write_map(FILE *out, const struct report *report);
void report_write_policies(FILE *out, const struct report *report);
/* What drops most, over all attachments. */
void report_write_drops(FILE *out, const struct report *report);
void report_write_findings(FILE *out, const struct report *report);

#endif
