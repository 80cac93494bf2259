/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy, from text to the tables the kernel reads and back to text.
 *
 *   text ─── policy_parse(), policy_add_spec() ──► struct policy ── policy_compile() ──► tables
 *   text ◄── policy_print() ───────────────────────┘
 *
 * Nothing here prints, exits, or knows of a kernel or a socket: what is wrong is collected in a
 * struct diagnostics. All functions return 0 or a negative errno and leave their outputs untouched
 * when they fail; free functions take NULL.
 */
#ifndef PCTL_POLICY_H
#define PCTL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct diagnostics;

enum verdict {
	VERDICT_ALLOW,
	VERDICT_DENY,
};

/* Where something stands in its text, both counted from 1. Line 0: it did not come from a text. */
struct place {
	unsigned int line;
	unsigned int column;
};

/* Inclusive at both ends. */
struct range {
	uint16_t low;
	uint16_t high;
};

/* A set of numbers; what this library makes is sorted, nothing overlaps or touches. */
struct ranges {
	struct range *items;
	size_t count; /* 0: not given, everything matches */
};

/* A block of addresses: host order, aligned to the left; of an IPv4 address the first 32 bits of
 * `high`. Bits behind `length` are 0. */
struct prefix {
	uint64_t high, low;
	uint8_t family; /* enum pctl_family */
	uint8_t length; /* 0 to 32, 0 to 128 */
};

/* A set of addresses; what this library makes is sorted by family and address, nothing overlaps,
 * and what could be one block is one. */
struct prefixes {
	struct prefix *items;
	size_t count;
};

/* `set NAME { … }` or `set NAME file "PATH"`. */
struct set {
	char *name;
	char *path; /* NULL: its addresses stand in the policy */
	struct prefixes prefixes;
	/* Of a set from a file: */
	bool loaded; /* `prefixes` holds them; else only the kernel does */
	uint64_t counts[PCTL_FAMILIES]; /* how many prefixes, after joining */
	uint8_t digest[PCTL_SET_DIGEST]; /* of these; two sets are the same if it is */
	struct place place;
};

/* What a rule says of the peer's address: in one of these or, negated, in none of them. */
struct peers {
	struct prefixes prefixes; /* written in the rule itself */
	const struct set **sets; /* of the rule's policy */
	size_t set_count;
	bool negated;
};

static inline bool peers_given(const struct peers *peers)
{
	return peers->prefixes.count || peers->set_count;
}

#define POLICY_BOTH ((1u << PCTL_FROM) | (1u << PCTL_TO))

/*
 * One rule. A field that was not given matches everything; what is given must all match. Two rules
 * are the same rule when policy_rule_print() prints them alike.
 */
struct rule {
	uint32_t id; /* unique in its policy, never used twice by one attachment; 0: none yet */
	enum verdict verdict;
	unsigned int directions; /* bits 1 << enum pctl_direction */
	bool arp; /* `arp`: ARP, which is not IP; no field fits to it */
	struct ranges protocols; /* IANA numbers; none given: `any`, every IP protocol */
	/* Destination and source ports. As they match; a flag says that the others were written,
	 * behind `not`. */
	struct ranges dports, sports;
	bool dports_negated, sports_negated;
	struct ranges types; /* ICMP or ICMPv6 types */
	struct ranges codes; /* codes; only with types */
	struct peers
		peers; /* the other end: destination of what is sent, source of what is received */
	bool log; /* what it decides becomes an event */
	struct place place;
};

struct policy {
	enum verdict defaults[PCTL_DIRECTIONS];
	struct place default_places[PCTL_DIRECTIONS]; /* where each was set */
	struct rule *rules; /* first match decides */
	size_t count;
	struct set *
		*sets; /* in the order of their definition; each on its own, rules point there */
	size_t set_count;
	uint32_t next_id; /* what the next rule without one gets; from 1 on */
};

/* An empty policy that allows everything, or NULL without memory. The caller frees it. */
struct policy *policy_new(void);
void policy_free(struct policy *policy);

static inline void policy_freep(struct policy **policy) /* for _cleanup_ */
{
	policy_free(*policy);
}

/* A deep copy, or NULL without memory. */
struct policy *policy_copy(const struct policy *policy);

/*
 * How the parser gets at sets that stand in files: it opens none itself.
 * @load: fills in path (absolute, replacing what was written), counts and digest of a set that has
 * name, path and place; prefixes and loaded too if it reads them, with prefixes_parse(). Returns 0;
 * -EINVAL when *diagnostics says what is wrong in the file; another negative errno when it cannot
 * be read, which the parser reports at the path; -ESPIPE: it is not a regular file.
 * @name: of the policy, as policy_parse() has it
 */
struct policy_files {
	int (*load)(void *data, const char *name, struct set *set, struct diagnostics *diagnostics);
	void *data;
};

/*
 * Parses a list of addresses: an address or a block a line, # begins a comment.
 * @name: of the file, for messages; the first 20 errors are reported
 * @progress: NULL, or called now and then with the bytes read so far
 * Returns 0 and sorted, joined prefixes, -EINVAL with *diagnostics, or -ENOMEM.
 */
int prefixes_parse(const char *name, const char *text, size_t length, struct prefixes *prefixes,
		   struct diagnostics *diagnostics, void (*progress)(void *data, size_t bytes),
		   void *data);
void prefixes_clear(struct prefixes *prefixes);

/*
 * Parses a policy in the policy language (docs/policy-language.md).
 * @name: what messages call it, a file name for example
 * @files: NULL: sets from files are errors
 * @text, @length: need not end in NUL; a NUL inside is an error
 * Returns 0 and a policy for the caller to free; -EINVAL when there were errors, the first 20
 * are in *diagnostics; -ENOMEM. Warnings alone do not fail. Rules have no ids yet.
 */
int policy_parse(const char *name, const char *text, size_t length,
		 const struct policy_files *files, struct policy **policy,
		 struct diagnostics *diagnostics);

/*
 * Moves the rules and sets of @from behind those of @into, and its defaults where it gives any;
 * @from is left empty. -EINVAL: both define a set of the same name, *diagnostics says so and
 * nothing was moved; -ENOMEM.
 */
int policy_merge(struct policy *into, struct policy *from, struct diagnostics *diagnostics);

/* Lets messages name rules by id or number: the policy has no text, or no single one, that the
 * reader could look at. Not before a policy_merge(), which has to know what was given. */
void policy_forget_places(struct policy *policy);

/*
 * Appends the rule that a SPEC stands for: `[from:|to:]PROTO[/PORTS]` or `[from:|to:]PORTS/PROTO`.
 * -EINVAL: not a SPEC, *diagnostics says where, in a source called `SPEC`; the policy is unchanged.
 * A number alone brings a warning: it is a protocol, and hardly ever meant so.
 */
int policy_add_spec(struct policy *policy, enum verdict verdict, const char *spec,
		    struct diagnostics *diagnostics);

/* Sets defaults from `allow`, `deny`, `from:allow`, `to:deny` and so on; they replace what a text
 * said. -EINVAL: none of these, *diagnostics says where, in a source called `DEFAULT`. */
int policy_set_default(struct policy *policy, const char *text, struct diagnostics *diagnostics);

/* Removes the rule with this id; -ENOENT when there is none. */
int policy_remove(struct policy *policy, uint32_t id);

/*
 * Gives ids to rules that have none: a rule that stands in @previous (may be NULL) too keeps its id
 * from there, each at most once; the others get fresh ones, above all that @previous ever gave.
 *
 * Returns 0, -ENOMEM, or -EOVERFLOW when no ids are left.
 */
int policy_assign_ids(struct policy *policy, const struct policy *previous);

/* Takes the ids of all rules away, so that they can be given anew for another attachment. */
void policy_forget_ids(struct policy *policy);

/*
 * The policy in the policy language: a malloc'd, NUL-terminated text that policy_parse() reads back
 * to the same tables. Ids are not part of it. NULL without memory.
 */
char *policy_print(const struct policy *policy);

/* One rule as policy_print() writes it, without the newline: malloc'd, NULL without memory. */
char *policy_rule_print(const struct rule *rule);

/* What policy_rule_print() says of each rule, for less: a stream for each has a price. */
struct rule_texts {
	const char **items; /* in the order of the rules */
	char *block; /* where they stand */
};

/* The caller clears *texts. 0 or -ENOMEM. */
int policy_rule_texts(const struct policy *policy, struct rule_texts *texts);
void rule_texts_clear(struct rule_texts *texts);

/* One set likewise; a long one takes several lines. */
char *policy_set_print(const struct set *set);

/* Would both print alike, and do the files of their sets hold the same? -ENOMEM, or 0 and the
 * answer in *same. */
int policy_same(const struct policy *a, const struct policy *b, bool *same);

/* `allow` or `deny`. */
const char *policy_verdict_name(enum verdict verdict);
/* `from` or `to`. */
const char *policy_direction_name(enum pctl_direction direction);

/*
 * A rule that a direction whose default is deny has behind its own rules, so that the network keeps
 * working. Not part of policy_print(); `show` prints them as comments.
 */
struct implicit_rule {
	enum pctl_slot slot; /* where its packets are counted */
	unsigned int directions; /* bits 1 << enum pctl_direction */
	const char *text; /* in the policy language, without verdict and direction: `arp` */
	uint8_t protocol; /* ARP: 0 */
	struct range selectors[4]; /* type << 8 | code, as enum pctl_selected says */
	size_t selector_count; /* ARP: 0 */
};

extern const struct implicit_rule policy_implicit_rules[];
extern const size_t policy_implicit_rule_count;

/*
 * Judges a whole policy: warns of rules that can never be reached, naming the rule that hides them,
 * and of `default to deny` where the answers to what the container opens would be dropped. Returns
 * 0, or -ENOMEM.
 */
int policy_check(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

/* A trie over addresses, as struct pctl_jump in abi.h and its neighbours describe it. */
struct trie {
	union pctl_cell *cells;
	size_t count;
};

/* What the kernel side reads. Rule number i counts in slot PCTL_SLOT_RULES + i. Arrays named
 * alike are parallel: keys and values of a map. */
struct compiled {
	struct pctl_tables tables[PCTL_DIRECTIONS];
	struct pctl_classes classes; /* all but set_roots, which the maps of the sets tell */
	bool track_fragments[PCTL_DIRECTIONS]; /* an unknown port could matter in this direction */
	/* For proto_rules: what a rule that names the protocol, and asks for nothing else, says of
	 * all of it. */
	struct pctl_proto_key *proto_keys;
	uint32_t *proto_outcomes;
	size_t proto_count;
	/* For port_rules, likewise: each selector whose outcome its page does not tell. */
	struct pctl_port_key *port_keys;
	uint32_t *port_outcomes;
	size_t port_count;
	/* For prefixes, services, peer_rules: values by index. */
	struct trie prefixes;
	struct pctl_service *services;
	size_t service_count;
	uint32_t *peer_rules;
	size_t peer_rule_count;
	struct pctl_pair_key *pair_keys;
	uint32_t *pair_outcomes;
	size_t pair_count;
	struct pctl_list_rule *list_rules;
	size_t list_rule_count;
	uint32_t *peer_lists;
	size_t peer_list_count;
	struct pctl_source_page *source_pages; /* 0 or PCTL_DIRECTIONS * PCTL_PAGES */
	size_t source_page_count;
	struct pctl_source_key *source_keys;
	uint32_t *source_services;
	size_t source_count;
	/* The sets from files it uses, in the order of set_0, set_1, …; they are the policy's. */
	const struct set *sets[PCTL_SETS_MAX];
	uint32_t slots; /* counter slots used, the rules' included */
};

/*
 * Compiles a policy; the caller frees the result. Pure: the same policy gives the same bytes.
 * -E2BIG: its tables would be larger than the budget (policy/budget.h); *diagnostics, whose source
 * is @name, says which and names the rules that make them so. -ENOMEM.
 */
int policy_compile(const struct policy *policy, const char *name, struct compiled **compiled,
		   struct diagnostics *diagnostics);
void compiled_free(struct compiled *compiled);

/*
 * Compiles a set from a file, which must be loaded: the contents of its map, header included.
 * -E2BIG: more cells than a reference can name; -ENOMEM. The caller frees trie->cells.
 */
int set_compile(const struct set *set, struct trie *trie);

#endif
