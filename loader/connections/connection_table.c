// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "clock.h"
#include "connection_table.h"
#include "error.h"
#include "util.h"

#define BATCH 4096 /* entries that one call reads */

static const char *const names[CONNECTION_TABLES] = {
	[CONNECTIONS_HALF_OPEN] = "half_open",
	[CONNECTIONS_CONFIRMED] = "connections",
};

static int failed(const char *what, enum connection_table table)
{
	return error_set(-errno, "cannot %s the map %s: %m", what, names[table]);
}

struct connection_maps connection_maps_of(const struct generation *generation)
{
	return (struct connection_maps){
		.tables = { [CONNECTIONS_HALF_OPEN] = generation->maps[MAP_HALF_OPEN],
			    [CONNECTIONS_CONFIRMED] = generation->maps[MAP_CONNECTIONS] },
		.counters = generation->maps[MAP_CONNECTION_STATS],
	};
}

uint32_t connections_now(void)
{
	return PCTL_TICK(clock_monotonic_ns());
}

void connections_clear(struct connections *connections)
{
	free(connections->items);
	*connections = (struct connections){};
}

static int add(struct connections *connections, const struct pctl_connection_key *key,
	       const struct pctl_connection *value, enum connection_table table)
{
	if (pctl_connection_expired(key->protocol, value, connections->now))
		return 0;
	if (connections->count == connections->capacity) {
		size_t capacity = 2 * connections->capacity + 64;
		struct connection *grown =
			reallocarray(connections->items, capacity, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		connections->items = grown;
		connections->capacity = capacity;
	}
	connections->items[connections->count++] = (struct connection){ *key, *value, table };
	return 0;
}

struct batch {
	struct pctl_connection_key *keys;
	struct pctl_connection *values;
	__u32 size;
};

static void batch_clear(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
	*batch = (struct batch){};
}

static int batch_resize(struct batch *batch, __u32 size)
{
	batch_clear(batch);
	batch->size = size;
	batch->keys = calloc(size, sizeof(*batch->keys));
	batch->values = calloc(size, sizeof(*batch->values));
	return batch->keys && batch->values ? 0 : -ENOMEM;
}

static int read_table(int fd, enum connection_table table, struct connections *connections)
{
	_cleanup_(batch_clear) struct batch batch = {};
	__u32 in = 0, out = 0, count;
	int error = batch_resize(&batch, BATCH), end = 0;
	bool begun = false;

	while (!error && !end) {
		count = batch.size;
		end = bpf_map_lookup_batch(fd, begun ? &in : NULL, &out, batch.keys, batch.values,
					   &count, NULL)
			      ? errno
			      : 0;
		if (end == ENOSPC) { /* more entries share a bucket than there is room for */
			error = batch_resize(&batch, 2 * batch.size);
			end = 0;
			continue;
		}
		if (end && end != ENOENT)
			return failed("read", table);
		for (__u32 i = 0; i < count && !error; i++)
			error = add(connections, &batch.keys[i], &batch.values[i], table);
		in = out;
		begun = true;
	}
	return error;
}

int connections_read(const struct connection_maps *maps, struct connections *connections)
{
	int error = 0;

	*connections = (struct connections){ .now = connections_now() };
	/* Entries move from the first one to the second. */
	for (enum connection_table table = 0; table < CONNECTION_TABLES && !error; table++)
		if (maps->tables[table] >= 0)
			error = read_table(maps->tables[table], table, connections);
	return error;
}

int connection_refresh(const struct connection_maps *maps, struct connection *connection)
{
	int fd = maps->tables[connection->table];

	if (!bpf_map_lookup_elem(fd, &connection->key, &connection->value))
		return 0;
	return errno == ENOENT ? -ENOENT : failed("read", connection->table);
}

int connection_save(const struct connection_maps *maps, const struct connection *connection)
{
	int fd = maps->tables[connection->table];

	if (!bpf_map_update_elem(fd, &connection->key, &connection->value, BPF_EXIST))
		return 0;
	return errno == ENOENT ? -ENOENT : failed("change", connection->table);
}

int connection_add(const struct connection_maps *maps, const struct connection *connection)
{
	int fd = maps->tables[connection->table];

	if (!bpf_map_update_elem(fd, &connection->key, &connection->value, BPF_NOEXIST))
		return 0;
	if (errno == EEXIST || errno == E2BIG)
		return -errno;
	return failed("change", connection->table);
}

int connection_cut(const struct connection_maps *maps, const struct connection *connection)
{
	int fd = maps->tables[connection->table];

	if (!bpf_map_delete_elem(fd, &connection->key) || errno == ENOENT)
		return 0;
	return failed("change", connection->table);
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length) ? 0 : info.id;
}

/* -E2BIG: there is no room. */
static int carry_one(const struct connection_maps *to, const struct connection *connection)
{
	struct connection there = *connection;
	int error = connection_add(to, connection);

	if (error != -EEXIST)
		return error;
	error = connection_refresh(to, &there);
	if (!error && (int32_t)(connection->value.seen - there.value.seen) >= 0)
		error = connection_save(to, connection);
	return error == -ENOENT ? 0 : error;
}

int connections_carry(const struct connection_maps *to, const struct connection_maps *from,
		      size_t *left_out)
{
	_cleanup_(connections_clear) struct connections connections = {};
	int error;

	*left_out = 0;
	if (map_id(to->tables[CONNECTIONS_CONFIRMED]) ==
	    map_id(from->tables[CONNECTIONS_CONFIRMED]))
		return 0;
	error = connections_read(from, &connections);
	for (size_t i = 0; i < connections.count && !error; i++) {
		error = carry_one(to, &connections.items[i]);
		if (error != -E2BIG)
			continue;
		++*left_out;
		error = 0;
	}
	return error;
}

uint32_t connections_capacity(const struct connection_maps *maps, enum connection_table table)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (maps->tables[table] < 0 || bpf_obj_get_info_by_fd(maps->tables[table], &info, &length))
		return 0;
	return info.max_entries;
}

int connections_counted(const struct connection_maps *maps,
			uint64_t counters[PCTL_CONNECTION_COUNTERS])
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_(freep) uint64_t *values = cpus > 0 ? calloc(cpus, sizeof(*values)) : NULL;

	memset(counters, 0, PCTL_CONNECTION_COUNTERS * sizeof(*counters));
	if (maps->counters < 0)
		return 0;
	if (!values)
		return -ENOMEM;
	for (__u32 i = 0; i < PCTL_CONNECTION_COUNTERS; i++) {
		if (bpf_map_lookup_elem(maps->counters, &i, values))
			return error_set(-errno, "cannot read the map connection_stats: %m");
		for (int cpu = 0; cpu < cpus; cpu++)
			counters[i] += values[cpu];
	}
	return 0;
}

int connections_summarise(const struct connection_maps *maps, struct connection_summary *summary)
{
	_cleanup_(connections_clear) struct connections connections = {};
	int error;

	*summary = (struct connection_summary){ .tracked = connections_tracked(maps) };
	if (!summary->tracked)
		return 0;
	error = connections_read(maps, &connections);
	for (size_t i = 0; i < connections.count; i++)
		summary->entries[connections.items[i].table]++;
	for (enum connection_table table = 0; table < CONNECTION_TABLES; table++) {
		summary->capacity[table] = connections_capacity(maps, table);
		summary->memory += map_memory(maps->tables[table]);
	}
	summary->memory += map_memory(maps->counters);
	return error ?: connections_counted(maps, summary->counters);
}

enum pctl_direction connection_direction(const struct connection *connection)
{
	return connection->value.flags & PCTL_CONNECTION_BY_REMOTE ? PCTL_TO : PCTL_FROM;
}
