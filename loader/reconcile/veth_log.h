/* SPDX-License-Identifier: GPL-2.0-only */
/* Log records about a veth and its container. */
#ifndef PCTL_VETH_LOG_H
#define PCTL_VETH_LOG_H

#include "desired_policy.h"
#include "log.h"
#include "reconcile.h"
#include "reconcile_pass.h"

/* @owner, @why: may be NULL. @rules: 0 is left out */
void veth_log(const struct reconcile_pass *pass, const struct veth *veth, enum log_level level,
	      const char *message, const struct owner *owner, size_t rules, const char *why);

/* Is this another trouble than the last one of this veth? Remembers it. */
bool veth_trouble_is_new(struct veth *veth, const char *message, const char *why);

/* The same as veth_log(), if the trouble is new. */
void veth_log_once(const struct reconcile_pass *pass, struct veth *veth, enum log_level level,
		   const char *message, const struct owner *owner, const char *why);

/* All errors and warnings of what the container asked for. NULL: it is an interface that is
 * followed by its name. */
void veth_log_details(const struct veth *veth, const struct container *container,
		      const struct desired_policy *policy);

/* The message for what reconcile() did, and its level. */
const char *reconciled_message(enum reconciled done, const struct desired_attachment *desired);
enum log_level reconciled_level(enum reconciled done, const struct desired_attachment *desired);

#endif
