// SPDX-License-Identifier: GPL-2.0-only
/* policyctl stats: prints packets and bytes, passed and dropped, by direction and rule. */
#include <errno.h>
#include <math.h>
#include <time.h>

#include "commands.h"
#include "container_lookup.h"
#include "error.h"
#include "output.h"
#include "prometheus.h"
#include "rates.h"
#include "stats_output.h"
#include "stats_watch.h"
#include "target_arguments.h"
#include "util.h"

#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 86400.0

struct wishes {
	struct target target;
	struct container_lookup lookup;
	bool json, prometheus, watch;
	double interval; /* 0: not given */
};

static void wishes_clear(struct wishes *wishes)
{
	target_clear(&wishes->target);
	container_lookup_clear(&wishes->lookup);
}

static int print(const struct sample *sample, const struct wishes *wishes)
{
	if (wishes->prometheus)
		prometheus_write(stdout, sample);
	else if (wishes->json)
		return output_json(stats_json(sample));
	else if (stats_table(sample, wishes->interval > 0))
		return command_failed(NULL, -ENOMEM, NULL);
	return EXIT_DONE;
}

static void pause_for(double seconds)
{
	struct timespec left = { seconds, (seconds - floor(seconds)) * 1e9 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static int take(struct wishes *wishes, struct sample *sample)
{
	int result = sample_take(&wishes->target, &wishes->lookup, wishes->json, sample);
	int status = target_status(result, EXIT_NOT_ATTACHED);

	return failures_print(&sample->failures, NULL) ?: status;
}

/* Takes one sample, or two to measure rates between them. */
static int measure(struct wishes *wishes, struct sample *sample)
{
	struct sample before;
	int status = take(wishes, &before);

	if (status == EXIT_DONE && wishes->interval > 0) {
		pause_for(wishes->interval);
		status = take(wishes, sample);
		if (rates_between(&before, sample))
			status = command_failed(NULL, -ENOMEM, NULL);
		sample_free(&before);
	} else {
		*sample = before;
	}
	return status;
}

static int print_once(struct wishes *wishes)
{
	struct sample sample = {};
	int status = measure(wishes, &sample);

	if (status == EXIT_DONE && !sample.count && !wishes->json && !wishes->prometheus)
		notice("nothing is attached in this network namespace");
	/* A JSON array must not look complete if it is not. The other formats name what is missing.
	 */
	if (status == EXIT_DONE || (sample.count && !wishes->json))
		status = print(&sample, wishes) ?: status;
	sample_free(&sample);
	return status;
}

static int parse_interval(const char *command, const char *text, double *interval)
{
	char *end;

	errno = 0;
	*interval = strtod(text, &end);
	if (end == text || *end || errno || !(*interval >= INTERVAL_MIN) ||
	    *interval > INTERVAL_MAX)
		return usage_failed(command, "--interval wants seconds, %g to %g, not %s",
				    INTERVAL_MIN, INTERVAL_MAX, text);
	return EXIT_DONE;
}

static int check(const struct arguments *arguments, struct wishes *wishes)
{
	const char *command = arguments->command;
	const char *interval;

	wishes->json = arguments_have(arguments, "json", NULL);
	wishes->prometheus = arguments_have(arguments, "prometheus", NULL);
	wishes->watch = arguments_have(arguments, "watch", NULL);
	if (arguments_have(arguments, "interval", &interval) &&
	    parse_interval(command, interval, &wishes->interval) != EXIT_DONE)
		return EXIT_USAGE;
	if (wishes->prometheus && wishes->json)
		return usage_failed(command, "--prometheus and --json are two formats: give one");
	if (wishes->prometheus && (wishes->watch || wishes->interval > 0))
		return usage_failed(command,
				    "--prometheus prints once, and counters without rates: "
				    "not with --watch or --interval");
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(wishes_clear) struct wishes wishes = {};
	const char *socket = NULL;
	int status = check(arguments, &wishes);

	arguments_have(arguments, "docker-socket", &socket);
	container_lookup_init(&wishes.lookup, socket);
	if (status == EXIT_DONE)
		status = target_from_arguments(
			arguments, arguments->operand_count ? arguments->operands[0] : NULL,
			EXIT_NOT_ATTACHED, &wishes.target);
	if (status != EXIT_DONE)
		return status;
	if (!wishes.watch)
		return print_once(&wishes);
	return stats_watch(&(struct watch_settings){
		.target = &wishes.target,
		.lookup = &wishes.lookup,
		.interval = wishes.interval > 0 ? wishes.interval : 1,
		.json = wishes.json,
	});
}

const struct command command_stats = {
	.name = "stats",
	.synopsis = "[IFACE] [--watch] [--interval SECONDS] [--json | --prometheus]",
	.summary = "packets and bytes by direction, rule and verdict",
	.details = "Counts since attach; apply keeps the counts of rules that stay. Bytes are "
		   "those of\n"
		   "whole frames. A GSO packet counts as the packets it becomes where the kernel "
		   "tells\n"
		   "(to), and as one where it does not (from).\n\n"
		   "--watch is a live view on a terminal, what drops most on top, with its keys in "
		   "the last\n"
		   "lines; elsewhere a table with a line of time in front (with --json, a line of "
		   "JSON) every\n"
		   "second or every --interval. --interval alone measures once, that long.\n"
		   "--prometheus is for a textfile of node_exporter (docs/json.md).",
	.options =
		(const struct option_row[]){
			{ "json", NULL, "print JSON" },
			{ "watch", NULL, "go on until q or Ctrl-C" },
			{ "interval", "SECONDS", "how long rates are measured (--watch: 1)" },
			{ "prometheus", NULL, "print in the text format of Prometheus" },
			TARGET_OPTION_ROW,
			{},
		},
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
