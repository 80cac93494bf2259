/* SPDX-License-Identifier: GPL-2.0-only */
/* Do the loaded programs of one attachment decide as its policy says? */
#ifndef PCTL_CHECKUP_LIVE_H
#define PCTL_CHECKUP_LIVE_H

struct attachment;
struct checkup;

/* trial_run() as findings: live-from and live-to. */
void checkup_live(struct checkup *checkup, const struct attachment *attachment);

#endif
