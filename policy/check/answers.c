/* SPDX-License-Identifier: GPL-2.0-only */
#include "answers.h"

#include <errno.h>

#include "budget.h"
#include "cleanup.h"
#include "decide.h"

/* How a port may be reached. */
enum opened { CLOSED, BY_DEFAULT, BY_RULE };

struct search {
	const struct traits *traits;
	struct canvas *canvas; /* what may begin */
	enum pctl_selected which;
	enum pctl_direction opening;
	bool lease; /* of DHCP, whose answers come from an address that was not asked */
	bool established; /* connections have begun: `opening` is the direction of their answers */
	uint64_t tests; /* left */
	/* Per port: other rules may decide about answers from it than from the one below it. */
	bool *boundaries;
};

static enum pctl_direction other(enum pctl_direction direction)
{
	return direction == PCTL_FROM ? PCTL_TO : PCTL_FROM;
}

static const struct range clients = { ANSWER_LOW, ANSWER_HIGH };

/* Whether a rule passes only answers: packets from a server's port open nothing. */
static bool opens_nothing(const struct rule *rule)
{
	const struct ranges ports = { .items = (struct range *)&clients, .count = 1 };

	return !ranges_overlap(&rule->sports, &ports);
}

static bool matches_protocol(const struct search *search, size_t rule,
			     enum pctl_direction direction)
{
	const struct trait *trait = &search->traits->rules[rule];

	return trait_is_in(trait, direction) && trait->selected & 1u << search->which;
}

/* Rules with a peer or source port count where they allow: some connections begin by them. */
static bool counts(const struct search *search, size_t rule)
{
	const struct trait *trait = &search->traits->rules[rule];

	if (!matches_protocol(search, rule, search->opening) ||
	    (trait->established && !search->established))
		return false;
	return (trait_is_plain(trait) && !trait->vlans) ||
	       (!trait->deny && !opens_nothing(&search->traits->policy->rules[rule]));
}

static void paint(const struct search *search)
{
	const struct traits *traits = search->traits;

	canvas_clear(search->canvas);
	for (size_t i = 0; i < traits->count; i++)
		if (counts(search, i))
			canvas_paint(search->canvas, &traits->policy->rules[i],
				     traits->rules[i].outcome);
	canvas_paint_rest(search->canvas, traits, search->opening, search->which);
}

/* Protocols beside TCP and UDP are rarely used: only a rule that names one speaks of it. */
static enum opened how_opened(const struct search *search, unsigned int port)
{
	uint32_t outcome = search->canvas->values[port];
	bool is_common = search->which == PCTL_SELECTED_TCP || search->which == PCTL_SELECTED_UDP;
	size_t rule;

	if (PCTL_OUTCOME_ACTION(outcome) != PCTL_PASS)
		return CLOSED;
	if (!outcome_rule(outcome, &rule))
		return is_common ? BY_DEFAULT : CLOSED;
	if (search->traits->rules[rule].selectors)
		return BY_RULE;
	return is_common || !search->traits->rules[rule].any ? BY_DEFAULT : CLOSED;
}

/* --- the answers --- */

/* Whether a rule speaks of answers that come from this port; @any: from some port. */
static bool is_about(const struct search *search, size_t rule, unsigned int port, bool any)
{
	const struct trait *trait = &search->traits->rules[rule];

	if (!matches_protocol(search, rule, other(search->opening)) ||
	    (trait->established && search->lease))
		return false;
	if (trait->deny && (!trait_is_plain(trait) || trait->vlans))
		return false;
	return any || ranges_match(&search->traits->policy->rules[rule].sports, port);
}

/*
 * Whether rules decide about all answers from a server's port to a client's; *decided then is true.
 * @any: from some port of a server
 * 0 or -ENOMEM.
 */
static int find_decided(struct search *search, unsigned int server, bool any, struct range client,
			bool *decided)
{
	const struct ranges wanted = { .items = &client, .count = 1 };
	_cleanup_(ranges_clear) struct ranges found = { 0 };
	size_t capacity = 0;

	*decided = true;
	for (size_t i = 0; i < search->traits->count; i++) {
		const struct ranges *dports = &search->traits->policy->rules[i].dports;

		if (!search->tests) /* too much to find out: no warning */
			return 0;
		search->tests--;
		if (!is_about(search, i, server, any))
			continue;
		if (!dports->count)
			return 0;
		for (size_t j = 0; j < dports->count; j++)
			if (ranges_add(&found, &capacity, dports->items[j]))
				return -ENOMEM;
	}
	ranges_normalise(&found);
	*decided = found.count && ranges_cover(&found, &wanted);
	return 0;
}

static bool is_dhcp(const struct search *search, unsigned int port)
{
	return search->which == PCTL_SELECTED_UDP && search->opening == PCTL_FROM &&
	       (port == DHCP_SERVER || port == DHCP6_SERVER);
}

static void mark_boundaries(struct search *search)
{
	const struct ranges *sports;

	for (size_t i = 0; i < search->traits->count; i++) {
		if (!matches_protocol(search, i, other(search->opening)))
			continue;
		sports = &search->traits->policy->rules[i].sports;
		for (size_t j = 0; j < sports->count; j++) {
			search->boundaries[sports->items[j].low] = true;
			search->boundaries[sports->items[j].high + 1] = true;
		}
	}
}

static bool is_server(const struct search *search, unsigned int port)
{
	return (port < ANSWER_LOW || port > ANSWER_HIGH) && !is_dhcp(search, port);
}

static bool is_for_peers(const struct search *search, unsigned int port)
{
	size_t rule;

	return outcome_rule(search->canvas->values[port], &rule) &&
	       search->traits->rules[rule].peers != TRAIT_NONE;
}

/* Collects the ports that are opened so and whose answers no rule decides about. */
static int collect(struct search *search, enum opened wanted, struct ranges *ports, bool *peer)
{
	bool decided = false, asked = false;
	size_t capacity = 0;

	for (unsigned int port = 0; port < SELECTORS; port++) {
		/* For ports that no rule names one answer holds for all. */
		if (wanted == BY_RULE && search->boundaries[port])
			asked = false;
		if (!is_server(search, port) || how_opened(search, port) != wanted)
			continue;
		if (!asked && find_decided(search, port, wanted == BY_DEFAULT, clients, &decided))
			return -ENOMEM;
		asked = true;
		if (decided)
			continue;
		*peer |= is_for_peers(search, port);
		if (ranges_add(ports, &capacity, (struct range){ (uint16_t)port, (uint16_t)port }))
			return -ENOMEM;
	}
	ranges_normalise(ports);
	return 0;
}

/* A client whose answers are dropped anyway, or one that a rule opens. */
static int find_lease(struct search *search, struct answers *answers)
{
	const struct range client = { DHCP_CLIENT, DHCP_CLIENT };
	enum opened opened = how_opened(search, DHCP_SERVER);
	bool decided;
	int error;

	if (!is_dhcp(search, DHCP_SERVER) || opened == CLOSED ||
	    (opened == BY_DEFAULT && !answers->by_default.count))
		return 0;
	search->lease = true;
	error = find_decided(search, DHCP_SERVER, opened == BY_DEFAULT, client, &decided);
	search->lease = false;
	answers->lease = !error && !decided;
	return error;
}

int answers_find(const struct traits *traits, enum pctl_selected which, enum pctl_direction opening,
		 struct canvas *canvas, struct answers *answers)
{
	_cleanup_(answers_clear) struct answers new = { 0 };
	_cleanup_(freep) bool *boundaries = calloc(SELECTORS + 1, sizeof(*boundaries));
	struct search search = {
		.traits = traits,
		.canvas = canvas,
		.which = which,
		.opening = opening,
		.tests = BUDGET_TESTS,
		.boundaries = boundaries,
	};

	if (!boundaries)
		return -ENOMEM;
	*answers = new;
	if (!verdict_denies(traits->policy->defaults[other(opening)]))
		return 0;
	paint(&search);
	mark_boundaries(&search);
	if (collect(&search, BY_DEFAULT, &new.by_default, &new.peer) ||
	    collect(&search, BY_RULE, &new.by_rule, &new.peer) || find_lease(&search, &new))
		return -ENOMEM;
	*answers = new;
	new = (struct answers){ 0 };
	return 0;
}

void answers_clear(struct answers *answers)
{
	ranges_clear(&answers->by_default);
	ranges_clear(&answers->by_rule);
	*answers = (struct answers){ 0 };
}

/* --- echo --- */

bool answers_drop_echo(const struct traits *traits, enum pctl_selected which,
		       enum pctl_direction opening, struct canvas *canvas)
{
	unsigned int request = which == PCTL_SELECTED_ICMP ? 8 : 128;
	unsigned int reply = which == PCTL_SELECTED_ICMP ? 0 : 129;
	struct search search = {
		.traits = traits, .canvas = canvas, .which = which, .opening = opening
	};
	size_t rule;

	if (!verdict_denies(traits->policy->defaults[other(opening)]))
		return false;
	paint(&search);
	if (PCTL_OUTCOME_ACTION(canvas->values[request << 8]) != PCTL_PASS ||
	    !outcome_rule(canvas->values[request << 8], &rule) || traits->rules[rule].any)
		return false;
	search.opening = other(opening);
	search.established = true;
	paint(&search);
	return PCTL_OUTCOME_ARG(canvas->values[reply << 8]) == PCTL_SLOT_DEFAULT;
}
