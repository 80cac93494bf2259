// SPDX-License-Identifier: GPL-2.0-only
/* Do the loaded programs say what the policy says? A few packets, made from the rules. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "checkup.h"
#include "error.h"
#include "evaluate.h"
#include "probe.h"
#include "sample_frame.h"
#include "util.h"

#define TRIAL_MAX 64 /* packets for each direction */
#define UNUSED_PROTOCOL 253 /* for experiments, RFC 3692 */

static const struct {
	enum hook hook;
	const char *name;
	enum pctl_direction direction;
} judges[] = {
	{ HOOK_XDP, "XDP", PCTL_FROM },
	{ HOOK_GUARD, "guard", PCTL_FROM },
	{ HOOK_EGRESS, "tc", PCTL_TO },
};

struct asking {
	const struct generation *generation;
	const struct policy *policy;
	enum pctl_direction direction;
	struct trial *trial;
	const char *name; /* of the packet */
};

static const char *verdict_word(bool passed)
{
	return passed ? "passes" : "drops";
}

static bool is_rule(const struct policy *policy, uint32_t slot)
{
	return slot >= PCTL_SLOT_RULES && slot - PCTL_SLOT_RULES < policy->count;
}

/* What decides by a counter slot, in words. */
static void name_slot(const struct policy *policy, uint32_t slot, char *words, size_t size)
{
	if (is_rule(policy, slot))
		snprintf(words, size, "rule %u", policy->rules[slot - PCTL_SLOT_RULES].id);
	else
		snprintf(words, size, "%s",
			 slot == PCTL_SLOT_DEFAULT ? "the default" : "an implicit rule");
}

/* Where no evaluator can say: does the verdict fit the rule that the program names? */
static bool fits_its_rule(const struct asking *asking, const struct probe_answer *answer)
{
	const struct policy *policy = asking->policy;
	enum verdict verdict = VERDICT_ALLOW; /* implicit */

	if (answer->slot == PCTL_SLOT_DEFAULT)
		verdict = policy->defaults[asking->direction];
	else if (is_rule(policy, answer->slot))
		verdict = policy->rules[answer->slot - PCTL_SLOT_RULES].verdict;
	return answer->passed == (verdict == VERDICT_ALLOW);
}

static void compare(struct asking *asking, const char *program, const struct evaluation *expected,
		    const struct probe_answer *answer)
{
	const struct policy *policy = asking->policy;
	struct trial *trial = asking->trial;
	char said[64], right[64];

	name_slot(policy, answer->slot, said, sizeof(said));
	if (!expected && fits_its_rule(asking, answer))
		return;
	if (expected && answer->passed == (expected->verdict == VERDICT_ALLOW) &&
	    answer->slot == expected->slot && answer->log == expected->log)
		return;
	if (trial->wrong[0])
		return; /* the first one will do */
	if (!expected) {
		snprintf(trial->wrong, sizeof(trial->wrong),
			 "the %s program %s %s and names %s, which says the opposite", program,
			 verdict_word(answer->passed), asking->name, said);
		return;
	}
	name_slot(policy, expected->slot, right, sizeof(right));
	snprintf(trial->wrong, sizeof(trial->wrong),
		 "the %s program %s %s (%s), by the rules it is one that %s (%s)", program,
		 verdict_word(answer->passed), asking->name, said,
		 expected->verdict == VERDICT_ALLOW ? "passes" : "is dropped", right);
}

static void keep_example(struct asking *asking, const struct probe_answer *answer)
{
	struct trial *trial = asking->trial;
	char *example = answer->passed ? trial->passed_example : trial->dropped_example;
	char decided[32];

	trial->passed += answer->passed;
	trial->dropped += !answer->passed;
	name_slot(asking->policy, answer->slot, decided, sizeof(decided));
	/* One that a rule decided says more than one of the default. */
	if (!example[0] || (is_rule(asking->policy, answer->slot) && !strstr(example, "rule ")))
		snprintf(example, sizeof(trial->passed_example), "%s by %s", asking->name, decided);
}

static void ask(struct asking *asking, const uint8_t *frame, size_t length)
{
	struct trial *trial = asking->trial;
	struct packet_fields fields;
	struct evaluation evaluation, *expected = NULL;
	struct probe_answer answer;
	bool counted = false;

	packet_fields_read(frame, length, &fields);
	if (!policy_evaluate(asking->policy, asking->direction, &fields, NULL, &evaluation))
		expected = &evaluation;
	trial->compared = expected;
	for (size_t i = 0; i < ARRAY_SIZE(judges); i++) {
		int error;

		if (judges[i].direction != asking->direction ||
		    !generation_wants(asking->generation, judges[i].hook))
			continue;
		error = probe_program(asking->generation, judges[i].hook, frame, length, &answer);
		if (error && !trial->wrong[0])
			snprintf(trial->wrong, sizeof(trial->wrong),
				 "the %s program gives no answer: %s", judges[i].name,
				 error_message(error));
		error_clear();
		if (error)
			continue;
		compare(asking, judges[i].name, expected, &answer);
		if (!counted)
			keep_example(asking, &answer);
		counted = true;
	}
	trial->asked++;
}

static void ask_sample(struct asking *asking, struct sample sample)
{
	bool v4 = sample.family == PCTL_IPV4;
	bool icmp = sample.protocol == IPPROTO_ICMP || sample.protocol == IPPROTO_ICMPV6;
	uint8_t frame[SAMPLE_FRAME_SIZE];
	char name[64];

	if (sample.protocol == IPPROTO_TCP || sample.protocol == IPPROTO_UDP)
		snprintf(name, sizeof(name), "%s/%u in %s",
			 sample.protocol == IPPROTO_TCP ? "tcp" : "udp", sample.dport,
			 v4 ? "IPv4" : "IPv6");
	else if (icmp)
		snprintf(name, sizeof(name), "%s type %u in %s",
			 sample.protocol == IPPROTO_ICMP ? "icmp" : "icmpv6", sample.dport >> 8,
			 v4 ? "IPv4" : "IPv6");
	else
		snprintf(name, sizeof(name), "protocol %u in %s", sample.protocol,
			 v4 ? "IPv4" : "IPv6");
	asking->name = name;
	sample.direction = asking->direction;
	if (!sample.sport)
		sample.sport = 40000;
	ask(asking, frame, sample_frame(&sample, frame));
}

static void ask_arp(struct asking *asking)
{
	uint8_t frame[SAMPLE_FRAME_SIZE];

	asking->name = "an ARP request";
	ask(asking, frame, sample_frame_arp(frame));
}

static uint16_t first(const struct ranges *ranges, uint16_t otherwise)
{
	return ranges->count ? ranges->items[0].low : otherwise;
}

/* An address that the rule's peers name, if one is known. */
static const struct prefix *a_peer(const struct peers *peers)
{
	if (peers->negated)
		return NULL;
	if (peers->prefixes.count)
		return &peers->prefixes.items[0];
	for (size_t i = 0; i < peers->set_count; i++)
		if (peers->sets[i]->prefixes.count)
			return &peers->sets[i]->prefixes.items[0];
	return NULL;
}

static void ask_rule(struct asking *asking, const struct rule *rule)
{
	const struct prefix *peer = a_peer(&rule->peers);
	struct sample sample = {
		.protocol = first(&rule->protocols, IPPROTO_TCP),
		.sport = first(&rule->sports, 0),
		.dport = rule->types.count ? rule->types.items[0].low << 8 | first(&rule->codes, 0)
					   : first(&rule->dports, 9),
	};

	if (rule->arp) {
		ask_arp(asking);
		return;
	}
	sample.family = sample.protocol == IPPROTO_ICMPV6 ? PCTL_IPV6 : PCTL_IPV4;
	if (peer) {
		sample.family = peer->family;
		sample.peer = *peer;
	}
	ask_sample(asking, sample);
}

/* What a policy does not speak of, so that the default is asked too. */
static void ask_common(struct asking *asking)
{
	static const struct sample common[] = {
		{ .family = PCTL_IPV4, .protocol = IPPROTO_TCP, .dport = 9 },
		{ .family = PCTL_IPV4, .protocol = IPPROTO_UDP, .dport = 9 },
		{ .family = PCTL_IPV6, .protocol = IPPROTO_TCP, .dport = 9 },
		{ .family = PCTL_IPV4, .protocol = IPPROTO_ICMP, .dport = 8 << 8 },
		{ .family = PCTL_IPV6, .protocol = IPPROTO_ICMPV6, .dport = 135 << 8 },
		{ .family = PCTL_IPV4, .protocol = UNUSED_PROTOCOL },
	};

	ask_arp(asking);
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		ask_sample(asking, common[i]);
}

void checkup_try(const struct generation *generation, const struct policy *policy,
		 enum pctl_direction direction, struct trial *trial)
{
	struct asking asking = { generation, policy, direction, trial, NULL };

	*trial = (struct trial){};
	ask_common(&asking);
	for (size_t i = 0; i < policy->count && trial->asked < TRIAL_MAX; i++)
		if (policy->rules[i].directions & (1u << direction))
			ask_rule(&asking, &policy->rules[i]);
}

/* --- as findings --- */

static bool has_verdict(const struct policy *policy, enum pctl_direction direction,
			enum verdict verdict)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].directions & (1u << direction) &&
		    policy->rules[i].verdict == verdict)
			return true;
	return policy->defaults[direction] == verdict;
}

static void add_trial(struct checkup *checkup, const struct policy *policy,
		      enum pctl_direction direction, const struct trial *trial)
{
	static const char *const checks[] = {
		[PCTL_FROM] = "live-from",
		[PCTL_TO] = "live-to",
	};
	struct findings *findings = &checkup->findings;
	bool from = direction == PCTL_FROM;
	bool missed_drop = !trial->dropped && has_verdict(policy, direction, VERDICT_DENY);
	bool missed_pass = !trial->passed && has_verdict(policy, direction, VERDICT_ALLOW);

	if (trial->wrong[0]) {
		findings_add(findings, FINDING_FAULT, checks[direction], "%s container: %s",
			     policy_direction_name(direction), trial->wrong);
		findings_why(findings, "what is in the kernel is not the policy that show prints");
		findings_do(findings, "keep the output of policyctl show and of uname -r, report "
				      "it, then detach and attach again");
		return;
	}
	findings_add(findings, missed_drop || missed_pass ? FINDING_NOTE : FINDING_OK,
		     checks[direction],
		     "%s container: of %zu packets given to the programs %zu dropped (%s), %zu "
		     "passed (%s): as the %s",
		     policy_direction_name(direction), trial->asked, trial->dropped,
		     trial->dropped ? trial->dropped_example
		     : missed_drop  ? "none found that the rules deny"
				    : "the policy denies nothing here",
		     trial->passed,
		     trial->passed ? trial->passed_example
		     : missed_pass ? "none found that the rules allow"
				   : "the policy allows nothing here",
		     trial->compared ? "rules say"
				     : "rules that decided say (sets from files "
				       "are in the kernel only)");
	if (missed_drop || missed_pass)
		findings_why(findings,
			     "%s was not tried: the packets tried are made from the first %d rules "
			     "%s the container",
			     missed_drop ? "a drop" : "a pass", TRIAL_MAX, from ? "from" : "to");
	if (missed_drop || missed_pass)
		findings_do(findings, "send such a packet, and see policyctl stats %s count it",
			    findings->subject);
}

void checkup_live(struct checkup *checkup, const struct attachment *attachment)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int error = generation_policy(&attachment->current, &policy);

	if (error) {
		findings_add(&checkup->findings, FINDING_WARNING, "pins", "%s",
			     error_message(error));
		findings_why(&checkup->findings,
			     "it cannot be shown, changed, or tried with packets any more");
		findings_do(&checkup->findings,
			    "policyctl detach %s, and attach again with its policy from a file",
			    attachment->hooks.link.name);
		error_clear();
		return;
	}
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct trial trial;

		checkup_try(&attachment->current, policy, d, &trial);
		add_trial(checkup, policy, d, &trial);
	}
}
