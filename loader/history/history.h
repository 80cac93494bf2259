/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The history: the last policies of each interface or container, with time, who and how. It is
 * there for people, and for `undo`; nothing that enforces depends on it. A file for each entry:
 *
 *   /var/lib/policyctl/history/PLACE/NUMBER
 *
 * Its first line is a comment with what history.h knows as JSON, the rest is the policy: a policy
 * file like any other. PLACE is an interface, or a container and its network, so that it survives a
 * restart of the container and of the host. Other network namespaces than that of process 1 are
 * known by their cookie, and end with the boot.
 */
#ifndef PCTL_HISTORY_H
#define PCTL_HISTORY_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "owner.h"
#include "policy.h"

#define HISTORY_EACH 32 /* entries that are kept of a place */
#define HISTORY_PLACES 1000
#define HISTORY_BYTES (64u << 20) /* of all entries */
#define HISTORY_TEXT_MAX (1u << 20) /* a longer policy is not kept, only that there was one */
#define HISTORY_DAYS 30 /* what is kept of an interface that is gone */

enum history_event {
	HISTORY_FOUND, /* it was in force before the first entry: nobody knows who put it there */
	HISTORY_ATTACHED,
	HISTORY_CHANGED,
	HISTORY_UNDONE, /* an earlier policy, by undo */
	HISTORY_NOT_CONFIRMED, /* likewise, since nobody confirmed */
	HISTORY_CONFIRMED, /* the policy of the entry before stays */
	HISTORY_QUARANTINED,
	HISTORY_RELEASED, /* what was there before the quarantine */
	HISTORY_DETACHED,
	HISTORY_EVENTS,
};

/* Who made a change. Texts that may be a lie: whoever is root can be called anything. */
struct history_who {
	uint32_t uid;
	uint32_t pid;
	char user[64]; /* name of uid */
	char login[64]; /* who logged in, by the kernel's audit (loginuid) */
	char sudo_user[64]; /* SUDO_USER */
	char command[256];
	char parent[64]; /* "812 (bash)" */
};

struct history_entry {
	uint32_t number; /* from 1 on, in its place */
	enum history_event event;
	uint32_t back_to; /* the entry whose policy this is too; 0: it is a new one */
	uint32_t mode_choice; /* enum mode_choice */
	uint32_t confirm_seconds; /* --confirm; 0: not given */
	uint64_t time; /* seconds since 1970 */
	char interface[IF_NAMESIZE];
	struct owner owner; /* version 0: no container */
	struct history_who who;
	/* NULL: nothing is attached from then on, or `unreadable` or `too_large`. Rules have their
	 * ids; sets from files have counts and digest only. */
	struct policy *policy;
	char *text; /* of the policy, as it is in the file */
	bool too_large;
	bool unreadable; /* not by this version of policyctl, or somebody changed it */
};

struct history {
	char place[NAME_MAX + 1];
	struct history_entry *entries; /* the oldest first */
	size_t count;
};

void history_clear(struct history *history);
void history_entry_clear(struct history_entry *entry);

/* "attached", "changed", ...: docs/json.md. */
const char *history_event_name(enum history_event event);

/* From now on this is the directory, in place of POLICYCTL_HISTORY and the default. "none": none is
 * kept. NULL: as before. The text must stay. */
void history_use(const char *directory);

/* --- writing --- */

struct history_change {
	const char *pins; /* the directory of the network namespace (pins.h) */
	enum history_event event;
	uint32_t back_to; /* 0: looked for, where the event is to go back */
	uint32_t mode_choice;
	uint32_t confirm_seconds;
	const char *interface;
	const struct owner *owner;
	const struct policy *policy; /* NULL: nothing is attached from now on */
	/* What was in force until now; it becomes an entry if the last one says something else. */
	const struct policy *previous;
	uint32_t previous_mode_choice;
	uint64_t previous_time; /* since when */
};

/* Writes an entry. What fails is one notice of the process, and hinders nothing. To be called with
 * the lock of the network namespace. */
void history_write(const struct history_change *change);

/* --- reading --- */

/* Reads the place of an interface and its owner, or nothing, if there is none. */
int history_read(const char *pins, const char *interface, const struct owner *owner,
		 struct history *history);

/*
 * Reads all places whose last entry has this interface, or this container: its name, its id or the
 * first 12 digits of it. Either may be NULL. *histories is malloc'd, for history_clear() each.
 */
int history_find(const char *pins, const char *interface, const char *container,
		 struct history **histories, size_t *count);

/* Is it the same policy by the same hook and in the same mode? */
bool history_same(const struct history_entry *a, const struct history_entry *b);

/*
 * The entry that `undo` goes back to from the last one: the newest before it, or before what it
 * went back to itself, with another policy that was no quarantine, since the last detach. NULL:
 * none is known.
 */
const struct history_entry *history_before(const struct history *history);

/* The entry with this number; NULL: there is none. */
const struct history_entry *history_numbered(const struct history *history, uint32_t number);

#endif
