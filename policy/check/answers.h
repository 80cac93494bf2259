/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections that may begin although the answers to them are dropped by default. */
#ifndef PCTL_ANSWERS_H
#define PCTL_ANSWERS_H

#include "canvas.h"

/* net.ipv4.ip_local_port_range: the ports that clients send from, and get their answers at. */
#define ANSWER_LOW 32768
#define ANSWER_HIGH 60999

/* The ports of DHCP (RFC 2131) and DHCPv6 (RFC 8415): both ends have one of their own. */
#define DHCP_SERVER 67
#define DHCP_CLIENT 68
#define DHCP6_SERVER 547
#define DHCP6_CLIENT 546

struct answers {
	/* Ports of servers, outside ANSWER_LOW to ANSWER_HIGH, whose answers are dropped. */
	struct ranges by_default; /* no rule names the port */
	struct ranges by_rule; /* a rule does */
	bool peer; /* some of these are opened by a rule that matches on the peer */
	bool lease; /* DHCP is among them: it is in none of the above */
};

/*
 * Finds the answers of one protocol that the default of their direction drops. What a rule drops is
 * taken as meant. So is what a rule allows with some peer only, or with some source port where no
 * rule names the port of the server: its author thought of answers.
 * @which: a protocol with ports
 * @opening: the direction in which connections begin; their answers go the other way
 * @canvas: scratch
 * 0 or -ENOMEM. The caller clears *answers.
 */
int answers_find(const struct traits *traits, enum pctl_selected which, enum pctl_direction opening,
		 struct canvas *canvas, struct answers *answers);
void answers_clear(struct answers *answers);

/*
 * Whether a rule that names ICMP or ICMPv6 lets echo requests pass in direction @opening, while the
 * default of the other direction drops the replies.
 */
bool answers_drop_echo(const struct traits *traits, enum pctl_selected which,
		       enum pctl_direction opening, struct canvas *canvas);

#endif
