// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "diagnostics.h"
#include "error.h"
#include "explanation_show.h"
#include "packet_frame.h"
#include "protocols.h"
#include "trial.h"
#include "util.h"

#define SOME_PORT 9 /* discard */

/* Packets that a policy may not mention, so that the default is asked too: words of `explain`. */
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
		snprintf(words, size, "%s, rule %u", decision_words(decision), decision->rule->id);
	else
		snprintf(words, size, "%s, %s", decision_words(decision),
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
	char said[64], right[64];

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
	bool passed = decision_passes(decision);
	char *example = passed ? trial->passed_example : trial->dropped_example;

	trial->passed += passed;
	trial->dropped += !passed;
	/* An example that a rule decided says more than one that the default decided. */
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
		return; /* a rule may ask for a packet that cannot exist */
	packet_frame(&packet, &asking->explainer->policy->own_found, asking->frame);
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

/* Asks about a packet that the rule names. */
static void ask_rule(struct asking *asking, const struct rule *rule)
{
	const char *direction = policy_direction_name(asking->direction);
	unsigned int protocol = first(&rule->protocols, IPPROTO_TCP);
	const char *name = protocol_name(protocol);
	char words[128];
	size_t used;

	if (rule->spoofed) {
		snprintf(words, sizeof(words), "from spoofed tcp dport %u", SOME_PORT);
		ask(asking, words);
		return;
	}
	used = snprintf(words, sizeof(words), "%s", direction);
	if (first(&rule->vlans, 0))
		used += snprintf(words + used, sizeof(words) - used, " vlan %u",
				 first(&rule->vlans, 0));
	if (!rule_is_ip(rule)) {
		if (rule->arp)
			snprintf(words + used, sizeof(words) - used, " arp");
		else
			snprintf(words + used, sizeof(words) - used, " ethertype 0x%04x",
				 rule->ethertypes.items[0].low);
		ask(asking, words);
		return;
	}
	if (name)
		used += snprintf(words + used, sizeof(words) - used, " %s", name);
	else
		used += snprintf(words + used, sizeof(words) - used, " proto %u", protocol);
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

int trial_run(struct explainer *explainer, enum pctl_direction direction, struct trial *trial)
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
