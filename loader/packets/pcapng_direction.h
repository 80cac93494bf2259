/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which way the packets of a capture went, where it says so: `policyctl capture` writes pcapng with
 * an interface for each veth and direction, called `veth6c30d72:from` or `veth6c30d72:to`. libpcap
 * reads the packets, but keeps no interfaces (draft-ietf-opsawg-pcapng), so their blocks are
 * walked a second time, beside it.
 */
#ifndef PCTL_PCAPNG_DIRECTION_H
#define PCTL_PCAPNG_DIRECTION_H

struct pcapng;

/* Opens a file that can be read twice. NULL: it is no pcapng, or cannot be opened. The caller
 * closes. */
struct pcapng *pcapng_open(const char *path);
void pcapng_close(struct pcapng *pcapng);

/* The enum pctl_direction of the next packet; -1: its interface is not called so, or there is no
 * packet. */
int pcapng_next(struct pcapng *pcapng);

#endif
