/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in a filter: packet_filter_parse.c makes it, packet_filter.c asks it. */
#ifndef PCTL_PACKET_FILTER_PARTS_H
#define PCTL_PACKET_FILTER_PARTS_H

#include "packet_filter.h"

enum decided_by { BY_ANYTHING, BY_RULE, BY_DEFAULT, BY_IMPLICIT };

struct packet_filter {
	struct policy *rules[2]; /* one deny rule each; any of them has to match, if there are */
	struct policy *host; /* likewise, by the address of either end */
	bool has_verdict, passed;
	enum decided_by decided_by;
	uint32_t rule; /* BY_RULE */
	bool log;
	bool unknown; /* something is not known of it; */
	int reason; /* what, or -1 */
};

#endif
