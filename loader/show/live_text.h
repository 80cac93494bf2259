/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets and their members as text. */
#ifndef PCTL_LIVE_TEXT_H
#define PCTL_LIVE_TEXT_H

#include "live_view.h"

/* Why a member is one: "api.example.com, 43 s left", "container 1a2b3c4d". "": nothing is known of
 * it. */
#define LIVE_MEMBER_WORDS 320
void live_member_words(const struct live_view *view, const struct pctl_member *member, uint32_t now,
		       char words[LIVE_MEMBER_WORDS]);

/*
 * Which of these sets an address is best told by: "api.example.com", "container 1a2b3c4d", "@host",
 * with ", expired" behind if it is no member any more. One line, and nothing that a terminal must
 * not get. False: by none of them.
 */
bool live_findings_words(const struct live_finding *findings, uint32_t count,
			 char words[LIVE_MEMBER_WORDS]);

/* Why membership of an address that is not a member is unknown. NULL: it is known. */
const char *live_unknown_words(const struct live_view *view);

/* Prints the state of a set and its members, a comment line each; of many only the first. */
void live_view_print(const struct live_view *view, uint32_t now);

#endif
