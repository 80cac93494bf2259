/* SPDX-License-Identifier: GPL-2.0-only */
#include "support.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <unistd.h>

#include "diagnostics.h"
#include "embedded.h"
#include "error.h"
#include "policy.h"

/* --- policies in the kernel
 * --------------------------------------------------------------------------- */

/* The policies of enforce(), the last used first. Each has a dozen descriptors; a process may
 * have 1024. */
#define LOADED_MAX 50
static struct enforcer *loaded;

static struct policy *parse(const char *text)
{
	struct diagnostics diagnostics = {};
	struct policy *policy = NULL;
	int error = embedded_parse(text, &policy, &diagnostics);

	if (error && diagnostics.count)
		print_error("%s in: %s\n", diagnostics.items[0].message, text);
	diagnostics_clear(&diagnostics);
	assert_int_equal(error, 0);
	return policy;
}

struct enforcer *enforcer_for(const char *text, const struct meta *meta)
{
	struct enforcer *enforcer = calloc(1, sizeof(*enforcer));
	int error;

	assert_non_null(enforcer);
	enforcer->text = strdup(text);
	enforcer->policy = parse(text);
	error = generation_load(enforcer->policy, meta, NULL, "/nowhere", 1, &enforcer->generation);
	if (error)
		fail_msg("%s: %s", text, error_message(error));
	return enforcer;
}

struct enforcer *enforcer_new(const char *text)
{
	return enforcer_for(text, &(struct meta){});
}

void enforcer_free(struct enforcer *enforcer)
{
	generation_close(&enforcer->generation);
	policy_free(enforcer->policy);
	free(enforcer->text);
	free(enforcer);
}

static void forget_fragments(const struct enforcer *enforcer)
{
	int fd = enforcer->generation.maps[MAP_FRAGMENTS];
	struct pctl_fragment_key key;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		bpf_map_delete_elem(fd, &key);
}

/* Takes the policy with this text out of the list; NULL if there is none. */
static struct enforcer *take_loaded(const char *text)
{
	struct enforcer *found;

	for (struct enforcer **at = &loaded; *at; at = &(*at)->next) {
		if (strcmp((*at)->text, text))
			continue;
		found = *at;
		*at = found->next;
		return found;
	}
	return NULL;
}

/* Frees all but the LOADED_MAX that were used last. */
static void free_oldest(void)
{
	struct enforcer **at = &loaded, *oldest;

	for (size_t i = 0; *at && i < LOADED_MAX; i++)
		at = &(*at)->next;
	while (*at) {
		oldest = *at;
		*at = oldest->next;
		enforcer_free(oldest);
	}
}

const struct enforcer *enforce(const char *format, ...)
{
	struct enforcer *enforcer;
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	enforcer = take_loaded(text);
	if (enforcer)
		forget_fragments(enforcer);
	else
		enforcer = enforcer_new(text);
	enforcer->next = loaded;
	loaded = enforcer;
	free_oldest();
	return enforcer;
}

static void free_loaded(void)
{
	while (loaded) {
		struct enforcer *next = loaded->next;

		enforcer_free(loaded);
		loaded = next;
	}
}

/* --- frames through them
 * ------------------------------------------------------------------------------ */

int run_program(int fd, const void *data, size_t length, int *verdict)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = length,
		    .repeat = 1);

	if (bpf_prog_test_run_opts(fd, &options))
		return -errno;
	*verdict = (int)options.retval;
	return 0;
}

int expected_return(enum pctl_direction direction, bool passes)
{
	if (direction == PCTL_FROM)
		return passes ? XDP_PASS : XDP_DROP;
	return passes ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

bool is_pass(enum pctl_direction direction, int verdict)
{
	bool passes = verdict == expected_return(direction, true);

	if (!passes && verdict != expected_return(direction, false))
		fail_msg("the program returned %d", verdict);
	return passes;
}

/* The largest frame that tc takes: a page, less what the kernel puts before and behind the
 * frame. */
#define PAGE_LIMIT 3500

bool is_refused(enum pctl_direction direction, const uint8_t *frame, size_t length)
{
	if (length < ETH_HLEN)
		return true;
	if (direction == PCTL_FROM)
		return false;
	if (length > PAGE_LIMIT)
		return true;
	/* The kernel's own setup of the socket buffer wants the fixed header of what the ethertype
	 * names, and one byte at least. */
	switch (frame[12] << 8 | frame[13]) {
	case ETH_P_IP:
		return length < ETH_HLEN + 20;
	case ETH_P_IPV6:
		return length < ETH_HLEN + 40;
	default:
		return length == ETH_HLEN;
	}
}

/* The one counter of items[] that grew between two readings, by one packet of @length bytes; or -1.
 */
static int find_counted(const struct pctl_counter *before, const struct pctl_counter *after,
			uint32_t count, enum pctl_direction direction, size_t length)
{
	int found = -1;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t packets = after[i].packets - before[i].packets;
		uint64_t bytes = after[i].bytes - before[i].bytes;

		if (!packets && !bytes)
			continue;
		assert_int_equal(found, -1);
		assert_int_equal(i % PCTL_DIRECTIONS, direction);
		assert_int_equal(packets, 1);
		assert_int_equal(bytes, length);
		found = i / PCTL_DIRECTIONS;
	}
	return found;
}

static void read_counters(const struct enforcer *enforcer, struct counters *counters)
{
	assert_int_equal(generation_counters(&enforcer->generation, counters), 0);
}

bool judge(const struct enforcer *enforcer, enum pctl_direction direction,
	   const struct frame *frame, struct judgement *judgement)
{
	struct counters before, after;
	uint32_t slots;
	int error, verdict = 0, slot;

	read_counters(enforcer, &before);
	error = run_program(program_of(enforcer, direction), frame->data, frame->length, &verdict);
	if (error == -EINVAL && is_refused(direction, frame->data, frame->length)) {
		counters_free(&before);
		return false;
	}
	assert_int_equal(error, 0);
	read_counters(enforcer, &after);
	slots = after.slots * PCTL_DIRECTIONS;
	slot = find_counted(before.items, after.items, slots, direction, frame->length);
	assert_int_not_equal(slot, -1);
	judgement->slot = slot;
	judgement->reason =
		find_counted(before.items + slots, after.items + slots,
			     PCTL_REASON_MAX * PCTL_DIRECTIONS, direction, frame->length);
	judgement->passed = is_pass(direction, verdict);
	counters_free(&before);
	counters_free(&after);
	return true;
}

void expect(const struct enforcer *enforcer, enum pctl_direction direction, const char *frame,
	    bool passes, uint32_t slot, int reason)
{
	struct judgement judgement;
	struct frame built;

	frame_from_text(&built, frame);
	if (!judge(enforcer, direction, &built, &judgement))
		return;
	if (judgement.passed == passes && judgement.slot == slot && judgement.reason == reason)
		return;
	fail_msg("%s %s\n%s: %s in slot %u, reason %d; expected: %s in slot %u, reason %d",
		 direction == PCTL_FROM ? "from" : "to", frame, enforcer->text,
		 judgement.passed ? "passed" : "dropped", judgement.slot, judgement.reason,
		 passes ? "passed" : "dropped", slot, reason);
}

/* --- classes of packets
 * ------------------------------------------------------------------------------- */

/* Rules on other protocols: they must also deny a class that every deny rule matches. */
static const char *const unrelated[] = { "proto 253", "udplite dport 9", "icmp type 200" };

static void check_unrelated(const struct packet_class *class, enum pctl_direction d,
			    const char *dir)
{
	for (size_t i = 0; i < COUNT(unrelated); i++)
		expect(enforce("deny %s %s\n", dir, unrelated[i]), d, class->frame, false, RULE(0),
		       class->reason);
}

static void check_other(const struct packet_class *class, enum pctl_direction d, const char *dir)
{
	expect(enforce("deny %s %s\n", dir, class->other), d, class->frame, true, PCTL_SLOT_DEFAULT,
	       class->reason);
	expect(enforce("default %s deny\nallow %s %s\n", dir, dir, class->other), d, class->frame,
	       false, PCTL_SLOT_DEFAULT, class->reason);
}

static void check_certain(const struct packet_class *class, enum pctl_direction d, const char *dir)
{
	expect(enforce("deny %s %s\n", dir, class->certain), d, class->frame, false, RULE(0),
	       class->reason);
	expect(enforce("default %s deny\nallow %s %s\n", dir, dir, class->certain), d, class->frame,
	       true, RULE(0), class->reason);
}

static void check_class(const struct packet_class *class, enum pctl_direction d)
{
	enum pctl_direction opposite = d == PCTL_FROM ? PCTL_TO : PCTL_FROM;
	const char *dir = d == PCTL_FROM ? "from" : "to", *frame = class->frame;
	bool known = class->reason == KNOWN;
	const struct enforcer *enforcer;

	enforcer = enforce("deny %s %s\n", dir, class->matching);
	expect(enforcer, d, frame, false, RULE(0), class->reason);
	expect(enforcer, opposite, frame, true, PCTL_SLOT_DEFAULT, class->reason);

	enforcer = enforce("default %s deny\nallow %s %s\n", dir, dir, class->matching);
	expect(enforcer, d, frame, known, known ? RULE(0) : PCTL_SLOT_DEFAULT, class->reason);
	expect(enforcer, opposite, frame, true, PCTL_SLOT_DEFAULT, class->reason);

	/* With no deny rule in a direction whose default is allow, everything passes. */
	expect(enforce("deny %s any\n", opposite == PCTL_FROM ? "from" : "to"), d, frame, true,
	       PCTL_SLOT_DEFAULT, class->reason);
	if (class->other)
		check_other(class, d, dir);
	else
		check_unrelated(class, d, dir);
	if (class->certain)
		check_certain(class, d, dir);
}

void check_classes(const struct packet_class *classes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++)
			check_class(&classes[i], d);
}

/* --- main
 * --------------------------------------------------------------------------------------------- */

/* Whether programs can be loaded here; prints why not. */
static bool is_possible(void)
{
	struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	uint8_t frame[64] = {};
	int fd, verdict;

	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "probe", "GPL", program, COUNT(program), NULL);
	if (fd < 0) {
		if (errno == EPERM && geteuid() != 0)
			printf("skipped: needs root\n");
		else
			printf("skipped: bpf() does not load a program here: %s\n",
			       strerror(errno));
		return false;
	}
	if (run_program(fd, frame, sizeof(frame), &verdict)) {
		printf("skipped: no BPF_PROG_TEST_RUN here: %s\n", strerror(errno));
		close(fd);
		return false;
	}
	close(fd);
	return true;
}

int run_group(const char *name, const struct CMUnitTest *tests, size_t count)
{
	int failed;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (!is_possible())
		return 77;
	failed = _cmocka_run_group_tests(name, tests, count, NULL, NULL);
	free_loaded();
	return failed;
}
