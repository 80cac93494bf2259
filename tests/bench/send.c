// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_send: sends small UDP datagrams as fast as it can and prints the nanoseconds that each
 * took, or with -u those of its CPU time, which has nothing of what else runs on that CPU. veth
 * delivers on the sender's CPU before the next one is sent, so this is the cost of the whole way to
 * where the datagram ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "numbers.h"

#define BATCH 64
#define PAYLOAD 18 /* makes the smallest Ethernet frame */

struct options {
	uint32_t address; /* host order; the datagrams go to address + step * i, i up to spread */
	uint32_t step, spread; /* spread: a power of two */
	uint16_t port;
	unsigned long count;
	int cpu;
	clockid_t clock;
};

struct batch {
	struct sockaddr_in addresses[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec payload;
};

static char payload[PAYLOAD];

static void prepare(struct batch *batch, uint16_t port)
{
	batch->payload = (struct iovec){ payload, sizeof(payload) };
	for (int i = 0; i < BATCH; i++) {
		batch->addresses[i].sin_family = AF_INET;
		batch->addresses[i].sin_port = htons(port);
		batch->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->addresses[i],
			.msg_namelen = sizeof(batch->addresses[i]),
			.msg_iov = &batch->payload,
			.msg_iovlen = 1,
		};
	}
}

static void send_batch(int fd, struct batch *batch, const struct options *options, uint64_t first)
{
	int sent = 0, now;

	for (int i = 0; i < BATCH; i++)
		batch->addresses[i].sin_addr.s_addr =
			htonl(options->address +
			      options->step * (mix(first + i) & (options->spread - 1)));
	while (sent < BATCH) {
		now = sendmmsg(fd, batch->messages + sent, BATCH - sent, 0);
		if (now < 0 && errno != ENOBUFS) {
			perror("bench_send: sendmmsg");
			exit(1);
		}
		sent += now < 0 ? 1 : now; /* ENOBUFS: a drop at tc egress */
	}
}

static double now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static void pin_to(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		perror("bench_send: sched_setaffinity");
}

static int usage(void)
{
	fputs("Usage: bench_send [-n COUNT] [-c CPU] [-s SPREAD] [-t STEP] [-u] ADDRESS PORT\n",
	      stderr);
	return 2;
}

static int parse(int argc, char **argv, struct options *options)
{
	struct in_addr address;
	int option;

	while ((option = getopt(argc, argv, "n:c:s:t:u")) != -1) {
		unsigned long value = strtoul(optarg ? optarg : "", NULL, 10);

		switch (option) {
		case 'n':
			options->count = value;
			break;
		case 'c':
			options->cpu = value;
			break;
		case 's':
			options->spread = value;
			break;
		case 't':
			options->step = value;
			break;
		case 'u':
			options->clock = CLOCK_PROCESS_CPUTIME_ID;
			break;
		default:
			return usage();
		}
	}
	if (argc - optind != 2 || !inet_aton(argv[optind], &address))
		return usage();
	options->address = ntohl(address.s_addr);
	options->port = strtoul(argv[optind + 1], NULL, 10);
	options->count = (options->count + BATCH - 1) / BATCH * BATCH;
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = {
		.count = 200000, .spread = 1, .step = 1, .cpu = -1, .clock = CLOCK_MONOTONIC
	};
	struct batch batch = {};
	double start;
	int fd, status = parse(argc, argv, &options);

	if (status)
		return status;
	if (options.cpu >= 0)
		pin_to(options.cpu);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		perror("bench_send: socket");
		return 1;
	}
	prepare(&batch, options.port);
	start = now_ns(options.clock);
	for (uint64_t i = 0; i < options.count; i += BATCH)
		send_batch(fd, &batch, &options, i);
	printf("%lu %.2f\n", options.count, (now_ns(options.clock) - start) / options.count);
	return 0;
}
