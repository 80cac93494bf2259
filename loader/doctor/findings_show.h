/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings, for people and as JSON (docs/json.md). */
#ifndef PCTL_FINDINGS_SHOW_H
#define PCTL_FINDINGS_SHOW_H

#include <jansson.h>

#include "findings.h"

/*
 * On standard output, by subject: one line for a finding that is fine, three for one that is not,
 * and a last line that sums up. Of many subjects, each that is fine gets one line.
 */
void findings_print(const struct findings *findings);

json_t *findings_json(const struct findings *findings);

#endif
