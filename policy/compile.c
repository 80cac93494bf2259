/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "cleanup.h"
#include "decide.h"
#include "policy.h"
#include "protocols.h"

struct compiler {
	const struct policy *policy;
	enum pctl_direction direction;
	struct compiled *out;
	size_t port_capacity;
	struct canvas canvas;
	uint16_t *counts; /* per slot, zero between two uses */
};

static void compiled_freep(struct compiled **compiled)
{
	compiled_free(*compiled);
}

static void compiler_free(struct compiler **compiler)
{
	if (!*compiler)
		return;
	free((*compiler)->counts);
	free(*compiler);
}

void compiled_free(struct compiled *compiled)
{
	if (!compiled)
		return;
	free(compiled->proto_keys);
	free(compiled->proto_outcomes);
	free(compiled->port_keys);
	free(compiled->port_outcomes);
	free(compiled);
}

static uint32_t outcome_of(const struct compiler *compiler, uint32_t slot)
{
	return slot_outcome(compiler->policy, compiler->direction, slot);
}

/* Room for another page of exceptions, so that adding one of them cannot fail. */
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

static void add_port(struct compiler *compiler, unsigned int protocol, uint32_t selector)
{
	struct compiled *out = compiler->out;

	out->port_keys[out->port_count] = (struct pctl_port_key){
		.direction = (uint8_t)compiler->direction,
		.protocol = (uint8_t)protocol,
		.selector = htons((uint16_t)selector),
	};
	out->port_outcomes[out->port_count++] =
		outcome_of(compiler, compiler->canvas.slots[selector]);
	out->tables[compiler->direction].listed[selector / 64] |= 1ull << (selector % 64);
}

/* The slot that most of a page has; of several, the one that comes first in it. */
static uint32_t most_common(struct compiler *compiler, const uint32_t page[256])
{
	uint32_t best = page[0];

	for (unsigned int i = 0; i < 256; i++)
		compiler->counts[page[i]]++;
	for (unsigned int i = 0; i < 256; i++)
		if (compiler->counts[page[i]] > compiler->counts[best])
			best = page[i];
	for (unsigned int i = 0; i < 256; i++)
		compiler->counts[page[i]] = 0;
	return best;
}

/* The page's entry says what most of it is, port_rules what the others are. */
static int compile_page(struct compiler *compiler, unsigned int which, unsigned int number)
{
	const uint32_t *page = &compiler->canvas.slots[number * 256];
	uint32_t common = most_common(compiler, page);

	if (reserve_ports(compiler))
		return -ENOMEM;
	compiler->out->tables[compiler->direction].by_page[which][number] =
		outcome_of(compiler, common);
	for (unsigned int i = 0; i < 256; i++)
		if (page[i] != common)
			add_port(compiler, protocol_selected[which], number * 256 + i);
	return 0;
}

/* Whether all packets of a protocol go one way, the ones whose selector is unknown too. */
static bool is_uniform(const struct canvas *canvas, uint32_t unknown)
{
	return canvas->slots[0] == unknown &&
	       !memcmp(canvas->slots, canvas->slots + 1, (SELECTORS - 1) * sizeof(uint32_t));
}

/* A protocol whose outcome depends on the selector, enum pctl_selected @which. */
static int compile_selectors(struct compiler *compiler, unsigned int which)
{
	struct pctl_tables *tables = &compiler->out->tables[compiler->direction];
	unsigned int protocol = protocol_selected[which];
	uint32_t unknown = decide_protocol(compiler->policy, compiler->direction, protocol);

	canvas_decide(&compiler->canvas, compiler->policy, compiler->direction, protocol, NULL);
	if (is_uniform(&compiler->canvas, unknown)) {
		tables->by_protocol[protocol] = outcome_of(compiler, unknown);
		return 0;
	}
	tables->by_protocol[protocol] = PCTL_OUTCOME(PCTL_SELECT, which);
	tables->selector_unknown[which] = outcome_of(compiler, unknown);
	for (unsigned int i = 0; i < PCTL_PAGES; i++)
		if (compile_page(compiler, which, i))
			return -ENOMEM;
	return 0;
}

/* Protocols that a rule names; `any` names none. */
static void add_protocols(struct compiler *compiler, const uint32_t whole[256])
{
	struct compiled *out = compiler->out;

	for (unsigned int p = 0; p < 256; p++) {
		if (whole[p] == PCTL_SLOT_DEFAULT ||
		    !compiler->policy->rules[whole[p] - PCTL_SLOT_RULES].protocols.count)
			continue;
		out->proto_keys[out->proto_count] = (struct pctl_proto_key){
			.direction = (uint8_t)compiler->direction,
			.protocol = (uint8_t)p,
		};
		out->proto_outcomes[out->proto_count++] = outcome_of(compiler, whole[p]);
	}
}

static bool drops(uint32_t outcome)
{
	return PCTL_OUTCOME_ACTION(outcome) == PCTL_DROP;
}

/* Fragments are worth remembering only where not knowing would drop them. */
static bool unknown_drops(const struct pctl_tables *tables)
{
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		if (drops(tables->selector_unknown[i]))
			return true;
	return drops(tables->protocol);
}

static int compile_direction(struct compiler *compiler)
{
	const struct policy *policy = compiler->policy;
	enum pctl_direction direction = compiler->direction;
	struct pctl_tables *tables = &compiler->out->tables[direction];
	uint32_t whole[256];
	unsigned int protocol;

	tables->frame = outcome_of(compiler, decide_frame(policy, direction));
	tables->arp = outcome_of(compiler, decide_arp(policy, direction));
	tables->protocol = outcome_of(compiler, decide_ip(policy, direction));
	decide_whole(policy, direction, whole);
	for (unsigned int p = 0; p < 256; p++)
		tables->by_protocol[p] = outcome_of(compiler, whole[p]);
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++) {
		protocol = protocol_selected[i];
		if (decide_needs_selectors(policy, direction, protocol, whole[protocol]) &&
		    compile_selectors(compiler, i))
			return -ENOMEM;
	}
	compiler->out->track_fragments[direction] = unknown_drops(tables);
	add_protocols(compiler, whole);
	return 0;
}

static struct compiler *compiler_new(const struct policy *policy, struct compiled *out)
{
	_cleanup_(compiler_free) struct compiler *compiler = calloc(1, sizeof(*compiler));

	if (!compiler)
		return NULL;
	compiler->policy = policy;
	compiler->out = out;
	compiler->counts = calloc(out->slots, sizeof(*compiler->counts));
	if (!compiler->counts)
		return NULL;
	return TAKE_PTR(compiler);
}

static struct compiled *compiled_new(size_t rules)
{
	_cleanup_(compiled_freep) struct compiled *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->slots = PCTL_SLOT_RULES + (uint32_t)rules;
	new->proto_keys = calloc(PCTL_DIRECTIONS * 256, sizeof(*new->proto_keys));
	new->proto_outcomes = calloc(PCTL_DIRECTIONS * 256, sizeof(*new->proto_outcomes));
	if (!new->proto_keys || !new->proto_outcomes)
		return NULL;
	return TAKE_PTR(new);
}

int policy_compile(const struct policy *policy, const char *name, struct compiled **compiled,
		   struct diagnostics *diagnostics)
{
	(void)name;
	(void)diagnostics;
	_cleanup_(compiled_freep) struct compiled *new = NULL;
	_cleanup_(compiler_free) struct compiler *compiler = NULL;

	if (policy->count > PCTL_OUTCOME_ARG(UINT32_MAX) - PCTL_SLOT_RULES)
		return -E2BIG;
	new = compiled_new(policy->count);
	if (!new)
		return -ENOMEM;
	compiler = compiler_new(policy, new);
	if (!compiler)
		return -ENOMEM;
	for (unsigned int i = 0; i < PCTL_DIRECTIONS; i++) {
		compiler->direction = i;
		if (compile_direction(compiler))
			return -ENOMEM;
	}
	*compiled = TAKE_PTR(new);
	return 0;
}
