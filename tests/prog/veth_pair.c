/* SPDX-License-Identifier: GPL-2.0-only */
#include "veth_pair.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include "support.h"

int veth_pair_make(void)
{
	int host_end;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(system("ip link add " HOST_END " mtu 9000 up type veth"
				" peer name eth0 mtu 9000 &&"
				" ip link set eth0 up"),
			 0);
	host_end = if_nametoindex(HOST_END);
	assert_int_not_equal(host_end, 0);
	return host_end;
}

int packet_socket_open(int ifindex)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = ifindex };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}
