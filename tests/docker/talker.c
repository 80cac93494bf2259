// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of a container, which talks from its first instruction: numbered UDP datagrams,
 * TCP connection attempts and ICMP echo requests. Answers what it gets, and notes when it began and
 * what came in. Also floods containers from the host.
 *
 *   talker [--number N] [--rate PER-SECOND] [--seconds S] [--record FILE] [ADDRESS...]
 *
 * Sends one packet of each protocol to each address, IPv4 or IPv6, RATE times a second, for S
 * seconds (0, the default: until TERM). Listens on UDP and TCP port FIRST_PORT + N, and sends back
 * what comes there. Appends two lines to FILE:
 *
 *   {"number": N, "main": NS, "first_send": NS}
 *   {"number": N, "end": NS, "first_receive": NS, "sent": {"udp": …, "tcp": …, "icmp": …},
 *    "received": {…}}
 *
 * `received` counts for all of the network namespace, from before main() on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
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

#define ADDRESSES_MAX 64
#define ATTEMPTS 64 /* TCP connections that are tried at the same time */
#define CLIENTS 16

enum { UDP, TCP, ICMP, PROTOCOLS };

static struct {
	unsigned int number, rate;
	double seconds;
	const char *record;
	struct in6_addr addresses[ADDRESSES_MAX]; /* of IPv4: ::ffff:a.b.c.d */
	unsigned int address_count;
} options = { .rate = 100 };

static struct {
	int udp, icmp, icmpv6, listener, signals; /* udp and listener: of both families */
	int attempts[ATTEMPTS];
	unsigned int next_attempt;
	int clients[CLIENTS];
} sockets;

static uint64_t sent[PROTOCOLS], first_send, first_receive;

struct message {
	char kind; /* 'T': sent by a talker; 'E': an echo, which is not echoed again */
	uint32_t number;
	uint64_t sequence;
};

static struct sockaddr_in6 to_port(const struct in6_addr *address)
{
	return (struct sockaddr_in6){ .sin6_family = AF_INET6,
				      .sin6_addr = *address,
				      .sin6_port = htons(FIRST_PORT + options.number) };
}

static void count_sent(int protocol)
{
	if (!first_send)
		first_send = now_ns();
	sent[protocol]++;
}

static void say_udp(const struct in6_addr *address)
{
	struct sockaddr_in6 to = to_port(address);
	struct message message = { .kind = 'T', .number = options.number, .sequence = sent[UDP] };

	if (sendto(sockets.udp, &message, sizeof(message), 0, (void *)&to, sizeof(to)) > 0)
		count_sent(UDP);
}

/* Replaces the oldest attempt. */
static void say_tcp(const struct in6_addr *address)
{
	struct sockaddr_in6 to = to_port(address);
	struct linger at_once = { .l_onoff = 1 };
	int *fd = &sockets.attempts[sockets.next_attempt++ % ATTEMPTS];

	if (*fd >= 0)
		close(*fd);
	*fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	if (connect(*fd, (void *)&to, sizeof(to)) == 0 || errno == EINPROGRESS)
		count_sent(TCP);
}

static uint16_t checksum(const void *data, size_t size)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < size / 2; i++)
		sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

static void say_icmp(const struct in6_addr *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct {
		struct icmphdr header;
		struct message message;
	} echo = { { .type = ICMP_ECHO }, { .kind = 'T' } };

	memcpy(&to.sin_addr, address->s6_addr + 12, sizeof(to.sin_addr));
	echo.header.un.echo.id = htons(FIRST_PORT + options.number);
	echo.header.un.echo.sequence = htons(sent[ICMP]);
	echo.header.checksum = checksum(&echo, sizeof(echo));
	if (sendto(sockets.icmp, &echo, sizeof(echo), 0, (void *)&to, sizeof(to)) > 0)
		count_sent(ICMP);
}

/* The kernel fills in the checksum. */
static void say_icmpv6(const struct in6_addr *address)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = *address };
	struct {
		struct icmp6hdr header;
		struct message message;
	} echo = { { .icmp6_type = ICMPV6_ECHO_REQUEST }, { .kind = 'T' } };

	echo.header.icmp6_identifier = htons(FIRST_PORT + options.number);
	echo.header.icmp6_sequence = htons(sent[ICMP]);
	if (sendto(sockets.icmpv6, &echo, sizeof(echo), 0, (void *)&to, sizeof(to)) > 0)
		count_sent(ICMP);
}

static void say(void)
{
	for (unsigned int i = 0; i < options.address_count; i++) {
		const struct in6_addr *address = &options.addresses[i];

		say_udp(address);
		say_tcp(address);
		if (IN6_IS_ADDR_V4MAPPED(address))
			say_icmp(address);
		else
			say_icmpv6(address);
	}
}

/* --- what comes in ----------------------------------------------------------------------------
 */

static void received_now(void)
{
	if (!first_receive)
		first_receive = now_ns();
}

static void answer_udp(void)
{
	struct sockaddr_in6 from;
	socklen_t length = sizeof(from);
	struct message message;
	ssize_t size;

	while ((size = recvfrom(sockets.udp, &message, sizeof(message), MSG_DONTWAIT, (void *)&from,
				&length)) >= 0) {
		received_now();
		if (size > 0 && message.kind == 'T') {
			message.kind = 'E';
			sendto(sockets.udp, &message, size, MSG_DONTWAIT, (void *)&from, length);
		}
		length = sizeof(from);
	}
}

static void accept_client(void)
{
	int fd = accept4(sockets.listener, NULL, NULL, SOCK_NONBLOCK);

	received_now();
	for (int i = 0; i < CLIENTS && fd >= 0; i++) {
		if (sockets.clients[i] < 0) {
			sockets.clients[i] = fd;
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}

static void answer_tcp(int *client)
{
	char bytes[16384];
	ssize_t size = recv(*client, bytes, sizeof(bytes), 0);

	if (size <= 0 || send(*client, bytes, size, MSG_NOSIGNAL) != size) {
		close(*client);
		*client = -1;
	}
}

/* Handles incoming packets until a time; false when it is time to end. */
static bool listen_until(uint64_t deadline)
{
	struct pollfd fds[3 + CLIENTS] = { { sockets.signals, POLLIN, 0 },
					   { sockets.udp, POLLIN, 0 },
					   { sockets.listener, POLLIN, 0 } };
	uint64_t now;

	do {
		now = now_ns();
		uint64_t left = deadline > now ? deadline - now : 0;
		struct timespec wait = { left / 1000000000, left % 1000000000 };

		for (int i = 0; i < CLIENTS; i++)
			fds[3 + i] = (struct pollfd){ sockets.clients[i], POLLIN, 0 };
		if (ppoll(fds, 3 + CLIENTS, &wait, NULL) < 0)
			return false;
		if (fds[0].revents)
			return false;
		if (fds[1].revents)
			answer_udp();
		if (fds[2].revents)
			accept_client();
		for (int i = 0; i < CLIENTS; i++)
			if (fds[3 + i].revents)
				answer_tcp(&sockets.clients[i]);
	} while (now < deadline);
	return true;
}

/* --- records ----------------------------------------------------------------------------------
 */

/* A counter of /proc/net/snmp: a line of names and then one of values begin with the same word. */
static uint64_t snmp(const char *word, const char *name)
{
	char names[1024], values[1024], *name_at, *value_at, *each, *value;
	FILE *file = fopen("/proc/net/snmp", "re");
	uint64_t found = 0;

	while (file && fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		each = strtok_r(names, " \n", &name_at);
		value = strtok_r(values, " \n", &value_at);
		while (each && value && !strncmp(names, word, strlen(word))) {
			if (!strcmp(each, name))
				found = strtoull(value, NULL, 10);
			each = strtok_r(NULL, " \n", &name_at);
			value = strtok_r(NULL, " \n", &value_at);
		}
	}
	if (file)
		fclose(file);
	return found;
}

/* A counter of /proc/net/snmp6, a line each. */
static uint64_t snmp6(const char *name)
{
	FILE *file = fopen("/proc/net/snmp6", "re");
	uint64_t value, found = 0;
	char each[64];

	while (file && fscanf(file, "%63s %" SCNu64, each, &value) == 2)
		if (!strcmp(each, name))
			found = value;
	if (file)
		fclose(file);
	return found;
}

static void append(const char *line)
{
	int fd;

	if (!options.record)
		return;
	fd = open(options.record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		perror(options.record);
	if (fd >= 0)
		close(fd);
}

static void record_begin(uint64_t main_ns)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "{\"number\": %u, \"main\": %" PRIu64 ", \"first_send\": %" PRIu64 "}\n",
		 options.number, main_ns, first_send);
	append(line);
}

static void record_end(void)
{
	char line[512];
	/* UDP counts a datagram where it is read, or refused. */
	uint64_t udp = snmp("Udp:", "InDatagrams") + snmp("Udp:", "NoPorts") +
		       snmp("Udp:", "InErrors") + snmp6("Udp6InDatagrams") + snmp6("Udp6NoPorts") +
		       snmp6("Udp6InErrors");
	/* Of ICMPv6, neighbour discovery is always there. */
	uint64_t icmp =
		snmp("Icmp:", "InMsgs") + snmp6("Icmp6InEchos") + snmp6("Icmp6InEchoReplies");

	snprintf(line, sizeof(line),
		 "{\"number\": %u, \"end\": %" PRIu64 ", \"first_receive\": %" PRIu64
		 ", \"sent\": {\"udp\": %" PRIu64 ", \"tcp\": %" PRIu64 ", \"icmp\": %" PRIu64
		 "}, \"received\": {\"udp\": %" PRIu64 ", \"tcp\": %" PRIu64 ", \"icmp\": %" PRIu64
		 "}}\n",
		 options.number, now_ns(), first_receive, sent[UDP], sent[TCP], sent[ICMP], udp,
		 snmp("Tcp:", "InSegs"), icmp);
	append(line);
}

/* --- start ------------------------------------------------------------------------------------
 */

static void set_up_sockets(void)
{
	struct sockaddr_in6 own = to_port(&in6addr_any);
	int yes = 1;

	sockets.udp = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	sockets.icmp = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP);
	sockets.icmpv6 = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6);
	sockets.listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(sockets.listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	for (int i = 0; i < ATTEMPTS; i++)
		sockets.attempts[i] = -1;
	for (int i = 0; i < CLIENTS; i++)
		sockets.clients[i] = -1;
	if (sockets.udp < 0 || sockets.icmp < 0 || sockets.icmpv6 < 0 || sockets.listener < 0 ||
	    bind(sockets.udp, (void *)&own, sizeof(own)) ||
	    bind(sockets.listener, (void *)&own, sizeof(own)) || listen(sockets.listener, 16)) {
		perror("talker: sockets");
		exit(1);
	}
}

static void set_up_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sockets.signals = signalfd(-1, &set, SFD_NONBLOCK);
}

static bool read_address(const char *word, struct in6_addr *address)
{
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(word, ':') ? "" : "::ffff:", word);
	return inet_pton(AF_INET6, mapped, address) == 1;
}

static void read_addresses(char **words)
{
	for (; *words; words++) {
		if (options.address_count == ADDRESSES_MAX ||
		    !read_address(*words, &options.addresses[options.address_count++])) {
			fprintf(stderr, "talker: %s: not an address, or too many\n", *words);
			exit(2);
		}
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = { { "number", required_argument, NULL, 'n' },
					       { "rate", required_argument, NULL, 'r' },
					       { "seconds", required_argument, NULL, 's' },
					       { "record", required_argument, NULL, 'f' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'n')
			options.number = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			options.rate = strtoul(optarg, NULL, 10);
		else if (option == 's')
			options.seconds = strtod(optarg, NULL);
		else if (option == 'f')
			options.record = optarg;
		else
			exit(2);
	}
	if (options.number >= NUMBERS || !options.rate) {
		fprintf(stderr, "talker: numbers are below %d, rates above 0\n", NUMBERS);
		exit(2);
	}
	read_addresses(argv + optind);
}

int main(int argc, char **argv)
{
	uint64_t begin = now_ns(), end, next = begin;

	read_options(argc, argv);
	set_up_signals();
	set_up_sockets();
	say();
	record_begin(begin);
	end = options.seconds > 0 ? begin + (uint64_t)(options.seconds * 1e9) : UINT64_MAX;
	while (next < end) {
		next += 1000000000 / options.rate;
		if (!listen_until(next))
			break;
		say();
	}
	answer_udp(); /* a datagram that is not read is not counted */
	record_end();
	return 0;
}
