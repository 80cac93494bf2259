// SPDX-License-Identifier: GPL-2.0-only
/* policyctl capture: writes dropped packets to a file for Wireshark. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "clock.h"
#include "commands.h"
#include "container_lookup.h"
#include "error.h"
#include "live_text.h"
#include "observing.h"
#include "pcapng.h"
#include "target_arguments.h"
#include "terminal.h"
#include "util.h"

#define RULE_MAX 1000 /* bytes of a rule in a comment: a rule may have thousands of ports */
#define FLUSH_SIZE (1 << 20)

/* One direction of an interface, which is an interface of its own in the file. */
struct flow {
	char name[IF_NAMESIZE];
	uint32_t ifindex;
	enum pctl_direction direction;
	uint64_t packets;
};

struct capture {
	struct pcapng pcapng;
	const char *file;
	int fd;
	uint32_t snaplen;
	uint64_t wanted; /* how many packets; 0: all until a signal comes */
	uint64_t packets;
	uint64_t start_ns; /* when it began to listen, since 1970; 0: it does not yet */
	struct target target;
	struct container_lookup lookup;
	const struct reader_settings *settings;
	bool left; /* the reader of the pipe closed it */
	bool failed; /* writing failed */
	struct flow *flows; /* by their number in the file */
};

static void capture_clear(struct capture *capture)
{
	target_clear(&capture->target);
	container_lookup_clear(&capture->lookup);
	closep(&capture->fd);
	pcapng_clear(&capture->pcapng);
	free(capture->flows);
}

static uint64_t nanoseconds(struct timespec time)
{
	return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

/* --- the file --- */

/* Writes what was collected. 0; 1: nobody reads the pipe any more; or a negative errno. */
static int flush(struct capture *capture)
{
	int error = pcapng_flush(&capture->pcapng, capture->fd);

	if (!error)
		return 0;
	capture->failed = true;
	capture->left = error == -EPIPE;
	return capture->left
		       ? 1
		       : error_set(error, "cannot write %s: %s", capture->file, strerror(-error));
}

/* Locks the file: two captures into one file would spoil both. The first one keeps it. */
static int take_file(const char *file, int fd)
{
	struct stat status;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return error_set(-errno, "%s is being written by another capture", file);
	if (ftruncate(fd, 0))
		return error_set(-errno, "cannot empty %s: %m", file);
	return 0;
}

static int open_file(struct capture *capture, const char *command)
{
	bool standard = !strcmp(capture->file, "-");
	int error;

	if (standard)
		capture->file = "the output";
	capture->fd = standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
			       : open(capture->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (capture->fd < 0)
		return command_failed(NULL, error_set(-errno, "cannot write %s: %m", capture->file),
				      NULL);
	if (isatty(capture->fd))
		return usage_failed(command, "%s is a terminal, where a capture cannot be read",
				    capture->file);
	error = standard ? 0 : take_file(capture->file, capture->fd);
	return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
}

static int begin_file(struct capture *capture)
{
	struct utsname system;
	char os[sizeof(system.sysname) + sizeof(system.release)] = "";

	if (!uname(&system))
		snprintf(os, sizeof(os), "%s %s", system.sysname, system.release);
	return pcapng_section(&capture->pcapng, "policyctl " PCTL_VERSION, os);
}

/* --- interfaces --- */

static const char *description(enum pctl_direction direction)
{
	return direction == PCTL_FROM ? "what the container sends, where the host receives it"
				      : "what the container receives, where the host sends it";
}

static int add_flow(struct capture *capture, const char *interface, uint32_t ifindex,
		    enum pctl_direction direction)
{
	uint32_t number = capture->pcapng.interfaces;
	struct flow *flows = reallocarray(capture->flows, number + 1, sizeof(*flows));
	char name[IF_NAMESIZE + sizeof(":from")];
	int error;

	if (!flows)
		return -ENOMEM;
	capture->flows = flows;
	flows[number] = (struct flow){ .ifindex = ifindex, .direction = direction };
	snprintf(flows[number].name, IF_NAMESIZE, "%s", interface);
	snprintf(name, sizeof(name), "%s:%s", flows[number].name, policy_direction_name(direction));
	error = pcapng_interface(&capture->pcapng, name, description(direction), capture->snaplen);
	return error ?: (int)number;
}

/* The number of the flow of a packet, or a negative errno. A renamed interface is another flow. */
static int flow_of(struct capture *capture, const struct observation *o)
{
	for (uint32_t i = 0; i < capture->pcapng.interfaces; i++) {
		struct flow *flow = &capture->flows[i];

		if (flow->ifindex == o->ifindex && flow->direction == o->direction &&
		    !strcmp(flow->name, o->interface))
			return i;
	}
	return add_flow(capture, o->interface, o->ifindex, o->direction);
}

/* Describes what is attached already before there are packets, since tcpdump does not read a file
 * without an interface. */
static int add_attachment(struct session *session, struct attachment *attachment, void *data)
{
	const struct link *link = &attachment->hooks.link;
	int error = 0;

	(void)session;
	for (int d = 0; d < PCTL_DIRECTIONS && error >= 0; d++)
		error = add_flow(data, link->name, link->ifindex, d);
	return error < 0 ? command_failed(link->name, error, NULL) : EXIT_DONE;
}

static int add_attachments(struct capture *capture)
{
	size_t count;

	return target_each(&capture->target, PINS_READ, add_attachment, capture, &count);
}

/* --- packets --- */

/* What became of a packet and why, in words; malloc'd, NULL without memory. */
static char *comment_of(const struct observation *o)
{
	const char *verdict = policy_verdict_word(o->verdict, o->audit), *text = o->rule_text;
	char rule[RULE_MAX + 64], packets[64] = "", name[LIVE_MEMBER_WORDS], *comment;
	bool named = live_findings_words(o->live, o->live_count, name);
	bool cut = strlen(text) > RULE_MAX;
	int size;

	if (o->rule)
		snprintf(rule, sizeof(rule), "rule %u (%.*s%s)", o->rule->id, RULE_MAX, text,
			 cut ? "..." : "");
	else
		snprintf(rule, sizeof(rule), "%.*s", RULE_MAX, text);
	if (o->packets != 1)
		snprintf(packets, sizeof(packets), ", counted as %u packets", o->packets);
	size = asprintf(&comment, "%s by %s%s%s%s%s%s%s%s", verdict, rule, packets,
			named ? ", peer " : "", named ? name : "", o->reason_name ? ": " : "",
			o->reason_name ?: "", o->reason_name ? ", " : "",
			o->reason_name ? o->reason_meaning : "");
	return size < 0 ? NULL : comment;
}

/* Returns 0; 1: nobody reads the pipe any more; or a negative errno. */
static int add_packet(struct capture *capture, const struct observation *o)
{
	_cleanup_(freep) char *comment = comment_of(o);
	struct pcapng_packet packet = {
		.time_ns = nanoseconds(o->time),
		.data = o->frame,
		.captured = o->captured,
		.length = o->length,
		.outbound = o->direction == PCTL_TO,
		.comment = comment,
	};
	int number = comment ? flow_of(capture, o) : -ENOMEM, error;

	if (number < 0)
		return number;
	packet.interface = number;
	error = pcapng_packet(&capture->pcapng, &packet);
	if (error)
		return error;
	capture->flows[number].packets++;
	capture->packets++;
	return capture->pcapng.size < FLUSH_SIZE ? 0 : flush(capture);
}

static int pause_capture(struct capture *capture)
{
	if (!capture->start_ns) {
		capture->start_ns = clock_realtime_ns();
		observing_print(&capture->target, capture->settings);
		fprintf(stderr, ", to %s; Ctrl-C ends it\n", capture->file);
	}
	return capture->pcapng.size ? flush(capture) : 0;
}

/* --- the end --- */

/* Losses are counted for all interfaces together: they are given once, with the first one. */
static int add_statistics(struct capture *capture, uint64_t lost)
{
	uint64_t end_ns = clock_realtime_ns();
	int error = 0;

	for (uint32_t i = 0; i < capture->pcapng.interfaces && !error; i++) {
		struct pcapng_statistics statistics = {
			.interface = i,
			.time_ns = end_ns,
			.start_ns = capture->start_ns,
			.end_ns = end_ns,
			.delivered = capture->flows[i].packets,
			.losses_known = !i || !lost,
			.lost = i ? 0 : lost,
			.comment = i || !lost ? NULL : "what was lost, of all interfaces together",
		};

		error = pcapng_statistics(&capture->pcapng, &statistics);
	}
	return error;
}

static int end_file(struct capture *capture, const struct reader_lost *losses)
{
	uint64_t lost = losses->dropped + losses->passed;
	char packets[READABLE_NUMBER_SIZE], lost_text[READABLE_NUMBER_SIZE];
	int error = 0;

	if (!capture->failed) {
		error = add_statistics(capture, lost);
		error = error ?: flush(capture);
	}
	if (!error && !capture->failed && close(TAKE_FD(capture->fd)))
		error = error_set(-errno, "cannot write %s: %m", capture->file);
	if (error < 0)
		return command_failed(NULL, error, NULL);
	notice("%s packet%s captured, %s lost%s", readable_number(capture->packets, packets),
	       capture->packets == 1 ? "" : "s", readable_number(lost, lost_text),
	       lost ? " (too many a second, or at once: see --rate and --snaplen)" : "");
	return EXIT_DONE;
}

static bool has_enough(const struct capture *capture)
{
	return capture->wanted && capture->packets >= capture->wanted;
}

/* Adds packets until there are no more, until there are enough, or until nobody reads them. */
static int add_packets(struct capture *capture, struct observing *observing)
{
	struct observation observation;
	int next, error = 0;

	while (!error && !has_enough(capture)) {
		next = observing_next(observing, &observation);
		if (next == OBSERVED_PACKET)
			error = add_packet(capture, &observation);
		else if (next == OBSERVED_PAUSE)
			error = pause_capture(capture);
		else
			return next;
	}
	return error;
}

static int record(struct capture *capture)
{
	struct reader_lost lost = {};
	struct observing *observing;
	int status =
		observing_open(&capture->target, &capture->lookup, capture->settings, &observing);
	int error, written;

	if (status != EXIT_DONE)
		return status;
	error = add_packets(capture, observing);
	observing_stop(observing);
	if (error >= 0)
		error = observing_lost(observing, &lost);
	if (error < 0)
		status = command_failed(capture->target.name, error, NULL);
	observing_close(observing);
	/* If a part of the file could not be written, nothing may follow it. */
	if (status != EXIT_DONE && capture->failed)
		return status;
	written = end_file(capture, &lost);
	return status == EXIT_DONE ? written : status;
}

/* --- the command line --- */

static int read_options(const struct arguments *arguments, struct capture *capture,
			struct reader_settings *settings)
{
	uint64_t snaplen = 0, rate = 0;
	int error;

	if (!arguments_have(arguments, "w", &capture->file) || !*capture->file)
		return usage_failed(arguments->command, "where to? -w FILE is missing");
	error = arguments_number(arguments, "count", 1, UINT64_MAX, &capture->wanted) ?:
		arguments_number(arguments, "snaplen", 0, PCTL_SNAPLEN_MAX, &snaplen) ?:
		arguments_number(arguments, "rate", 1, UINT32_MAX, &rate);
	if (error)
		return usage_failed(arguments->command, "%s", error_message(error));
	capture->snaplen = snaplen ?: PCTL_SNAPLEN_MAX;
	capture->settings = settings;
	settings->snaplen = capture->snaplen;
	settings->rate = rate;
	if (arguments_have(arguments, "all", NULL))
		settings->rate_passed = rate ?: READER_RATE_PASSED;
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(capture_clear) struct capture capture = { .fd = -1 };
	const char *interface = arguments->operand_count ? arguments->operands[0] : NULL;
	struct reader_settings settings = {};
	const char *socket = NULL;
	int error, status = read_options(arguments, &capture, &settings);

	arguments_have(arguments, "docker-socket", &socket);
	container_lookup_init(&capture.lookup, socket);
	if (status == EXIT_DONE)
		status = target_from_arguments(arguments, interface, EXIT_NOT_ATTACHED,
					       &capture.target);
	if (status != EXIT_DONE)
		return status;
	/* Only now that there is something to capture is the file touched. */
	error = begin_file(&capture);
	if (error)
		return command_failed(NULL, error, NULL);
	status = add_attachments(&capture);
	if (status == EXIT_DONE)
		status = open_file(&capture, arguments->command);
	return status == EXIT_DONE ? record(&capture) : status;
}

const struct command command_capture = {
	.name = "capture",
	.synopsis = "[IFACE] -w FILE [--count N] [--snaplen BYTES] [--all] [--rate N]",
	.summary = "what is dropped, as a file for Wireshark",
	.details =
		"Writes each dropped packet as pcapng, until Ctrl-C; without IFACE those of all\n"
		"attachments, also of later ones. Each packet's comment says what became of it,\n"
		"by which rule and why: tshark -r FILE -T fields -e frame.comment. What a rule\n"
		"with `log` lets pass is in it too. The file can be read at any time, also while\n"
		"it is written. With FILE - it goes to a pipe:\n"
		"  policyctl capture veth6c30d72 -w - | tcpdump -nr -",
	.options =
		(const struct option_row[]){
			{ "w", "FILE", "where to, replacing what it held; - is the output" },
			{ "count", "N", "end after N packets" },
			{ "c", "N", NULL },
			{ "snaplen", "BYTES", "so many of each packet; else, and with 0, all" },
			{ "all", NULL, "packets that pass too" },
			TARGET_OPTION_ROW,
			{ "rate", "N",
			  "at most N a second of each attachment (10,000, and 1,000 that pass)" },
			{},
		},
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
