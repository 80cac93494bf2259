/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * May a command change an attachment by hand? Not in quarantine, and not where a daemon or sidecar
 * that runs keeps the policy: it would put its own back within a second. Each message says what
 * the way out is.
 */
#ifndef PCTL_KEEPER_H
#define PCTL_KEEPER_H

#include "attachment.h"

/* -EPERM with a message: a process that runs keeps its policy. Else 0, and notice() tells if one
 * that does not run now kept it. */
int check_keeper(const struct session *session, const struct attachment *attachment);

/* -EPERM with a message: it is in quarantine. */
int check_quarantine(const struct attachment *attachment);

/*
 * -EPERM with a message: sets of the policy name containers, and no daemon or sidecar runs that
 * would keep their members current. Else 0, and notice() tells if sets name addresses of this host
 * that only those keep current.
 */
int check_set_keeper(const struct session *session, const struct policy *policy);

/* The same of a container of which this interface has no attachment yet. */
int check_quarantine_of(const struct session *session, const struct owner *owner);

/* check_quarantine(), then check_keeper(). Taking it off is allowed while its policy waits to be
 * confirmed: what was meant by that is no question. */
int check_detach(const struct session *session, const struct attachment *attachment);

/* Nor may the policy be changed while it waits to be confirmed: what would "before" be then? */
int check_change(const struct session *session, const struct attachment *attachment);

#endif
