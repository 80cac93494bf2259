/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sample in the text format of Prometheus, version 0.0.4 (docs/json.md lists the metrics).
 *
 * Series are stable: over an apply a rule that stays keeps its labels, its id and text being what
 * it is known by, and no counter ever shrinks while the attachment stays.
 */
#ifndef PCTL_PROMETHEUS_H
#define PCTL_PROMETHEUS_H

#include <stdio.h>

#include "sample.h"

/* What goes with it over HTTP. */
#define PROMETHEUS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Writes all metrics of a sample. Whether that worked, ferror(out) tells. */
void prometheus_write(FILE *out, const struct sample *sample);

#endif
