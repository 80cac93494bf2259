/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of addresses that stand in files. */
#ifndef PCTL_SET_FILES_H
#define PCTL_SET_FILES_H

#include "policy_files.h"

/*
 * How policy_parse() gets at sets from files. A path is relative to the directory of the policy's
 * file, or to the current one where the policy comes from a pipe; the set keeps it as an absolute
 * one. Shows its progress on a terminal.
 */
extern const struct policy_files files_loader;

/* Fills in digest and counts of a set from its prefixes, which are normalised. */
void set_identify(struct set *set);

#endif
