// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "set_members.h"
#include "util.h"

/* As docker compose and podman-compose label what they start. */
#define COMPOSE_PROJECT "com.docker.compose.project"
#define COMPOSE_SERVICE "com.docker.compose.service"

/* --- claims --- */

static int add(struct member_claims *claims, const struct container *container, const char *network,
	       const struct member_address *address)
{
	struct member_claim *grown = claims->items;

	if (!(claims->count & (claims->count - 1))) /* full: the count is 0 or a power of two */
		grown = reallocarray(grown, claims->count ? 2 * claims->count : 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	claims->items = grown;
	grown[claims->count++] = (struct member_claim){ container, network, *address };
	return 0;
}

static bool same_address(const struct member_address *a, const struct member_address *b)
{
	return a->family == b->family && !memcmp(a->address, b->address, sizeof(a->address));
}

/* Has the engine told an address of it on this network? */
static bool is_told(const struct container *container, const char *network)
{
	for (size_t i = 0; container->running && i < container->network_count; i++)
		if (!strcmp(container->networks[i], network))
			return container->addresses[i].has[0] || container->addresses[i].has[1];
	return false;
}

static bool counts(const struct member_sighting *sighting)
{
	return sighting->container->power != POWER_NET_ADMIN &&
	       !is_told(sighting->container, sighting->network);
}

/* The address went to another container on this network, which starts. */
static bool is_taken(const struct member_sighting *sightings, size_t count,
		     const struct container *container, const char *network,
		     const struct member_address *address)
{
	for (size_t i = 0; i < count; i++) {
		const struct member_sighting *sighting = &sightings[i];

		if (sighting->container == container || strcmp(sighting->network, network) != 0 ||
		    !counts(sighting))
			continue;
		for (size_t j = 0; j < sighting->count; j++)
			if (same_address(&sighting->addresses[j], address))
				return true;
	}
	return false;
}

static int add_told(const struct container *container, const struct member_sighting *sightings,
		    size_t sighting_count, struct member_claims *claims)
{
	int error = 0;

	for (size_t i = 0; container->running && i < container->network_count; i++) {
		const struct container_address *told = &container->addresses[i];
		struct member_address address[2] = { { .family = PCTL_IPV4 },
						     { .family = PCTL_IPV6 } };

		memcpy(address[0].address, told->ipv4, sizeof(told->ipv4));
		memcpy(address[1].address, told->ipv6, sizeof(told->ipv6));
		for (int j = 0; j < 2 && !error; j++)
			if (told->has[j] && !is_taken(sightings, sighting_count, container,
						      container->networks[i], &address[j]))
				error = add(claims, container, container->networks[i], &address[j]);
	}
	return error;
}

int member_claims_find(const struct container *const *containers, size_t count,
		       const struct member_sighting *sightings, size_t sighting_count,
		       struct member_claims *claims)
{
	int error = 0;

	*claims = (struct member_claims){};
	for (size_t i = 0; i < count && !error; i++)
		error = add_told(containers[i], sightings, sighting_count, claims);
	for (size_t i = 0; i < sighting_count; i++)
		for (size_t j = 0; counts(&sightings[i]) && j < sightings[i].count && !error; j++)
			error = add(claims, sightings[i].container, sightings[i].network,
				    &sightings[i].addresses[j]);
	if (error) {
		free(claims->items);
		*claims = (struct member_claims){};
	}
	return error;
}

/* --- selection --- */

/* PROJECT/SERVICE. Neither name has a slash. */
static bool is_service(const struct container *container, const char *word)
{
	const char *project = container_label(container, COMPOSE_PROJECT);
	const char *service = container_label(container, COMPOSE_SERVICE);
	const char *slash = strchr(word, '/');

	return project && service && slash && strlen(project) == (size_t)(slash - word) &&
	       !strncmp(project, word, slash - word) && !strcmp(service, slash + 1);
}

/* KEY=VALUE: the value may have further equals signs. KEY=: it is empty. */
static bool has_label(const struct container *container, const char *word)
{
	const char *equals = strchr(word, '=');

	for (size_t i = 0; equals && i < container->label_count; i++) {
		const struct label *label = &container->labels[i];

		if (strlen(label->name) == (size_t)(equals - word) &&
		    !strncmp(label->name, word, equals - word) && !strcmp(label->value, equals + 1))
			return true;
	}
	return false;
}

static bool matches(const struct member_claim *claim, enum pctl_live_kind kind, const char *word)
{
	switch (kind) {
	case PCTL_LIVE_CONTAINER:
		return !strcmp(claim->container->name, word);
	case PCTL_LIVE_COMPOSE:
		return is_service(claim->container, word);
	case PCTL_LIVE_LABEL:
		return has_label(claim->container, word);
	case PCTL_LIVE_NETWORK:
		return !strcmp(claim->network, word);
	default:
		return false;
	}
}

static bool selects(const struct member_claim *claim, enum pctl_live_kind kind, char *const *words,
		    size_t word_count)
{
	for (size_t i = 0; i < word_count; i++)
		if (matches(claim, kind, words[i]))
			return true;
	return false;
}

uint32_t member_origin(const struct container *container)
{
	char digits[9];

	snprintf(digits, sizeof(digits), "%.8s", container->id);
	return strtoul(digits, NULL, 16);
}

static bool has_member(const struct live_member *members, size_t count,
		       const struct member_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (members[i].family == address->family &&
		    !memcmp(members[i].address, address->address, sizeof(address->address)))
			return true;
	return false;
}

int members_find(const struct member_claims *claims, enum pctl_live_kind kind, char *const *words,
		 size_t word_count, struct live_member **members, size_t *count)
{
	struct live_member *found = calloc(claims->count + 1, sizeof(*found));

	*count = 0;
	*members = found;
	if (!found)
		return -ENOMEM;
	for (size_t i = 0; i < claims->count; i++) {
		const struct member_claim *claim = &claims->items[i];

		if (!selects(claim, kind, words, word_count) ||
		    has_member(found, *count, &claim->address))
			continue;
		found[*count].value.origin = member_origin(claim->container);
		found[*count].family = claim->address.family;
		memcpy(found[*count].address, claim->address.address,
		       sizeof(claim->address.address));
		(*count)++;
	}
	return 0;
}
