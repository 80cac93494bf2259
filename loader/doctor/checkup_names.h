/* SPDX-License-Identifier: GPL-2.0-only */
/* Name lookups of the container behind an interface: do they pass the veth at all? */
#ifndef PCTL_CHECKUP_NAMES_H
#define PCTL_CHECKUP_NAMES_H

struct attachment;
struct checkup;
struct policy;

/* What only the engine knows becomes a question for it. */
void checkup_names(struct checkup *checkup, const struct attachment *attachment,
		   const struct policy *policy);

/*
 * Asks the engine what servers containers were given, and adds what follows. It may take half a
 * second: checkup_unlock() first.
 * @socket: as given by --docker-socket; NULL: the default
 */
void checkup_names_ask(struct checkup *checkup, const char *socket);

/* Frees the questions. */
void checkup_names_forget(struct checkup *checkup);

#endif
