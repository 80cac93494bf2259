/* SPDX-License-Identifier: GPL-2.0-only */
#include "evaluate.h"

#include <errno.h>
#include <string.h>

#include "fragments.h"
#include "own.h"
#include "peers_have.h"

/* --- does a rule match? --- */

/* What is known of a packet beyond its fields. */
struct context {
	enum claim claim;
	enum pctl_established established;
};

static enum answer is_among(const struct ranges *ranges, bool known, unsigned int value)
{
	if (!ranges->count)
		return YES; /* the rule has no such field */
	if (!known)
		return MAYBE;
	for (size_t i = 0; i < ranges->count; i++)
		if (value >= ranges->items[i].low && value <= ranges->items[i].high)
			return YES;
	return NO;
}

/* A source route may hide where a packet from the container ends. The source address of a packet
 * to the container is always known. */
static bool peer_is_known(enum pctl_direction direction, const struct packet_fields *fields)
{
	return fields->is_ip && !(direction == PCTL_FROM && fields->source_routed);
}

static enum answer is_peer(const struct peers *peers, enum pctl_direction direction,
			   const struct packet_fields *fields, const struct context *context)
{
	const uint8_t *peer = direction == PCTL_FROM ? fields->destination : fields->source;

	if (!peers_given(peers))
		return YES;
	if (!peer_is_known(direction, fields))
		return MAYBE;
	return peers_have(peers, fields->family, peer, context->established);
}

/* A segment without payload asks nothing that it may not. */
static enum answer asks(const struct rule *rule, const struct packet_fields *fields)
{
	if (!rule->name_count || fields->question.asking == ASKS_NOTHING)
		return YES;
	if (!fields->has_selector || fields->question.asking == ASKS_UNKNOWN)
		return MAYBE;
	for (size_t i = 0; i < rule->name_count; i++)
		if (question_is_in(&fields->question, rule->names[i]))
			return negate(YES, rule->names_negated);
	return negate(NO, rule->names_negated);
}

static enum answer has_ports(const struct rule *rule, const struct packet_fields *fields)
{
	if (fields->has_protocol && !fields->with_ports)
		return rule->dports.count || rule->sports.count ? NO : YES;
	return both(is_among(&rule->dports, fields->has_selector, fields->dport),
		    is_among(&rule->sports, fields->has_selector, fields->sport));
}

static enum answer has_type(const struct rule *rule, const struct packet_fields *fields)
{
	if (fields->has_protocol && !fields->with_types)
		return rule->types.count || rule->codes.count ? NO : YES;
	return both(is_among(&rule->types, fields->has_selector, fields->type),
		    is_among(&rule->codes, fields->has_selector, fields->code));
}

static enum answer is_ethertype(const struct rule *rule, const struct packet_fields *fields)
{
	if (!fields->is_foreign)
		return NO;
	return is_among(&rule->ethertypes, true, fields->ethertype);
}

static enum answer is_established(const struct rule *rule, const struct context *context)
{
	if (!rule->established)
		return YES;
	switch (context->established) {
	case PCTL_ESTABLISHED_YES:
		return YES;
	case PCTL_ESTABLISHED_NO:
		return NO;
	default:
		return MAYBE;
	}
}

/* Of what is inside of the VLAN tags. */
static enum answer matches_inside(const struct rule *rule, enum pctl_direction direction,
				  const struct packet_fields *fields, const struct context *context)
{
	enum answer answer;

	if (fields->is_foreign && !rule->ethertypes.count)
		return MAYBE; /* it may be IP or ARP in disguise */
	if (!fields->is_ip && !fields->is_arp && !fields->is_foreign)
		return MAYBE;
	if (rule->ethertypes.count)
		return is_ethertype(rule, fields);
	if (rule->spoofed)
		return context->claim == CLAIM_OWN ? NO : YES;
	if (rule->arp || fields->is_arp)
		return rule->arp && fields->is_arp ? YES : NO;
	answer = is_among(&rule->protocols, fields->has_protocol, fields->protocol);
	answer = both(answer, has_ports(rule, fields));
	answer = both(answer, has_type(rule, fields));
	answer = both(answer, is_peer(&rule->peers, direction, fields, context));
	return both(answer, asks(rule, fields));
}

static enum answer matches(const struct rule *rule, enum pctl_direction direction,
			   const struct packet_fields *fields, const struct context *context)
{
	enum answer answer = is_among(&rule->vlans, fields->has_vlan, fields->vlan);

	answer = both(answer, is_established(rule, context));
	return both(answer, matches_inside(rule, direction, fields, context));
}

/* --- which rule decides? --- */

/* The slot of the implicit rule of `default deny` that passes this packet, PCTL_SLOT_DEFAULT if
 * none does. */
static enum pctl_slot find_grace(const struct packet_fields *fields)
{
	if (fields->is_arp)
		return PCTL_SLOT_KEEP_ARP;
	if (fields->is_ip && fields->has_protocol && fields->protocol == 2)
		return PCTL_SLOT_KEEP_IGMP;
	if (!fields->is_ip || !fields->has_selector)
		return PCTL_SLOT_DEFAULT;
	if (fields->protocol == 1 && fields->type == 3 && fields->code == 4)
		return PCTL_SLOT_KEEP_PMTU;
	if (fields->protocol != 58)
		return PCTL_SLOT_DEFAULT;
	switch (fields->type) {
	case 2:
		return PCTL_SLOT_KEEP_PMTU;
	case 133:
	case 135:
	case 136:
		return PCTL_SLOT_KEEP_ND;
	case 130:
	case 131:
	case 132:
	case 143:
		return PCTL_SLOT_KEEP_MLD;
	}
	return PCTL_SLOT_DEFAULT;
}

/* The implicit rule, for its text only; find_grace() decides. */
static const struct implicit_rule *find_implicit(enum pctl_slot slot, uint8_t protocol)
{
	for (size_t i = 0; i < policy_implicit_rule_count; i++)
		if (policy_implicit_rules[i].slot == slot &&
		    policy_implicit_rules[i].protocol == protocol)
			return &policy_implicit_rules[i];
	return NULL;
}

static void decide_by_default(const struct policy *policy, enum pctl_direction direction,
			      const struct packet_fields *fields, struct evaluation *evaluation)
{
	evaluation->slot = PCTL_SLOT_DEFAULT;
	evaluation->verdict = policy->defaults[direction];
	evaluation->treated = treatment_given(&policy->default_treatments[direction]);
	if (evaluation->verdict == VERDICT_ALLOW)
		return;
	evaluation->audit = policy->audit || policy->default_audits[direction];
	evaluation->slot = find_grace(fields);
	if (evaluation->slot == PCTL_SLOT_DEFAULT)
		return;
	evaluation->verdict = VERDICT_ALLOW;
	evaluation->audit = evaluation->treated = false;
	evaluation->implicit = find_implicit(evaluation->slot, fields->protocol);
}

static bool is_enforced(const struct policy *policy, enum verdict verdict, bool audit)
{
	return verdict != VERDICT_ALLOW && !audit && !policy->audit;
}

/* Whether anything behind a rule denies and is enforced, in one of its directions. */
static bool has_enforced_behind(const struct policy *policy, size_t index)
{
	unsigned int directions = policy->rules[index].directions;

	for (size_t i = index + 1; i < policy->count; i++)
		if (policy->rules[i].directions & directions &&
		    is_enforced(policy, policy->rules[i].verdict, policy->rules[i].audit))
			return true;
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		if (directions & 1u << i &&
		    is_enforced(policy, policy->defaults[i], policy->default_audits[i]))
			return true;
	return false;
}

/* Of several rules with `spoofed`, only one says something: the first without `audit`. */
static bool is_idle(const struct policy *policy, size_t index)
{
	size_t one;

	return policy->rules[index].spoofed && policy_asks_for_own(policy, &one) && one != index;
}

/* An unknown field matches every deny rule and no allow rule. With `audit` a rule would let pass
 * what another one behind it may deny. */
static bool decides(const struct policy *policy, size_t index, enum pctl_direction direction,
		    const struct packet_fields *fields, const struct context *context)
{
	const struct rule *rule = &policy->rules[index];

	if (!(rule->directions & 1u << direction) || is_idle(policy, index))
		return false;
	switch (matches(rule, direction, fields, context)) {
	case YES:
		return true;
	case MAYBE:
		if (rule->verdict == VERDICT_ALLOW)
			return false;
		return rule->spoofed || is_enforced(policy, rule->verdict, rule->audit) ||
		       !has_enforced_behind(policy, index);
	default:
		return false;
	}
}

/* By the rules from the one with number @first on. */
static void decide_from(const struct policy *policy, size_t first, enum pctl_direction direction,
			const struct packet_fields *fields, const struct context *context,
			struct evaluation *evaluation)
{
	memset(evaluation, 0, sizeof(*evaluation));
	for (size_t i = first; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (!decides(policy, i, direction, fields, context))
			continue;
		evaluation->rule = rule;
		if (rule->spoofed)
			evaluation->claim = context->claim;
		evaluation->slot = PCTL_SLOT_RULES + i;
		evaluation->verdict = rule->verdict;
		evaluation->audit =
			rule->verdict != VERDICT_ALLOW && (rule->audit || policy->audit);
		evaluation->log = rule->log;
		evaluation->treated = treatment_given(&rule->treatment);
		return;
	}
	decide_by_default(policy, direction, fields, evaluation);
}

static void decide(const struct policy *policy, enum pctl_direction direction,
		   const struct packet_fields *fields, const struct context *context,
		   struct evaluation *evaluation)
{
	struct evaluation other;
	size_t index;

	decide_from(policy, 0, direction, fields, context, evaluation);
	if (!evaluation->rule || !evaluation->rule->spoofed || !evaluation->audit)
		return;
	index = evaluation->slot - PCTL_SLOT_RULES;
	decide_from(policy, index + 1, direction, fields, context, &other);
	if (!evaluation_passes(&other))
		*evaluation = other;
}

/* A packet behind an AH that is not denied by itself must also be allowed as `ah`. What is denied
 * comes before what `audit` passes. */
static void decide_as_ah(const struct policy *policy, enum pctl_direction direction,
			 const struct packet_fields *fields, const struct context *context,
			 struct evaluation *evaluation)
{
	struct packet_fields as_ah = *fields;
	struct evaluation other;

	as_ah.has_protocol = as_ah.has_selector = true;
	as_ah.protocol = 51;
	as_ah.with_ports = as_ah.with_types = false;
	decide(policy, direction, &as_ah, context, &other);
	if (other.verdict == VERDICT_ALLOW || (other.audit && evaluation->audit))
		return;
	*evaluation = other;
	evaluation->as_ah = true;
}

/* --- all together --- */

/* Rules with `dns` are about whom is asked too, if only any server. */
static bool asks_for_peers(const struct policy *policy, enum pctl_direction direction)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].directions & 1u << direction &&
		    (peers_given(&policy->rules[i].peers) || policy->rules[i].name_count))
			return true;
	return false;
}

static bool asks_for_established(const struct policy *policy, enum pctl_direction direction)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].directions & 1u << direction && policy->rules[i].established)
			return true;
	return false;
}

static bool tracks_connections(const struct policy *policy)
{
	return asks_for_established(policy, PCTL_FROM) || asks_for_established(policy, PCTL_TO);
}

static bool asks_for_vlans(const struct policy *policy, enum pctl_direction direction)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].directions & 1u << direction && policy->rules[i].vlans.count)
			return true;
	return false;
}

static bool is_loaded(const struct peers *peers)
{
	for (size_t i = 0; i < peers->set_count; i++)
		if (peers->sets[i]->path && !peers->sets[i]->loaded)
			return false;
	return true;
}

static bool all_is_loaded(const struct policy *policy, enum pctl_direction direction)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].directions & 1u << direction &&
		    !is_loaded(&policy->rules[i].peers))
			return false;
	return true;
}

/* CLAIM_OWN also where no rule asks. */
static enum claim find_claim(const struct policy *policy, enum pctl_direction direction,
			     const struct packet_fields *fields)
{
	if (direction != PCTL_FROM || !policy_asks_for_own(policy, NULL))
		return CLAIM_OWN;
	return claim_check(&policy->own_found, fields);
}

/* Whether spoofed packets pass, by `audit`, and this one is denied for another reason. */
static bool may_be_spoofed(const struct policy *policy, const struct evaluation *evaluation)
{
	size_t index;

	return policy_asks_for_own(policy, &index) && policy->rules[index].audit &&
	       !evaluation->audit;
}

/* Where rules of one direction match on VLANs, connections of both are of a VLAN. */
static bool connections_have_vlans(const struct policy *policy)
{
	return asks_for_vlans(policy, PCTL_FROM) || asks_for_vlans(policy, PCTL_TO);
}

/* Where the verdict may depend on the VLAN, a later fragment has a first one of its own VLAN. What
 * is sent is also judged by its connection, which is of a VLAN. */
static bool fragments_have_vlans(const struct policy *policy, enum pctl_direction direction)
{
	return asks_for_vlans(policy, direction) ||
	       (direction == PCTL_FROM && asks_for_established(policy, direction) &&
		connections_have_vlans(policy));
}

/* Why a field that rules match on is unknown. @lost: a source route hides where it goes */
static uint8_t find_reason(const struct policy *policy, enum pctl_direction direction,
			   const struct packet_fields *fields, bool lost,
			   const struct evaluation *evaluation)
{
	/* A rule for this ethertype needs no other field. */
	if (fields->is_foreign && evaluation->rule && evaluation->rule->ethertypes.count)
		return PCTL_REASON_NONE;
	if (fields->reason != PCTL_REASON_NONE)
		return fields->reason;
	if (lost)
		return PCTL_REASON_ROUTE;
	/* The header is cut short behind its ports or type. */
	if (evaluation->established == PCTL_ESTABLISHED_UNKNOWN &&
	    asks_for_established(policy, direction))
		return PCTL_REASON_L4_SHORT;
	return PCTL_REASON_NONE;
}

int policy_evaluate(const struct policy *policy, enum pctl_direction direction,
		    const struct packet_fields *fields, struct fragment_memory *memory,
		    struct connection_memory *connections, struct evaluation *evaluation)
{
	bool tracks = tracks_connections(policy), with_vlan = connections_have_vlans(policy);
	bool lost; /* rules match on where it goes, and a source route hides that */
	struct context context = { .established = PCTL_ESTABLISHED_NO };

	if (!all_is_loaded(policy, direction))
		return -ENODATA;
	lost = fields->is_ip && !peer_is_known(direction, fields) &&
	       (asks_for_peers(policy, direction) || asks_for_established(policy, direction));
	context.claim = find_claim(policy, direction, fields);
	if (tracks)
		context.established = connections_ask(connections, direction, fields, with_vlan);
	decide(policy, direction, fields, &context, evaluation);
	if (fields->behind_ah && evaluation_passes(evaluation))
		decide_as_ah(policy, direction, fields, &context, evaluation);
	evaluation->established = context.established;
	evaluation->reason = find_reason(policy, direction, fields, lost, evaluation);
	/* The first fragment does not tell where a later one goes, nor whether it is spoofed. */
	if (memory)
		fragment_evaluate(
			memory, direction, fields, fragments_have_vlans(policy, direction),
			!lost && (context.claim == CLAIM_OWN || may_be_spoofed(policy, evaluation)),
			evaluation);
	evaluation->established = context.established;
	if (tracks && connections && evaluation_passes(evaluation))
		connections_note(connections, direction, fields, with_vlan, evaluation->slot);
	return 0;
}
