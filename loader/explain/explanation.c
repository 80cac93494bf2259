// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "explanation.h"
#include "explanation_live.h"
#include "kernel_connection.h"
#include "netlink_peer.h"
#include "own.h"
#include "prefix.h"
#include "prefixes.h"
#include "set_map_lookup.h"
#include "util.h"

/* Packets in words are those of its connections only if they have its addresses. If the kernel does
 * not tell them, none of its connections is found. */
static void find_container(struct explainer *explainer)
{
	const struct link *link = &explainer->attachment->hooks.link;
	_cleanup_(prefixes_clear) struct prefixes seen = {};
	_cleanup_(nl_closep) struct nl *nl = NULL;
	uint8_t mac[6];

	explainer->container = explainer->policy->own_found;
	if (explainer->container.known || !policy_tracks(explainer->policy))
		return;
	if (nl_open(&nl) || nl_peer_addresses(nl, link, mac, &seen) ||
	    own_find(explainer->policy, mac, &seen, &explainer->container))
		error_clear();
}

int explainer_open(const struct attachment *attachment, struct explainer *explainer)
{
	int error = generation_policy(&attachment->current, &explainer->policy);

	if (error)
		return error;
	explainer->attachment = attachment;
	explainer->name = attachment->hooks.link.name;
	find_container(explainer);
	return 0;
}

void explainer_close(struct explainer *explainer)
{
	policy_free(explainer->policy);
	free(explainer->text);
	*explainer = (struct explainer){};
}

/* --- sets which only the kernel holds --- */

/* The other end's address. */
static struct prefix peer_of(enum pctl_direction direction, const struct packet_fields *fields)
{
	const uint8_t *bytes = direction == PCTL_FROM ? fields->destination : fields->source;
	struct prefix peer = { .family = fields->family, .length = family_bits(fields->family) };
	uint64_t halves[2];

	memcpy(halves, bytes, sizeof(halves));
	peer.high = be64toh(halves[0]);
	peer.low = be64toh(halves[1]);
	if (peer.family == PCTL_IPV4) {
		peer.high &= 0xffffffff00000000;
		peer.low = 0;
	}
	return peer;
}

/* A set that answers for this one address as the whole set does. */
static int load_one(struct set *set, int fd, const struct prefix *peer)
{
	size_t capacity = 0;
	int found = peer ? set_map_contains(fd, peer) : 0;

	if (found < 0)
		return error_prefix(found, "the set %s", set->name);
	prefixes_clear(&set->prefixes);
	set->loaded = true;
	return found ? prefixes_add(&set->prefixes, &capacity, *peer) : 0;
}

/* generation->sets[] has the sets from files in the policy's order. */
static int load_sets(struct explainer *explainer, struct explanation *explanation)
{
	const struct packet_fields *fields = &explanation->fields;
	const struct policy *policy = explainer->policy;
	struct prefix peer = peer_of(explanation->direction, fields);
	unsigned int next = 0;
	int error = 0;

	for (size_t i = 0; explainer->attachment && i < policy->set_count && !error; i++) {
		if (!policy->sets[i]->path)
			continue;
		if (next == PCTL_SETS_MAX)
			return error_set(-EIO, "the policy has more sets than there can be");
		error = load_one(policy->sets[i], explainer->attachment->current.sets[next++],
				 fields->is_ip ? &peer : NULL);
	}
	if (!error && explainer->attachment)
		error = explain_live(explainer, fields->is_ip ? &peer : NULL, explanation);
	return error;
}

/* --- the evaluator --- */

static struct decision decision_of(const struct evaluation *evaluation)
{
	return (struct decision){
		.verdict = evaluation->verdict,
		.audit = evaluation->audit,
		.log = evaluation->log,
		.reason = evaluation->reason,
		.slot = evaluation->slot,
		.rule = evaluation->rule,
		.implicit = evaluation->implicit,
	};
}

/* What the policy would say without its rules. */
static const struct implicit_rule *find_grace(const struct policy *policy,
					      const struct explanation *explanation)
{
	struct policy bare = *policy;
	struct evaluation evaluation;

	bare.count = 0;
	if (policy_evaluate(&bare, explanation->direction, &explanation->fields, NULL, NULL,
			    &evaluation))
		return NULL;
	return evaluation.implicit;
}

static int evaluate(struct explainer *explainer, struct explanation *explanation)
{
	struct connection_memory connections = { .fixed = true, .all = explainer->established };
	struct evaluation evaluation;
	int error = load_sets(explainer, explanation);

	if (!error)
		error = policy_evaluate(explainer->policy, explanation->direction,
					&explanation->fields, NULL, &connections, &evaluation);
	if (error)
		return error;
	explanation->evaluated = explanation->decision = decision_of(&evaluation);
	explanation->established = evaluation.established;
	explanation->claim = evaluation.claim;
	explanation->as_ah = evaluation.as_ah;
	if (evaluation.rule && verdict_denies(evaluation.verdict))
		explanation->overruled = find_grace(explainer->policy, explanation);
	return 0;
}

/* --- the programs --- */

/* What a slot belongs to. Several implicit rules may share one: then it is the evaluator's. */
static void name_slot(const struct policy *policy, const struct decision *evaluated,
		      struct decision *decision)
{
	if (decision->slot >= PCTL_SLOT_RULES) {
		if (decision->slot - PCTL_SLOT_RULES < policy->count)
			decision->rule = &policy->rules[decision->slot - PCTL_SLOT_RULES];
		return;
	}
	if (decision->slot == evaluated->slot)
		decision->implicit = evaluated->implicit;
	for (size_t i = 0; i < policy_implicit_rule_count && !decision->implicit; i++)
		if (policy_implicit_rules[i].slot == decision->slot)
			decision->implicit = &policy_implicit_rules[i];
}

static bool same(const struct decision *a, const struct decision *b)
{
	return a->verdict == b->verdict && a->audit == b->audit && a->log == b->log &&
	       a->reason == b->reason && a->slot == b->slot;
}

static int ask(const struct explainer *explainer, enum hook hook, const uint8_t *frame,
	       size_t length, struct explanation *explanation)
{
	struct testimony *testimony = &explanation->asked[explanation->asked_count++];
	struct decision *decision = &testimony->decision;
	struct probe_answer answer;

	*testimony = (struct testimony){ .hook = hook, .agrees = true };
	testimony->error =
		probe_program_as(&explainer->attachment->current, hook,
				 explainer->established ? PCTL_PROBE_ESTABLISHED : PCTL_PROBE_NEW,
				 frame, length, &answer);
	if (testimony->error == -EOPNOTSUPP)
		error_clear();
	if (testimony->error)
		return testimony->error == -EOPNOTSUPP ? 0 : testimony->error;
	testimony->left = answer.left;
	if (answer.left)
		return 0;
	*decision = (struct decision){
		.verdict = answer.verdict,
		.audit = answer.audit,
		.log = answer.log,
		.reason = answer.reason,
		.slot = answer.slot,
	};
	name_slot(explainer->policy, &explanation->evaluated, decision);
	testimony->agrees = same(decision, &explanation->evaluated);
	explanation->faulty |= !testimony->agrees;
	if (!explanation->answered)
		explanation->decision = *decision;
	explanation->answered = true;
	return 0;
}

/* What the container sends meets XDP, and the guard behind it. */
static int ask_all(const struct explainer *explainer, const uint8_t *frame, size_t length,
		   struct explanation *explanation)
{
	int error = 0;

	if (explanation->direction == PCTL_TO)
		return ask(explainer, HOOK_EGRESS, frame, length, explanation);
	if (generation_wants(&explainer->attachment->current, HOOK_XDP))
		error = ask(explainer, HOOK_XDP, frame, length, explanation);
	if (!error && generation_wants(&explainer->attachment->current, HOOK_GUARD))
		error = ask(explainer, HOOK_GUARD, frame, length, explanation);
	return error;
}

int explain_frame(struct explainer *explainer, enum pctl_direction direction, const uint8_t *frame,
		  size_t length, struct explanation *explanation)
{
	int error;

	*explanation = (struct explanation){ .direction = direction };
	packet_fields_read(frame, length, &explanation->fields);
	error = evaluate(explainer, explanation);
	if (error || !explainer->attachment)
		return error;
	error = kernel_connection_find(explainer, explanation);
	return error ?: ask_all(explainer, frame, length, explanation);
}
