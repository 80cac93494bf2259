/* SPDX-License-Identifier: GPL-2.0-only */
/* One event of the log in systemd's journal, with its fields. */
#ifndef PCTL_LOG_JOURNAL_H
#define PCTL_LOG_JOURNAL_H

#include "log_line.h"

/*
 * Sends it by journald's own protocol (systemd.journal-fields(7)). MESSAGE is the text, as
 * log_line_text() writes it; each field `name` is POLICYCTL_NAME. The container's are
 * CONTAINER_NAME and CONTAINER_ID too, as docker's log driver `journald` calls them. Returns 0 or a
 * negative errno, without a message.
 */
int log_journal_send(const struct log_record *event);

#endif
