// SPDX-License-Identifier: GPL-2.0-only
#include "checkup_sockets.h"
#include "packet_sockets.h"

void checkup_sockets(struct checkup *checkup, const struct attachment *attachment)
{
	const struct link *link = &attachment->hooks.link;
	struct findings *findings = &checkup->findings;
	int count;

	/* XDP comes before any socket. */
	if (attachment->current.meta.mode != XDP_MODE_NONE)
		return;
	count = packet_sockets_on(link->ifindex);
	if (count <= 0)
		return;
	findings_add(findings, FINDING_NOTE, "packet-socket",
		     "%d packet socket%s every frame of %s in front of tc", count,
		     count == 1 ? " reads" : "s read", link->name);
	findings_why(findings, "a switch that reads its ports so, as Open vSwitch in user space "
			       "does, forwards what tc denies; tcpdump only looks");
	findings_do(findings,
		    "ss -0 -p shows whose it is; for a switch, attach %s again with --hook xdp",
		    link->name);
}
