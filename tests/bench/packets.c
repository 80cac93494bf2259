// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_packets: nanoseconds per packet of policies, above a program that only passes, by
 * BPF_PROG_TEST_RUN. See docs/benchmarks.md for the method.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include <time.h>

#include "cleanup.h"
#include "diagnostics.h"
#include "error.h"
#include "generation.h"
#include "harness.h"
#include "memory.h"
#include "netlink.h"
#include "subjects.h"

/* Where a policy's program runs. */
static const struct variant {
	const char *name;
	enum bench_hook bench_hook;
	enum hook hook;
	enum xdp_mode mode;
} variants[] = {
	{ "xdp native", BENCH_XDP, HOOK_XDP, XDP_MODE_NATIVE },
	{ "xdp generic", BENCH_XDP, HOOK_XDP, XDP_MODE_GENERIC },
	{ "tc", BENCH_TC, HOOK_EGRESS, XDP_MODE_GENERIC },
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

enum modes { NATIVE, GENERIC, MODES };

/* A subject in the kernel. */
struct loaded {
	const struct subject *subject;
	struct generation generations[MODES];
	double load_ms; /* parse, compile and load, of the last one */
	uint64_t bytes; /* in the kernel */
	uint32_t first[2]; /* frames: passed, dropped */
	struct loaded *next;
};

/* One line of the results. */
struct row {
	const struct loaded *loaded;
	const struct variant *variant;
	bool drops;
	struct work work, pass;
	double *samples; /* one a round */
	struct row *next;
};

struct options {
	unsigned int rounds;
	uint32_t frames, runs;
	const char *json, *directory;
	char **patterns;
	bool list;
};

struct bench {
	struct options options;
	struct harness *harness;
	struct loaded *loaded;
	struct row *rows;
	uint32_t used_frames;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* --- loading --- */

static struct policy *parse(const char *text, size_t length)
{
	struct diagnostics diagnostics = {};
	struct policy *policy = NULL;

	if (policy_parse("bench", text, length, NULL, &policy, &diagnostics))
		fprintf(stderr, "bench: %s\n",
			diagnostics.count ? diagnostics.items[0].message : "no memory");
	diagnostics_clear(&diagnostics);
	return policy;
}

static int load(struct loaded *loaded, enum modes mode, const char *text, size_t length)
{
	struct meta meta = { .mode = mode == GENERIC ? XDP_MODE_GENERIC : XDP_MODE_NATIVE,
			     .stamp = 0x1122334455667788 };
	double start = now_ms();
	_cleanup_(policy_freep) struct policy *policy = parse(text, length);
	int error;

	if (!policy)
		return -EINVAL;
	error = generation_load(policy, &meta, NULL, "/nowhere", 1, &loaded->generations[mode]);
	if (error)
		fprintf(stderr, "bench: %s\n", error_message(error));
	loaded->load_ms = now_ms() - start;
	return error;
}

static void loaded_free(struct loaded *loaded)
{
	for (enum modes mode = 0; mode < MODES; mode++)
		generation_close(&loaded->generations[mode]);
	free(loaded);
}

static struct loaded *load_subject(const struct subject *subject, const char *directory)
{
	struct loaded *loaded = calloc(1, sizeof(*loaded));
	_cleanup_(freep) char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);
	int error;

	if (!loaded || !file)
		abort();
	loaded->subject = subject;
	loaded->generations[NATIVE] = (struct generation)GENERATION_EMPTY;
	loaded->generations[GENERIC] = (struct generation)GENERATION_EMPTY;
	error = subject->policy(file, subject, directory);
	fclose(file);
	error = error ?: load(loaded, NATIVE, text, length);
	error = error ?: load(loaded, GENERIC, text, length);
	if (!error) {
		loaded->bytes = memory_of(&loaded->generations[GENERIC]);
		return loaded;
	}
	loaded_free(loaded);
	return NULL;
}

/* --- rows --- */

static uint32_t frames_of(const struct bench *bench, const struct subject *subject)
{
	return subject->spread ? bench->options.frames : 1;
}

static bool verdict_is_right(const struct row *row, int verdict)
{
	if (row->work.hook == BENCH_XDP)
		return verdict == (row->drops ? XDP_DROP : XDP_PASS);
	return verdict == (row->drops ? TC_ACT_SHOT : TC_ACT_UNSPEC);
}

/* A benchmark of the wrong verdict is worth nothing: looks at some of the packets. */
static void check_verdicts(const struct bench *bench, const struct row *row)
{
	const struct subject *subject = row->loaded->subject;

	for (uint32_t i = 0; i < row->work.count && i < 256; i++) {
		int verdict =
			harness_verdict(bench->harness, row->work.program, row->work.first + i);

		if (verdict_is_right(row, verdict))
			continue;
		fprintf(stderr, "bench: %s %zu, %s: packet %u should be %s, the program says %d\n",
			subject->name, subject->size, row->variant->name, i,
			row->drops ? "dropped" : "passed", verdict);
		exit(1);
	}
}

static void add_row(struct bench *bench, const struct loaded *loaded, bool drops,
		    const struct variant *variant)
{
	const struct options *options = &bench->options;
	struct row *row = calloc(1, sizeof(*row)), **at = &bench->rows;
	enum modes mode = variant->mode == XDP_MODE_GENERIC ? GENERIC : NATIVE;

	if (row)
		row->samples = calloc(options->rounds, sizeof(*row->samples));
	if (!row || !row->samples)
		abort();
	row->loaded = loaded;
	row->variant = variant;
	row->drops = drops;
	row->work = (struct work){
		.hook = variant->bench_hook,
		.program = loaded->generations[mode].programs[variant->hook].fd,
		.first = loaded->first[drops],
		.count = frames_of(bench, loaded->subject),
		.runs = options->runs,
		/* The stamp is metadata, which only the driver takes away again. */
		.driven = mode == GENERIC && variant->hook == HOOK_XDP,
	};
	row->pass = row->work;
	row->pass.program = harness_pass(bench->harness, variant->bench_hook);
	check_verdicts(bench, row);
	while (*at)
		at = &(*at)->next;
	*at = row;
}

static void add_traffic(struct bench *bench, struct loaded *loaded, bool drops)
{
	const struct subject *subject = loaded->subject;
	uint32_t count = frames_of(bench, subject);
	struct packet_fields fields;

	loaded->first[drops] = bench->used_frames;
	for (uint32_t i = 0; i < count; i++) {
		(drops ? subject->dropped : subject->passed)(subject, i, &fields);
		traffic_frame(&fields, &harness_frames(bench->harness)[loaded->first[drops] + i]);
	}
	bench->used_frames += count;
	for (size_t i = 0; i < VARIANTS; i++)
		add_row(bench, loaded, drops, &variants[i]);
}

static bool is_wanted(const struct options *options, const struct subject *subject)
{
	char name[64];

	snprintf(name, sizeof(name), "%s %zu", subject->name, subject->size);
	for (char **pattern = options->patterns; *pattern; pattern++)
		if (strstr(name, *pattern))
			return true;
	return !*options->patterns;
}

static int add_subject(struct bench *bench, const struct subject *subject)
{
	struct loaded *loaded = load_subject(subject, bench->options.directory);

	if (!loaded) {
		fprintf(stderr, "bench: %s %zu is left out\n", subject->name, subject->size);
		return -1;
	}
	loaded->next = bench->loaded;
	bench->loaded = loaded;
	if (subject->passed)
		add_traffic(bench, loaded, false);
	if (subject->dropped)
		add_traffic(bench, loaded, true);
	return 0;
}

/* --- results --- */

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static double quantile(const double *sorted, unsigned int count, double at)
{
	return sorted[(unsigned int)(at * (count - 1) + 0.5)];
}

static void print_json(FILE *file, const struct row *row, unsigned int rounds)
{
	const struct loaded *loaded = row->loaded;
	json_t *object = json_pack(
		"{s:s, s:s, s:I, s:s, s:s, s:b, s:f, s:f, s:f, s:i, s:f, s:I}", "kind", "packet",
		"policy", loaded->subject->name, "size", (json_int_t)loaded->subject->size,
		"program", row->variant->name, "verdict", row->drops ? "dropped" : "passed",
		"spread", loaded->subject->spread, "ns", quantile(row->samples, rounds, 0.5), "q1",
		quantile(row->samples, rounds, 0.25), "q3", quantile(row->samples, rounds, 0.75),
		"rounds", rounds, "load_ms", loaded->load_ms, "bytes", (json_int_t)loaded->bytes);

	json_dumpf(object, file, JSON_COMPACT);
	fputc('\n', file);
	json_decref(object);
}

static void print_rows(struct bench *bench)
{
	unsigned int rounds = bench->options.rounds;
	FILE *json = bench->options.json ? fopen(bench->options.json, "we") : NULL;

	printf("%-20s %7s %-8s %-12s %9s %9s %9s %9s %9s\n", "policy", "size", "packets", "program",
	       "ns", "q1", "q3", "load ms", "KiB");
	for (struct row *row = bench->rows; row; row = row->next) {
		qsort(row->samples, rounds, sizeof(double), compare);
		printf("%-20s %7zu %-8s %-12s %9.1f %9.1f %9.1f %9.1f %9.0f\n",
		       row->loaded->subject->name, row->loaded->subject->size,
		       row->drops ? "dropped" : "passed", row->variant->name,
		       quantile(row->samples, rounds, 0.5), quantile(row->samples, rounds, 0.25),
		       quantile(row->samples, rounds, 0.75), row->loaded->load_ms,
		       row->loaded->bytes / 1024.0);
		if (json)
			print_json(json, row, rounds);
	}
	if (json)
		fclose(json);
}

/* --- the run --- */

/* The pass-only program right before each: what the machine does meanwhile meets both. */
static int measure_round(struct bench *bench, unsigned int round)
{
	for (struct row *row = bench->rows; row; row = row->next) {
		double pass = harness_measure(bench->harness, &row->pass);
		double all = harness_measure(bench->harness, &row->work);

		if (pass < 0 || all < 0) {
			fprintf(stderr, "bench: %s, %s: the kernel does not run it: %s\n",
				row->loaded->subject->name, row->variant->name,
				strerror((int)-(all < 0 ? all : pass)));
			return -1;
		}
		row->samples[round] = all - pass;
	}
	return 0;
}

static int run_bench(struct bench *bench)
{
	size_t wanted = 0;

	for (size_t i = 0; i < subject_count; i++)
		if (is_wanted(&bench->options, &subjects[i]))
			wanted += 2 * frames_of(bench, &subjects[i]);
	bench->harness = harness_new(wanted ? wanted : 1);
	if (!bench->harness)
		return 1;
	for (size_t i = 0; i < subject_count; i++)
		if (is_wanted(&bench->options, &subjects[i]))
			add_subject(bench, &subjects[i]);
	for (unsigned int round = 0; round < bench->options.rounds; round++)
		if (measure_round(bench, round))
			return 1;
	print_rows(bench);
	return 0;
}

static void free_bench(struct bench *bench)
{
	while (bench->rows) {
		struct row *next = bench->rows->next;

		free(bench->rows->samples);
		free(bench->rows);
		bench->rows = next;
	}
	while (bench->loaded) {
		struct loaded *next = bench->loaded->next;

		loaded_free(bench->loaded);
		bench->loaded = next;
	}
	harness_free(bench->harness);
}

static const char usage[] =
	"Usage: bench_packets [OPTION]… [PATTERN]…\n"
	"Measures the policies whose name and size, as in `ports 1000`, contain a PATTERN; else "
	"all.\n"
	"  -n ROUNDS     how often each is measured (15)\n"
	"  -r RUNS       runs in one measurement (100000)\n"
	"  -f FRAMES     different packets where they are spread, a power of two (65536)\n"
	"  -d DIRECTORY  where the files of sets are written (/tmp)\n"
	"  -j FILE       write the results there too, a JSON object a line\n"
	"  -l            list the policies\n";

static int parse_options(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "n:r:f:d:j:lh")) != -1) {
		if (option == 'n')
			options->rounds = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			options->runs = strtoul(optarg, NULL, 10);
		else if (option == 'f')
			options->frames = strtoul(optarg, NULL, 10);
		else if (option == 'd')
			options->directory = optarg;
		else if (option == 'j')
			options->json = optarg;
		else if (option == 'l')
			options->list = true;
		else
			return fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? 0 : 2;
	}
	options->patterns = argv + optind;
	if (options->rounds && options->runs && options->frames &&
	    !(options->frames & (options->frames - 1)))
		return -1;
	fputs(usage, stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct bench bench = {
		.options = { .rounds = 15, .runs = 100000, .frames = 65536, .directory = "/tmp" }
	};
	int status = parse_options(argc, argv, &bench.options);

	if (status >= 0)
		return status;
	if (bench.options.list) {
		for (size_t i = 0; i < subject_count; i++)
			printf("%s %zu\n", subjects[i].name, subjects[i].size);
		return 0;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	status = run_bench(&bench);
	free_bench(&bench);
	return status;
}
