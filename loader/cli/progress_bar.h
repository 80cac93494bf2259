/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line on standard error that shows how far a long task is (base/progress.h). It is drawn only
 * on a terminal, from half a second after the first task began, and erased at the end.
 */
#ifndef PCTL_PROGRESS_BAR_H
#define PCTL_PROGRESS_BAR_H

#include "progress.h"

extern const struct progress_view progress_bar;

#endif
