// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>

#include "packet_sockets.h"

int packet_sockets_on(uint32_t ifindex)
{
	/* net/packet/af_packet.c: sk RefCnt Type Proto Iface R … The first line has the names. */
	FILE *file = fopen("/proc/thread-self/net/packet", "re");
	unsigned int protocol, bound, running;
	char line[256];
	int count = 0;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*s %x %u %u", &protocol, &bound, &running) == 3)
			count += protocol == ETH_P_ALL && bound == ifindex && running;
	fclose(file);
	return count;
}
