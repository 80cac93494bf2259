/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sample in the text format of Prometheus, version 0.0.4 (docs/json.md lists the metrics).
 *
 * Series are stable. A rule that an apply keeps has the same labels afterwards, since its labels
 * are its id and its text. No counter shrinks as long as the attachment lasts.
 */
#ifndef PCTL_PROMETHEUS_H
#define PCTL_PROMETHEUS_H

#include <stdio.h>

#include "sample.h"

/* The Content-Type of this format over HTTP. */
#define PROMETHEUS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Writes all metrics of a sample. ferror(out) tells whether that worked. */
void prometheus_write(FILE *out, const struct sample *sample);

#endif
