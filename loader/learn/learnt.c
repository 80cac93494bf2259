// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "learnt.h"
#include "learnt_peers.h"
#include "protocols.h"

#define EPHEMERAL 32768 /* ports from here on are given by chance (ip_local_port_range, ip(7)) */
#define EPHEMERAL_LAST 60999
#define DYNAMIC 49152 /* likewise RFC 6335 section 6 */
#define EPHEMERAL_PORTS 8 /* so many of one peer become their range */
#define UNPRIVILEGED_PORTS 32 /* so many from 1024 on do */
/* What goes `to` the container and is never answered is allowed from so many packets on: a log
 * server answers nobody, a scan sends one or two. */
#define ONE_WAY_PACKETS 3
#define DHCP_CLIENT 68 /* its answers come from another address than it asked */
#define DHCPV6_CLIENT 546

/* A flow on its way to a rule. */
struct atom {
	struct flow flow;
	uint16_t low, high; /* of its number */
	bool unanswered, one_way;
	bool named; /* its peer has names: names_of() */
};

/* --- what is learnt from a flow --- */

static bool has_connections(const struct flow *flow)
{
	return flow->counts.connections > 0;
}

static bool is_unanswered(const struct flow *flow)
{
	if (!has_connections(flow) || flow->answered)
		return false;
	if (flow->key.protocol == IPPROTO_TCP)
		return true;
	if (flow->key.direction == PCTL_FROM || flow->key.kind != FLOW_PORTS)
		return false;
	return flow->longest < ONE_WAY_PACKETS && flow->key.number != DHCP_CLIENT &&
	       flow->key.number != DHCPV6_CLIENT;
}

/* Learning began between a question and its answer: the answer looks as if the peer had opened it.
 * Then there are others that the container opened, with the ports the other way round. */
static bool is_late_answer(const struct flows *flows, const struct flow *flow)
{
	struct flow_key other = flow->key;

	if (flow->key.kind != FLOW_PORTS || flow->key.protocol == IPPROTO_TCP ||
	    flow->opener_low != flow->opener_high)
		return false;
	other.direction = flow->key.direction == PCTL_FROM ? PCTL_TO : PCTL_FROM;
	other.number = flow->opener_low;
	return other.number < flow->key.number && flows_find(flows, &other);
}

/* --- names --- */

static bool is_resolver(const struct learnt_names *names, const struct prefix *address)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->items[i].answered && !prefix_compare(&names->items[i].resolver, address))
			return true;
	return false;
}

/* A program that reads the answers must have the address as long as the container used it. */
static bool is_name_of(const struct learnt_name *name, const struct flow *flow)
{
	return name->answered && flow->last <= name->until &&
	       !prefix_compare(&name->address, &flow->key.peer);
}

static bool has_name(const struct learnt_names *names, const struct flow *flow)
{
	if (!names || flow->key.direction != PCTL_FROM || flow->key.kind == FLOW_ETHERTYPE)
		return false;
	for (size_t i = 0; i < names->count; i++)
		if (is_name_of(&names->items[i], flow))
			return !is_resolver(names, &flow->key.peer);
	return false;
}

static int add_resolver(struct prefixes *resolvers, const struct prefix *resolver)
{
	size_t capacity = resolvers->count;

	for (size_t i = 0; i < resolvers->count; i++)
		if (!prefix_compare(&resolvers->items[i], resolver))
			return 0;
	return prefixes_add(resolvers, &capacity, *resolver);
}

static int add_name(struct learnt_rule *rule, const char *name)
{
	const char **grown;

	for (size_t i = 0; i < rule->name_count; i++)
		if (!strcmp(rule->names[i], name))
			return 0;
	grown = reallocarray(rule->names, rule->name_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	rule->names = grown;
	grown[rule->name_count++] = name;
	return 0;
}

static int add_names(struct learnt *learnt, struct learnt_rule *rule, const struct flow *flow,
		     const struct learnt_names *names)
{
	int error = 0;

	for (size_t i = 0; i < names->count && !error; i++) {
		if (!is_name_of(&names->items[i], flow))
			continue;
		error = add_name(rule, names->items[i].name)
				?: add_resolver(&learnt->resolvers, &names->items[i].resolver);
	}
	return error;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_names(const struct learnt_rule *x, const struct learnt_rule *y)
{
	int difference = 0;

	if (x->name_count != y->name_count)
		return x->name_count < y->name_count ? -1 : 1;
	for (size_t i = 0; i < x->name_count && !difference; i++)
		difference = strcmp(x->names[i], y->names[i]);
	return difference;
}

/* --- from flows --- */

static size_t make_atoms(const struct flows *flows, const struct learnt_names *names,
			 struct atom *atoms)
{
	size_t count = 0;

	for (size_t i = 0; i < flows->count; i++) {
		const struct flow *flow = &flows->items[i];

		if (is_late_answer(flows, flow))
			continue;
		atoms[count++] = (struct atom){
			.flow = *flow,
			.low = flow->key.number,
			.high = flow->key.number,
			.unanswered = is_unanswered(flow),
			.one_way = has_connections(flow) && !flow->answered,
			.named = !is_unanswered(flow) && has_name(names, flow),
		};
	}
	return count;
}

/* --- ephemeral ports --- */

static int compare_kinds(const struct atom *x, const struct atom *y)
{
	if (x->unanswered != y->unanswered)
		return x->unanswered - y->unanswered;
	if (x->flow.key.direction != y->flow.key.direction)
		return x->flow.key.direction - y->flow.key.direction;
	if (x->flow.key.kind != y->flow.key.kind)
		return x->flow.key.kind - y->flow.key.kind;
	if (x->named != y->named)
		return x->named - y->named;
	return x->flow.key.protocol - y->flow.key.protocol;
}

static int by_peer(const void *a, const void *b)
{
	const struct atom *x = a, *y = b;
	int difference = compare_kinds(x, y);

	difference = difference ?: prefix_compare(&x->flow.key.peer, &y->flow.key.peer);
	return difference ?: x->low - y->low;
}

static bool of_same_peer(const struct atom *x, const struct atom *y)
{
	return !compare_kinds(x, y) && !prefix_compare(&x->flow.key.peer, &y->flow.key.peer);
}

/* @count: atoms of one peer and protocol, from port `from` on */
static void widen(struct atom *atoms, size_t count, uint16_t from)
{
	uint16_t low = from, high = UINT16_MAX;

	if (from == EPHEMERAL && atoms[count - 1].low <= EPHEMERAL_LAST)
		high = EPHEMERAL_LAST;
	else if (from == EPHEMERAL && atoms[0].low >= DYNAMIC)
		low = DYNAMIC;
	for (size_t i = 0; i < count; i++) {
		atoms[i].low = low;
		atoms[i].high = high;
	}
}

static size_t behind(const struct atom *atoms, size_t count, uint16_t port)
{
	size_t first = 0;

	while (first < count && atoms[first].low < port)
		first++;
	return first;
}

static void widen_ports(struct atom *atoms, size_t count)
{
	size_t run;

	qsort(atoms, count, sizeof(*atoms), by_peer);
	for (size_t i = 0; i < count; i += run) {
		struct atom *first = &atoms[i];
		size_t user, ephemeral;

		for (run = 1; i + run < count && of_same_peer(first, &atoms[i + run]);)
			run++;
		if (first->flow.key.kind != FLOW_PORTS)
			continue;
		user = behind(first, run, 1024);
		ephemeral = behind(first, run, EPHEMERAL);
		if (run - user >= UNPRIVILEGED_PORTS && ephemeral - user >= EPHEMERAL_PORTS)
			widen(first + user, run - user, 1024);
		else if (run - ephemeral >= EPHEMERAL_PORTS)
			widen(first + ephemeral, run - ephemeral, EPHEMERAL);
	}
}

/* --- rules --- */

static int by_number(const void *a, const void *b)
{
	const struct atom *x = a, *y = b;
	int difference = compare_kinds(x, y) ?: x->low - y->low;

	difference = difference ?: x->high - y->high;
	return difference ?: prefix_compare(&x->flow.key.peer, &y->flow.key.peer);
}

static void add_times(struct learnt_rule *rule, uint64_t first, uint64_t last)
{
	if (!rule->first || first < rule->first)
		rule->first = first;
	if (last > rule->last)
		rule->last = last;
}

static int add_atom(struct learnt_rule *rule, size_t *capacity, const struct atom *atom)
{
	flow_counts_add(&rule->counts, &atom->flow.counts);
	rule->one_way = rule->one_way || atom->one_way;
	add_times(rule, atom->flow.first, atom->flow.last);
	if (rule->kind == FLOW_ETHERTYPE)
		return 0;
	return prefixes_add(&rule->peers, capacity, atom->flow.key.peer);
}

static int begin_rule(struct learnt_rule *rule, const struct atom *atom)
{
	size_t capacity = 0;

	*rule = (struct learnt_rule){
		.unanswered = atom->unanswered,
		.direction = atom->flow.key.direction,
		.kind = atom->flow.key.kind,
		.protocol = atom->flow.key.protocol,
	};
	if (rule->kind == FLOW_PROTOCOL)
		return 0;
	return ranges_add(&rule->numbers, &capacity, (struct range){ atom->low, atom->high });
}

/* One for each number or range of a protocol. */
static int make_rules(const struct atom *atoms, size_t count, const struct learnt_names *names,
		      struct learnt *learnt)
{
	size_t capacity = 0, rules = 0;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		const struct atom *atom = &atoms[i];

		if (!i || compare_kinds(atom, atom - 1) || atom->low != atom[-1].low ||
		    atom->high != atom[-1].high) {
			capacity = 0;
			rules++;
			learnt->count = rules;
			error = begin_rule(&learnt->rules[rules - 1], atom);
		}
		error = error ?: add_atom(&learnt->rules[rules - 1], &capacity, atom);
		if (!error && atom->named)
			error = add_names(learnt, &learnt->rules[rules - 1], &atom->flow, names);
	}
	return error;
}

static int compare_rules(const struct learnt_rule *x, const struct learnt_rule *y)
{
	if (x->unanswered != y->unanswered)
		return x->unanswered - y->unanswered;
	if (x->direction != y->direction)
		return x->direction - y->direction;
	if (x->kind != y->kind)
		return x->kind - y->kind;
	if (!x->name_count != !y->name_count)
		return x->name_count ? -1 : 1;
	return x->protocol - y->protocol;
}

/* Rules of names by these: the addresses are but those of today. */
static int compare_peers(const struct learnt_rule *x, const struct learnt_rule *y)
{
	int difference = 0;

	if (x->name_count || y->name_count)
		return compare_names(x, y);
	if (x->peers.count != y->peers.count)
		return x->peers.count < y->peers.count ? -1 : 1;
	for (size_t i = 0; i < x->peers.count && !difference; i++)
		difference = prefix_compare(&x->peers.items[i], &y->peers.items[i]);
	return difference;
}

static int by_peers(const void *a, const void *b)
{
	const struct learnt_rule *x = a, *y = b;
	int difference = compare_rules(x, y) ?: compare_peers(x, y);

	if (difference || !x->numbers.count || !y->numbers.count)
		return difference;
	return x->numbers.items[0].low - y->numbers.items[0].low;
}

static bool mergeable(const struct learnt_rule *x, const struct learnt_rule *y)
{
	return !compare_rules(x, y) && x->kind != FLOW_PROTOCOL && !compare_peers(x, y);
}

static int merge(struct learnt_rule *into, struct learnt_rule *from)
{
	size_t capacity = into->numbers.count, peers = into->peers.count;
	int error = 0;

	for (size_t i = 0; i < from->peers.count && from->name_count && !error; i++)
		error = prefixes_add(&into->peers, &peers, from->peers.items[i]);
	prefixes_normalise(&into->peers);

	for (size_t i = 0; i < from->numbers.count && !error; i++)
		error = ranges_add(&into->numbers, &capacity, from->numbers.items[i]);
	ranges_normalise(&into->numbers);
	flow_counts_add(&into->counts, &from->counts);
	into->one_way = into->one_way || from->one_way;
	into->widened = into->widened || from->widened;
	if (into->addresses < from->addresses)
		into->addresses = from->addresses;
	add_times(into, from->first, from->last);
	return error;
}

static void rule_free(struct learnt_rule *rule)
{
	ranges_clear(&rule->numbers);
	prefixes_clear(&rule->peers);
	free(rule->names);
}

/* Rules of the same peers become one, with a list of numbers. */
static int merge_rules(struct learnt *learnt)
{
	size_t kept = 0;
	int error = 0;

	if (!learnt->count)
		return 0;
	qsort(learnt->rules, learnt->count, sizeof(*learnt->rules), by_peers);
	for (size_t i = 1; i < learnt->count; i++) {
		struct learnt_rule *rule = &learnt->rules[i];

		if (!error && mergeable(&learnt->rules[kept], rule)) {
			error = merge(&learnt->rules[kept], rule);
			rule_free(rule);
		} else {
			learnt->rules[++kept] = *rule;
		}
	}
	learnt->count = kept + 1;
	return error;
}

static uint64_t packets_of(const struct learnt_rule *rule)
{
	return rule->counts.packets[PCTL_FROM] + rule->counts.packets[PCTL_TO];
}

static int in_order(const void *a, const void *b)
{
	const struct learnt_rule *x = a, *y = b;

	if (x->unanswered != y->unanswered)
		return x->unanswered - y->unanswered;
	if (x->direction != y->direction)
		return x->direction - y->direction;
	if (packets_of(x) != packets_of(y))
		return packets_of(x) > packets_of(y) ? -1 : 1;
	return by_peers(a, b);
}

static void finish_rule(struct learnt_rule *rule, enum learnt_width width)
{
	if (rule->name_count)
		qsort(rule->names, rule->name_count, sizeof(*rule->names), by_text);
	learnt_join_peers(rule, rule->name_count ? LEARNT_EXACT : width);
}

int learnt_make(const struct flows *flows, const struct learnt_names *names,
		enum learnt_width width, struct learnt *learnt)
{
	_cleanup_(freep) struct atom *atoms = calloc(flows->count + 1, sizeof(*atoms));
	size_t count;
	int error;

	*learnt = (struct learnt){};
	learnt->rules = calloc(flows->count + 1, sizeof(*learnt->rules));
	if (!atoms || !learnt->rules)
		return -ENOMEM;
	count = make_atoms(flows, names, atoms);
	if (width != LEARNT_EXACT)
		widen_ports(atoms, count);
	qsort(atoms, count, sizeof(*atoms), by_number);
	error = make_rules(atoms, count, names, learnt);
	for (size_t i = 0; i < learnt->count && !error; i++)
		finish_rule(&learnt->rules[i], width);
	error = error ?: merge_rules(learnt);
	if (!error && learnt->count)
		qsort(learnt->rules, learnt->count, sizeof(*learnt->rules), in_order);
	return error;
}

void learnt_clear(struct learnt *learnt)
{
	for (size_t i = 0; i < learnt->count; i++)
		rule_free(&learnt->rules[i]);
	free(learnt->rules);
	prefixes_clear(&learnt->resolvers);
	*learnt = (struct learnt){};
}

bool learnt_once(const struct learnt_rule *rule)
{
	return rule->counts.connections ? rule->counts.connections == 1 : packets_of(rule) == 1;
}
