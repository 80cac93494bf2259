/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether answers reach a container that opens connections itself. */
#ifndef PCTL_ANSWERS_H
#define PCTL_ANSWERS_H

#include "traits.h"

/* net.ipv4.ip_local_port_range: the ports at which the container gets answers. */
#define ANSWER_LOW 32768
#define ANSWER_HIGH 60999

/*
 * *tcp, *udp: the container may open connections of this protocol, and the default, not a rule,
 * drops the answers. A rule that allows answers with some peer or source port only counts too: its
 * author has thought of them. 0 or -ENOMEM.
 */
int answers_dropped(const struct traits *traits, bool *tcp, bool *udp);

#endif
