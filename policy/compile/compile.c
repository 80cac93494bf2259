/* SPDX-License-Identifier: GPL-2.0-only */
#include "compile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "classify.h"
#include "cleanup.h"
#include "class_tables.h"
#include "decide.h"
#include "diagnostics.h"
#include "own.h"
#include "planes.h"
#include "treatments_compile.h"

struct compiler {
	struct compiled *out;
	struct traits *traits;
	struct budget *budget;
	struct class_tables classes;
	size_t port_capacity;
	struct planes planes[PCTL_DIRECTIONS];
	unsigned int next_plane;
	/* The plane that is being compiled. */
	struct pctl_tables *tables;
	uint8_t plane;
};

/* Makes room for a page of exceptions, so that adding them cannot fail. */
static int reserve_ports(struct compiler *compiler)
{
	struct compiled *out = compiler->out;
	size_t wanted = compiler->port_capacity ? compiler->port_capacity * 2 : 1024;
	struct pctl_port_key *keys;
	uint32_t *outcomes;

	if (compiler->port_capacity - out->port_count >= 256)
		return 0;
	keys = realloc(out->port_keys, wanted * sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	out->port_keys = keys;
	outcomes = realloc(out->port_outcomes, wanted * sizeof(*outcomes));
	if (!outcomes)
		return -ENOMEM;
	out->port_outcomes = outcomes;
	compiler->port_capacity = wanted;
	return 0;
}

static void add_port(const struct compiler *compiler, unsigned int protocol, uint32_t selector,
		     uint32_t outcome)
{
	struct compiled *out = compiler->out;

	out->port_keys[out->port_count] = (struct pctl_port_key){
		.plane = compiler->plane,
		.protocol = (uint8_t)protocol,
		.selector = htons((uint16_t)selector),
	};
	out->port_outcomes[out->port_count++] = outcome;
}

static void add_selector(const struct compiler *compiler, unsigned int protocol, uint32_t selector,
			 uint32_t outcome)
{
	add_port(compiler, protocol, selector, outcome);
	compiler->tables->listed[selector / 64] |= 1ull << (selector % 64);
}

/* The most frequent outcome of a page; of several, the one that comes first in it. */
static uint32_t most_common(const uint32_t page[256])
{
	struct {
		uint32_t outcome;
		uint16_t count, first;
	} slots[512] = { 0 }, *best = NULL; /* open addressing; an outcome is never 0 */
	uint32_t at;

	for (unsigned int i = 0; i < 256; i++) {
		at = (page[i] * 0x9e3779b1u) >> 23;
		while (slots[at].outcome && slots[at].outcome != page[i])
			at = (at + 1) % 512;
		if (!slots[at].outcome)
			slots[at].first = (uint16_t)i;
		slots[at].outcome = page[i];
		slots[at].count++;
	}
	for (unsigned int i = 0; i < 512; i++)
		if (slots[i].count &&
		    (!best || slots[i].count > best->count ||
		     (slots[i].count == best->count && slots[i].first < best->first)))
			best = &slots[i];
	return best->outcome;
}

static bool is_uniform(const uint32_t page[256])
{
	return !memcmp(page, page + 1, 255 * sizeof(*page));
}

/* The page's entry has its most frequent outcome; port_rules has the exceptions. */
static int compile_page(struct compiler *compiler, enum pctl_selected which, unsigned int number,
			const uint32_t page[256])
{
	uint32_t common = is_uniform(page) ? page[0] : most_common(page);

	if (reserve_ports(compiler))
		return -ENOMEM;
	compiler->tables->by_page[which][number] = common;
	for (unsigned int i = 0; i < 256; i++)
		if (page[i] != common)
			add_selector(compiler, protocol_selected[which], number * 256 + i, page[i]);
	return 0;
}

static int compile_selectors(void *data, const struct classification *classification,
			     enum pctl_selected which, const uint32_t outcomes[SELECTORS])
{
	struct compiler *compiler = data;

	(void)classification;
	for (unsigned int i = 0; i < PCTL_PAGES; i++)
		if (compile_page(compiler, which, i, outcomes + i * 256))
			return -ENOMEM;
	return 0;
}

/* Adds the protocols that a plain rule names to proto_rules; `any` names none. */
static void add_protocols(struct compiled *out, const struct classification *classification)
{
	const struct traits *traits = classification->traits;
	size_t rule;

	for (unsigned int p = 0; p < 256; p++) {
		if (!outcome_rule(classification->plain[p], &rule) || traits->rules[rule].any)
			continue;
		out->proto_keys[out->proto_count] = (struct pctl_proto_key){
			.direction = (uint8_t)classification->direction,
			.protocol = (uint8_t)p,
		};
		out->proto_outcomes[out->proto_count++] = classification->plain[p];
	}
}

static bool may_drop(uint32_t outcome)
{
	return outcome != PCTL_NONE && PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS &&
	       PCTL_OUTCOME_ACTION(outcome) != PCTL_LEAVE;
}

/* First fragments are worth remembering only where an unknown port could drop later ones, or the
 * authentication header that is in front of these. */
static bool unknown_may_drop(const struct pctl_tables *tables)
{
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		if (may_drop(tables->selector_unknown[i]))
			return true;
	return may_drop(tables->protocol) || may_drop(tables->by_protocol[IPPROTO_AH]);
}

static int add_ethertype(void *data, unsigned int ethertype, uint32_t outcome)
{
	struct compiler *compiler = data;

	if (reserve_ports(compiler))
		return -ENOMEM;
	add_port(compiler, PCTL_ETHERTYPE, ethertype, outcome);
	return 0;
}

static int add_ethertypes(struct compiler *compiler, enum pctl_direction direction)
{
	size_t before = compiler->out->port_count;
	int error = decide_ethertypes(compiler->traits, direction, add_ethertype, compiler);

	if (compiler->out->port_count > before)
		compiler->tables->ethertype = decide_foreign(compiler->traits, direction);
	return error;
}

static void fill_tables(struct compiler *compiler, const struct classification *classification)
{
	const struct traits *traits = classification->traits;
	enum pctl_direction direction = classification->direction;
	struct pctl_tables *tables = compiler->tables;

	tables->frame = decide_frame(traits, direction);
	tables->arp = decide_arp(traits, direction);
	tables->protocol = classification->ip;
	memcpy(tables->by_protocol, classification->by_protocol, sizeof(tables->by_protocol));
	memcpy(tables->selector_unknown, classification->selector_unknown,
	       sizeof(classification->selector_unknown));
	compiler->out->track_fragments[direction] |= unknown_may_drop(tables);
}

/* --- planes --- */

/* @last: of this direction */
static int compile_plane(struct compiler *compiler, enum pctl_direction direction, bool last)
{
	struct classification classification;
	int error;

	error = classify(&classification, compiler->traits, direction,
			 (uint32_t)compiler->out->service_count, compiler->budget,
			 compile_selectors, compiler);
	if (error)
		return error;
	fill_tables(compiler, &classification);
	if (compiler->plane == (uint8_t)direction)
		add_protocols(compiler->out, &classification);
	error = add_ethertypes(compiler, direction);
	if (!error)
		error = class_tables_add(&compiler->classes, &classification, last,
					 compiler->budget);
	classification_clear(&classification);
	return error;
}

/* Compiles the plane of one VLAN and one enum pctl_established. @last: of this direction */
static int compile_one(struct compiler *compiler, enum pctl_direction direction, unsigned int vlan,
		       enum pctl_established established, bool last)
{
	struct compiled *out = compiler->out;
	bool first = vlan == PCTL_VLAN_NONE && established == PCTL_ESTABLISHED_NO;

	compiler->plane = (uint8_t)(first ? direction : compiler->next_plane++);
	compiler->tables =
		first ? &out->tables[direction] : &out->planes[compiler->plane - out->first_plane];
	traits_select(compiler->traits, vlan, established);
	return compile_plane(compiler, direction, last);
}

/* What is the same for an enum pctl_established has the planes of those that are not established.
 */
static int compile_state(struct compiler *compiler, enum pctl_direction direction,
			 enum pctl_established established, bool last)
{
	const struct planes *planes = &compiler->planes[direction];
	struct compiled *out = compiler->out;
	uint8_t numbers[PCTL_PLANES_MAX];
	int error = 0;

	if (established != PCTL_ESTABLISHED_NO && !planes_has_state(planes, established)) {
		out->plane_of[direction][established] = out->plane_of[direction][0];
		memcpy(out->vlan_planes[established].of[direction],
		       out->vlan_planes[0].of[direction], PCTL_VLANS);
		return 0;
	}
	for (unsigned int i = 0; !error && i < planes->count; i++) {
		error = compile_one(compiler, direction, planes->examples[i], established,
				    last && i + 1 == planes->count);
		numbers[i] = compiler->plane;
	}
	out->plane_of[direction][established] = numbers[0];
	for (unsigned int i = 0; !error && i < PCTL_VLANS; i++)
		out->vlan_planes[established].of[direction][i] = numbers[planes->of[i]];
	return error;
}

static int compile_direction(struct compiler *compiler, enum pctl_direction direction)
{
	const struct planes *planes = &compiler->planes[direction];
	enum pctl_established last = PCTL_ESTABLISHED_NO;
	int error = 0;

	if (planes_has_state(planes, PCTL_ESTABLISHED_UNKNOWN))
		last = PCTL_ESTABLISHED_UNKNOWN;
	else if (planes_has_state(planes, PCTL_ESTABLISHED_YES))
		last = PCTL_ESTABLISHED_YES;
	for (unsigned int i = 0; !error && i < PCTL_ESTABLISHED_STATES; i++)
		error = compile_state(compiler, direction, i, i == last);
	traits_select_all(compiler->traits);
	return error;
}

/* Finds the planes, and makes room for them. */
static int prepare_planes(struct compiler *compiler)
{
	struct compiled *out = compiler->out;
	size_t count = 0;
	int error;

	compiler->next_plane = PCTL_DIRECTIONS;
	out->first_plane = PCTL_DIRECTIONS;
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		error = planes_find(&compiler->planes[i], compiler->traits, i, compiler->budget);
		if (error)
			return error;
		out->vlans[i] = compiler->planes[i].count > 1;
		out->established[i] = compiler->planes[i].differs[PCTL_ESTABLISHED_YES];
		out->decides[i] = compiler->planes[i].decides;
		out->decides_first[i] = compiler->planes[i].decides_first;
		if (out->vlans[i])
			out->first_plane = 0;
		count += compiler->planes[i].count * planes_states(&compiler->planes[i]);
	}
	if (count == PCTL_DIRECTIONS)
		return 0;
	out->plane_count = count - out->first_plane;
	out->planes = calloc(out->plane_count, sizeof(*out->planes));
	return out->planes ? 0 : -ENOMEM;
}

static int compile_all(struct compiled *out, struct traits *traits, struct budget *budget)
{
	struct compiler compiler = {
		.out = out, .traits = traits, .budget = budget, .classes.out = out
	};
	int error = prepare_planes(&compiler);
	size_t index;

	if (policy_asks_for_own(traits->policy, &index))
		out->spoofed = traits->rules[index].outcome;
	class_tables_begin(&compiler.classes, traits);
	if (!error)
		error = compile_direction(&compiler, PCTL_FROM);
	if (!error)
		error = compile_direction(&compiler, PCTL_TO);
	class_tables_end(&compiler.classes);
	if (!error && out->planes && !out->first_plane)
		memcpy(out->planes, out->tables, sizeof(out->tables));
	return error;
}

static bool has_audits(const struct policy *policy)
{
	bool found = false;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		found |= policy_audits_default(policy, i) || policy_audits_default_rate(policy, i);
	for (size_t i = 0; i < policy->count && !found; i++)
		found = policy_audits_rule(policy, &policy->rules[i]) ||
			policy_audits_rate(policy, &policy->rules[i]);
	return found;
}

static bool rejects_excess(const struct treatment *treatment)
{
	return treatment->limiting == LIMITING_RATE && treatment->over == VERDICT_REJECT;
}

static bool has_rejects(const struct policy *policy)
{
	bool found = false;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++)
		found |= (policy->defaults[i] == VERDICT_REJECT &&
			  !policy_audits_default(policy, i)) ||
			 (rejects_excess(&policy->default_treatments[i]) &&
			  !policy_audits_default_rate(policy, i));
	for (size_t i = 0; i < policy->count && !found; i++) {
		const struct rule *rule = &policy->rules[i];

		found = (rule->verdict == VERDICT_REJECT && !policy_audits_rule(policy, rule)) ||
			(rejects_excess(&rule->treatment) && !policy_audits_rate(policy, rule));
	}
	return found;
}

/* Of too many targets of copies. */
static int check_mirrors(const struct policy *policy, const char *name,
			 struct diagnostics *diagnostics)
{
	struct mirror_list mirrors;
	int error = 0;

	policy_mirrors(policy, &mirrors);
	if (mirrors.full && diagnostics)
		error = diagnostics_add(diagnostics, SEVERITY_ERROR, name, (struct place){ 0 }, 1,
					NULL, "copies can go to %d interfaces, not more",
					PCTL_MIRRORS_MAX);
	return error ? error : mirrors.full ? -E2BIG : 0;
}

int policy_compile(const struct policy *policy, const char *name, struct compiled **compiled,
		   struct diagnostics *diagnostics)
{
	_cleanup_(compiled_freep) struct compiled *new = NULL;
	_cleanup_(budget_clear) struct budget budget = { 0 };
	_cleanup_(traits_clear) struct traits traits = { 0 };
	int error;

	if (budget_init(&budget, policy->count))
		return -ENOMEM;
	if (budget_allows(&budget, policy->count, BUDGET_RULES, "rules"))
		return budget_report(&budget, policy, name, diagnostics);
	error = check_mirrors(policy, name, diagnostics);
	if (error)
		return error;
	new = compiled_new(policy_slots(policy));
	if (!new || treatments_compile(new, policy))
		return -ENOMEM;
	new->audits = has_audits(policy);
	new->rejects = has_rejects(policy);
	error = traits_collect(&traits, policy, name, diagnostics);
	if (error)
		return error;
	error = compile_all(new, &traits, &budget);
	if (error == -E2BIG)
		return budget_report(&budget, policy, name, diagnostics);
	if (!error)
		*compiled = TAKE_PTR(new);
	return error;
}
