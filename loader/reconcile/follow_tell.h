/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log is told of a veth and its container. */
#ifndef PCTL_FOLLOW_TELL_H
#define PCTL_FOLLOW_TELL_H

#include "reconcile.h"
#include "follower_state.h"
#include "log.h"

/* @owner, @why: may be NULL */
void follow_tell(const struct look *look, const struct veth *veth, enum log_level level,
		 const char *message, const struct owner *owner, size_t rules, const char *why);

/* Is this another trouble than the last one of this veth? Remembers it. */
bool follow_is_new(struct veth *veth, const char *message, const char *why);

/* Tells of trouble if it is new. */
void follow_tell_once(const struct look *look, struct veth *veth, enum log_level level,
		      const char *message, const struct owner *owner, const char *why);

/* What is wrong with what was asked for, all of it, or what is worth a warning. */
void follow_tell_details(const struct veth *veth, const struct container *container,
			 const struct desired_policy *desired);

/* That a container which runs shall have a policy, and cannot: nobody shall rely on it. Of
 * `follower`; returns 0. */
int follow_tell_unenforceable(void *follower, const struct container *container);

/* The message that says what was done, and how loud. */
const char *follow_words(enum reconciled done, const struct desired_attachment *want);
enum log_level follow_level(enum reconciled done, const struct desired_attachment *want);

#endif
