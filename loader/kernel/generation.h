/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A generation: one policy as it lives in the kernel. Its programs, the maps they read, and what
 * policyctl itself has to remember, all pinned in one directory of bpffs. Only its
 * counters, its phase and its owner record change. A new policy is a new generation, whose programs
 * replace those on the hooks.
 */
#ifndef PCTL_GENERATION_H
#define PCTL_GENERATION_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi.h"
#include "event_maps.h"
#include "owner.h"
#include "pending.h"
#include "policy.h"

/* The directory, below that of a generation, of the policy that it took the place of. */
#define GENERATION_BEFORE "before"

/* How far a change got. Kept in the kernel, so that the command after a killed one can finish its
 * work. */
enum phase {
	PHASE_ENFORCING = 1, /* its programs are, or are being, put on the hooks */
	PHASE_DONE = 2, /* they are there */
	PHASE_DETACHING = 3, /* they are being taken off */
};

/* Is its policy one that policyctl quarantine put in force? */
enum quarantine_phase {
	QUARANTINE_NONE,
	QUARANTINE_ON, /* nothing but a release may change the policy */
	QUARANTINE_RELEASED, /* likewise its policy, until what keeps it has put its own in force */
};

/* Is nothing of its policy enforced? */
enum audit {
	AUDIT_NONE, /* something is, or it denies nothing */
	AUDIT_WORDS, /* all that denies says `audit` */
	AUDIT_WHOLE, /* struct policy.audit */
};

/* The value of the pinned map `meta`. Fixed sizes: a later policyctl reads what an earlier one
 * left. */
struct meta {
	uint32_t abi_version; /* PCTL_ABI_VERSION of the policyctl that wrote it */
	uint32_t phase; /* enum phase */
	uint32_t mode; /* enum xdp_mode; none: the program of HOOK_GUARD judges alone (--hook tc) */
	uint32_t made_clsact; /* the qdisc was not there before attach */
	uint64_t attached_at; /* seconds since 1970 */
	uint64_t changed_at; /* when this generation was made */
	uint64_t generation; /* likewise: what events call it */
	uint32_t ifindex;
	uint32_t peer; /* ifindex of a veth's other end, 0: none */
	char name[IF_NAMESIZE]; /* of the interface, when it was attached */
	uint8_t mac[6];
	uint16_t mode_choice; /* enum mode_choice: what was asked for */
	uint32_t veth; /* the interface is one */
	uint32_t guarded; /* the guard is behind XDP: hooks_are_guarded() */
	uint32_t set_count; /* how many of its sets come from files */
	uint32_t text_length; /* bytes used in `policy_text` */
	uint32_t rule_count;
	uint32_t slots; /* counter slots: policy_slots() */
	uint32_t next_id;
	uint32_t program_ids[3]; /* by enum hook: a program is found by its id where its pin was
				    removed */
	uint32_t quarantine; /* enum quarantine_phase */
	uint32_t audit; /* enum audit */
	uint32_t has_own; /* a rule asks for the container's own addresses: it has the map `own` */
	uint32_t tracks; /* a rule asks for established packets: it uses attachment_pins.h */
	uint32_t mirror_count; /* to how many targets copies go: it has the maps of mirror_map.h */
	uint32_t treats; /* enum pctl_treated: what its rules do beside their verdict */
	uint32_t shapes; /* bits 1 << enum pctl_direction: packets wait there */
	uint32_t class_count; /* the classes in which they do: shape_classes.h */
	uint32_t live_count; /* how many of its sets are live */
	/* Of each, in its order: index of `live_sets` + 1. 0: no rule looks for peers in it. */
	uint32_t live[PCTL_SETS_MAX];
	uint32_t names; /* its programs read DNS names: it uses attachment_pins.h */
};

/* What is remembered of a rule beside its text: an element of the pinned map `rule_ids`. */
struct rule_record {
	uint32_t id;
	uint32_t baseline; /* struct rule.baseline */
};

/* The maps that user space reads later. The others, the tables of the policy, live as long as the
 * programs that read them. */
enum generation_map {
	MAP_PROTO_RULES, /* these are the programs' own, see kern/maps.h */
	MAP_PORT_RULES,
	MAP_RULE_STATS,
	MAP_UNKNOWN_STATS,
	MAP_FRAGMENTS, /* if fragments are tracked; not pinned, for tests */
	/* If connections are tracked. Not pinned with the generation: attachment_pins.h. */
	MAP_CONNECTIONS,
	MAP_HALF_OPEN,
	MAP_CONNECTION_STATS,
	/* If there are rates, and rates for each peer. Likewise: attachment_pins.h. */
	MAP_BUCKETS,
	MAP_PEER_BUCKETS,
	/* If it has live sets. All attachments share them: live_maps.h. */
	MAP_LIVE_SETS,
	MAP_LIVE_MEMBERS,
	/* If its programs read DNS names. Likewise: attachment_pins.h. */
	MAP_QUESTIONS,
	MAP_NAME_STATS,
	MAP_POLICY_TEXT, /* the policy in the policy language */
	MAP_RULE_IDS, /* struct rule_record of each rule, in their order */
	MAP_OWNER, /* struct owner; only if it has one */
	MAP_PENDING, /* struct pending; only while it waits to be confirmed */
	MAP_OWN, /* struct pctl_own; only if a rule asks for it */
	/* Only if copies are made: mirror_map.h. */
	MAP_MIRRORS,
	MAP_MIRROR_STATS,
	MAP_CARRIED_COPIES, /* array of struct pctl_counter: what earlier generations counted */
	MAP_CLASSES, /* struct shape_class each; only if a rule has `shape` */
	MAP_CARRIED_STATS, /* array of struct pctl_counter: what earlier generations counted, as
			    * rule_stats and, behind it, unknown_stats */
	MAP_META, /* array of one: struct meta. Pinned last: without it the rest is not whole */
	MAP_COUNT,
};

/* The hooks of an interface, in the order in which they are filled. */
enum hook {
	HOOK_EGRESS, /* section tc, at clsact egress: what the container receives */
	HOOK_GUARD, /* section classifier, at clsact ingress: what the container sends, behind XDP
		     * or, if meta.mode is none, alone; only if meta.guarded */
	HOOK_XDP, /* section xdp: what the container sends; not if meta.mode is none */
	HOOK_COUNT,
};

struct program {
	int fd; /* -1: none */
	uint32_t id;
};

struct generation {
	uint32_t number; /* the name of its directory; from 1 on, 0: empty */
	char path[PATH_MAX - NAME_MAX];
	struct program programs[HOOK_COUNT];
	int maps[MAP_COUNT];
	struct event_maps events; /* only if it was made just now */
	int sets[PCTL_SETS_MAX]; /* the policy's sets from files, in its order: set_map.h */
	/* Only if it was made just now: they keep its live sets from being freed (live_maps.h). */
	int live_holds[PCTL_SETS_MAX];
	struct meta meta;
	struct owner owner; /* owner_is(): it has one */
	struct pctl_own own; /* own.known: a rule asks for it, and it is known */
	struct pending pending; /* pending_is(): it waits to be confirmed */
	bool damaged; /* pins of it were removed: it can be taken off, not read or changed */
};

/* A generation that owns nothing: what the functions below fill and generation_close() takes. */
#define GENERATION_EMPTY                                                            \
	{                                                                           \
		.programs = { [0 ... HOOK_COUNT - 1] = { .fd = -1 } },              \
		.maps = { [0 ... MAP_COUNT - 1] = -1 }, .events = EVENT_MAPS_EMPTY, \
		.sets = { [0 ... PCTL_SETS_MAX - 1] = -1 },                         \
		.live_holds = { [0 ... PCTL_SETS_MAX - 1] = -1 },                   \
	}

/* Why a policy is put in force, for the history. */
enum plan_purpose {
	PLAN_CHANGE,
	PLAN_UNDO,
	PLAN_NOT_CONFIRMED,
	PLAN_RELEASE, /* of a quarantine */
};

/* A policy and the tables that it compiles to. */
struct plan {
	struct policy *policy;
	struct compiled *compiled;
	bool quarantine; /* a generation made of it is QUARANTINE_ON */
	struct pending pending; /* a generation made of it waits to be confirmed */
	enum plan_purpose purpose;
	uint32_t back_to; /* the entry of the history that it is from; 0: none */
};

void plan_free(struct plan *plan); /* what it holds */

/* What a generation is made of. */
struct generation_input {
	const struct plan *plan;
	struct meta meta; /* fields about policy and programs are filled in by generation_make() */
	const struct generation *previous; /* which it will follow, NULL: none */
	const struct owner *owner; /* NULL: that of `previous` */
	const struct pending *pending; /* NULL: it is in force to stay */
	const struct pctl_own
		*own; /* the container's own addresses; NULL: plan->policy->own_found */
	const char *gateway; /* the interface whose addresses @gateway means; NULL: not known */
	uint32_t bridge; /* that the interface is a port of, which resolvers may be on; 0: none */
	const char *shared; /* the directory in which attachments share sets and event maps; NULL:
			       nothing is shared */
};

/*
 * Loads the programs for a policy and fills their maps; nothing is pinned or attached yet.
 * @path: where it will be pinned
 * -EPERM: capabilities; others as the kernel says, in words in error_message().
 */
int generation_make(const struct generation_input *input, const char *path, uint32_t number,
		    struct generation *generation);

/* The same of a policy that is not compiled yet; its maps are not shared. */
int generation_load(const struct policy *policy, const struct meta *meta,
		    const struct generation *previous, const char *path, uint32_t number,
		    struct generation *generation);

/*
 * Pins everything below its path, which must not exist; meta last. On failure nothing is left
 * there.
 * @before: whose policy it takes the place of for a while. That policy is pinned along, so that it
 * can be put in force again after any command and any number of changes. NULL: none
 */
int generation_pin(struct generation *generation, const struct generation *before);

/*
 * Opens the policy that was pinned along. Only its policy, its owner and its meta can be read.
 * -ENOENT: there is none.
 */
int generation_open_before(const struct generation *generation, struct generation *before);

/* The policy is in force to stay: removes the record `pending` and what was pinned along. */
int generation_confirm(struct generation *generation);

/* Does it want a program on this hook? */
bool generation_wants(const struct generation *generation, enum hook hook);

/* Do its programs look for peers in live sets? */
bool generation_has_live(const struct generation *generation);

/* Opens a pinned generation. -ENOENT: there is none, or it was never completed. -EPROTO: another
 * version of policyctl made it. */
int generation_open(const char *path, uint32_t number, struct generation *generation);

/* Reads only what a pinned generation remembers. Errors as generation_open(). */
int generation_peek(const char *path, struct meta *meta);

/* Removes the pins in `path`, meta first, and the directory. A directory that is not there is fine.
 */
int generation_unpin(const char *path);

/* Do its programs write events for the readers in this map `subscriptions` (event_maps.h)? No, if
 * its pin was removed and a new map made since they were loaded. */
bool generation_notifies(const struct generation *generation, int subscriptions);

/* Closes the file descriptors. What is pinned or attached stays. */
void generation_close(struct generation *generation);

/* Gives a generation that was made ahead what `meta` says of the interface and the time. What meta
 * says of its policy and its programs stays. Nothing is written. */
void generation_adopt_meta(struct generation *generation, const struct meta *meta);

/* Writes generation->meta to the kernel. */
int generation_save_meta(const struct generation *generation);

/* The same for generation->owner; -ENOENT: it was made without one. */
int generation_save_owner(const struct generation *generation);

/*
 * The policy this generation enforces, with its rule ids, for the caller to free. Of sets from
 * files it has counts and digest, not the prefixes. Its `own_found` and `audit`
 * are what the programs have.
 */
int generation_policy(const struct generation *generation, struct policy **policy);

#endif
