/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which name servers a resolv.conf names (resolv.conf(5)). A container's is its own text: what it
 * says is a hint, and no bound of anything.
 */
#ifndef PCTL_RESOLV_CONF_H
#define PCTL_RESOLV_CONF_H

#include <stdbool.h>
#include <sys/types.h>

#include "prefixes.h"

struct resolv_conf {
	bool asks_dockerd; /* 127.0.0.11 is among its servers */
	struct prefixes servers; /* the others, single addresses */
	/* Where dockerd passes questions on to, as dockerd 26 and later write it into a comment. */
	bool forwards_told;
	bool forwards_from_host; /* some of them are asked from the host's namespace */
	struct prefixes forwards;
};

/* That of a process's root, by which nothing outside of it is read. What cannot be read is empty.
 * @pid: 0: this machine's. Clear it with resolv_conf_clear(). */
void resolv_conf_read(pid_t pid, struct resolv_conf *conf);

/* The same from text, which is changed. */
void resolv_conf_parse(char *text, struct resolv_conf *conf);

void resolv_conf_clear(struct resolv_conf *conf);

/* Has it a server on the loopback? */
bool resolv_conf_is_local(const struct resolv_conf *conf);

#endif
