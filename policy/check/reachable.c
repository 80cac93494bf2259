/* SPDX-License-Identifier: GPL-2.0-only */
#include "reachable.h"

#include <errno.h>
#include <string.h>

#include "budget.h"
#include "cleanup.h"
#include "decide.h"
#include "planes.h"

struct search_limits {
	struct budget *budget;
	uint64_t *tests; /* left */
};

/* Classes of a row whose rule is not marked as reached yet. */
struct pending {
	struct words classes;
	bool begun;
};

/* State while one direction is searched, service by service. */
struct search {
	struct reachable *reachable;
	struct classification *from;
	uint64_t *tests; /* left */
	uint32_t *bits; /* per class: the listed peer lists whose own prefixes contain it */
	struct pending *pending; /* per row */
	struct words paired;
	/* The current service. */
	struct content content;
	struct {
		uint32_t in, out, unknown; /* outcomes by membership */
		const struct peer_list *list;
	} lists[PCTL_LISTS_MAX];
	bool has_lists;
};

static void mark(bool *reached, uint32_t outcome)
{
	size_t rule;

	if (outcome_rule(outcome, &rule))
		reached[rule] = true;
}

static bool is_marked(const bool *reached, uint32_t outcome)
{
	size_t rule;

	return !outcome_rule(outcome, &rule) || reached[rule];
}

static uint32_t first_of(uint32_t a, uint32_t b)
{
	if (!a || !b)
		return a ? a : b;
	return PCTL_OUTCOME_RANK(b) < PCTL_OUTCOME_RANK(a) ? b : a;
}

static bool comes_before(uint32_t a, uint32_t b)
{
	return a && PCTL_OUTCOME_RANK(a) < PCTL_OUTCOME_RANK(b);
}

/* --- one service --- */

/* The outcome for a class if no list decides earlier. */
static uint32_t decide_class(const struct search *search, uint32_t class)
{
	return first_of(by_class_outcome(&search->from->by_class, class),
			rows_outcome(&search->from->rows, search->content.row, class));
}

/* Whether the peer's part of a list can match in a class. @closed: the sets without members there
 */
static bool peers_allow(const struct search *search, unsigned int number, uint32_t class,
			uint32_t closed)
{
	const struct peer_list *list = search->lists[number].list;
	bool by_class = search->bits[class] & 1u << number;

	if (!(list->flags & PCTL_LIST_PEERS))
		return true;
	return list->flags & PCTL_LIST_PEERS_NOT ? !by_class : by_class || list->sets & ~closed;
}

/*
 * Whether there can be set members among the addresses of a class such that @outcome decides. Each
 * list with an earlier rule, and the list of the deciding rule itself, demands membership or
 * excludes it. A set that one list excludes cannot satisfy another list. A list with DNS names
 * excludes no set: a packet can be outside of it by its name.
 */
static bool lists_allow(const struct search *search, uint32_t class, uint32_t outcome)
{
	uint32_t inside = 0, outside = 0, closed = 0, bit;

	for (unsigned int i = 0; i < search->from->traits->listed_count; i++) {
		bit = 1u << i;
		if (search->lists[i].in == outcome || comes_before(search->lists[i].out, outcome))
			inside |= bit;
		if (search->lists[i].out == outcome || comes_before(search->lists[i].in, outcome))
			outside |= bit;
		if (!(outside & bit) || search->lists[i].list->names)
			continue;
		closed |= search->lists[i].list->sets;
		if (search->bits[class] & bit)
			return false;
	}
	if (inside & outside)
		return false;
	for (unsigned int i = 0; i < search->from->traits->listed_count; i++)
		if (inside & 1u << i && !peers_allow(search, i, class, closed))
			return false;
	return true;
}

/* Marks a rule if it decides for some address of a class. */
static void try_outcome(struct search *search, bool *reached, uint32_t class, uint32_t outcome)
{
	uint32_t by_class = decide_class(search, class);

	if (!outcome || is_marked(reached, outcome) || !*search->tests)
		return;
	--*search->tests;
	if (outcome != by_class && !comes_before(outcome, by_class))
		return;
	if (!search->has_lists || lists_allow(search, class, outcome))
		mark(reached, outcome);
}

/* Marks all rules that decide for some address of a class. */
static void try_class(struct search *search, bool *reached, uint32_t class)
{
	if (!search->from->peers.occurs[class])
		return;
	try_outcome(search, reached, class, decide_class(search, class));
	for (unsigned int i = 0; search->has_lists && i < search->from->traits->listed_count; i++) {
		try_outcome(search, reached, class, search->lists[i].in);
		try_outcome(search, reached, class, search->lists[i].out);
	}
}

/* Tries an outcome for the classes that no paired rule of the service touches, until one works. */
static void try_rest(struct search *search, bool *reached, uint32_t outcome)
{
	const struct classification *from = search->from;

	for (uint32_t i = CLASS_OUTSIDE; i < from->peers.count; i++) {
		if (!outcome || is_marked(reached, outcome) || !*search->tests)
			return;
		if (!from->peers.occurs[i] || by_class_touched(&from->by_class, i))
			continue;
		try_outcome(search, reached, i, outcome);
	}
}

static int begin_pending(struct pending *pending, const struct search *search)
{
	const struct classification *from = search->from;

	if (pending->begun)
		return 0;
	pending->begun = true;
	for (uint32_t i = CLASS_OUTSIDE; i < from->peers.count; i++)
		if (from->peers.occurs[i] && rows_outcome(&from->rows, search->content.row, i) &&
		    words_add(&pending->classes, i))
			return -ENOMEM;
	return 0;
}

/* Tries the rules of the service's row that no earlier service has reached. */
static int try_row(struct search *search, bool *reached)
{
	const struct classification *from = search->from;
	struct pending *pending;
	uint32_t class, outcome;
	size_t kept = 0;

	if (search->content.row == ROW_NONE)
		return 0;
	pending = &search->pending[search->content.row];
	if (begin_pending(pending, search))
		return -ENOMEM;
	for (size_t i = 0; i < pending->classes.count; i++) {
		class = pending->classes.items[i];
		outcome = rows_outcome(&from->rows, search->content.row, class);
		try_outcome(search, reached, class, outcome);
		if (!is_marked(reached, outcome))
			pending->classes.items[kept++] = class;
	}
	pending->classes.count = kept;
	return 0;
}

static int try_known(struct search *search, bool *reached)
{
	const struct by_class *by_class = &search->from->by_class;

	for (size_t i = 0; i < by_class->touched_count; i++)
		try_class(search, reached, by_class->touched[i]);
	try_rest(search, reached, by_class->otherwise);
	for (unsigned int i = 0; search->has_lists && i < search->from->traits->listed_count; i++) {
		try_rest(search, reached, search->lists[i].in);
		try_rest(search, reached, search->lists[i].out);
	}
	return try_row(search, reached);
}

/* An unknown peer may be in any list. Only in direction `from` can the peer be unknown. */
static void mark_unknown_peer(const struct search *search)
{
	uint32_t outcome = decide_class(search, CLASS_UNKNOWN);

	if (search->from->direction != PCTL_FROM)
		return;
	for (unsigned int i = 0; search->has_lists && i < search->from->traits->listed_count; i++)
		outcome = first_of(outcome, search->lists[i].unknown);
	mark(search->reachable->peer_unknown, outcome);
}

static int begin_service(struct search *search, size_t service)
{
	struct classification *from = search->from;
	const struct trait *trait;
	const struct peer_list *list;

	search->content = services_content(&from->services, service);
	search->paired.count = 0;
	search->has_lists = false;
	memset(search->lists, 0, sizeof(search->lists)); /* PCTL_NONE is 0 */
	for (size_t i = 0; i < search->content.count; i++) {
		trait = &from->traits->rules[search->content.rules[i]];
		if (!trait->listed) {
			if (words_add(&search->paired, search->content.rules[i]))
				return -ENOMEM;
			continue;
		}
		list = &from->traits->lists[trait->peers];
		search->has_lists = true;
		search->lists[list->number].list = list;
		if (trait->peers_negated)
			search->lists[list->number].out =
				first_of(search->lists[list->number].out, trait->outcome);
		else
			search->lists[list->number].in =
				first_of(search->lists[list->number].in, trait->outcome);
		if (trait->takes_unknown)
			search->lists[list->number].unknown =
				first_of(search->lists[list->number].unknown, trait->outcome);
	}
	return by_class_decide(&from->by_class, search->paired.items, search->paired.count,
			       search->content.plain);
}

/* Whether some source port does not change a service. */
static bool keeps_some_sources(const struct classification *from, const struct service *service)
{
	return !service->refined || from->sources.outside_occurs ||
	       service->refined + 1 < from->sources.count;
}

static int search_service(struct search *search, size_t index)
{
	const struct service *service = &search->from->services.items[index];
	struct reachable *reachable = search->reachable;
	int error = begin_service(search, index);

	if (error)
		return error;
	if (service->unknown) {
		for (uint32_t i = CLASS_OUTSIDE; i < search->from->peers.count; i++)
			try_class(search, reachable->unknown, i);
		mark_unknown_peer(search);
	}
	if (!service->known || !keeps_some_sources(search->from, service))
		return 0;
	mark_unknown_peer(search);
	return try_known(search, reachable->known);
}

/* --- one direction --- */

static int mark_ethertype(void *data, unsigned int ethertype, uint32_t outcome)
{
	struct reachable *reachable = data;

	(void)ethertype;
	mark(reachable->known, outcome);
	return 0;
}

/* Marks the rules that the tables without services reach. */
static void mark_tables(struct reachable *reachable, const struct classification *from)
{
	const struct traits *traits = from->traits;

	mark(reachable->frame, decide_frame(traits, from->direction));
	mark(reachable->known, decide_arp(traits, from->direction));
	mark(reachable->frame, decide_foreign(traits, from->direction));
	decide_ethertypes(traits, from->direction, mark_ethertype, reachable);
	if (PCTL_OUTCOME_ACTION(from->ip) != PCTL_CLASS)
		mark(reachable->unknown, from->ip);
	for (unsigned int i = 0; i < 256; i++)
		if (PCTL_OUTCOME_ACTION(from->by_protocol[i]) < PCTL_SELECT)
			mark(reachable->known, from->by_protocol[i]);
	for (unsigned int i = 0; i < PROTOCOL_SELECTED_COUNT; i++)
		if (PCTL_OUTCOME_ACTION(from->selector_unknown[i]) < PCTL_SELECT)
			mark(reachable->unknown, from->selector_unknown[i]);
}

static int mark_selectors(void *data, const struct classification *classification,
			  enum pctl_selected which, const uint32_t outcomes[SELECTORS])
{
	struct reachable *reachable = data;
	uint32_t last = PCTL_NONE;

	(void)classification;
	(void)which;
	for (uint32_t i = 0; i < SELECTORS; i++) {
		if (outcomes[i] == last)
			continue;
		last = outcomes[i];
		if (PCTL_OUTCOME_ACTION(last) < PCTL_SELECT)
			mark(reachable->known, last);
	}
	return 0;
}

static void note_bits(struct search *search)
{
	const struct traits *traits = search->from->traits;
	const uint32_t *members;
	size_t count;

	for (uint32_t i = 0; i < traits->list_count; i++) {
		members = members_of(&search->from->peers.members, i, &count);
		for (size_t j = 0; traits->lists[i].listed && j < count; j++)
			search->bits[members[j]] |= 1u << traits->lists[i].number;
	}
}

static int search_direction(struct reachable *reachable, struct classification *from,
			    uint64_t *tests)
{
	size_t rows = intern_count(&from->rows.outcomes);
	_cleanup_(freep) uint32_t *bits = calloc(from->peers.count, sizeof(*bits));
	_cleanup_(freep) struct pending *pending = calloc(rows + 1, sizeof(*pending));
	struct search search = {
		.reachable = reachable,
		.from = from,
		.tests = tests,
		.bits = bits,
		.pending = pending,
	};
	int error = 0;

	if (!bits || !pending)
		return -ENOMEM;
	note_bits(&search);
	mark_tables(reachable, from);
	for (size_t i = 0; !error && i < from->services.count; i++)
		error = search_service(&search, i);
	for (size_t i = 0; i < rows; i++)
		words_clear(&pending[i].classes);
	words_clear(&search.paired);
	return error;
}

/* Searches one direction for one plane. The classes of the last one remain. */
static int search_plane(struct reachable *reachable, struct traits *traits,
			enum pctl_direction direction, unsigned int vlan,
			enum pctl_established established, struct search_limits limits)
{
	struct classification *classes = &reachable->classes[direction];
	int error;

	traits_select(traits, vlan, established);
	if (reachable->class_count > (unsigned int)direction) {
		classification_clear(classes);
		reachable->class_count--;
	}
	error = classify(classes, traits, direction, 0, limits.budget, mark_selectors, reachable);
	if (error)
		return error;
	reachable->class_count++;
	return search_direction(reachable, classes, limits.tests);
}

static int search_vlans(struct reachable *reachable, struct traits *traits,
			enum pctl_direction direction, const struct planes *planes,
			enum pctl_established established, struct search_limits limits)
{
	bool *known = reachable->known;
	int error = 0;

	/* Whether it is established is not known of a packet that hides something. */
	if (established == PCTL_ESTABLISHED_UNKNOWN)
		reachable->known = reachable->unknown;
	for (unsigned int i = 0; !error && i < planes->count; i++)
		if (planes->examples[i] < PCTL_VLAN_UNKNOWN)
			error = search_plane(reachable, traits, direction, planes->examples[i],
					     established, limits);
	reachable->known = known;
	return error;
}

/* Of a frame whose VLAN is unknown nothing is known, and one whose VLAN is unseen has one. */
static int search_planes(struct reachable *reachable, struct traits *traits,
			 enum pctl_direction direction, struct search_limits limits)
{
	struct planes planes;
	int error = planes_find(&planes, traits, direction, limits.budget);

	if (error)
		return error;
	if (planes.count > 1) {
		traits_select(traits, PCTL_VLAN_UNKNOWN, PCTL_ESTABLISHED_UNKNOWN);
		mark(reachable->frame, decide_frame(traits, direction));
	}
	for (unsigned int i = 0; !error && i < PCTL_ESTABLISHED_STATES; i++)
		if (i == PCTL_ESTABLISHED_NO || planes.differs[i])
			error = search_vlans(reachable, traits, direction, &planes, i, limits);
	traits_select_all(traits);
	return error;
}

static int find(struct reachable *reachable, struct traits *traits, struct budget *budget)
{
	uint64_t tests = BUDGET_TESTS;
	struct search_limits limits = { .budget = budget, .tests = &tests };
	int error;

	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		error = search_planes(reachable, traits, i, limits);
		if (error)
			return error;
	}
	reachable->complete = tests;
	return 0;
}

int reachable_find(struct reachable *reachable, struct traits *traits)
{
	_cleanup_(budget_clear) struct budget budget = { 0 };
	int error;

	*reachable = (struct reachable){
		.known = calloc(traits->count + 1, sizeof(bool)),
		.unknown = calloc(traits->count + 1, sizeof(bool)),
		.peer_unknown = calloc(traits->count + 1, sizeof(bool)),
		.frame = calloc(traits->count + 1, sizeof(bool)),
	};
	if (!reachable->known || !reachable->unknown || !reachable->peer_unknown ||
	    !reachable->frame || budget_init(&budget, traits->count))
		return -ENOMEM;
	error = find(reachable, traits, &budget);
	return error == -E2BIG ? 0 : error;
}

void reachable_clear(struct reachable *reachable)
{
	for (unsigned int i = 0; i < reachable->class_count; i++)
		classification_clear(&reachable->classes[i]);
	free(reachable->known);
	free(reachable->unknown);
	free(reachable->peer_unknown);
	free(reachable->frame);
	*reachable = (struct reachable){ 0 };
}
