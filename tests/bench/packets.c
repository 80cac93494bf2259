// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_packets: nanoseconds per packet of policies, above a program that only passes, by
 * BPF_PROG_TEST_RUN. docs/benchmarks.md explains the method.
 */
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "results.h"

#define FOREIGN_MAX 16

struct options {
	unsigned int rounds;
	uint32_t spread, runs;
	const char *json;
	const char *foreign[FOREIGN_MAX + 1];
	char **patterns; /* NULL at the end */
	bool list;
	const char *write; /* directory for the policies */
};

static const char usage[] =
	"Usage: bench_packets [OPTION]… [PATTERN]…\n"
	"Measures the policies whose name and size, as in `ports 1000`, contain a PATTERN; else "
	"all.\n"
	"  -n ROUNDS     how often each is measured (15)\n"
	"  -r RUNS       runs in one measurement, at least (100000)\n"
	"  -s PACKETS    different packets where they are spread, a power of two (65536)\n"
	"  -x FOREIGN    NAME=PROGRAM-ID=SUBJECT SIZE: another XDP program that is to do the same\n"
	"  -j FILE       append the results there too, a JSON object a line\n"
	"  -l            list the policies\n"
	"  -w DIRECTORY  write the policies there, as NAME-SIZE.policy, and measure nothing\n";

static bool is_wanted(const struct options *options, const struct subject *subject)
{
	char name[64];

	snprintf(name, sizeof(name), "%s %zu", subject->name, subject->size);
	for (char **pattern = options->patterns; *pattern; pattern++)
		if (!fnmatch(*pattern, name, 0))
			return true;
	return !*options->patterns;
}

static uint32_t count_frames(const struct results *results, const struct options *options)
{
	uint32_t frames = 1;

	for (size_t i = 0; i < subject_count; i++)
		if (is_wanted(options, &subjects[i]))
			frames += results_frames(results, &subjects[i]);
	for (const char *const *foreign = options->foreign; *foreign; foreign++)
		frames += 2 * results->spread;
	return frames;
}

static void free_all(struct loaded *loaded)
{
	while (loaded) {
		struct loaded *next = loaded->next;

		loaded_free(loaded);
		loaded = next;
	}
}

/* NULL: some cannot be loaded. */
static struct loaded *load_all(const struct options *options, const char *directory)
{
	struct loaded *first = NULL, **at = &first;
	bool failed = false;

	for (size_t i = 0; i < subject_count; i++) {
		if (!is_wanted(options, &subjects[i]))
			continue;
		*at = loaded_new(&subjects[i], directory);
		if (*at)
			at = &(*at)->next;
		else
			failed = true;
	}
	for (const char *const *foreign = options->foreign; *foreign; foreign++) {
		*at = loaded_foreign(*foreign);
		at = &(*at)->next;
	}
	if (!failed)
		return first;
	free_all(first);
	return NULL;
}

static int measure(struct results *results, const struct loaded *loaded, const char *json)
{
	FILE *file = json ? fopen(json, "ae") : NULL;

	if (json && !file) {
		perror(json);
		return 1;
	}
	for (const struct loaded *at = loaded; at; at = at->next)
		results_add(results, at);
	for (unsigned int round = 0; round < results->rounds; round++)
		if (results_measure(results, round))
			return 1;
	results_print(results, file);
	if (file)
		fclose(file);
	return 0;
}

static void remove_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(path);
}

static int run(const struct options *options, const char *directory)
{
	struct results results = { .rounds = options->rounds,
				   .spread = options->spread,
				   .runs = options->runs };
	struct loaded *loaded;
	int status = 1;

	results.harness = harness_new(count_frames(&results, options));
	if (!results.harness)
		return 1;
	loaded = load_all(options, directory);
	if (loaded)
		status = measure(&results, loaded, options->json);
	results_clear(&results);
	free_all(loaded);
	harness_free(results.harness);
	return status;
}

static void list(void)
{
	for (size_t i = 0; i < subject_count; i++)
		printf("%s %zu\n", subjects[i].name, subjects[i].size);
}

static int write_policies(const struct options *options)
{
	char path[4096];
	FILE *file;

	for (size_t i = 0; i < subject_count; i++) {
		if (!is_wanted(options, &subjects[i]))
			continue;
		snprintf(path, sizeof(path), "%s/%s-%zu.policy", options->write, subjects[i].name,
			 subjects[i].size);
		file = fopen(path, "we");
		if (!file) {
			perror(path);
			return 1;
		}
		subjects[i].policy(&subjects[i], file, options->write);
		fclose(file);
	}
	return 0;
}

static bool set_option(struct options *options, int option, const char *value)
{
	size_t foreign = 0;

	switch (option) {
	case 'n':
		return (options->rounds = strtoul(value, NULL, 10)) > 0;
	case 'r':
		return (options->runs = strtoul(value, NULL, 10)) > 0;
	case 's':
		options->spread = strtoul(value, NULL, 10);
		return options->spread && !(options->spread & (options->spread - 1));
	case 'j':
		options->json = value;
		return true;
	case 'l':
		options->list = true;
		return true;
	case 'w':
		options->write = value;
		return true;
	case 'x':
		while (options->foreign[foreign])
			foreign++;
		if (foreign == FOREIGN_MAX)
			return false;
		options->foreign[foreign] = value;
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct options options = { .rounds = 15, .spread = 65536, .runs = 100000 };
	char directory[] = "/tmp/bench-packets-XXXXXX";
	int option, status;

	while ((option = getopt(argc, argv, "n:r:s:x:j:w:lh")) != -1)
		if (!set_option(&options, option, optarg)) {
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	options.patterns = argv + optind;
	if (options.list)
		return list(), 0;
	if (options.write)
		return write_policies(&options);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (!mkdtemp(directory)) {
		perror(directory);
		return 1;
	}
	status = run(&options, directory);
	remove_directory(directory);
	return status;
}
