// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_connect: TCP connections between two network namespaces. Without -c it opens them one after
 * the other, sends a request and its answer through each and closes it, and prints the nanoseconds
 * that each took. With -c it opens so many first, sends requests and answers through them in turn,
 * and prints the nanoseconds of each packet.
 *
 * One thread has both ends, so that there is no switch between tasks to wait for: veth delivers on
 * the sender's CPU, and what arrives is there when the sender's call returns. So its CPU time is
 * the time of the whole way, and has nothing of what else runs on that CPU.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64 /* bytes of a request, and of an answer */
#define WARM_UP 3 /* exchanges, with which a connection is confirmed */
#define PATIENCE 5 /* seconds */

struct options {
	unsigned long count;
	unsigned long connections;
	int cpu;
	const char *client, *server; /* names of network namespaces */
	struct sockaddr_in address; /* of the server */
};

struct pair {
	int client, server;
};

static void fail(const char *what)
{
	fprintf(stderr, "bench_connect: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static void set_option(int fd, int level, int name, const void *value, socklen_t size)
{
	if (setsockopt(fd, level, name, value, size))
		fail("setsockopt");
}

static int new_socket(void)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	set_option(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	set_option(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

static int listen_at(const struct sockaddr_in *address)
{
	const int yes = 1;
	int fd = new_socket();

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) || listen(fd, 16))
		fail("listen");
	return fd;
}

static struct pair open_pair(int listener, const struct sockaddr_in *address)
{
	struct pair pair = { .client = new_socket() };

	if (connect(pair.client, (const struct sockaddr *)address, sizeof(*address)))
		fail("connect");
	pair.server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (pair.server < 0)
		fail("accept");
	return pair;
}

static void pass_on(int from, int to)
{
	char message[MESSAGE] = {};

	if (send(from, message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
		fail("send");
	if (recv(to, message, sizeof(message), MSG_WAITALL) != sizeof(message))
		fail("recv");
}

static void exchange(const struct pair *pair)
{
	pass_on(pair->client, pair->server);
	pass_on(pair->server, pair->client);
}

/* The server closes first. So the client's port is free at once. */
static void close_pair(const struct pair *pair)
{
	char byte;

	close(pair->server);
	if (recv(pair->client, &byte, sizeof(byte), 0) != 0)
		fail("end of the connection");
	close(pair->client);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static double measure_rate(int listener, const struct options *options)
{
	double start = now_ns();

	for (unsigned long i = 0; i < options->count; i++) {
		struct pair pair = open_pair(listener, &options->address);

		exchange(&pair);
		close_pair(&pair);
	}
	return (now_ns() - start) / options->count;
}

static double measure_packets(int listener, const struct options *options)
{
	struct pair *pairs = calloc(options->connections, sizeof(*pairs));
	double start;

	if (!pairs)
		fail("memory");
	for (unsigned long i = 0; i < options->connections; i++) {
		pairs[i] = open_pair(listener, &options->address);
		for (int j = 0; j < WARM_UP; j++)
			exchange(&pairs[i]);
	}
	start = now_ns();
	for (unsigned long i = 0; i < options->count; i += 2)
		exchange(&pairs[i / 2 % options->connections]);
	start = (now_ns() - start) / options->count;
	for (unsigned long i = 0; i < options->connections; i++)
		close_pair(&pairs[i]);
	free(pairs);
	return start;
}

static void prepare_process(const struct options *options)
{
	struct rlimit files = { .rlim_cur = 2 * options->connections + 64,
				.rlim_max = 2 * options->connections + 64 };
	cpu_set_t cpus;

	setrlimit(RLIMIT_NOFILE, &files);
	CPU_ZERO(&cpus);
	CPU_SET(options->cpu, &cpus);
	if (options->cpu >= 0 && sched_setaffinity(0, sizeof(cpus), &cpus))
		perror("bench_connect: sched_setaffinity");
}

static int usage(void)
{
	fputs("Usage: bench_connect [-n COUNT] [-c CONNECTIONS] [-p CPU] CLIENT-NETNS SERVER-NETNS "
	      "ADDRESS PORT\n",
	      stderr);
	return 2;
}

static int parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "n:c:p:")) != -1) {
		unsigned long value = strtoul(optarg ? optarg : "", NULL, 10);

		switch (option) {
		case 'n':
			options->count = value;
			break;
		case 'c':
			options->connections = value;
			break;
		case 'p':
			options->cpu = value;
			break;
		default:
			return usage();
		}
	}
	if (argc - optind != 4 || !options->count ||
	    !inet_aton(argv[optind + 2], &options->address.sin_addr))
		return usage();
	options->client = argv[optind];
	options->server = argv[optind + 1];
	options->address.sin_family = AF_INET;
	options->address.sin_port = htons(strtoul(argv[optind + 3], NULL, 10));
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .count = 5000, .cpu = -1 };
	int listener, status = parse(argc, argv, &options);

	if (status)
		return status;
	prepare_process(&options);
	enter(options.server);
	listener = listen_at(&options.address);
	enter(options.client);
	printf("%lu %.2f\n", options.count,
	       options.connections ? measure_packets(listener, &options)
				   : measure_rate(listener, &options));
	return 0;
}
