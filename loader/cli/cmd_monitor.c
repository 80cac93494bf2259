// SPDX-License-Identifier: GPL-2.0-only
/* policyctl monitor: prints a line for each packet that is dropped. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "container_lookup.h"
#include "diagnostics.h"
#include "diagnostics_text.h"
#include "error.h"
#include "json_line.h"
#include "observation_json.h"
#include "observation_line.h"
#include "observing.h"
#include "packet_filter_parse.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

/* Enough for two VLAN tags, IPv6, and TCP with all its options. With more, the programs have to
 * write a larger record. */
#define SNAPLEN 128

/* What was lost is looked up less often, since that reads 4 kB for each possible CPU. */
#define PAUSES_EACH_LOSS 10

struct monitor {
	struct arguments arguments; /* its operands are those of the filter */
	const char *interface; /* NULL: all */
	struct target target; /* of this name */
	struct container_lookup lookup;
	struct packet_filter *filter;
	struct reader_settings settings;
	bool json;
	uint64_t count; /* lines at most; 0: any number */
	uint64_t lines; /* that were printed */
	uint64_t shown, filtered; /* packets: one line may stand for several */
	struct observing *observing;
	bool listening; /* say_listening() has said so */
	bool closed; /* nobody reads what is written */
	unsigned int pauses; /* so far */
	struct reader_lost lost, told; /* as it was looked up last; as it was printed last */
	uint64_t told_ns; /* when, by clock_monotonic_ns() */
};

/* --- a line --- */

/* Prints the packet if the filter fits. */
static int show(struct monitor *m, const struct observation *observation)
{
	int error = 0;

	if (!packet_filter_fits(m->filter, observation)) {
		m->filtered += observation->packets;
		return 0;
	}
	if (m->json)
		error = observation_print_json(observation);
	else
		observation_print(observation);
	m->lines++;
	m->shown += observation->packets;
	return error;
}

/* --- between packets --- */

static void say_listening(const struct monitor *m)
{
	const struct arguments *arguments = &m->arguments;

	observing_print(&m->target, &m->settings);
	for (int i = 0; i < arguments->operand_count; i++)
		fprintf(stderr, "%s%s", i ? " " : ", filter: ", arguments->operands[i]);
	fputs("; Ctrl-C ends it\n", stderr);
}

static void say_lost(const struct monitor *m, const struct reader_lost *more)
{
	char text[READABLE_NUMBER_SIZE], rate[READABLE_NUMBER_SIZE];
	const struct reader_settings *settings = &m->settings;

	if (more->dropped)
		notice("%s more packets were dropped and not shown: more than %s a "
		       "second, or than could be written",
		       readable_number(more->dropped, text),
		       readable_number(settings->rate ?: READER_RATE, rate));
	if (more->passed)
		notice("%s more packets passed and were not shown: more than %s a "
		       "second, or than could be written",
		       readable_number(more->passed, text),
		       readable_number(settings->rate_passed, rate));
}

static int tell_lost(struct monitor *m)
{
	struct reader_lost more = {
		.dropped = m->lost.dropped - m->told.dropped,
		.passed = m->lost.passed - m->told.passed,
	};

	if (!more.dropped && !more.passed)
		return 0;
	m->told = m->lost;
	m->told_ns = clock_monotonic_ns();
	say_lost(m, &more);
	if (!m->json)
		return 0;
	return json_print_line(json_pack("{s:I, s:I}", "lost", (json_int_t)more.dropped,
					 "lost_passed", (json_int_t)more.passed),
			       1);
}

static bool told_lately(const struct monitor *m)
{
	return clock_monotonic_ns() - m->told_ns < NS_PER_SECOND;
}

/* Nothing more can be written. Standard output becomes /dev/null, so that main() does not report
 * the same failure again. */
static void close_output(struct monitor *m)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	m->closed = true;
	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	fflush(stdout);
	clearerr(stdout);
}

/* Returns 0; 1: nobody reads the output any more; or a negative errno. */
static int flush(struct monitor *m)
{
	struct pollfd output = { .fd = STDOUT_FILENO };
	int error = 0;

	if (m->closed)
		return 1;
	/* `| head` may have ended, although nothing was written since. */
	if (poll(&output, 1, 0) == 1 && output.revents & POLLERR)
		error = EPIPE;
	else if (fflush(stdout))
		error = errno;
	else if (ferror(stdout))
		error = EIO;
	if (!error)
		return 0;
	close_output(m);
	return error == EPIPE ? 1
			      : error_set(-error, "cannot write the output: %s", strerror(error));
}

/* Returns as flush(). */
static int pause_now(struct monitor *m)
{
	int error = 0;

	if (!m->listening)
		say_listening(m);
	m->listening = true;
	if (m->pauses++ % PAUSES_EACH_LOSS == 0)
		error = observing_lost(m->observing, &m->lost);
	if (!error && !told_lately(m))
		error = tell_lost(m);
	return error ?: flush(m);
}

/* --- the end --- */

static int summarise(struct monitor *m)
{
	char shown[READABLE_NUMBER_SIZE], filtered[READABLE_NUMBER_SIZE],
		lost[READABLE_NUMBER_SIZE];
	const struct reader_lost *l = &m->lost;
	int error = tell_lost(m);

	notice("%s packet%s shown, %s filtered out, %s lost", readable_number(m->shown, shown),
	       m->shown == 1 ? "" : "s", readable_number(m->filtered, filtered),
	       readable_number(l->dropped + l->passed, lost));
	if (!m->json || error)
		return error;
	return json_print_line(
		json_pack("{s:{s:I, s:I, s:I, s:I, s:I}}", "summary", "lines", (json_int_t)m->lines,
			  "shown", (json_int_t)m->shown, "filtered", (json_int_t)m->filtered,
			  "lost", (json_int_t)l->dropped, "lost_passed", (json_int_t)l->passed),
		1);
}

static bool has_enough(const struct monitor *m)
{
	return m->count && m->lines >= m->count;
}

/* Shows packets until there are no more, until there are enough, or until nobody reads them. */
static int show_all(struct monitor *m)
{
	struct observation observation;
	int next, error = 0;

	while (!error && !has_enough(m)) {
		next = observing_next(m->observing, &observation);
		if (next == OBSERVED_PACKET)
			error = show(m, &observation);
		else if (next == OBSERVED_PAUSE)
			error = pause_now(m);
		else
			return next;
	}
	return error;
}

static int monitor(struct monitor *m)
{
	int status = observing_open(&m->target, &m->lookup, &m->settings, &m->observing), error;

	if (status != EXIT_DONE)
		return status;
	error = show_all(m);
	observing_stop(m->observing);
	if (error >= 0)
		error = observing_lost(m->observing, &m->lost);
	if (error < 0)
		status = command_failed(m->target.name, error, NULL);
	observing_close(m->observing);
	error = summarise(m);
	error = error ?: flush(m);
	return error < 0 && status == EXIT_DONE ? command_failed(NULL, error, NULL) : status;
}

/* --- arguments --- */

static int read_options(const struct arguments *arguments, struct monitor *m)
{
	uint64_t rate = 0;
	int error = arguments_number(arguments, "count", 1, UINT64_MAX, &m->count)
			    ?: arguments_number(arguments, "rate", 1, UINT32_MAX, &rate);

	if (error)
		return usage_failed(arguments->command, "%s", error_message(error));
	m->json = arguments_have(arguments, "json", NULL);
	m->settings = (struct reader_settings){ .snaplen = SNAPLEN, .rate = rate };
	if (arguments_have(arguments, "all", NULL))
		m->settings.rate_passed = rate ?: READER_RATE_PASSED;
	return EXIT_DONE;
}

/* Takes the interface, which stands in front of the filter. */
static int take_interface(struct monitor *m)
{
	struct arguments *arguments = &m->arguments;
	const char *first = arguments->operand_count ? arguments->operands[0] : NULL;
	bool named = first && !strcmp(first, "dev");

	if (!first)
		return EXIT_DONE;
	if (named && arguments->operand_count == 1)
		return usage_failed(arguments->command, "an interface stands behind dev");
	if (!named && packet_filter_begins(first)) {
		if (if_nametoindex(first))
			notice("%s is a word of the filter here; for the interface say dev %s",
			       first, first);
		return EXIT_DONE;
	}
	m->interface = arguments->operands[named];
	arguments->operands += 1 + named;
	arguments->operand_count -= 1 + named;
	return EXIT_DONE;
}

static int read_filter(struct monitor *m)
{
	const struct arguments *arguments = &m->arguments;
	_cleanup_(diagnostics_clear) struct diagnostics diagnostics = {};
	int error = packet_filter_parse(arguments->operands, arguments->operand_count, &m->filter,
					&diagnostics);

	diagnostics_write(stderr, &diagnostics, NULL);
	if (error == -ENOMEM)
		return command_failed(NULL, error, NULL);
	return error ? EXIT_USAGE : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	struct monitor m = { .arguments = *arguments };
	int status = read_options(arguments, &m);
	const char *socket = NULL;

	arguments_have(arguments, "docker-socket", &socket);
	container_lookup_init(&m.lookup, socket);

	if (status == EXIT_DONE)
		status = take_interface(&m);
	if (status == EXIT_DONE)
		status = read_filter(&m);
	if (status == EXIT_DONE)
		status =
			target_from_arguments(arguments, m.interface, EXIT_NOT_ATTACHED, &m.target);
	if (status == EXIT_DONE)
		status = monitor(&m);
	packet_filter_free(m.filter);
	target_clear(&m.target);
	container_lookup_clear(&m.lookup);
	return status;
}

const struct command command_monitor = {
	.name = "monitor",
	.synopsis = "[IFACE] [FILTER...] [--all] [--json] [--count N] [--rate N]",
	.summary = "packets that are dropped, as it happens, one line each",
	.details =
		"Shows each packet that is dropped or that a rule with `log` decides: when, "
		"where,\n"
		"in which direction, by which rule, and the packet as tcpdump would write it.\n"
		"Without IFACE those of all attachments, also of those that come later. Ctrl-C "
		"ends\n"
		"it, and says how many were shown, filtered out and lost.\n\n"
		"FILTER is what a rule of the policy language says behind its verdict, and more:\n"
		"  from | to                    direction\n"
		"  tcp dport 443 peer 192.0.2.0/24, icmp type echo-request, ...\n"
		"  port N                       at either end\n"
		"  host ADDRESS                 at either end; or a block, or a list in braces\n"
		"  verdict drop | reject | audit | pass\n"
		"  rule ID | default | implicit what decided it\n"
		"  log                          the rule says `log`\n"
		"  reason NAME | reason any     something of it was not known\n"
		"All that is given must fit. A packet that does not tell what is asked, a later\n"
		"fragment its ports for example, may be what is asked for and is shown. The first\n"
		"word is IFACE if it is no word of a filter; dev IFACE is always the interface.\n\n"
		"More packets than the rate are counted, not shown, whatever the filter says.",
	.options =
		(const struct option_row[]){
			{ "all", NULL, "packets that pass too" },
			{ "json", NULL, "print JSON, one object a line" },
			TARGET_OPTION_ROW,
			{ "count", "N", "end after N lines" },
			{ "c", "N", NULL },
			{ "rate", "N",
			  "at most N a second of each attachment (10,000, and 1,000 that pass)" },
			{},
		},
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
