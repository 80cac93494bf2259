/* SPDX-License-Identifier: GPL-2.0-only */
#include "trial.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdio.h>

#include "answer_model.h"
#include "compile.h"
#include "diagnostics.h"
#include "embedded.h"
#include "error.h"
#include "evaluate.h"
#include "live_model.h"
#include "own.h"
#include "print.h"
#include "probe.h"
#include "support.h"
#include "trial_connections.h"
#include "watchers.h"

#define PIECES_MAX 256
#define CONNECTIONS_MAX 96
#define CONNECTIONS_FULL 64 /* fewer than the kernel is sure to keep */
#define REASONS (PCTL_REASON_MAX * PCTL_DIRECTIONS)

struct trial {
	struct policy *policy;
	struct generation generation;
	struct fragment_memory memory;
	struct first_fragment pieces[PIECES_MAX];
	struct connection_memory connections;
	struct known_connection known[CONNECTIONS_MAX];
	struct watchers *watchers;
	/* What should have been counted so far. */
	size_t slots;
	struct pctl_counter *by_slot; /* slot * PCTL_DIRECTIONS + direction */
	struct pctl_counter by_reason[REASONS];
	struct pctl_counter *cpus; /* room for one element of rule_stats of each */
	struct coverage coverage;
};

const char *hook_name(enum hook hook)
{
	static const char *const names[HOOK_COUNT] = {
		[HOOK_EGRESS] = "tc",
		[HOOK_GUARD] = "guard",
		[HOOK_XDP] = "xdp",
	};

	return names[hook];
}

/* The guard judges packets without a stamp, so all frames here, in the direction of XDP. */
static enum pctl_direction direction_of(enum hook hook)
{
	return hook == HOOK_EGRESS ? PCTL_TO : PCTL_FROM;
}

/* --- life and death --- */

static int make(const struct policy *policy, struct generation *generation)
{
	struct plan plan = { .policy = (struct policy *)policy };
	struct generation_input input = {
		.plan = &plan,
		.meta = { .veth = 1 }, /* as most are */
		.shared = own_bpffs(),
	};
	int error = policy_compile(policy, "policy", &plan.compiled, NULL);

	if (error)
		return error_set(error, "cannot compile the policy");
	error = generation_make(&input, "/nowhere", 1, generation);
	compiled_free(plan.compiled);
	return error;
}

/* As at the other end of a veth. */
static void find_own(struct policy *policy)
{
	static const uint8_t mac[6] = TRIAL_MAC;
	struct prefix addresses[] = {
		{ .high = 0xc633643500000000, .family = PCTL_IPV4, .length = 32 }, /* …100.53 */
		{ .high = 0x20010db800010000, .low = 0x53, .family = PCTL_IPV6, .length = 128 },
	};
	struct prefixes seen = { .items = addresses, .count = COUNT(addresses) };

	if (own_find(policy, mac, &seen, &policy->own_found))
		abort();
}

static int load(struct trial *t, const char *text)
{
	struct diagnostics diagnostics = {};
	int error = embedded_parse(text, &t->policy, &diagnostics);

	diagnostics_clear(&diagnostics);
	if (error)
		return error;
	t->policy->audit = strstr(text, TRIAL_AUDIT);
	if (policy_asks_for_own(t->policy, NULL))
		find_own(t->policy);
	t->watchers = watchers_get();
	error = t->watchers ? make(t->policy, &t->generation) : -EIO;
	if (error)
		return error;
	live_model_fill(t->policy, &t->generation);
	t->slots = policy_slots(t->policy);
	t->by_slot = calloc(t->slots * PCTL_DIRECTIONS, sizeof(*t->by_slot));
	t->cpus = calloc(libbpf_num_possible_cpus(), sizeof(struct pctl_counter_block));
	if (!t->by_slot || !t->cpus)
		return -ENOMEM;
	return 0;
}

struct trial *trial_new(const char *text, int *error, char **message)
{
	static const struct generation empty = GENERATION_EMPTY;
	struct trial *t = calloc(1, sizeof(*t));

	*message = NULL;
	if (!t)
		abort();
	t->generation = empty;
	t->memory = (struct fragment_memory){ .items = t->pieces, .capacity = PIECES_MAX };
	t->connections =
		(struct connection_memory){ .items = t->known, .capacity = CONNECTIONS_MAX };
	*error = load(t, text);
	if (!*error)
		return t;
	*message = strdup(error_message(*error));
	trial_free(t);
	return NULL;
}

void trial_free(struct trial *t)
{
	if (!t)
		return;
	generation_close(&t->generation);
	policy_free(t->policy);
	free(t->by_slot);
	free(t->cpus);
	free(t);
}

static void clear_map(int fd, void *key)
{
	while (fd >= 0 && !bpf_map_get_next_key(fd, NULL, key))
		bpf_map_delete_elem(fd, key);
}

void trial_forget(struct trial *t)
{
	struct pctl_connection_key connection;
	struct pctl_fragment_key fragment;

	t->memory.count = 0;
	t->connections.count = 0;
	clear_map(t->generation.maps[MAP_FRAGMENTS], &fragment);
	clear_map(t->generation.maps[MAP_CONNECTIONS], &connection);
	clear_map(t->generation.maps[MAP_HALF_OPEN], &connection);
}

bool trial_is_full(const struct trial *t)
{
	return t->connections.count >= CONNECTIONS_FULL;
}

/* --- what was counted --- */

static void add(struct pctl_counter *counter, size_t length)
{
	counter->packets++;
	counter->bytes += length;
}

static bool same(const struct pctl_counter *a, const struct pctl_counter *b)
{
	return a->packets == b->packets && a->bytes == b->bytes;
}

/* @each: how many counters an element of the map has */
static bool counted(const struct trial *t, enum generation_map map, uint32_t each, uint32_t number,
		    const struct pctl_counter *expected)
{
	uint32_t index = number / each;
	struct pctl_counter sum = {};
	const struct pctl_counter *counter;

	if (bpf_map_lookup_elem(t->generation.maps[map], &index, t->cpus))
		return false;
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
		counter = &t->cpus[cpu * each + number % each];
		sum.packets += counter->packets;
		sum.bytes += counter->bytes;
	}
	return same(&sum, expected);
}

/*
 * Each frame counts in one slot, and for one reason at most. If the expected counters grew, no
 * other did; trial_check_totals() finds a counter that grew without reason.
 */
static bool counted_as_expected(struct trial *t, enum pctl_direction d, size_t length,
				const struct evaluation *e)
{
	uint32_t slot = e->slot * PCTL_DIRECTIONS + d, reason = e->reason * PCTL_DIRECTIONS + d;

	add(&t->by_slot[slot], length);
	if (!counted(t, MAP_RULE_STATS, PCTL_BLOCK_COUNTERS, slot, &t->by_slot[slot]))
		return false;
	if (e->reason == PCTL_REASON_NONE)
		return true;
	add(&t->by_reason[reason], length);
	return counted(t, MAP_UNKNOWN_STATS, 1, reason, &t->by_reason[reason]);
}

static void print_difference(FILE *out, const char *what, size_t index,
			     const struct pctl_counter *seen, const struct pctl_counter *expected)
{
	fprintf(out, "  %s %zu %s: counted %llu packets, expected %llu\n", what,
		index / PCTL_DIRECTIONS, policy_direction_name(index % PCTL_DIRECTIONS),
		(unsigned long long)seen->packets, (unsigned long long)expected->packets);
}

/* Returns how many counters are not as they should be. */
static size_t print_differences(FILE *out, const struct trial *t)
{
	size_t slots = t->slots * PCTL_DIRECTIONS, differences = 0;
	struct counters counters;

	if (generation_counters(&t->generation, &counters))
		return 1;
	for (size_t i = 0; i < slots + REASONS; i++) {
		bool is_slot = i < slots;
		const struct pctl_counter *expected =
			is_slot ? &t->by_slot[i] : &t->by_reason[i - slots];

		if (same(&counters.items[i], expected))
			continue;
		differences++;
		print_difference(out, is_slot ? "slot" : "reason", is_slot ? i : i - slots,
				 &counters.items[i], expected);
	}
	counters_free(&counters);
	return differences;
}

enum agreement trial_check_totals(struct trial *t, char **finding)
{
	size_t size, differences;
	FILE *out = open_memstream(finding, &size);

	if (!out)
		abort();
	fputs("the totals:\n", out);
	differences = print_differences(out, t) +
		      print_connections(out, &t->generation, &t->connections) +
		      watchers_lost(t->watchers, out);
	fclose(out);
	if (differences)
		return DISAGREED;
	free(*finding);
	*finding = NULL;
	return AGREED;
}

/* --- probes --- */

/*
 * The answer must be that of the evaluator without any fragment seen before. The frame itself
 * follows and shows that the probe left no trace: it counts once, and is one event.
 */
static bool probed_as_expected(const struct trial *t, enum hook hook, const uint8_t *bytes,
			       size_t length, const struct packet_fields *fields)
{
	struct connection_memory asked = t->connections;
	struct probe_answer answer;
	struct evaluation e;

	asked.fixed = true;
	if (policy_evaluate(t->policy, direction_of(hook), fields, NULL, &asked, &e))
		abort(); /* never: all sets are loaded */
	return !probe_program(&t->generation, hook, bytes, length, &answer) &&
	       answer.verdict == e.verdict && answer.audit == e.audit && answer.slot == e.slot &&
	       answer.log == e.log && answer.reason == e.reason;
}

static bool is_probe_refused(const struct trial *t, enum hook hook, const uint8_t *bytes,
			     size_t length)
{
	struct probe_answer answer;

	return probe_program(&t->generation, hook, bytes, length, &answer) == -EOPNOTSUPP;
}

/* --- coverage --- */

static bool has_live(const struct peers *peers)
{
	for (size_t i = 0; i < peers->set_count; i++)
		if (peers->sets[i]->live)
			return true;
	return false;
}

static void cover(struct coverage *c, const struct evaluation *e, bool left, bool own)
{
	c->verdicts++;
	c->denied += !evaluation_passes(e);
	c->rejected += e->verdict == VERDICT_REJECT;
	c->audited += e->audit;
	c->by_rule += e->rule != NULL;
	c->by_peer += e->rule && peers_given(&e->rule->peers);
	c->by_live += e->rule && has_live(&e->rule->peers);
	c->by_names += e->rule && e->rule->name_count;
	c->by_source_port += e->rule && e->rule->sports.count;
	c->by_vlan += e->rule && e->rule->vlans.count;
	c->left += left;
	c->by_implicit += e->implicit != NULL;
	c->unknown += e->reason != PCTL_REASON_NONE;
	c->routed += e->reason == PCTL_REASON_ROUTE;
	c->logged += e->log;
	c->as_ah += e->as_ah;
	c->followed += e->followed;
	c->spoofed += e->rule && e->rule->spoofed;
	c->own += own;
	c->established += e->established == PCTL_ESTABLISHED_YES;
}

void trial_add_coverage(const struct trial *t, struct coverage *sum)
{
	const struct coverage *c = &t->coverage;

	sum->verdicts += c->verdicts;
	sum->denied += c->denied;
	sum->rejected += c->rejected;
	sum->audited += c->audited;
	sum->by_rule += c->by_rule;
	sum->by_peer += c->by_peer;
	sum->by_live += c->by_live;
	sum->by_names += c->by_names;
	sum->by_source_port += c->by_source_port;
	sum->by_vlan += c->by_vlan;
	sum->left += c->left;
	sum->by_implicit += c->by_implicit;
	sum->unknown += c->unknown;
	sum->routed += c->routed;
	sum->logged += c->logged;
	sum->as_ah += c->as_ah;
	sum->followed += c->followed;
	sum->spoofed += c->spoofed;
	sum->own += c->own;
	sum->established += c->established;
	sum->opened += counted_connections(&t->generation, PCTL_CONNECTIONS_OPENED);
	sum->confirmed += counted_connections(&t->generation, PCTL_CONNECTIONS_CONFIRMED);
}

/* --- one frame --- */

static const char *reason_name(uint8_t reason)
{
	static const char *const names[] = {
#define X(id, number, name, meaning) [number] = name,
		PCTL_REASONS(X)
#undef X
	};

	return reason < COUNT(names) ? names[reason] : "all is known";
}

static void print_expected(FILE *out, const struct evaluation *e)
{
	char *rule = e->rule ? policy_rule_print(e->rule) : NULL;

	fprintf(out, "%s in slot %u (%s), %s%s%s%s\n", policy_verdict_word(e->verdict, e->audit),
		e->slot,
		rule	      ? rule
		: e->implicit ? e->implicit->text
			      : "default",
		reason_name(e->reason), e->log ? ", logged" : "", e->as_ah ? ", as ah" : "",
		e->followed ? ", as its first fragment" : "");
	free(rule);
}

static char *describe(const struct trial *t, const char *what, int verdict,
		      const struct evaluation *e)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	fprintf(out, "%s: the program returned %d, expected: ", what, verdict);
	print_expected(out, e);
	print_differences(out, t);
	watchers_print(t->watchers, out);
	fclose(out);
	return text;
}

/* Does XDP leave this frame to the guard? */
static bool is_left(const struct trial *t, enum hook hook, const uint8_t *bytes, size_t length)
{
	struct probe_answer answer;

	return hook == HOOK_XDP && !probe_program(&t->generation, hook, bytes, length, &answer) &&
	       answer.left;
}

/* A rejected frame is answered, or dropped where that would be more than the limit. What the answer
 * is, prog.answers looks at. */
static bool is_answer(enum pctl_direction kind, const uint8_t *bytes, size_t length,
		      const struct evaluation *e, int verdict)
{
	uint8_t answer[ANSWER_MAX];

	return e->verdict == VERDICT_REJECT && !e->audit && e->reason == PCTL_REASON_NONE &&
	       verdict == (kind == PCTL_FROM ? XDP_TX : TC_ACT_REDIRECT) &&
	       answer_model(bytes, length, answer);
}

static bool has_vlans(const struct policy *policy)
{
	bool any = false;

	for (size_t i = 0; i < policy->count; i++)
		any |= policy->rules[i].vlans.count > 0;
	return any;
}

/* What XDP leaves to the guard is judged by the guard. */
enum agreement trial_run(struct trial *t, enum hook given, const uint8_t *bytes, size_t length,
			 char **finding)
{
	bool left = is_left(t, given, bytes, length);
	enum hook hook = left ? HOOK_GUARD : given;
	/* The direction that selects the kind of program in support.h. */
	enum pctl_direction kind = hook == HOOK_XDP ? PCTL_FROM : PCTL_TO;
	enum pctl_direction d = direction_of(hook);
	struct packet_fields fields;
	const char *what = NULL;
	struct evaluation e, told;
	int error, verdict = 0;
	bool probed, blind;

	packet_fields_read(bytes, length, &fields);
	/* Before the frame itself, so that the frame shows whether the probe left a trace. */
	probed = probed_as_expected(t, hook, bytes, length, &fields);
	error = run_program(t->generation.programs[hook].fd, bytes, length, &verdict);
	if (error == -EINVAL && is_refused(kind, bytes, length) &&
	    is_probe_refused(t, hook, bytes, length))
		return NOT_TAKEN;
	/* XDP does not see the VLAN of a connection, and leaves it to the guard. */
	blind = hook == HOOK_XDP && has_vlans(t->policy);
	t->connections.fixed = blind;
	if (policy_evaluate(t->policy, d, &fields, &t->memory, &t->connections, &e))
		abort(); /* never: all sets are loaded */
	if (error)
		what = "not run";
	else if (verdict != expected_return(kind, evaluation_passes(&e)) &&
		 !is_answer(kind, bytes, length, &e, verdict))
		what = "the verdict";
	if (!counted_as_expected(t, d, length, &e))
		what = what ?: "what it counted";
	told = e;
	if (blind && e.established == PCTL_ESTABLISHED_YES)
		told.established = PCTL_ESTABLISHED_NO;
	if (!watchers_told(t->watchers, t->generation.meta.generation, d, bytes, length, &told))
		what = what ?: "what it told";
	if (!probed)
		what = what ?: "what it answered to a probe";
	if (!what) {
		cover(&t->coverage, &e, left,
		      d == PCTL_FROM && policy_asks_for_own(t->policy, NULL) &&
			      claim_check(&t->policy->own_found, &fields) == CLAIM_OWN);
		return AGREED;
	}
	*finding = describe(t, what, error ?: verdict, &e);
	return DISAGREED;
}
