// SPDX-License-Identifier: GPL-2.0-only
#include "rows.h"

#include <errno.h>
#include <jansson.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>

/* How a program of a policy of ours is run. */
struct variant {
	const char *name;
	enum bench_hook bench_hook;
	enum hook hook;
	enum bench_mode mode;
};

static const struct variant variants[] = {
	{ "xdp native", BENCH_XDP, HOOK_XDP, BENCH_NATIVE },
	{ "xdp generic", BENCH_XDP, HOOK_XDP, BENCH_GENERIC },
	{ "tc", BENCH_TC, HOOK_EGRESS, BENCH_GENERIC },
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* --- making them --- */

static uint32_t traffic_size(const struct rows *rows, const struct subject *subject)
{
	return subject->spread ? rows->spread : 1;
}

uint32_t rows_frames(const struct rows *rows, const struct subject *subject)
{
	return 2 * traffic_size(rows, subject);
}

static bool verdict_is_right(const struct row *row, int verdict)
{
	if (row->work.hook == BENCH_XDP)
		return verdict == (row->drops ? XDP_DROP : XDP_PASS);
	return verdict == (row->drops ? TC_ACT_SHOT : TC_ACT_UNSPEC);
}

/* To measure the wrong verdict is worth nothing: looks at some of the packets. */
static void check_verdicts(const struct rows *rows, const struct row *row)
{
	const struct subject *subject = row->loaded->subject;

	for (uint32_t i = 0; i < row->work.count && i < 256; i++) {
		int verdict =
			harness_verdict(rows->harness, row->work.program, row->work.first + i);

		if (verdict_is_right(row, verdict))
			continue;
		fprintf(stderr, "bench: %s %zu, %s: packet %u is to be %s, the program says %d\n",
			subject->name, subject->size, row->program, i,
			row->drops ? "dropped" : "passed", verdict);
		exit(1);
	}
}

static void add_row(struct rows *rows, const struct loaded *loaded, const char *program,
		    const struct work *work, bool drops)
{
	struct row *row = calloc(1, sizeof(*row)), **at = &rows->first;

	if (row)
		row->samples = calloc(rows->rounds, sizeof(*row->samples));
	if (!row || !row->samples)
		abort();
	row->loaded = loaded;
	row->program = program;
	row->drops = drops;
	row->work = *work;
	row->pass = *work;
	row->pass.program = harness_pass(rows->harness, work);
	check_verdicts(rows, row);
	while (*at)
		at = &(*at)->next;
	*at = row;
}

static void add_foreign(struct rows *rows, const struct loaded *loaded, struct work *work,
			bool drops)
{
	work->hook = BENCH_XDP;
	work->program = loaded->program;
	work->frags = harness_frags(rows->harness, loaded->program);
	add_row(rows, loaded, "xdp", work, drops);
}

static void add_ours(struct rows *rows, const struct loaded *loaded, struct work *work, bool drops)
{
	for (const struct variant *v = variants; v < variants + VARIANTS; v++) {
		work->hook = v->bench_hook;
		work->program = loaded->generations[v->mode].programs[v->hook].fd;
		work->frags = true;
		/* The stamp is metadata, which only the driver takes away again. */
		work->driven = v->hook == HOOK_XDP && v->mode == BENCH_GENERIC;
		add_row(rows, loaded, v->name, work, drops);
	}
}

static void add_traffic(struct rows *rows, const struct loaded *loaded, bool drops)
{
	const struct subject *subject = loaded->subject;
	struct work work = { .first = rows->used, .count = traffic_size(rows, subject) };
	struct packet_fields fields;

	for (uint32_t i = 0; i < work.count; i++) {
		(drops ? subject->dropped : subject->passed)(subject, i, &fields);
		traffic_frame(&fields, harness_frames(rows->harness) + rows->used++);
	}
	work.runs = work.count > rows->runs ? work.count : rows->runs;
	if (loaded->foreign)
		add_foreign(rows, loaded, &work, drops);
	else
		add_ours(rows, loaded, &work, drops);
}

void rows_add(struct rows *rows, const struct loaded *loaded)
{
	if (loaded->subject->passed)
		add_traffic(rows, loaded, false);
	if (loaded->subject->dropped)
		add_traffic(rows, loaded, true);
}

void rows_clear(struct rows *rows)
{
	while (rows->first) {
		struct row *next = rows->first->next;

		free(rows->first->samples);
		free(rows->first);
		rows->first = next;
	}
}

/* --- measuring --- */

int rows_measure(struct rows *rows, unsigned int round)
{
	for (struct row *row = rows->first; row; row = row->next) {
		double pass = harness_measure(rows->harness, &row->pass);
		double all = harness_measure(rows->harness, &row->work);

		if (pass < 0 || all < 0) {
			fprintf(stderr, "bench: %s, %s: the kernel does not run it: %s\n",
				row->loaded->subject->name, row->program,
				strerror((int)-(pass < 0 ? pass : all)));
			return -1;
		}
		row->samples[round] = all - pass;
	}
	return 0;
}

/* --- printing --- */

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static double quantile(const struct rows *rows, const struct row *row, double at)
{
	return row->samples[(unsigned int)(at * (rows->rounds - 1) + 0.5)];
}

static const char *name_of(const struct row *row)
{
	return row->loaded->foreign ?: "policyctl";
}

static void print_json(const struct rows *rows, const struct row *row, FILE *file)
{
	const struct loaded *loaded = row->loaded;
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:I, s:s, s:s, s:b, s:f, s:f, s:f, s:i, s:f, s:f, s:I}", "kind",
		"packet", "who", name_of(row), "policy", loaded->subject->name, "size",
		(json_int_t)loaded->subject->size, "program", row->program, "packets",
		row->drops ? "dropped" : "passed", "spread", loaded->subject->spread, "ns",
		quantile(rows, row, 0.5), "q1", quantile(rows, row, 0.25), "q3",
		quantile(rows, row, 0.75), "rounds", rows->rounds, "parse_ms", loaded->parse_ms,
		"load_ms", loaded->load_ms, "bytes", (json_int_t)loaded->bytes);

	json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(6));
	fputc('\n', file);
	json_decref(object);
}

static void print_row(const struct rows *rows, const struct row *row)
{
	const struct loaded *loaded = row->loaded;

	printf("%-12s %-14s %7zu %-8s %-12s %8.1f %8.1f %8.1f %8.1f %8.1f %9.0f\n", name_of(row),
	       loaded->subject->name, loaded->subject->size, row->drops ? "dropped" : "passed",
	       row->program, quantile(rows, row, 0.5), quantile(rows, row, 0.25),
	       quantile(rows, row, 0.75), loaded->parse_ms, loaded->load_ms,
	       loaded->bytes / 1024.0);
}

void rows_print(struct rows *rows, FILE *json)
{
	printf("%-12s %-14s %7s %-8s %-12s %8s %8s %8s %8s %8s %9s\n", "who", "policy", "size",
	       "packets", "program", "ns", "q1", "q3", "parse ms", "load ms", "KiB");
	for (struct row *row = rows->first; row; row = row->next) {
		qsort(row->samples, rows->rounds, sizeof(double), compare);
		print_row(rows, row);
		if (json)
			print_json(rows, row, json);
	}
}
