/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the answers to what a container opens itself get back to it. */
#ifndef PCTL_ANSWERS_H
#define PCTL_ANSWERS_H

#include "traits.h"

/* net.ipv4.ip_local_port_range: where what the container opens gets its answers. */
#define ANSWER_LOW 32768
#define ANSWER_HIGH 60999

/*
 * *tcp, *udp: the container may open connections of this protocol, and the default, not a rule,
 * drops answers to them. What is allowed with some peer or source port only counts as allowed:
 * whoever wrote it thought of it. 0 or -ENOMEM.
 */
int answers_dropped(const struct traits *traits, bool *tcp, bool *udp);

#endif
