// SPDX-License-Identifier: GPL-2.0-only
#include "loaded.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "diagnostics.h"
#include "error.h"
#include "memory.h"
#include "netlink.h"
#include "policy_parse.h"
#include "set_files.h"
#include "util.h"

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static struct policy *parse(const char *text, size_t length)
{
	struct diagnostics diagnostics = {};
	struct policy *policy = NULL;

	if (policy_parse("bench", text, length, &files_loader, &policy, &diagnostics))
		fprintf(stderr, "bench: %s\n",
			diagnostics.count ? diagnostics.items[0].message : "no memory");
	diagnostics_clear(&diagnostics);
	return policy;
}

/* The connections that its packets belong to. Their ends are the same, so that each is one in both
 * directions. */
static int add_connections(const struct subject *subject, const struct generation *generation)
{
	struct timespec now;
	struct pctl_connection value = { .state = PCTL_CONNECTION_CONFIRMED };
	struct packet_fields fields;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	value.seen = PCTL_TICK(now.tv_sec * 1000000000ull + now.tv_nsec);
	for (size_t i = 0; generation->meta.tracks && i < subject->connections; i++) {
		struct pctl_connection_key key = { .family = PCTL_IPV4 };

		subject->passed(subject, i, &fields);
		key.local[0] = key.remote[0] = htonl(fields.peer.high >> 32);
		key.protocol = fields.protocol;
		key.local_port = htons(TRAFFIC_PORT);
		key.remote_port = htons(fields.dport);
		if (bpf_map_update_elem(generation->maps[MAP_CONNECTIONS], &key, &value, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* Written past the loader, which takes no more than PCTL_LIVE_SET_MEMBERS for one set. Those that
 * its packets ask for are all of them after a few times as many. */
static int add_members(const struct subject *subject, const struct generation *generation)
{
	struct pctl_live_set set = { .kind = PCTL_LIVE_CONTAINER, .flags = PCTL_LIVE_KNOWN };
	__u32 number = generation->meta.live[0] - 1;
	struct pctl_member member = {};
	struct packet_fields fields;

	if (!subject->live)
		return 0;
	if (bpf_map_update_elem(generation->maps[MAP_LIVE_SETS], &number, &set, BPF_ANY))
		return -errno;
	for (size_t i = 0; i < 16 * subject->size; i++) {
		struct pctl_member_key key = { .set = number, .family = PCTL_IPV4 };

		subject->dropped(subject, i, &fields);
		key.address[0] = htonl(fields.peer.high >> 32);
		if (bpf_map_update_elem(generation->maps[MAP_LIVE_MEMBERS], &key, &member, BPF_ANY))
			return -errno;
	}
	return 0;
}

static int load(struct loaded *loaded, enum bench_mode mode, const struct policy *policy)
{
	struct meta meta = { .mode = mode == BENCH_GENERIC ? XDP_MODE_GENERIC : XDP_MODE_NATIVE,
			     .veth = 1,
			     .guarded = 1 };
	double start = now_ms();
	int error = generation_load(policy, &meta, NULL, "/nowhere", 1, &loaded->generations[mode]);

	if (error)
		fprintf(stderr, "bench: %s\n", error_message(error));
	loaded->load_ms = now_ms() - start;
	if (!error && add_connections(loaded->subject, &loaded->generations[mode]))
		fprintf(stderr, "bench: the table of connections is too small\n");
	if (!error && add_members(loaded->subject, &loaded->generations[mode]))
		fprintf(stderr, "bench: the map of live members is too small\n");
	if (!error && loaded->subject->watched)
		loaded->watched[mode] = watched_new(&loaded->generations[mode].events);
	return error;
}

static struct loaded *new_loaded(const struct subject *subject)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));

	if (!loaded)
		abort();
	loaded->subject = subject;
	loaded->program = -1;
	for (enum bench_mode mode = 0; mode < BENCH_MODES; mode++)
		loaded->generations[mode] = (struct generation)GENERATION_EMPTY;
	return loaded;
}

struct loaded *loaded_new(const struct subject *subject, const char *directory)
{
	struct loaded *loaded = new_loaded(subject);
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(freep) char *text = NULL;
	double start;
	size_t length;
	FILE *file = open_memstream(&text, &length);
	int error;

	if (!file)
		abort();
	subject->policy(subject, file, directory);
	fclose(file);
	start = now_ms();
	policy = parse(text, length);
	loaded->parse_ms = now_ms() - start;
	error = policy ? load(loaded, BENCH_NATIVE, policy) : -EINVAL;
	error = error ?: load(loaded, BENCH_GENERIC, policy);
	if (!error) {
		loaded->bytes = memory_of_generation(&loaded->generations[BENCH_GENERIC]);
		return loaded;
	}
	fprintf(stderr, "bench: %s %zu cannot be loaded\n", subject->name, subject->size);
	loaded_free(loaded);
	return NULL;
}

static void usage(const char *text)
{
	fprintf(stderr, "bench: not NAME=PROGRAM-ID=SUBJECT SIZE: %s\n", text);
	exit(2);
}

struct loaded *loaded_foreign(const char *text)
{
	const struct subject *subject;
	char name[64], kind[64];
	struct loaded *loaded;
	unsigned int id;
	size_t size;

	if (sscanf(text, "%63[^=]=%u=%63s %zu", name, &id, kind, &size) != 4)
		usage(text);
	subject = subject_find(kind, size);
	if (!subject)
		usage(text);
	loaded = new_loaded(subject);
	loaded->foreign = strdup(name);
	loaded->program = bpf_prog_get_fd_by_id(id);
	if (!loaded->foreign || loaded->program < 0) {
		fprintf(stderr, "bench: program %u: %s\n", id, strerror(errno));
		exit(1);
	}
	loaded->bytes = memory_of_program(loaded->program);
	return loaded;
}

void loaded_free(struct loaded *loaded)
{
	for (enum bench_mode mode = 0; mode < BENCH_MODES; mode++) {
		watched_free(loaded->watched[mode]);
		generation_close(&loaded->generations[mode]);
	}
	closep(&loaded->program);
	free(loaded->foreign);
	free(loaded);
}
