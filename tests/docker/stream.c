// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bystander: one TCP connection to a talker, which sends back what it gets. Numbers go out, a few
 * every millisecond, and must come back in order.
 *
 *   stream ADDRESS PORT
 *
 * Until TERM; then it waits for what is still under way and prints
 *   {"sent": N, "returned": N, "wrong": N, "longest_gap_ms": X, "retransmitted": N, "broken":
 * false}
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "talker.h"

#define TICK_NS 1000000
#define A_TICK 8 /* numbers */
#define LAST_WAIT_NS 5000000000
#define BEHIND 4096 /* numbers that may be under way */

static uint64_t sent, returned, wrong, longest_gap, last_return;
static bool broken;

static void send_some(int fd)
{
	uint64_t numbers[A_TICK];

	if (sent - returned > BEHIND)
		return;
	for (int i = 0; i < A_TICK; i++)
		numbers[i] = sent + i;
	if (send(fd, numbers, sizeof(numbers), MSG_NOSIGNAL) == sizeof(numbers))
		sent += A_TICK;
	else
		broken = true;
}

static void take(const uint64_t *numbers, size_t count)
{
	uint64_t now = now_ns();

	if (now - last_return > longest_gap)
		longest_gap = now - last_return;
	last_return = now;
	for (size_t i = 0; i < count; i++)
		wrong += numbers[i] != returned++;
}

static void receive(int fd)
{
	static uint64_t numbers[1024];
	static size_t held; /* bytes */
	ssize_t size = recv(fd, (char *)numbers + held, sizeof(numbers) - held, MSG_DONTWAIT);
	size_t count;

	if (size <= 0) {
		broken = size == 0 || errno != EAGAIN;
		return;
	}
	held += size;
	count = held / sizeof(*numbers);
	take(numbers, count);
	held -= count * sizeof(*numbers);
	memmove(numbers, numbers + count, held);
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (void *)&to, sizeof(to))) {
		perror(address);
		exit(1);
	}
	return fd;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, 0);
}

static void report(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	printf("{\"sent\": %" PRIu64 ", \"returned\": %" PRIu64 ", \"wrong\": %" PRIu64
	       ", \"longest_gap_ms\": %.1f, \"lost\": %d, \"broken\": %s}\n",
	       sent, returned, wrong, longest_gap / 1e6,
	       (int)(info.tcpi_total_retrans - info.tcpi_dsack_dups), broken ? "true" : "false");
}

int main(int argc, char **argv)
{
	uint64_t tick, end = UINT64_MAX;

	if (argc != 3) {
		fprintf(stderr, "usage: stream ADDRESS PORT\n");
		return 2;
	}
	struct pollfd fds[2] = { { connect_to(argv[1], argv[2]), POLLIN, 0 },
				 { open_signals(), POLLIN, 0 } };

	last_return = tick = now_ns();
	while (!broken && last_return < end && (end == UINT64_MAX || returned < sent)) {
		if (poll(fds, 2, 1) < 0 || now_ns() > end)
			break;
		if (fds[0].revents)
			receive(fds[0].fd);
		if (fds[1].revents && end == UINT64_MAX) {
			end = now_ns() + LAST_WAIT_NS;
			fds[1].fd = -1;
		}
		if (end == UINT64_MAX && now_ns() - tick >= TICK_NS) {
			tick = now_ns();
			send_some(fds[0].fd);
		}
	}
	report(fds[0].fd);
	return 0;
}
