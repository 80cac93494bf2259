/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a shell offers for the last word of a command line: one logic for all shells, from the table
 * of commands. Each candidate is a line on standard output: the word, a tab, what it means (may be
 * empty).
 */
#ifndef PCTL_COMPLETING_H
#define PCTL_COMPLETING_H

/* In place of a candidate: the shell completes names of files itself. */
#define COMPLETING_FILES "-files-"

/* @words: those behind `policyctl`, the one that is being typed last, perhaps ""; at least one */
void complete(char **words, int count);

#endif
