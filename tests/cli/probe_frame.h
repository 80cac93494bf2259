/* SPDX-License-Identifier: GPL-2.0-only */
/* The two ends of a veth, and frames that go from one to the other. All failures end the program.
 */
#ifndef CLI_PROBE_FRAME_H
#define CLI_PROBE_FRAME_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAGIC "CLIPROB" /* 8 bytes with its NUL */
#define MARKER UINT32_MAX

/* One end of the veth, with a packet socket in its namespace. The container's is called eth0. */
struct end {
	int fd;
	bool in_container;
	int ifindex;
	uint8_t mac[ETH_ALEN];
	struct in_addr ip4;
	struct in6_addr ip6;
};

/* The end of each frame. */
struct trailer {
	char magic[8];
	uint32_t class;
	uint32_t sequence;
} __attribute__((packed));

struct class
{
	const char *text;
	int family;
	int protocol;
	int selector; /* destination port or ICMP type; -1: none */
	/* A peer in place of the address of the end outside the container. */
	bool has_peer;
	struct in_addr peer4;
	struct in6_addr peer6;
};

struct frame {
	uint8_t bytes[256];
	size_t length;
};

/* Prints what failed, with errno, and ends with status 1. */
void die(const char *what) __attribute__((noreturn));

/* Opens a packet socket on a device of a namespace (a path). */
struct end open_end(const char *netns, const char *device);

/* A frame of this class; `number` is its class in the trailer. */
struct frame build(const struct class *class, uint32_t number, const struct end *from,
		   const struct end *to);

/* The ARP request that is sent last. */
struct frame build_marker(const struct end *from, const struct end *to);

void send_frame(const struct end *from, const struct frame *frame);

/* The next frame of ours that arrives within so many milliseconds; the marker has the class MARKER.
 */
bool receive(const struct end *to, int milliseconds, struct trailer *trailer);

#endif
