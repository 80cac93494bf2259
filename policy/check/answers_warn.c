/* SPDX-License-Identifier: GPL-2.0-only */
#include "answers_warn.h"

#include <errno.h>
#include <stdio.h>

#include "answers.h"
#include "cleanup.h"
#include "diagnostics.h"
#include "protocols.h"
#include "values.h"

/* A rule with more ports is no line to read: the warning speaks of all ports. */
#define PORTS_MAX 8

struct warner {
	const struct traits *traits;
	const char *name;
	struct diagnostics *diagnostics;
	struct canvas *canvas;
	enum pctl_direction opening;
	struct answers answers[PCTL_SELECTED_ICMP]; /* of each protocol with ports */
};

/* What one warning speaks of: protocols, and their ports if it names any. */
struct subject {
	struct range protocols[PCTL_SELECTED_ICMP];
	size_t count;
	const struct ranges *ports; /* NULL: all */
	char port_text[256];
	char protocol_words[64]; /* "tcp and udp" */
};

static bool equal(const struct ranges *a, const struct ranges *b)
{
	return a->count == b->count && (!a->count || (ranges_cover(a, b) && ranges_cover(b, a)));
}

static int print_values(char *text, size_t size, const struct value_kind *kind,
			const struct ranges *ranges)
{
	FILE *out = fmemopen(text, size, "w");

	if (!out)
		return -ENOMEM;
	values_print(out, kind, NULL, ranges);
	return fclose(out) ? -ENOMEM : 0;
}

static void write_words(struct subject *subject, const struct ranges *protocols)
{
	char *text = subject->protocol_words;
	size_t size = sizeof(subject->protocol_words), used = 0;

	for (size_t i = 0; i < protocols->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 !i			    ? ""
					 : i + 1 < protocols->count ? ", "
								    : " and ",
					 protocol_name(protocols->items[i].low));
}

/* `deny` or `reject` */
static const char *default_verdict(const struct warner *warner, enum pctl_direction direction)
{
	return policy_verdict_name(warner->traits->policy->defaults[direction]);
}

static int warn(const struct warner *warner, const struct subject *subject)
{
	const char *ports = subject->port_text, *words = subject->protocol_words;
	enum pctl_direction answers = warner->opening == PCTL_FROM ? PCTL_TO : PCTL_FROM;
	struct place place = warner->traits->policy->default_places[answers];
	const char *verdict = default_verdict(warner, answers);

	if (warner->opening == PCTL_FROM && !subject->ports)
		return diagnostics_add(
			warner->diagnostics, SEVERITY_WARNING, warner->name, place, 1, NULL,
			"`default to %s` also drops the answers to what the container opens "
			"itself (%s): its own connections will not work; `allow to established` "
			"lets the answers in",
			verdict, words);
	if (warner->opening == PCTL_FROM)
		return diagnostics_add(
			warner->diagnostics, SEVERITY_WARNING, warner->name, place, 1, NULL,
			"`default to %s` also drops the answers to what the container opens "
			"itself (%s port %s): these connections will not work; `allow to "
			"established` lets the answers in",
			verdict, words, ports);
	if (!subject->ports)
		return diagnostics_add(
			warner->diagnostics, SEVERITY_WARNING, warner->name, place, 1, NULL,
			"`default from %s` also drops the answers of servers in the container "
			"(%s): its published ports will not work; `allow from established` lets "
			"the answers out; if nothing is to reach the container, write `default to "
			"deny` and `allow to established`",
			verdict, words);
	return diagnostics_add(
		warner->diagnostics, SEVERITY_WARNING, warner->name, place, 1, NULL,
		"`default from %s` also drops the answers of the container's servers (%s port "
		"%s): connections to them will not work; `allow from established` lets the "
		"answers out",
		verdict, words, ports);
}

static const struct ranges *ports_of(const struct answers *answers, bool *all)
{
	*all = answers->by_default.count || answers->by_rule.count > PORTS_MAX;
	return *all ? &answers->by_default : &answers->by_rule;
}

/* Whether two protocols have the same to be said. */
static bool are_alike(const struct answers *a, const struct answers *b)
{
	bool all_a, all_b;
	const struct ranges *ports_a = ports_of(a, &all_a), *ports_b = ports_of(b, &all_b);

	return all_a == all_b && (all_a || equal(ports_a, ports_b));
}

/* Warns of a protocol, and of those behind it that have the same to be said. */
static int warn_alike(struct warner *warner, unsigned int first, bool *told)
{
	struct subject subject = { 0 };
	struct ranges protocols = { .items = subject.protocols };
	bool all;

	for (unsigned int i = first; i < PCTL_SELECTED_ICMP; i++) {
		if (told[i] || !are_alike(&warner->answers[first], &warner->answers[i]))
			continue;
		told[i] = true;
		protocols.items[protocols.count++] =
			(struct range){ protocol_selected[i], protocol_selected[i] };
	}
	subject.ports = ports_of(&warner->answers[first], &all);
	if (!all && !subject.ports->count)
		return 0;
	write_words(&subject, &protocols);
	if (all)
		subject.ports = NULL;
	else if (print_values(subject.port_text, sizeof(subject.port_text), &value_port,
			      subject.ports))
		return -ENOMEM;
	return warn(warner, &subject);
}

static int warn_lease(const struct warner *warner)
{
	return diagnostics_add(
		warner->diagnostics, SEVERITY_WARNING, warner->name,
		warner->traits->policy->default_places[PCTL_TO], 1, NULL,
		"`default to %s` also drops the answers of DHCP servers: if the container gets "
		"its address by DHCP, it needs `allow from udp sport 68 dport 67` and `allow to "
		"udp sport 67 dport 68`",
		default_verdict(warner, PCTL_TO));
}

static int warn_echo(const struct warner *warner, enum pctl_selected which)
{
	enum pctl_direction answers = warner->opening == PCTL_FROM ? PCTL_TO : PCTL_FROM;
	const char *direction = policy_direction_name(answers);

	if (!answers_drop_echo(warner->traits, which, warner->opening, warner->canvas))
		return 0;
	return diagnostics_add(
		warner->diagnostics, SEVERITY_WARNING, warner->name,
		warner->traits->policy->default_places[answers], 1, NULL,
		"`default %s %s` also drops the answers to echo requests: `allow %s established` "
		"lets them pass",
		direction, default_verdict(warner, answers), direction);
}

static int warn_direction(struct warner *warner)
{
	bool told[PCTL_SELECTED_ICMP] = { false };
	int error = 0;

	for (unsigned int i = 0; !error && i < PCTL_SELECTED_ICMP; i++)
		error = answers_find(warner->traits, i, warner->opening, warner->canvas,
				     &warner->answers[i]);
	for (unsigned int i = 0; !error && i < PCTL_SELECTED_ICMP; i++)
		if (!told[i])
			error = warn_alike(warner, i, told);
	if (!error && warner->answers[PCTL_SELECTED_UDP].lease)
		error = warn_lease(warner);
	for (unsigned int i = PCTL_SELECTED_ICMP; !error && i <= PCTL_SELECTED_ICMPV6; i++)
		error = warn_echo(warner, i);
	for (unsigned int i = 0; i < PCTL_SELECTED_ICMP; i++)
		answers_clear(&warner->answers[i]);
	return error;
}

int answers_warn(const struct traits *traits, const char *name, struct diagnostics *diagnostics)
{
	_cleanup_(freep) struct canvas *canvas = malloc(sizeof(*canvas));
	struct warner warner = {
		.traits = traits,
		.name = name,
		.diagnostics = diagnostics,
		.canvas = canvas,
	};
	int error = 0;

	if (!canvas)
		return -ENOMEM;
	for (unsigned int i = 0; !error && i < PCTL_DIRECTIONS; i++) {
		warner.opening = i;
		error = warn_direction(&warner);
	}
	return error;
}
