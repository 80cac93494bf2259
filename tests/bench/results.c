// SPDX-License-Identifier: GPL-2.0-only
#include "results.h"

#include <errno.h>
#include <jansson.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>

/* One way to run a program of our policies. */
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

static uint32_t traffic_size(const struct results *results, const struct subject *subject)
{
	return subject->spread ? results->spread : 1;
}

uint32_t results_frames(const struct results *results, const struct subject *subject)
{
	return 2 * traffic_size(results, subject);
}

static bool verdict_is_right(const struct result *result, int verdict)
{
	if (result->work.hook == BENCH_XDP)
		return verdict == (result->drops ? XDP_DROP : XDP_PASS);
	return verdict == (result->drops ? TC_ACT_SHOT : TC_ACT_UNSPEC);
}

/* Checks the verdict on some of the packets: a time for a wrong verdict is worth nothing. */
static void check_verdicts(const struct results *results, const struct result *result)
{
	const struct subject *subject = result->loaded->subject;

	for (uint32_t i = 0; i < result->work.count && i < 256; i++) {
		int verdict = harness_verdict(results->harness, result->work.program,
					      result->work.first + i);

		if (verdict_is_right(result, verdict))
			continue;
		fprintf(stderr, "bench: %s %zu, %s: packet %u is to be %s, the program says %d\n",
			subject->name, subject->size, result->program, i,
			result->drops ? "dropped" : "passed", verdict);
		exit(1);
	}
}

static void add_result(struct results *results, const struct loaded *loaded, const char *program,
		       const struct work *work, bool drops)
{
	struct result *result = calloc(1, sizeof(*result)), **at = &results->first;

	if (result)
		result->samples = calloc(results->rounds, sizeof(*result->samples));
	if (!result || !result->samples)
		abort();
	result->loaded = loaded;
	result->program = program;
	result->drops = drops;
	result->work = *work;
	result->pass = *work;
	result->pass.program = harness_pass(results->harness, work);
	check_verdicts(results, result);
	while (*at)
		at = &(*at)->next;
	*at = result;
}

static void add_foreign(struct results *results, const struct loaded *loaded, struct work *work,
			bool drops)
{
	work->hook = BENCH_XDP;
	work->program = loaded->program;
	work->frags = harness_frags(results->harness, loaded->program);
	add_result(results, loaded, "xdp", work, drops);
}

static void add_ours(struct results *results, const struct loaded *loaded, struct work *work,
		     bool drops)
{
	for (const struct variant *v = variants; v < variants + VARIANTS; v++) {
		work->hook = v->bench_hook;
		work->program = loaded->generations[v->mode].programs[v->hook].fd;
		work->frags =
			work->hook == BENCH_XDP && harness_frags(results->harness, work->program);
		/* The stamp is metadata, which only the driver removes. */
		work->driven = v->hook == HOOK_XDP && v->mode == BENCH_GENERIC;
		add_result(results, loaded, v->name, work, drops);
	}
}

static void add_traffic(struct results *results, const struct loaded *loaded, bool drops)
{
	const struct subject *subject = loaded->subject;
	struct work work = { .first = results->used, .count = traffic_size(results, subject) };
	struct packet_fields fields;

	for (uint32_t i = 0; i < work.count; i++) {
		(drops ? subject->dropped : subject->passed)(subject, i, &fields);
		traffic_frame(&fields, harness_frames(results->harness) + results->used++);
	}
	work.runs = work.count > results->runs ? work.count : results->runs;
	if (loaded->foreign)
		add_foreign(results, loaded, &work, drops);
	else
		add_ours(results, loaded, &work, drops);
}

void results_add(struct results *results, const struct loaded *loaded)
{
	if (loaded->subject->passed)
		add_traffic(results, loaded, false);
	if (loaded->subject->dropped)
		add_traffic(results, loaded, true);
}

void results_clear(struct results *results)
{
	while (results->first) {
		struct result *next = results->first->next;

		free(results->first->samples);
		free(results->first);
		results->first = next;
	}
}

/* --- measuring --- */

int results_measure(struct results *results, unsigned int round)
{
	for (struct result *result = results->first; result; result = result->next) {
		double pass = harness_measure(results->harness, &result->pass);
		double all = harness_measure(results->harness, &result->work);

		if (pass < 0 || all < 0) {
			fprintf(stderr, "bench: %s, %s: the kernel does not run it: %s\n",
				result->loaded->subject->name, result->program,
				strerror((int)-(pass < 0 ? pass : all)));
			return -1;
		}
		result->samples[round] = all - pass;
	}
	return 0;
}

/* --- printing --- */

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static double quantile(const struct results *results, const struct result *result, double at)
{
	return result->samples[(unsigned int)(at * (results->rounds - 1) + 0.5)];
}

static const char *name_of(const struct result *result)
{
	return result->loaded->foreign ?: "policyctl";
}

static void print_json(const struct results *results, const struct result *result, FILE *file)
{
	const struct loaded *loaded = result->loaded;
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:I, s:s, s:s, s:b, s:f, s:f, s:f, s:i, s:f, s:f, s:I}", "kind",
		"packet", "who", name_of(result), "policy", loaded->subject->name, "size",
		(json_int_t)loaded->subject->size, "program", result->program, "packets",
		result->drops ? "dropped" : "passed", "spread", loaded->subject->spread, "ns",
		quantile(results, result, 0.5), "q1", quantile(results, result, 0.25), "q3",
		quantile(results, result, 0.75), "rounds", results->rounds, "parse_ms",
		loaded->parse_ms, "load_ms", loaded->load_ms, "bytes", (json_int_t)loaded->bytes);

	json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(6));
	fputc('\n', file);
	json_decref(object);
}

static void print_result(const struct results *results, const struct result *result)
{
	const struct loaded *loaded = result->loaded;

	printf("%-12s %-14s %7zu %-8s %-12s %8.1f %8.1f %8.1f %8.1f %8.1f %9.0f\n", name_of(result),
	       loaded->subject->name, loaded->subject->size, result->drops ? "dropped" : "passed",
	       result->program, quantile(results, result, 0.5), quantile(results, result, 0.25),
	       quantile(results, result, 0.75), loaded->parse_ms, loaded->load_ms,
	       loaded->bytes / 1024.0);
}

void results_print(struct results *results, FILE *json)
{
	printf("%-12s %-14s %7s %-8s %-12s %8s %8s %8s %8s %8s %9s\n", "who", "policy", "size",
	       "packets", "program", "ns", "q1", "q3", "parse ms", "load ms", "KiB");
	for (struct result *result = results->first; result; result = result->next) {
		qsort(result->samples, results->rounds, sizeof(double), compare);
		print_result(results, result);
		if (json)
			print_json(results, result, json);
	}
}
