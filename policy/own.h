/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The container's own addresses, for rules with `spoofed`. They belong to an attachment, not to the
 * text of a policy: the MAC of the other end of the veth, and the addresses that `own { … }` names,
 * or those that the other end has. struct pctl_own is the form that the kernel reads.
 */
#ifndef PCTL_OWN_H
#define PCTL_OWN_H

#include "policy.h"

/* Does a rule of the policy ask for them? Its index is in *index (may be NULL); of several, that of
 * the one that decides: the first without `audit`, else the first. */
bool policy_asks_for_own(const struct policy *policy, size_t *index);

/*
 * What is the container's own.
 * @mac: of the other end of the veth, 6 bytes
 * @seen: its addresses, for a policy without `own`; of one with `own`, only link-local ones count
 * The link-local address from the MAC is always among them (RFC 4291, appendix A).
 * 0; -ENODATA: neither the policy nor the other end has an address; -E2BIG: more than PCTL_OWN_MAX
 * of one family; -ENOMEM.
 */
int own_find(const struct policy *policy, const uint8_t mac[6], const struct prefixes *seen,
	     struct pctl_own *own);

/* Block number @index of a family, below own->counts[family]. */
struct prefix own_block(const struct pctl_own *own, enum pctl_family family, unsigned int index);

bool own_same(const struct pctl_own *a, const struct pctl_own *b);

#endif
