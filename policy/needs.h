/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy asks of live sets, and of DNS. */
#ifndef PCTL_NEEDS_H
#define PCTL_NEEDS_H

#include "policy.h"

/* Whether some rule has this set as peer; whether some rule has it behind `dns`. */
bool policy_has_peer(const struct policy *policy, const struct set *set);
bool policy_has_names(const struct policy *policy, const struct set *set);

/* Whether answers of the resolvers are read: a set of DNS names is the peer of some rule. */
bool policy_learns(const struct policy *policy);

/* Whether questions are read: some rule has `dns`. */
bool policy_reads_questions(const struct policy *policy);

/*
 * Whether some rule has a set as peer whose members docker or podman know: daemon or sidecar has to
 * keep them. *set (may be NULL) is the first of these sets.
 */
bool policy_needs_engine(const struct policy *policy, const struct set **set);

/* Whether some rule has @host or @gateway as peer, likewise: attach fills them in, and only daemon
 * or sidecar keep them current. */
bool policy_needs_host(const struct policy *policy, const struct set **set);

/* Whether some rule has @gateway as peer: which interface's bridge is meant has to be known. */
bool policy_needs_gateway(const struct policy *policy);

#endif
