/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the attachments of a network namespace have counted at one moment, as plain data. A sample
 * holds no lock, no file and no map.
 */
#ifndef PCTL_SAMPLE_H
#define PCTL_SAMPLE_H

#include <jansson.h>

#include "connection_table.h"
#include "counters.h"
#include "failures.h"
#include "mirror_map.h"
#include "name_counts.h"
#include "peer_buckets.h"
#include "print.h"
#include "shaped.h"

/* Per second, since the sample before (rates.h). */
struct rate {
	double packets;
	double bytes;
};

/* A count and how fast it grows. */
struct measure {
	struct pctl_counter count;
	struct rate rate;
};

/* One row of the counters, as struct counter_row has it. */
struct sample_row {
	enum counter_kind kind;
	enum verdict verdict;
	bool audit; /* what it denies passes */
	unsigned int directions; /* in which it counts: bits 1 << enum pctl_direction */
	uint32_t slot; /* identifies a row that is no rule */
	uint32_t id; /* of a rule; 0: the row is no rule */
	const char *text; /* of a rule or an implicit rule; else the name of the row */
	struct measure measures[PCTL_DIRECTIONS];
};

struct sample_item {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	const char *container; /* the name of its container, "": none is known. Of `owners` */
	const char *state; /* attachment_state() */
	bool enforcing, audit, quarantine;
	bool unconfirmed; /* its policy goes back unless it is confirmed */
	uint32_t rule_count;
	uint64_t attached_at, changed_at; /* seconds since 1970 */
	bool readable; /* false: nothing of what follows is known */
	struct sample_row *rows; /* in the order in which they are tried, retired ones last */
	size_t row_count;
	struct measure passed[PCTL_DIRECTIONS], dropped[PCTL_DIRECTIONS], rejected[PCTL_DIRECTIONS];
	struct measure would_drop[PCTL_DIRECTIONS], would_reject[PCTL_DIRECTIONS];
	struct pctl_counter unknown[PCTL_REASON_MAX][PCTL_DIRECTIONS];
	struct pctl_counter answers[PCTL_ANSWER_FATES][PCTL_DIRECTIONS];
	/* Packets that shared a bucket with those of other peers: there were too many. */
	struct pctl_counter shared[PCTL_DIRECTIONS];
	struct connection_summary connections;
	struct mirror_views mirrors;
	struct bucket_summary buckets;
	struct name_counts names;
	struct shaped *queues; /* in which packets wait */
	size_t queue_count;
	struct sample_live {
		char *name; /* of the set */
		uint32_t members, left_out;
		bool incomplete; /* members did not fit in */
		bool complete; /* what is no member is known to be none */
	} live[PCTL_SETS_MAX]; /* those in which rules look for peers */
	uint32_t live_count;
	bool rated; /* the rates are known */
	struct rule_texts texts; /* rows[].text of rules points here */
	json_t *json; /* attachment_json_stats(), if it was asked for */
};

struct owner;
struct container_lookup;
struct target;

struct sample {
	double time; /* of day: seconds since 1970 */
	double clock; /* monotonic seconds */
	double seconds; /* over which the rates were measured; 0: there are no rates */
	struct sample_item *items; /* by ifindex, ascending */
	size_t count;
	struct owner *owners; /* the container of each item */
	struct failures failures; /* attachments that could not be read, or only in part */
};

/*
 * Takes a sample: opens the session, reads, closes it.
 * @target: if it is a container that was started anew, the engine is asked again
 * @lookup: names the containers of attachments without a record of one; NULL: they have no name
 * @json: fill in items[].json
 * Returns an enum target_result, or a negative errno, with words unless it is TARGET_FOUND. An
 * attachment that cannot be read goes to `failures` and does not keep the others out. The sample is
 * to be freed in any case.
 */
int sample_take(struct target *target, struct container_lookup *lookup, bool json,
		struct sample *sample);
void sample_free(struct sample *sample);

#endif
