/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets of this network namespace that receive what arrives at an interface in front of tc. */
#ifndef PCTL_PACKET_SOCKETS_H
#define PCTL_PACKET_SOCKETS_H

#include <stdint.h>

/*
 * How many packet sockets are bound to the interface and receive every protocol (ETH_P_ALL). Each
 * has a frame before clsact ingress has it, behind generic XDP. One that is bound to no interface
 * is not counted: no switch reads its ports so. A negative errno where the kernel does not tell.
 */
int packet_sockets_on(uint32_t ifindex);

#endif
