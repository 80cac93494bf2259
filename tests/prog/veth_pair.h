/* SPDX-License-Identifier: GPL-2.0-only */
/* A veth pair in a network namespace of the test's own, which ends with it: `host0`, where programs
 * are attached, and `eth0`, both up and with an MTU of 9000. */
#ifndef PROG_VETH_PAIR_H
#define PROG_VETH_PAIR_H

#define HOST_END "host0"

/* Moves the caller into it. Returns the index of the host's end. */
int veth_pair_make(void);

/* A packet socket on an interface, which sends frames from their Ethernet header on. The caller
 * closes. */
int packet_socket_open(int ifindex);

#endif
