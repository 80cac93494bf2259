// SPDX-License-Identifier: GPL-2.0-only
/* policyctl explain: prints what becomes of a packet, by which rule, and why. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "diagnostics.h"
#include "diagnostics_text.h"
#include "error.h"
#include "json_text.h"
#include "explanation_show.h"
#include "files.h"
#include "not_enforced.h"
#include "output.h"
#include "own.h"
#include "packet_answer.h"
#include "packet_frame.h"
#include "packet_sequence.h"
#include "pcap_file.h"
#include "plan_arguments.h"
#include "ranges.h"
#include "target_arguments.h"
#include "util.h"

#define SHOWN_FILE_MAX (1u << 20) /* the lines of a larger policy file are not quoted */

/* What the command line asks for. */
struct request {
	const struct arguments *arguments;
	const char *interface; /* NULL: the policy of a file is asked */
	const char *policy; /* the path of that file */
	const char *pcap; /* path of a capture; NULL: one packet in words */
	const char *direction;
	char **words;
	int word_count;
	bool json;
	json_t *array; /* collects the answers of several interfaces; NULL: there is one */
};

/* --- one packet --- */

static char *join(char **words, int count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; out && i < count; i++)
		fprintf(out, "%s%s", i ? " " : "", words[i]);
	return out && !fclose(out) ? text : NULL;
}

/* Says that the packet got a default peer, if a rule that could have decided asks for the peer. */
static void notice_peer(const struct explainer *explainer, const struct packet_words *packet,
			const struct explanation *explanation)
{
	const struct policy *policy = explainer->policy;
	const struct rule *decided = explanation->decision.rule;

	if (packet->peer_given || !explanation->fields.is_ip)
		return;
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (decided && rule > decided)
			return;
		if (!(rule->directions & 1u << packet->direction) || !peers_given(&rule->peers) ||
		    (packet->protocol != PACKET_NOT_GIVEN &&
		     !ranges_match(&rule->protocols, (unsigned int)packet->protocol)))
			continue;
		notice("rules ask for the peer: without `peer ADDRESS`, it is taken to be %s",
		       packet->family == PCTL_IPV4 ? "198.18.0.1" : "2001:db8::1");
		return;
	}
}

static int parse_words(const struct request *request, struct packet_words *packet)
{
	_cleanup_(freep) char *text = join(request->words, request->word_count);
	struct diagnostics diagnostics = {};
	int error = text ? packet_words_parse(text, packet, &diagnostics) : -ENOMEM;

	diagnostics_write(stderr, &diagnostics, NULL);
	diagnostics_clear(&diagnostics);
	if (error && error != -EINVAL)
		return command_failed(NULL, error, NULL);
	return error ? EXIT_USAGE : EXIT_DONE;
}

static void add_frame(json_t *object, const struct frame *frame)
{
	_cleanup_(freep) char *hex = malloc(2 * frame->length + 1);

	for (size_t i = 0; hex && i < frame->length; i++)
		sprintf(hex + 2 * i, "%02x", frame->data[i]);
	if (hex)
		json_object_set_new(object, "frame", json_string(hex));
}

/* Explains the packet, and tells of a fault. EXIT_DONE or EXIT_FAILED. */
static int explain_one(struct explainer *explainer, const struct packet_words *packet,
		       struct frame *frame, struct explanation *explanation)
{
	int error;

	explainer->established = packet->established;
	packet_frame(packet, &explainer->container, frame);
	error = explain_frame(explainer, packet->direction, frame->data, frame->length,
			      explanation);
	if (error)
		return command_failed(explainer->name, error, NULL);
	if (explanation->faulty)
		explanation_write_fault(stderr, explainer, explanation, frame->data, frame->length);
	return EXIT_DONE;
}

/* A packet that passes is of little use where its answer does not. */
static int explain_answer(struct explainer *explainer, const struct packet_words *packet,
			  struct explanation *explanation, bool *there)
{
	_cleanup_(freep) struct frame *frame = calloc(1, sizeof(*frame));
	struct packet_words answer;

	*there = packet_answer(packet, &answer);
	if (!*there)
		return EXIT_DONE;
	return frame ? explain_one(explainer, &answer, frame, explanation)
		     : command_failed(explainer->name, -ENOMEM, NULL);
}

static int explain_words(const struct request *request, struct explainer *explainer,
			 const struct packet_words *packet)
{
	_cleanup_(freep) struct frame *frame = calloc(1, sizeof(*frame));
	struct explanation explanation, answer = {};
	bool has_answer = false;
	int status;

	if (!frame)
		return command_failed(explainer->name, -ENOMEM, NULL);
	status = explain_one(explainer, packet, frame, &explanation);
	if (status == EXIT_DONE && decision_passes(&explanation.decision))
		status = explain_answer(explainer, packet, &answer, &has_answer);
	if (status != EXIT_DONE)
		return status;
	if (request->json) {
		json_t *object = explanation_json(explainer, &explanation);

		add_frame(object, frame);
		json_object_set_new(object, "answer",
				    has_answer ? explanation_json(explainer, &answer)
					       : json_null());
		status = output_json_in(request->array, object);
	} else {
		notice_peer(explainer, packet, &explanation);
		explanation_print(explainer, &explanation);
		if (has_answer)
			explanation_print_answer(explainer, &answer);
	}
	return explanation.faulty || answer.faulty ? EXIT_FAILED : status;
}

/* --- a capture --- */

struct tally {
	unsigned long long packets, passed, dropped, cut, alone, faults;
};

static void count(struct tally *tally, const struct explanation *explanation, bool cut, bool alone)
{
	tally->packets++;
	tally->passed += decision_passes(&explanation->decision);
	tally->dropped += !decision_passes(&explanation->decision);
	tally->cut += cut;
	tally->alone += alone;
	tally->faults += explanation->faulty;
}

static void print_packet(const struct request *request, const struct explainer *explainer,
			 const struct explanation *explanation, const struct pcap_packet *packet,
			 unsigned long long number)
{
	bool cut = packet->captured < packet->length;

	if (request->json) {
		json_t *object = explanation_json(explainer, explanation);

		json_object_set_new(object, "number", json_integer(number));
		json_object_set_new(object, "length", json_integer(packet->length));
		json_object_set_new(object, "captured", json_integer(packet->captured));
		json_text_print(object, JSON_COMPACT);
		json_decref(object);
	} else {
		printf("%llu ", number);
		explanation_print_short(explainer, explanation);
		if (cut)
			printf(" (for the %zu of %zu bytes that were captured)", packet->captured,
			       packet->length);
	}
	putchar('\n');
}

static void print_tally(const struct request *request, const struct tally *tally)
{
	if (request->json) {
		json_t *object =
			json_pack("{s:{s:I, s:I, s:I, s:I, s:I, s:I}}", "summary", "packets",
				  (json_int_t)tally->packets, "passed", (json_int_t)tally->passed,
				  "dropped", (json_int_t)tally->dropped, "cut",
				  (json_int_t)tally->cut, "evaluator_alone",
				  (json_int_t)tally->alone, "faults", (json_int_t)tally->faults);

		json_text_print(object, JSON_COMPACT);
		putchar('\n');
		json_decref(object);
		return;
	}
	printf("%llu packet%s: %llu pass, %llu dropped\n", tally->packets,
	       tally->packets == 1 ? "" : "s", tally->passed, tally->dropped);
	if (tally->cut)
		printf("%llu of them cut short by the capture: the answer is for what was "
		       "captured\n",
		       tally->cut);
	if (tally->packets)
		notice("a capture does not tell where the kernel is still to write a checksum: a "
		       "packet with a wrong place is dropped (checksum-place), whatever is said "
		       "of it here");
	if (tally->alone)
		printf("%llu of them judged by the reference evaluator alone\n", tally->alone);
}

/* The direction that was asked for, or else the one that the capture tells. */
static int direction_of(int asked, const struct pcap_packet *packet, unsigned long long number)
{
	if (asked >= 0 || packet->direction >= 0)
		return asked >= 0 ? asked : packet->direction;
	return error_set(-EINVAL,
			 "packet %llu does not say which way it went: --direction from (the "
			 "container sent it) or --direction to (it received it)",
			 number);
}

/* @asked: enum pctl_direction; -1: as the capture tells for each packet */
static int explain_capture(const struct request *request, struct explainer *explainer, int asked)
{
	_cleanup_(pcap_file_closep) struct pcap_file *file = NULL;
	_cleanup_(sequence_clear) struct packet_sequence sequence = {};
	struct explanation explanation;
	struct pcap_packet packet;
	struct tally tally = {};
	int error = pcap_file_open(request->pcap, &file), direction;
	int got = 0;

	error = error ?: sequence_start(explainer->policy, &sequence);
	while (!error && (got = pcap_file_next(file, &packet)) > 0) {
		error = direction = direction_of(asked, &packet, tally.packets + 1);
		if (direction >= 0)
			error = sequence_explain(&sequence, explainer, direction, packet.frame,
						 packet.captured, &explanation);
		if (error)
			break;
		count(&tally, &explanation, packet.captured < packet.length,
		      explainer->attachment && !explanation.answered);
		if (explanation.faulty)
			explanation_write_fault(stderr, explainer, &explanation, packet.frame,
						packet.captured);
		print_packet(request, explainer, &explanation, &packet, tally.packets);
		if (!strcmp(request->pcap, "-"))
			fflush(stdout); /* the capture may still be going on */
	}
	if (error || got < 0)
		command_failed(request->pcap, error ?: got, NULL);
	if (tally.packets || !(error || got < 0))
		print_tally(request, &tally);
	return error || got < 0 || tally.faults ? EXIT_FAILED : EXIT_DONE;
}

/* --- the question --- */

/* The direction by --direction or by the only word, `from` or `to`; -1: none was given. */
static int capture_direction(const struct request *request, int *direction)
{
	const char *name = request->direction;

	if (request->word_count > !name)
		return usage_failed(request->arguments->command,
				    "--pcap stands in place of a PACKET");
	if (request->word_count)
		name = request->words[0];
	*direction = -1;
	for (int i = 0; name && i < PCTL_DIRECTIONS; i++)
		if (!strcmp(name, policy_direction_name(i)))
			*direction = i;
	if (name && *direction < 0)
		return usage_failed(request->arguments->command, "%s is no direction: from or to",
				    name);
	return EXIT_DONE;
}

static int explain(const struct request *request, struct explainer *explainer)
{
	struct packet_words packet;
	int status, direction;

	if (request->pcap && !explainer->attachment && policy_asks_for_own(explainer->policy, NULL))
		notice("the container's own MAC is not known without its interface: every packet "
		       "from it counts as spoofed");
	if (request->pcap) {
		status = capture_direction(request, &direction);
		return status == EXIT_DONE ? explain_capture(request, explainer, direction)
					   : status;
	}
	if (!explainer->attachment && policy_asks_for_own(explainer->policy, NULL))
		packet_example_own(explainer->policy, &explainer->policy->own_found);
	if (!explainer->attachment)
		explainer->container = explainer->policy->own_found;
	status = parse_words(request, &packet);
	return status == EXIT_DONE ? explain_words(request, explainer, &packet) : status;
}

static int explain_attachment(struct request *request, const struct attachment *attachment)
{
	_cleanup_(explainer_close) struct explainer explainer = {};
	int error = explainer_open(attachment, &explainer);

	if (error)
		return command_failed(request->interface, error, NULL);
	notice_if_not_enforced(attachment);
	return explain(request, &explainer);
}

/* A capture can be read only once, so only one policy can be asked about it. */
static int one_is_asked(const struct request *request, const struct attachments *attachments)
{
	if (!request->pcap || attachments->count == 1)
		return EXIT_DONE;
	error_set(-ENOTUNIQ,
		  "it has %zu veths with a policy, and a capture is asked of one: name "
		  "that, %s or %s",
		  attachments->count, attachments->items[0].hooks.link.name,
		  attachments->items[1].hooks.link.name);
	return command_failed(request->interface, -ENOTUNIQ, NULL);
}

static int explain_interface(struct request *request)
{
	_cleanup_(attachments_close) struct attachments attachments = {};
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(target_clear) struct target target = {};
	int status = target_from_arguments(request->arguments, request->interface,
					   EXIT_NOT_ATTACHED, &target);

	if (status == EXIT_DONE)
		status = target_attachments(&target, false, PINS_READ, &session, &attachments);
	if (status == EXIT_DONE)
		status = one_is_asked(request, &attachments);
	if (status != EXIT_DONE)
		return status;
	session_close(&session); /* frees the lock: a capture may come slowly, from a pipe */
	if (target.several && request->json && !request->pcap)
		request->array = json_array();
	for (size_t i = 0; i < attachments.count; i++) {
		if (i && !request->json)
			putchar('\n');
		status = explain_attachment(request, &attachments.items[i]) ?: status;
	}
	return request->array ? output_json(request->array) ?: status : status;
}

/* Reads the policy file again to quote its lines; NULL: it cannot be read twice, or is too large.
 */
static char *read_lines(const char *path)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;

	if (!strncmp(path, "/dev/", strlen("/dev/")) ||
	    file_read(path, SHOWN_FILE_MAX, &text, &length))
		return NULL;
	return strndup(text, length);
}

static int explain_policy(const struct request *request)
{
	_cleanup_(plan_free) struct plan plan = {};
	_cleanup_(explainer_close) struct explainer explainer = {};
	int status = plan_from_arguments(request->arguments, &plan);

	if (status != EXIT_DONE)
		return status;
	explainer.policy = TAKE_PTR(plan.policy);
	explainer.name = policy_arguments_source(request->arguments);
	if (request->policy)
		explainer.name = request->policy;
	explainer.text = request->policy ? read_lines(request->policy) : NULL;
	return explain(request, &explainer);
}

static int run(const struct arguments *arguments)
{
	struct request request = {
		.arguments = arguments,
		.words = arguments->operands,
		.word_count = arguments->operand_count,
		.json = arguments_have(arguments, "json", NULL),
	};

	arguments_have(arguments, "pcap", &request.pcap);
	arguments_have(arguments, "direction", &request.direction);
	if (request.direction && !request.pcap)
		return usage_failed(arguments->command,
				    "--direction is for --pcap; a PACKET begins with from or to");
	arguments_have(arguments, "policy", &request.policy);
	if (!policy_arguments_given(arguments)) {
		if (!request.word_count)
			return usage_failed(
				arguments->command,
				"missing argument: IFACE, --policy FILE or --rule TEXT");
		request.interface = *request.words++;
		request.word_count--;
	}
	if (!request.pcap && !request.word_count)
		return usage_failed(arguments->command, "missing argument: PACKET or --pcap FILE");
	return request.interface ? explain_interface(&request) : explain_policy(&request);
}

const struct command command_explain = {
	.name = "explain",
	.synopsis = "IFACE|--policy FILE|--rule TEXT PACKET|--pcap FILE [--direction from|to]\n"
		    "                         [--json]",
	.summary = "which rule decides a packet, and why",
	.details = "Asks the loaded programs of an interface, which count and report nothing of "
		   "it, and\n"
		   "checks their answer against the reference evaluator; that they disagree is a "
		   "fault,\n"
		   "exit status 1. With --policy FILE, --rule TEXT or other options that make a "
		   "policy\n"
		   "the evaluator alone answers, no privileges needed.\n"
		   "The exit status is 0 whatever the verdict.\n\n" PACKET_WORDS_HELP
		   "\nOf a capture (pcap or pcapng; - is standard input) every packet is explained "
		   "in a\n"
		   "line, by itself: a later fragment does not follow its first one. Without\n"
		   "--direction its interfaces must tell, as they do in what policyctl capture "
		   "writes.",
	.options =
		(const struct option_row[]){
			POLICY_OPTION_ROWS,
			{ "pcap", "FILE", "every packet of a capture" },
			{ "direction", "DIR", "of all packets of the capture: from or to" },
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON; for a capture, one object a line" },
			{},
		},
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
