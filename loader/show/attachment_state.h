/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether an attachment is in force, in words. */
#ifndef PCTL_ATTACHMENT_STATE_H
#define PCTL_ATTACHMENT_STATE_H

#include "attachment.h"

/* Of an attachment that audits. */
#define ATTACHMENT_AUDITS "nothing is enforced: what its policy denies is counted, and passes"

/* "enforcing", "audit", or what is missing (docs/json.md lists the words). */
const char *attachment_state(const struct attachment *attachment);

/* The same for people: also "held", where all packets are denied because there is no policy yet,
 * "quarantine", and "unconfirmed", where its policy goes back unless it is confirmed. */
const char *attachment_state_word(const struct attachment *attachment);

/* Is it in quarantine, or released from it and still without another policy? */
bool attachment_in_quarantine(const struct attachment *attachment);

/* Are all programs on their hooks, with no foreign one in front? */
bool attachment_in_place(const struct attachment *attachment);

/* Is it in place, and enforces something, unless it denies nothing? */
bool attachment_enforcing(const struct attachment *attachment);

/* Is nothing of it enforced, since it is audited as a whole, or all that denies says `audit`? */
bool attachment_audits(const struct attachment *attachment);

/* "xdp" or "tc": what judges packets from the container. */
const char *attachment_hook(const struct attachment *attachment);

/* Why by this hook, or in this mode of XDP. */
const char *attachment_mode_reason(const struct attachment *attachment);

#endif
