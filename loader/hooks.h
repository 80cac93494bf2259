/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two hooks of an interface: what stands on them, and the only functions that change it.
 *
 * Ours is what a generation of ours names by program id. Everything else is foreign: it is never
 * replaced and never removed, a function that would have to do so fails with -EBUSY and names it.
 */
#ifndef PCTL_HOOKS_H
#define PCTL_HOOKS_H

#include "generation.h"
#include "netlink.h"

/* What is on an interface now. */
struct hooks {
	struct link link;
	char qdisc[16]; /* at the place of clsact, "" if none */
	struct filter *filters; /* of ingress and egress, in the order they run */
	size_t count;
	uint32_t tcx[16]; /* programs in front of clsact's egress, kernel 6.6 and later */
	size_t tcx_count;
};

int hooks_read(struct nl *nl, uint32_t ifindex, struct hooks *hooks);
void hooks_free(struct hooks *hooks);

/* The egress filter at the place where policyctl puts its own, whoever's it is; NULL: none. */
const struct filter *hooks_our_place(const struct hooks *hooks);

/* Would hooks_enforce() find both places free? Both generations may be NULL. -EBUSY names who is
 * there. */
int hooks_check(const struct hooks *hooks, enum xdp_mode mode, const struct generation *target,
		const struct generation *previous);

/*
 * Puts the programs of `target` on both hooks. `previous` (may be NULL) is ours too: it is replaced
 * atomically where it stands. Both hooks are looked at before either is touched. If the second
 * fails, the first is put back as it was.
 */
int hooks_enforce(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		  const struct generation *previous);

/* Takes the programs of `generation` off both hooks, and the clsact qdisc if it was made for them
 * and nobody else uses it. What is not there or not ours is left. */
int hooks_release(struct nl *nl, const struct hooks *hooks, const struct generation *generation);

/* Do both hooks run the programs of `generation`? */
bool hooks_xdp_live(const struct hooks *hooks, const struct generation *generation);
bool hooks_tc_live(const struct hooks *hooks, const struct generation *generation);

/* The name of a program in `name`, "" when the kernel will not say (CAP_SYS_ADMIN). */
void program_name(uint32_t id, char name[16 + 1]);

#endif
