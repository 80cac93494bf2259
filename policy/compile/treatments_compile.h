/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_TREATMENTS_COMPILE_H
#define PCTL_TREATMENTS_COMPILE_H

#include "compiled.h"
#include "policy.h"

/* Fills in what rules and defaults do beside their verdict. 0 or -ENOMEM. */
int treatments_compile(struct compiled *compiled, const struct policy *policy);

#endif
