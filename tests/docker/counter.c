// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the packets of talkers that arrive at an interface, by protocol and number.
 *
 *   counter INTERFACE FILE
 *
 * The interface may go, and come again: what counts is the name. Says "counting" when it does. On
 * USR1 (and TERM, with which it ends) it writes FILE, complete or not at all, a line each:
 * protocol, number, packets, nanoseconds of the first and of the last one. Protocols: udp, tcp,
 * icmp (echo requests), of IPv4 and IPv6, and answer: what came from a talker's port, and echo
 * replies. A line "lost" says how many it missed itself.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
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

enum { UDP, TCP, ICMP, ANSWER, KINDS };
static const char *const kind_names[KINDS] = { "udp", "tcp", "icmp", "answer" };

static struct seen {
	uint64_t packets, first, last;
} seen[KINDS][NUMBERS];
static uint64_t lost;
static const char *interface;

static bool is_number(unsigned int port)
{
	return port >= FIRST_PORT && port < FIRST_PORT + NUMBERS;
}

static void count(int kind, unsigned int port)
{
	struct seen *row = &seen[kind][port - FIRST_PORT];

	row->last = now_ns();
	if (!row->packets++)
		row->first = row->last;
}

static void count_ports(int kind, const uint16_t *ports)
{
	if (is_number(ntohs(ports[1])))
		count(kind, ntohs(ports[1]));
	else if (is_number(ntohs(ports[0])))
		count(ANSWER, ntohs(ports[0]));
}

/* ICMP and ICMPv6 have their types and identifiers in the same places. */
static void count_icmp(const struct icmphdr *icmp, int request, int reply)
{
	unsigned int id = ntohs(icmp->un.echo.id);

	if (!is_number(id))
		return;
	if (icmp->type == request)
		count(ICMP, id);
	else if (icmp->type == reply)
		count(ANSWER, id);
}

static void count_packet(const unsigned char *packet, size_t size)
{
	const struct iphdr *ip = (const void *)packet;
	const struct ip6_hdr *ip6 = (const void *)packet;
	bool is_ip6 = size >= sizeof(*ip6) && ip->version == 6; /* talkers send no extensions */
	size_t header = size < sizeof(*ip) ? size : is_ip6 ? sizeof(*ip6) : ip->ihl * 4u;

	if (size < header + 8)
		return;
	switch (is_ip6 ? ip6->ip6_nxt : ip->protocol) {
	case IPPROTO_UDP:
		count_ports(UDP, (const void *)(packet + header));
		break;
	case IPPROTO_TCP:
		count_ports(TCP, (const void *)(packet + header));
		break;
	case IPPROTO_ICMP:
		count_icmp((const void *)(packet + header), ICMP_ECHO, ICMP_ECHOREPLY);
		break;
	case IPPROTO_ICMPV6:
		count_icmp((const void *)(packet + header), ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY);
	}
}

/* Whether the interface has that name; looked up once for each interface. */
static bool is_counted(unsigned int ifindex)
{
	static enum { UNKNOWN, YES, NO } known[65536];
	char name[IF_NAMESIZE];

	if (ifindex >= sizeof(known) / sizeof(*known))
		return false;
	if (known[ifindex] == UNKNOWN)
		known[ifindex] =
			if_indextoname(ifindex, name) && !strcmp(name, interface) ? YES : NO;
	return known[ifindex] == YES;
}

static void drain(int fd)
{
	_Alignas(4) unsigned char packet[256];
	struct sockaddr_ll from;
	socklen_t length = sizeof(from);
	ssize_t size;

	while ((size = recvfrom(fd, packet, sizeof(packet), MSG_DONTWAIT, (void *)&from,
				&length)) >= 0) {
		if (from.sll_pkttype != PACKET_OUTGOING && is_counted(from.sll_ifindex))
			count_packet(packet, size);
		length = sizeof(from);
	}
}

static void count_lost(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t length = sizeof(stats);

	if (!getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length))
		lost += stats.tp_drops;
}

static void write_table(FILE *file)
{
	for (int kind = 0; kind < KINDS; kind++) {
		for (int number = 0; number < NUMBERS; number++) {
			const struct seen *row = &seen[kind][number];

			if (row->packets)
				fprintf(file, "%s %d %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
					kind_names[kind], number, row->packets, row->first,
					row->last);
		}
	}
	fprintf(file, "lost 0 %" PRIu64 " 0 0\n", lost);
}

static int write_file(const char *path)
{
	char temporary[4096];
	FILE *file;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "we");
	if (!file)
		return -errno;
	write_table(file);
	if (fclose(file) || rename(temporary, path))
		return -errno;
	return 0;
}

static int open_socket(int protocol)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0), room = 64 << 20;
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol) };

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (void *)&at, sizeof(at))) {
		perror("counter");
		exit(1);
	}
	return fd;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, 0);
}

int main(int argc, char **argv)
{
	struct signalfd_siginfo signal = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: counter INTERFACE FILE\n");
		return 2;
	}
	struct pollfd fds[] = { { open_signals(), POLLIN, 0 },
				{ open_socket(ETH_P_IP), POLLIN, 0 },
				{ open_socket(ETH_P_IPV6), POLLIN, 0 } };

	interface = argv[1];
	printf("counting\n");
	fflush(stdout);
	while (signal.ssi_signo != SIGTERM && poll(fds, 3, -1) > 0) {
		drain(fds[1].fd);
		drain(fds[2].fd);
		if (!(fds[0].revents & POLLIN))
			continue;
		if (read(fds[0].fd, &signal, sizeof(signal)) != sizeof(signal))
			return 1;
		for (int i = 1; i <= 2; i++) {
			drain(fds[i].fd);
			count_lost(fds[i].fd);
		}
		if (write_file(argv[2])) {
			perror(argv[2]);
			return 1;
		}
	}
	return 0;
}
