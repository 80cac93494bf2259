/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by talker and counter. */
#ifndef DOCKER_TALKER_H
#define DOCKER_TALKER_H

#include <stdint.h>
#include <time.h>

/* Each talker has a number. Its packets carry FIRST_PORT + number: UDP and TCP as the
 * destination port, ICMP echo requests as the identifier. So the counter knows the talker of a
 * packet, whatever address the container had. */
#define FIRST_PORT 10000
#define NUMBERS 1000

/* Nanoseconds of CLOCK_REALTIME: containers and host have the same. */
static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
