/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stars on public suffixes, *.com or *.github.io: anybody can have a name there. Mozilla's list of
 * these is read by libpsl, which is loaded if a policy has stars, and if it is installed. It is
 * here and not in policy/, which links libc alone.
 */
#ifndef PCTL_PUBLIC_SUFFIX_H
#define PCTL_PUBLIC_SUFFIX_H

struct diagnostics;
struct policy;

/* Adds a warning for each of them, in the policy of this name. 0, also without the library; or
 * -ENOMEM. */
int public_suffixes_warn(const struct policy *policy, const char *name,
			 struct diagnostics *diagnostics);

#endif
