/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of the text format of Prometheus; prometheus.h says what stands in them. */
#ifndef PCTL_PROMETHEUS_TEXT_H
#define PCTL_PROMETHEUS_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "sample.h"

/* The head of a metric, `policyctl_NAME`. @type: gauge or counter. */
void prometheus_head(FILE *out, const char *name, const char *type, const char *help);

/* Begins a line: `policyctl_NAME{interface="…"`. More labels and prometheus_end() are to follow. */
void prometheus_begin(FILE *out, const char *name, const struct sample_item *item);

/* A label; the text is escaped, and cut if it is long. */
void prometheus_label(FILE *out, const char *name, const char *text);

/* Ends the line, with its value. */
void prometheus_end(FILE *out, uint64_t number);

#endif
