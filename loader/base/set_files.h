/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of addresses in files. */
#ifndef PCTL_SET_FILES_H
#define PCTL_SET_FILES_H

#include "policy_files.h"

/*
 * Loads sets from files for policy_parse(). A path is relative to the directory of the policy's
 * file, or to the current directory if the policy comes from a pipe. The set keeps the absolute
 * path. Says how far it is (progress.h).
 */
extern const struct policy_files files_loader;

/* Fills in digest and counts of a set from its prefixes, which are normalised. */
void set_identify(struct set *set);

#endif
