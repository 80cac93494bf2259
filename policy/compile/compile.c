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

struct compiler {
	struct compiled *out;
	size_t port_capacity;
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

static void add_port(struct compiled *out, enum pctl_direction direction, unsigned int protocol,
		     uint32_t selector, uint32_t outcome)
{
	out->port_keys[out->port_count] = (struct pctl_port_key){
		.direction = (uint8_t)direction,
		.protocol = (uint8_t)protocol,
		.selector = htons((uint16_t)selector),
	};
	out->port_outcomes[out->port_count++] = outcome;
}

static void add_selector(struct compiled *out, enum pctl_direction direction, unsigned int protocol,
			 uint32_t selector, uint32_t outcome)
{
	add_port(out, direction, protocol, selector, outcome);
	out->tables[direction].listed[selector / 64] |= 1ull << (selector % 64);
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
static int compile_page(struct compiler *compiler, enum pctl_direction direction,
			enum pctl_selected which, unsigned int number, const uint32_t page[256])
{
	uint32_t common = is_uniform(page) ? page[0] : most_common(page);

	if (reserve_ports(compiler))
		return -ENOMEM;
	compiler->out->tables[direction].by_page[which][number] = common;
	for (unsigned int i = 0; i < 256; i++)
		if (page[i] != common)
			add_selector(compiler->out, direction, protocol_selected[which],
				     number * 256 + i, page[i]);
	return 0;
}

static int compile_selectors(void *data, const struct classification *classification,
			     enum pctl_selected which, const uint32_t outcomes[SELECTORS])
{
	struct compiler *compiler = data;

	for (unsigned int i = 0; i < PCTL_PAGES; i++)
		if (compile_page(compiler, classification->direction, which, i, outcomes + i * 256))
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
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_DROP ||
	       PCTL_OUTCOME_ACTION(outcome) == PCTL_CLASS;
}

/* First fragments are worth remembering only where an unknown port could drop later ones. */
static bool unknown_may_drop(const struct pctl_tables *tables)
{
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		if (may_drop(tables->selector_unknown[i]))
			return true;
	return may_drop(tables->protocol);
}

/* State while the ethertypes of one direction are added. */
struct adding {
	struct compiler *compiler;
	enum pctl_direction direction;
	uint32_t other; /* the outcome of all other ethertypes */
};

static int add_ethertype(void *data, unsigned int ethertype, uint32_t outcome)
{
	struct adding *adding = data;
	struct compiled *out = adding->compiler->out;

	if (reserve_ports(adding->compiler))
		return -ENOMEM;
	add_port(out, adding->direction, PCTL_ETHERTYPE, ethertype, outcome);
	out->tables[adding->direction].ethertype = adding->other;
	return 0;
}

static int add_ethertypes(struct compiler *compiler, const struct traits *traits,
			  enum pctl_direction direction)
{
	struct adding adding = { .compiler = compiler, .direction = direction };

	adding.other = decide_foreign(traits, direction);
	return decide_ethertypes(traits, direction, add_ethertype, &adding);
}

static void fill_tables(struct compiled *out, const struct classification *classification)
{
	const struct traits *traits = classification->traits;
	enum pctl_direction direction = classification->direction;
	struct pctl_tables *tables = &out->tables[direction];

	tables->frame = decide_frame(traits, direction);
	tables->arp = decide_arp(traits, direction);
	tables->protocol = classification->ip;
	memcpy(tables->by_protocol, classification->by_protocol, sizeof(tables->by_protocol));
	memcpy(tables->selector_unknown, classification->selector_unknown,
	       sizeof(classification->selector_unknown));
	out->track_fragments[direction] = unknown_may_drop(tables);
	add_protocols(out, classification);
}

static int compile_direction(struct compiler *compiler, const struct traits *traits,
			     enum pctl_direction direction, struct class_tables *classes,
			     struct budget *budget)
{
	struct classification classification;
	int error;

	error = classify(&classification, traits, direction, (uint32_t)compiler->out->service_count,
			 budget, compile_selectors, compiler);
	if (error)
		return error;
	fill_tables(compiler->out, &classification);
	error = add_ethertypes(compiler, traits, direction);
	if (!error)
		error = class_tables_add(classes, &classification, budget);
	classification_clear(&classification);
	return error;
}

static int compile_all(struct compiled *out, const struct traits *traits, struct budget *budget)
{
	struct compiler compiler = { .out = out };
	struct class_tables classes = { .out = out };
	int error;

	class_tables_begin(&classes, traits);
	error = compile_direction(&compiler, traits, PCTL_FROM, &classes, budget);
	if (!error)
		error = compile_direction(&compiler, traits, PCTL_TO, &classes, budget);
	class_tables_end(&classes);
	return error;
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
	new = compiled_new(policy->count);
	if (!new)
		return -ENOMEM;
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
