// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>

#include "prometheus.h"
#include "prometheus_live.h"
#include "prometheus_text.h"
#include "reasons.h"
#include "util.h"

/* --- one number for each attachment --- */

static uint64_t is_enforcing(const struct sample_item *item)
{
	return item->enforcing;
}

static uint64_t is_audited(const struct sample_item *item)
{
	return item->audit;
}

static uint64_t is_in_quarantine(const struct sample_item *item)
{
	return item->quarantine;
}

static uint64_t is_unconfirmed(const struct sample_item *item)
{
	return item->unconfirmed;
}

static uint64_t is_readable(const struct sample_item *item)
{
	return item->readable;
}

static uint64_t rule_count(const struct sample_item *item)
{
	return item->rule_count;
}

static uint64_t attached_at(const struct sample_item *item)
{
	return item->attached_at;
}

static uint64_t changed_at(const struct sample_item *item)
{
	return item->changed_at;
}

static uint64_t ifindex(const struct sample_item *item)
{
	return item->ifindex;
}

static const struct gauge {
	const char *name, *help;
	uint64_t (*value)(const struct sample_item *item);
} gauges[] = {
	{ "enforcing",
	  "1 if all programs of the attachment are in place, with nobody else's in front, and it "
	  "is not audited.",
	  is_enforcing },
	{ "audit", "1 if the attachment is audited as a whole: nothing is enforced.", is_audited },
	{ "quarantine", "1 if all is dropped but what policyctl quarantine named.",
	  is_in_quarantine },
	{ "unconfirmed", "1 if the policy in force goes back by itself unless it is confirmed.",
	  is_unconfirmed },
	{ "counters_readable", "1 if the counters of the attachment could be read.", is_readable },
	{ "rules", "Rules in the policy in force.", rule_count },
	{ "attached_timestamp_seconds", "When the attachment was made, since 1970.", attached_at },
	{ "changed_timestamp_seconds", "When the policy in force was put in force, since 1970.",
	  changed_at },
	{ "interface_index", "The ifindex of the interface.", ifindex },
};

static void write_gauges(FILE *out, const struct sample *sample)
{
	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++) {
		prometheus_head(out, gauges[i].name, "gauge", gauges[i].help);
		for (size_t j = 0; j < sample->count; j++) {
			prometheus_begin(out, gauges[i].name, &sample->items[j]);
			prometheus_end(out, gauges[i].value(&sample->items[j]));
		}
	}
}

/* --- connections, where a policy knows them --- */

static const struct connection_metric {
	const char *name, *type, *help;
	size_t offset; /* of the value in struct connection_summary */
	bool narrow; /* it has 32 bits */
} connection_metrics[] = {
#define ENTRIES(table) offsetof(struct connection_summary, entries[table])
#define CAPACITY(table) offsetof(struct connection_summary, capacity[table])
#define COUNTER(counter) offsetof(struct connection_summary, counters[counter])
	{ "connections", "gauge", "Connections that both sides have confirmed.",
	  ENTRIES(CONNECTIONS_CONFIRMED), false },
	{ "connections_limit", "gauge", "How many of them there is room for.",
	  CAPACITY(CONNECTIONS_CONFIRMED), true },
	{ "connections_half_open", "gauge", "Connections that are not confirmed yet.",
	  ENTRIES(CONNECTIONS_HALF_OPEN), false },
	{ "connections_half_open_limit", "gauge",
	  "How many of them there is room for; then the least recently used is forgotten.",
	  CAPACITY(CONNECTIONS_HALF_OPEN), true },
	{ "connections_memory_bytes", "gauge", "Memory of the tables in the kernel.",
	  offsetof(struct connection_summary, memory), false },
	{ "connections_opened_total", "counter", "Connections that were let begin.",
	  COUNTER(PCTL_CONNECTIONS_OPENED), false },
	{ "connections_confirmed_total", "counter", "Connections that both sides confirmed.",
	  COUNTER(PCTL_CONNECTIONS_CONFIRMED), false },
	{ "connections_refused_total", "counter",
	  "Packets that would have confirmed a connection, had there been room.",
	  COUNTER(PCTL_CONNECTIONS_REFUSED), false },
	{ "connections_swept_total", "counter",
	  "Expired or closing connections that were removed to make room.",
	  COUNTER(PCTL_CONNECTIONS_SWEPT), false },
#undef ENTRIES
#undef CAPACITY
#undef COUNTER
};

static bool are_tracked(const struct sample_item *item)
{
	return item->readable && item->connections.tracked;
}

static void write_connections(FILE *out, const struct sample *sample,
			      const struct connection_metric *metric)
{
	prometheus_head(out, metric->name, metric->type, metric->help);
	for (size_t i = 0; i < sample->count; i++) {
		const struct sample_item *item = &sample->items[i];
		const char *at = (const char *)&item->connections + metric->offset;

		if (!are_tracked(item))
			continue;
		prometheus_begin(out, metric->name, item);
		prometheus_end(out, metric->narrow ? *(const uint32_t *)at : *(const uint64_t *)at);
	}
}

static void write_all_connections(FILE *out, const struct sample *sample)
{
	bool any = false;

	for (size_t i = 0; i < sample->count; i++)
		any = any || are_tracked(&sample->items[i]);
	for (size_t i = 0; i < ARRAY_SIZE(connection_metrics) && any; i++)
		write_connections(out, sample, &connection_metrics[i]);
}

/* --- peers with a rate of their own, where a policy gives them one --- */

static void write_peers(FILE *out, const struct sample *sample, const char *name, const char *help,
			bool limit)
{
	prometheus_head(out, name, "gauge", help);
	for (size_t i = 0; i < sample->count; i++) {
		const struct bucket_summary *buckets = &sample->items[i].buckets;

		if (!sample->items[i].readable || !buckets->each)
			continue;
		prometheus_begin(out, name, &sample->items[i]);
		prometheus_end(out, limit ? buckets->capacity : buckets->peers);
	}
}

static void write_all_peers(FILE *out, const struct sample *sample)
{
	bool any = false;

	for (size_t i = 0; i < sample->count; i++)
		any = any || (sample->items[i].readable && sample->items[i].buckets.each);
	if (!any)
		return;
	write_peers(out, sample, "rate_peers", "Peers with a rate of their own that is in use.",
		    false);
	write_peers(out, sample, "rate_peers_limit",
		    "How many of them there is room for; all others share one rate.", true);
}

/* --- counters: each comes in packets and in bytes --- */

struct writing {
	FILE *out;
	const char *name;
	bool bytes;
};

static void counter(const struct writing *to, const struct pctl_counter *count)
{
	prometheus_end(to->out, to->bytes ? count->bytes : count->packets);
}

static void begin_direction(const struct writing *to, const struct sample_item *item, int direction)
{
	prometheus_begin(to->out, to->name, item);
	prometheus_label(to->out, "direction", policy_direction_name(direction));
}

/* What `audit` passes has a verdict of its own, so that nobody takes it for dropped. */
static const char *verdict(enum verdict verdict, bool audit)
{
	static const char *const audited[] = {
		[VERDICT_DENY] = "would_deny",
		[VERDICT_REJECT] = "would_reject",
	};

	return audit ? audited[verdict] : policy_verdict_name(verdict);
}

static void write_total(const struct writing *to, const struct sample_item *item, int direction,
			const char *verdict, const struct measure measures[])
{
	begin_direction(to, item, direction);
	prometheus_label(to->out, "verdict", verdict);
	counter(to, &measures[direction].count);
}

static void write_totals(const struct writing *to, const struct sample_item *item)
{
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		write_total(to, item, d, verdict(VERDICT_ALLOW, false), item->passed);
		write_total(to, item, d, verdict(VERDICT_DENY, false), item->dropped);
		write_total(to, item, d, verdict(VERDICT_REJECT, false), item->rejected);
		write_total(to, item, d, verdict(VERDICT_DENY, true), item->would_drop);
		write_total(to, item, d, verdict(VERDICT_REJECT, true), item->would_reject);
	}
}

static void write_row(const struct writing *to, const struct sample_item *item,
		      const struct sample_row *row, int direction)
{
	static const char *const kinds[] = {
		[COUNTER_RULE] = "rule",       [COUNTER_IMPLICIT] = "implicit",
		[COUNTER_DEFAULT] = "default", [COUNTER_RATE] = "rate",
		[COUNTER_RETIRED] = "retired",
	};
	char id[16] = "";

	if (row->id)
		snprintf(id, sizeof(id), "%u", row->id);
	begin_direction(to, item, direction);
	prometheus_label(to->out, "verdict", verdict(row->verdict, row->audit));
	prometheus_label(to->out, "kind", kinds[row->kind]);
	prometheus_label(to->out, "rule_id", id);
	prometheus_label(to->out, "rule", row->text);
	counter(to, &row->measures[direction].count);
}

static void write_rows(const struct writing *to, const struct sample_item *item)
{
	for (size_t i = 0; i < item->row_count; i++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++)
			if (item->rows[i].directions & (1u << d))
				write_row(to, item, &item->rows[i], d);
}

static void write_unknown(const struct writing *to, const struct sample_item *item)
{
	for (int i = 0; i < PCTL_REASON_MAX; i++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++) {
			begin_direction(to, item, d);
			prometheus_label(to->out, "reason", reason_name(i));
			counter(to, &item->unknown[i][d]);
		}
}

static void write_answers(const struct writing *to, const struct sample_item *item)
{
	for (int i = 0; i < PCTL_ANSWER_FATES; i++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++) {
			begin_direction(to, item, d);
			prometheus_label(to->out, "answer", answer_fate_name(i));
			counter(to, &item->answers[i][d]);
		}
}

static void write_shared(const struct writing *to, const struct sample_item *item)
{
	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		begin_direction(to, item, d);
		counter(to, &item->shared[d]);
	}
}

static const struct family {
	const char *packets, *packets_help, *bytes, *bytes_help;
	void (*write)(const struct writing *to, const struct sample_item *item);
} families[] = {
	{ "packets_total",
	  "Packets that passed (allow), were dropped (deny) or rejected, or would be (audit).",
	  "bytes_total", "Bytes of these packets, whole frames.", write_totals },
	{ "rule_packets_total",
	  "Packets that a rule decided; kind rate: what exceeded its rate; kind retired: rules no "
	  "longer there.",
	  "rule_bytes_total", "Bytes of these packets, whole frames.", write_rows },
	{ "unknown_packets_total", "Packets that were decided with a field unknown, by why it was.",
	  "unknown_bytes_total", "Bytes of these packets, whole frames.", write_unknown },
	{ "answer_packets_total",
	  "Rejected packets that were answered (sent), or not because of the limit (limited).",
	  "answer_bytes_total", "Bytes of these packets, whole frames.", write_answers },
	{ "shared_bucket_packets_total",
	  "Packets with a rate for each peer that shared one bucket: there were too many peers.",
	  "shared_bucket_bytes_total", "Bytes of these packets, IP alone.", write_shared },
};

static void write_family(FILE *out, const struct sample *sample, const struct family *family,
			 bool bytes)
{
	const struct writing to = { out, bytes ? family->bytes : family->packets, bytes };

	prometheus_head(out, to.name, "counter", bytes ? family->bytes_help : family->packets_help);
	for (size_t i = 0; i < sample->count; i++)
		if (sample->items[i].readable)
			family->write(&to, &sample->items[i]);
}

/* --- copies, where a policy makes some --- */

static void label_mirror(FILE *out, const struct pctl_mirror *at)
{
	char mac[MIRROR_MAC_TEXT];

	prometheus_label(out, "mirror", at->name);
	if (!at->has_mac)
		return;
	mirror_mac_print(at->mac, mac);
	prometheus_label(out, "mac", mac);
}

static void write_mirror(const struct writing *to, const struct sample_item *item,
			 const struct mirror_view *mirror)
{
	static const char *const results[PCTL_COPY_FATES] = {
		[PCTL_COPY_MADE] = "copied",
		[PCTL_COPY_FAILED] = "failed",
	};

	for (int fate = 0; fate < PCTL_COPY_FATES; fate++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++) {
			begin_direction(to, item, d);
			label_mirror(to->out, &mirror->at);
			prometheus_label(to->out, "result", results[fate]);
			counter(to, &mirror->copies[fate][d]);
		}
}

static void write_mirrors(const struct writing *to, const struct sample_item *item)
{
	for (uint32_t i = 0; i < item->mirrors.count; i++)
		write_mirror(to, item, &item->mirrors.items[i]);
}

static const struct family copies = {
	"mirror_packets_total", "Packets that were copied to a mirror, or could not be (failed).",
	"mirror_bytes_total",	"Bytes of these packets, whole frames.",
	write_mirrors,
};

static void write_mirror_states(FILE *out, const struct sample_item *item)
{
	for (uint32_t i = 0; i < item->mirrors.count; i++) {
		const struct pctl_mirror *at = &item->mirrors.items[i].at;

		prometheus_begin(out, "mirror_live", item);
		label_mirror(out, at);
		prometheus_end(out, at->state == PCTL_MIRROR_LIVE);
	}
}

static void write_all_mirrors(FILE *out, const struct sample *sample)
{
	size_t mirrors = 0;

	for (size_t i = 0; i < sample->count; i++)
		mirrors += sample->items[i].mirrors.count;
	if (!mirrors)
		return;
	prometheus_head(out, "mirror_live", "gauge",
			"1 if copies go there, 0 if they have nowhere to go.");
	for (size_t i = 0; i < sample->count; i++)
		write_mirror_states(out, &sample->items[i]);
	write_family(out, sample, &copies, false);
	write_family(out, sample, &copies, true);
}

/* --- queues, where a policy has packets wait --- */

static uint64_t is_there(const struct shaped *queue)
{
	return queue->there;
}

static uint64_t packets_sent(const struct shaped *queue)
{
	return queue->state.packets;
}

static uint64_t bytes_sent(const struct shaped *queue)
{
	return queue->state.bytes;
}

static uint64_t packets_dropped(const struct shaped *queue)
{
	return queue->state.dropped;
}

static uint64_t bytes_waiting(const struct shaped *queue)
{
	return queue->state.waiting;
}

static const struct queue_metric {
	const char *name, *type, *help;
	uint64_t (*value)(const struct shaped *queue);
} queue_metrics[] = {
	{ "queue_live", "gauge", "1 if the kernel has the queue, 0 if packets do not wait.",
	  is_there },
	{ "queue_packets_total", "counter", "Packets that left the queue.", packets_sent },
	{ "queue_bytes_total", "counter", "Bytes of these packets, whole frames.", bytes_sent },
	{ "queue_dropped_packets_total", "counter", "Packets that found the queue full.",
	  packets_dropped },
	{ "queue_waiting_bytes", "gauge", "Bytes that wait in the queue now.", bytes_waiting },
};

static void write_queue(FILE *out, const struct sample_item *item, const struct shaped *queue,
			const struct queue_metric *metric)
{
	char name[SHAPED_NAME];

	shaped_name(queue, name);
	prometheus_begin(out, metric->name, item);
	prometheus_label(out, "direction", policy_direction_name(queue->direction));
	prometheus_label(out, "queue", name);
	prometheus_end(out, metric->value(queue));
}

static void write_all_queues(FILE *out, const struct sample *sample)
{
	size_t queues = 0;

	for (size_t i = 0; i < sample->count; i++)
		queues += sample->items[i].queue_count;
	for (size_t i = 0; i < ARRAY_SIZE(queue_metrics) && queues; i++) {
		prometheus_head(out, queue_metrics[i].name, queue_metrics[i].type,
				queue_metrics[i].help);
		for (size_t j = 0; j < sample->count; j++)
			for (size_t k = 0; k < sample->items[j].queue_count; k++)
				write_queue(out, &sample->items[j], &sample->items[j].queues[k],
					    &queue_metrics[i]);
	}
}

void prometheus_write(FILE *out, const struct sample *sample)
{
	prometheus_head(out, "build_info", "gauge", "1, with the version of policyctl.");
	fprintf(out, "policyctl_build_info{version=\"%s\"} 1\n", PCTL_VERSION);
	write_gauges(out, sample);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		write_family(out, sample, &families[i], false);
		write_family(out, sample, &families[i], true);
	}
	write_all_connections(out, sample);
	write_all_mirrors(out, sample);
	prometheus_write_live(out, sample);
	prometheus_write_dns(out, sample);
	write_all_peers(out, sample);
	write_all_queues(out, sample);
}
