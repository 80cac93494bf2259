// SPDX-License-Identifier: GPL-2.0-only
/* Do the loaded programs say what the policy says? A few packets, made from the rules. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "checkup.h"
#include "diagnostics.h"
#include "error.h"
#include "explanation.h"
#include "packet_words.h"
#include "protocols.h"
#include "util.h"

#define TRIAL_MAX 64 /* packets for each direction */
#define SOME_PORT 9 /* discard */

/* What a policy may not speak of, so that the default is asked too: words of `explain`. */
static const char *const common[] = {
	"arp", "tcp 9", "udp 9", "ipv6 tcp 9", "icmp type 8", "icmpv6 type 135", "proto 253",
};

struct asking {
	struct explainer *explainer;
	enum pctl_direction direction;
	struct frame *frame; /* large: on the heap */
	struct trial *trial;
};

/* What decided, in words. */
static void name_decision(const struct decision *decision, char *words, size_t size)
{
	if (decision->rule)
		snprintf(words, size, "%s, rule %u", decision->passed ? "passes" : "dropped",
			 decision->rule->id);
	else
		snprintf(words, size, "%s, %s", decision->passed ? "passes" : "dropped",
			 decision->implicit ? "an implicit rule" : "the default");
}

static void say_wrong(struct asking *asking, const char *words,
		      const struct explanation *explanation)
{
	static const char *const names[HOOK_COUNT] = {
		[HOOK_XDP] = "XDP",
		[HOOK_GUARD] = "guard",
		[HOOK_EGRESS] = "tc",
	};
	struct trial *trial = asking->trial;
	char said[48], right[48];

	name_decision(&explanation->evaluated, right, sizeof(right));
	for (size_t i = 0; i < explanation->asked_count && !trial->wrong[0]; i++) {
		const struct testimony *testimony = &explanation->asked[i];

		if (testimony->agrees)
			continue;
		name_decision(&testimony->decision, said, sizeof(said));
		snprintf(trial->wrong, sizeof(trial->wrong),
			 "%s: %s by the %s program, by the rules %s", words, said,
			 names[testimony->hook], right);
	}
}

static void keep_example(struct trial *trial, const char *words, const struct decision *decision)
{
	char *example = decision->passed ? trial->passed_example : trial->dropped_example;

	trial->passed += decision->passed;
	trial->dropped += !decision->passed;
	/* One that a rule decided says more than one of the default. */
	if (example[0] && (!decision->rule || strstr(example, "rule ")))
		return;
	if (decision->rule)
		snprintf(example, sizeof(trial->passed_example), "%s: rule %u", words,
			 decision->rule->id);
	else
		snprintf(example, sizeof(trial->passed_example), "%s: %s", words,
			 decision->implicit ? "implicit rule" : "default");
}

static void ask(struct asking *asking, const char *words)
{
	struct diagnostics diagnostics = {};
	struct trial *trial = asking->trial;
	struct explanation explanation;
	struct packet_words packet;
	int error = packet_words_parse(words, &packet, &diagnostics);

	diagnostics_clear(&diagnostics);
	if (error)
		return; /* no such packet: a rule may ask for what cannot be */
	packet_words_frame(&packet, asking->frame);
	error = explain_frame(asking->explainer, asking->direction, asking->frame->data,
			      asking->frame->length, &explanation);
	trial->asked++;
	if (error && !trial->wrong[0])
		snprintf(trial->wrong, sizeof(trial->wrong), "%s: no answer: %s", words,
			 error_message(error));
	error_clear();
	if (error)
		return;
	if (explanation.faulty)
		say_wrong(asking, words, &explanation);
	keep_example(trial, words, &explanation.decision);
}

static uint16_t first(const struct ranges *ranges, uint16_t otherwise)
{
	return ranges->count ? ranges->items[0].low : otherwise;
}

/* An address that the rule's peers name, if one is known: " peer ADDRESS". */
static void add_peer(const struct peers *peers, char *words, size_t size)
{
	const struct prefix *prefix = NULL;
	char text[INET6_ADDRSTRLEN];
	uint64_t bytes[2];
	size_t used = strlen(words);

	if (peers->negated)
		return;
	if (peers->prefixes.count)
		prefix = &peers->prefixes.items[0];
	for (size_t i = 0; i < peers->set_count && !prefix; i++)
		if (peers->sets[i]->prefixes.count)
			prefix = &peers->sets[i]->prefixes.items[0];
	if (!prefix)
		return;
	bytes[0] = htobe64(prefix->high);
	bytes[1] = htobe64(prefix->low);
	if (inet_ntop(prefix->family == PCTL_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)))
		snprintf(words + used, size - used, " peer %s", text);
}

/* A packet that the rule is about. */
static void ask_rule(struct asking *asking, const struct rule *rule)
{
	const char *direction = policy_direction_name(asking->direction);
	unsigned int protocol = first(&rule->protocols, IPPROTO_TCP);
	const char *name = protocol_name(protocol);
	char words[128];
	size_t used;

	if (rule->arp) {
		snprintf(words, sizeof(words), "%s arp", direction);
		ask(asking, words);
		return;
	}
	if (name)
		used = snprintf(words, sizeof(words), "%s %s", direction, name);
	else
		used = snprintf(words, sizeof(words), "%s proto %u", direction, protocol);
	if (protocol_has_ports(protocol))
		used += snprintf(words + used, sizeof(words) - used, " dport %u",
				 first(&rule->dports, SOME_PORT));
	if (protocol_has_ports(protocol) && rule->sports.count)
		snprintf(words + used, sizeof(words) - used, " sport %u", first(&rule->sports, 0));
	if (protocol_is_icmp(protocol))
		snprintf(words + used, sizeof(words) - used, " type %u code %u",
			 first(&rule->types, 0), first(&rule->codes, 0));
	add_peer(&rule->peers, words, sizeof(words));
	ask(asking, words);
}

static void ask_common(struct asking *asking)
{
	char words[64];

	for (size_t i = 0; i < ARRAY_SIZE(common); i++) {
		snprintf(words, sizeof(words), "%s %s", policy_direction_name(asking->direction),
			 common[i]);
		ask(asking, words);
	}
}

int checkup_try(struct explainer *explainer, enum pctl_direction direction, struct trial *trial)
{
	const struct policy *policy = explainer->policy;
	_cleanup_(freep) struct frame *frame = malloc(sizeof(*frame));
	struct asking asking = { explainer, direction, frame, trial };

	*trial = (struct trial){};
	if (!frame)
		return -ENOMEM;
	ask_common(&asking);
	for (size_t i = 0; i < policy->count && trial->asked < TRIAL_MAX; i++)
		if (policy->rules[i].directions & (1u << direction))
			ask_rule(&asking, &policy->rules[i]);
	return 0;
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
		findings_add(findings, FINDING_FAULT, checks[direction], "%s", trial->wrong);
		findings_why(findings, "what is in the kernel is not the policy that show prints");
		findings_do(findings,
			    "policyctl explain %s %.*s tells more; keep that and the output of "
			    "policyctl show, report it, then detach and attach again",
			    findings->subject, (int)(strstr(trial->wrong, ": ") - trial->wrong),
			    trial->wrong);
		return;
	}
	findings_add(findings, missed_drop || missed_pass ? FINDING_NOTE : FINDING_OK,
		     checks[direction],
		     "of %zu packets given to the programs %zu dropped (%s), %zu passed (%s), as "
		     "the rules say",
		     trial->asked, trial->dropped,
		     trial->dropped ? trial->dropped_example
		     : missed_drop  ? "none found that the rules deny"
				    : "the policy denies nothing here",
		     trial->passed,
		     trial->passed ? trial->passed_example
		     : missed_pass ? "none found that the rules allow"
				   : "the policy allows nothing here");
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
	_cleanup_(explainer_close) struct explainer explainer = {};
	struct findings *findings = &checkup->findings;
	int error = explainer_open(attachment, &explainer);

	if (error) {
		findings_add(findings, FINDING_WARNING, "pins", "%s", error_message(error));
		findings_why(findings, "it cannot be shown, changed, or tried with packets any "
				       "more");
		findings_do(findings,
			    "policyctl detach %s, and attach again with its policy from a file",
			    attachment->hooks.link.name);
		error_clear();
		return;
	}
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		struct trial trial;

		if (checkup_try(&explainer, d, &trial))
			findings->lost = true;
		else
			add_trial(checkup, explainer.policy, d, &trial);
	}
}
