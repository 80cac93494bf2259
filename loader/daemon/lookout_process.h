/* SPDX-License-Identifier: GPL-2.0-only */
/* The lookout's own process, and what is said between it and the one that started it. */
#ifndef PCTL_LOOKOUT_PROCESS_H
#define PCTL_LOOKOUT_PROCESS_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* An answer takes so long at most. Some 60,000 entries take 20 ms. */
#define LOOKOUT_SECONDS 5

/* In one packet, with the socket for the answer (SCM_RIGHTS). */
struct lookout_question {
	uint32_t ifindex;
	uint32_t limit;
};

/* The sockets and the tracked connections follow. */
struct lookout_answer {
	int32_t error; /* a negative errno, in words in `why`; then nothing follows */
	char why[256];
	uint64_t left_out; /* as in struct sockets_seen */
	uint64_t listening;
	uint64_t sockets, tracked; /* counts */
};

/* Room for one descriptor in a message. */
union lookout_control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

/* The process. Answers questions from @socket until its end, or that of the parent. */
void lookout_process(int socket, pid_t parent) __attribute__((noreturn));

#endif
