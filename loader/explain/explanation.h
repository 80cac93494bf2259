/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a frame, and why. Of an attachment, its loaded programs answer (probe.h), and the
 * reference evaluator (evaluate.h) must say the same; of a policy that is nowhere in force, the
 * evaluator alone does. Nothing is counted, reported or remembered.
 */
#ifndef PCTL_EXPLANATION_H
#define PCTL_EXPLANATION_H

#include "attachment.h"
#include "connection_table.h"
#include "evaluate.h"
#include "live_view.h"
#include "probe.h"

/* Whose answer is wanted. */
struct explainer {
	struct policy *policy;
	const struct attachment *attachment; /* NULL: none, and all sets of the policy are loaded */
	const char *name; /* of the interface or of the policy's file */
	char *text; /* of that file, where its lines can be shown; malloc'd or NULL */
	/* The container's own addresses, for packets in words: its connections have them. Not known
	 * where its policy asks neither for them nor for connections. */
	struct pctl_own container;
	bool established; /* the packets are part of connections; else each is the first of one */
};

/* Reads the policy of an attachment. The caller closes. */
int explainer_open(const struct attachment *attachment, struct explainer *explainer);
void explainer_close(struct explainer *explainer);

/* What decided. */
struct decision {
	enum verdict verdict;
	bool audit; /* what it denies passes */
	bool log;
	uint8_t reason; /* enum pctl_reason: what is not known of the packet, or PCTL_REASON_NONE */
	uint32_t slot; /* where it would be counted: enum pctl_slot or a rule's */
	const struct rule *rule; /* the policy's; NULL: none */
	const struct implicit_rule *implicit; /* NULL: none; both: the direction's default */
};

static inline bool decision_passes(const struct decision *decision)
{
	return decision->verdict == VERDICT_ALLOW || decision->audit;
}

/* A program that was asked. */
struct testimony {
	enum hook hook;
	int error; /* 0, or -EOPNOTSUPP: BPF_PROG_TEST_RUN does not take such a frame */
	bool left; /* XDP left it to the guard */
	struct decision decision;
	bool agrees; /* with the evaluator */
};

struct explanation {
	enum pctl_direction direction;
	struct packet_fields fields;
	/* What is answered: what the first program that was given the frame said, or, where there
	 * is none, what the evaluator says. */
	struct decision decision;
	struct decision evaluated;
	enum pctl_established established; /* NO also where no rule asks */
	enum claim claim; /* what made it spoofed, if a rule with `spoofed` decided */
	bool as_ah; /* behind an AH, and denied as `ah` alone */
	bool is_known; /* the attachment knows a connection with its ends: `connection` */
	struct connection connection;
	uint32_t looked_at; /* when, PCTL_TICK() */
	struct live_finding live[PCTL_SETS_MAX]; /* what has the packet's peer, or may */
	uint32_t live_count;
	/* A rule denies what this implicit rule would let pass; NULL: there is none. */
	const struct implicit_rule *overruled;
	struct testimony asked[2];
	size_t asked_count;
	bool answered; /* one of the programs did */
	bool faulty; /* one of them does not agree */
};

/*
 * Explains a frame, from its Ethernet header on.
 * Returns 0, or what reading the sets or asking the programs failed with, in error_message().
 */
int explain_frame(struct explainer *explainer, enum pctl_direction direction, const uint8_t *frame,
		  size_t length, struct explanation *explanation);

/*
 * Why a rule that stands in front of the one that decided did not: malloc'd words like `dport is
 * 443`. NULL: no wonder, it is for another direction or protocol, or it does match; or no memory.
 */
char *explain_miss(const struct explanation *explanation, const struct rule *rule);

#endif
