/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hooks of an interface: what stands on them, and the only functions that change it.
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
	struct qdiscs qdiscs;
	struct filter *filters; /* of ingress and egress, in the order they run */
	size_t count;
	/* Programs in front of clsact's filters by enum tc_hook, kernel 6.6 and later. */
	uint32_t tcx[2][16];
	size_t tcx_count[2];
};

int hooks_read(struct nl *nl, uint32_t ifindex, struct hooks *hooks);
void hooks_free(struct hooks *hooks);

/* The filter at the priority and handle of ours on a tc hook, foreign or ours; NULL: there is none.
 */
const struct filter *hooks_filter_at_ours(const struct hooks *hooks, enum tc_hook hook);

/* Does this filter belong to a gate (gate.h)? */
bool filter_is_gate(const struct filter *filter);
/* Does at least one gate hold the interface? */
bool hooks_held(const struct hooks *hooks);
/* The same, and no other filter is in the qdisc: then it was made for gates. */
bool hooks_held_only(const struct hooks *hooks);

/* Does this filter send packets away that wait (shaping.h)? */
bool filter_is_shape(const struct filter *filter);
/* That filter, at our place; NULL: there is none. */
const struct filter *hooks_shape_filter(const struct hooks *hooks);
/* Is a qdisc like ours at the root of the interface? */
bool hooks_shape_root(const struct hooks *hooks);

/* Is the program of `generation` on this hook? */
bool hooks_runs(const struct hooks *hooks, const struct generation *generation, enum hook hook);
/* Is there any of its programs on any hook? */
bool hooks_runs_any(const struct hooks *hooks, const struct generation *generation);
/* May a foreign program or filter decide before one of `generation`, since it runs in front of it?
 * Not in front of the guard, if XDP has judged before. */
bool hooks_preceded(const struct hooks *hooks, const struct generation *generation);
/*
 * Is this no longer the interface that the generation was attached to? The kernel gives an ifindex
 * again after its interface is gone. A changed MAC alone, or programs that somebody took off, do
 * not make it another one.
 */
bool hooks_of_another_interface(const struct hooks *hooks, const struct generation *generation);
/* Is every hook that it wants running its program, and do packets wait where they are to? */
bool hooks_live(const struct hooks *hooks, const struct generation *generation);

/*
 * Is the guard (HOOK_GUARD) behind XDP on a device of this kind (struct link) in this mode? Not in
 * native mode where the other end is hardware: there XDP sees every packet, and no sender chooses
 * where the kernel writes checksums.
 */
bool hooks_are_guarded(const char *kind, enum xdp_mode mode);

/*
 * Are the hooks free that a generation attached in `mode` wants? Those that `target` or `previous`
 * (both may be NULL) occupy count as free. -EBUSY: a foreign program or filter, which the message
 * names.
 */
int hooks_check(const struct hooks *hooks, enum xdp_mode mode, const struct generation *target,
		const struct generation *previous);

/* Adds clsact where nothing is in its place, and says so in *hooks. */
int hooks_need_clsact(struct nl *nl, struct hooks *hooks);

/*
 * Puts the programs of `target` on the hooks. Programs of `previous` (may be NULL) are replaced
 * atomically. All hooks are checked before one is changed; after a failure some may have been
 * changed.
 * @filtered: NULL, or called when the filters are in place and XDP is not yet
 */
int hooks_enforce(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		  const struct generation *previous, void (*filtered)(void *data), void *data);

/* Takes the programs of `generation` off the hooks. Deletes the clsact qdisc if it was made for
 * them and holds no other filter. What is missing or foreign is left as it is. */
int hooks_release(struct nl *nl, const struct hooks *hooks, const struct generation *generation);

/* The name of a program in `name`, "" when the kernel will not say (CAP_SYS_ADMIN). */
void program_name(uint32_t id, char name[16 + 1]);

#endif
