// SPDX-License-Identifier: GPL-2.0-only
#include "claims.h"

static void add(const void **place, bool *several, const void *container)
{
	if (!*place)
		*place = container;
	else if (*place != container)
		*several = true;
}

/* The container that a process belongs to: the outermost that the engine knows. NULL: none, or the
 * engine may come to know one that is further out. */
static const struct claimant *find_container(const struct claimant chain[], size_t length,
					     bool *doubt)
{
	for (size_t i = 0; i < length; i++) {
		if (chain[i].container)
			return &chain[i];
		if (!chain[i].missing) {
			*doubt = true;
			return NULL;
		}
	}
	return NULL;
}

void claims_add(struct claims *claims, const struct claimant chain[], size_t length, bool first,
		bool disputed)
{
	const struct claimant *claimant;

	if (disputed) {
		claims->doubt = true;
		return;
	}
	claimant = find_container(chain, length, &claims->doubt);
	if (!claimant || claimant->shares)
		return;
	if (claimant->pid_known && claimant->pid_here)
		add(&claims->sure, &claims->several_sure, claimant->container);
	else if (claimant->pid_known)
		add(&claims->visitor, &claims->several_visitors, claimant->container);
	else if (claimant->pid_to_come)
		claims->doubt = true;
	else if (first)
		add(&claims->likely, &claims->several_likely, claimant->container);
}

static const void *the_sure_one(const struct claims *claims)
{
	return claims->several_sure ? NULL : claims->sure;
}

const void *claims_decide(const struct claims *claims, const struct recorded *recorded,
			  bool contested)
{
	const void *sure = the_sure_one(claims);

	if (recorded->is && recorded->container)
		return recorded->running || !sure ? recorded->container : sure;
	if (claims->sure || recorded->is || claims->doubt)
		return sure;
	if (claims->likely)
		return claims->several_likely || claims->visitor ? NULL : claims->likely;
	return claims->several_visitors || contested ? NULL : claims->visitor;
}
