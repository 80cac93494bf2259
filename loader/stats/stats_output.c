// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <string.h>

#include "json_line.h"
#include "reasons.h"
#include "stats_output.h"
#include "table.h"
#include "util.h"

#define TIME_DIGITS 15 /* of a time of day with milliseconds */
#define CUT "..." /* the end of a rule that is too long for a line */

enum column {
	CONTAINER,
	INTERFACE,
	DIRECTION,
	VERDICT,
	PACKETS,
	BYTES,
	PACKET_RATE,
	BYTE_RATE,
	ID,
	RULE
};

static const struct table_column columns[] = {
	[CONTAINER] = { "CONTAINER", false, 0 },
	[INTERFACE] = { "INTERFACE", false, 0 },
	[DIRECTION] = { "DIRECTION", false, 0 },
	[VERDICT] = { "VERDICT", false, 0 },
	[PACKETS] = { "PACKETS", true, 0 },
	[BYTES] = { "BYTES", true, 0 },
	[PACKET_RATE] = { "PACKETS/S", true, 0 },
	[BYTE_RATE] = { "BYTES/S", true, 0 },
	[ID] = { "ID", true, 0 },
	[RULE] = { "RULE", false, 0 },
	{},
};

bool stats_shows(const struct sample_row *row, enum pctl_direction direction)
{
	if (!(row->directions & (1u << direction)))
		return false;
	return row->kind == COUNTER_RULE || row->kind == COUNTER_DEFAULT ||
	       row->measures[direction].count.packets;
}

/* Cut, since a rule may have thousands of ports. `show` prints all of it. */
void stats_words(const struct sample_row *row, char words[STATS_WORDS_SIZE])
{
	if (snprintf(words, STATS_WORDS_SIZE, "%s%s",
		     row->kind == COUNTER_IMPLICIT ? "implicit: "
		     : row->kind == COUNTER_RATE   ? "above the rate of: "
						   : "",
		     row->text) >= STATS_WORDS_SIZE)
		strcpy(words + STATS_WORDS_SIZE - sizeof(CUT), CUT);
}

/* --- the table --- */

struct output {
	struct libscols_table *table;
	const struct sample_item *item;
	enum pctl_direction direction;
	bool rates;
};

struct words {
	const char *verdict;
	bool drops;
	uint32_t id; /* 0: none */
	const char *rule;
};

#define NOT_COUNTED UINT64_MAX /* in place of bytes that nobody counts */

static void set_rate(struct libscols_line *line, size_t column, bool known, double rate)
{
	if (known)
		table_set(line, column, "%.*f", rate < 9.95 && rate > 0 ? 1 : 0, rate);
	else
		table_set(line, column, "-");
}

static void add_line(const struct output *output, const struct words *words,
		     const struct measure *measure, bool rated)
{
	struct libscols_line *line = scols_table_new_line(output->table, NULL);

	table_set(line, CONTAINER, "%s", output->item->container ?: "");
	table_set(line, INTERFACE, "%s", output->item->name);
	table_set(line, DIRECTION, "%s", policy_direction_name(output->direction));
	table_set(line, VERDICT, "%s", words->verdict);
	table_set(line, PACKETS, "%llu", (unsigned long long)measure->count.packets);
	if (measure->count.bytes == NOT_COUNTED)
		table_set(line, BYTES, "-");
	else
		table_set(line, BYTES, "%llu", (unsigned long long)measure->count.bytes);
	if (output->rates) {
		set_rate(line, PACKET_RATE, rated && output->item->rated, measure->rate.packets);
		set_rate(line, BYTE_RATE, rated && output->item->rated, measure->rate.bytes);
	}
	if (words->id)
		table_set(line, ID, "%u", words->id);
	table_set(line, RULE, "%s", words->rule);
	if (words->drops && measure->count.packets)
		table_set_red(line);
}

/* Adds how many packets were decided with a field unknown, for each reason that occurred. */
static void add_unknown(const struct output *output)
{
	for (int i = 0; i < PCTL_REASON_MAX; i++) {
		const struct measure measure = {
			.count = output->item->unknown[i][output->direction]
		};
		char text[64];

		snprintf(text, sizeof(text), "of these with a field unknown: %s", reason_name(i));
		if (measure.count.packets)
			add_line(output, &(struct words){ "either", false, 0, text }, &measure,
				 false);
	}
}

/* Those that only some policies have: where there are any. */
static void add_totals(const struct output *output)
{
	const struct sample_item *item = output->item;
	const struct {
		struct words words;
		const struct measure *measure;
		bool always;
	} totals[] = {
		{ { "pass", false, 0, "all that is allowed" }, item->passed, true },
		{ { "drop", true, 0, "all that was dropped" }, item->dropped, true },
		{ { "reject", true, 0, "all that was rejected" }, item->rejected, false },
		{ { "would drop", false, 0, "all that passed by audit" }, item->would_drop, false },
		{ { "would reject", false, 0, "all that passed by audit" },
		  item->would_reject,
		  false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		const struct measure *measure = &totals[i].measure[output->direction];

		if (totals[i].always || measure->count.packets)
			add_line(output, &totals[i].words, measure, true);
	}
}

/* Adds what became of the answers to rejected packets. */
static void add_answers(const struct output *output)
{
	static const char *const texts[PCTL_ANSWER_FATES] = {
		[PCTL_ANSWER_SENT] = "of these answered",
		[PCTL_ANSWER_LIMITED] = "of these not answered: more than the limit",
	};

	for (int i = 0; i < PCTL_ANSWER_FATES; i++) {
		const struct measure measure = {
			.count = output->item->answers[i][output->direction]
		};

		if (measure.count.packets)
			add_line(output, &(struct words){ "reject", false, 0, texts[i] }, &measure,
				 false);
	}
}

/* Adds what became of copies. */
static void add_copies(const struct output *output)
{
	static const char *const texts[PCTL_COPY_FATES] = {
		[PCTL_COPY_MADE] = "of these copied to",
		[PCTL_COPY_FAILED] = "of these could not be copied to",
	};

	for (uint32_t i = 0; i < output->item->mirrors.count; i++)
		for (int fate = 0; fate < PCTL_COPY_FATES; fate++) {
			const struct mirror_view *mirror = &output->item->mirrors.items[i];
			const struct measure measure = {
				.count = mirror->copies[fate][output->direction]
			};
			char text[64];

			snprintf(text, sizeof(text), "%s %s", texts[fate], mirror->at.name);
			if (measure.count.packets)
				add_line(output, &(struct words){ "mirror", false, 0, text },
					 &measure, false);
		}
}

/* Adds what became of packets that may wait. */
static void add_queues(const struct output *output)
{
	for (size_t i = 0; i < output->item->queue_count; i++) {
		const struct shaped *queue = &output->item->queues[i];
		const struct measure sent = { { queue->state.packets, queue->state.bytes }, {} };
		const struct measure dropped = { { queue->state.dropped, NOT_COUNTED }, {} };
		char name[SHAPED_NAME], text[SHAPED_NAME + 32];

		if (queue->direction != output->direction)
			continue;
		shaped_name(queue, name);
		snprintf(text, sizeof(text),
			 queue->there ? "sent by the queue of %s" : "MISSING: the queue of %s",
			 name);
		add_line(output, &(struct words){ "shape", false, 0, text }, &sent, false);
		snprintf(text, sizeof(text), "dropped by the full queue of %s", name);
		if (dropped.count.packets)
			add_line(output, &(struct words){ "shape", true, 0, text }, &dropped,
				 false);
	}
}

/* Adds a count of messages of DNS, of which nobody counts bytes. */
static void add_messages(const struct output *output, uint64_t count, const char *text)
{
	const struct measure measure = { { count, NOT_COUNTED }, {} };

	if (count)
		add_line(output, &(struct words){ "dns", false, 0, text }, &measure, false);
}

/* Adds what was learnt of names, and what was not. */
static void add_names(const struct output *output)
{
	const uint64_t *counts = output->item->names.counts;
	char text[96];

	if (output->direction == PCTL_FROM) {
		add_messages(output, counts[PCTL_NAMES_QUESTIONS], "questions for its names");
		return;
	}
	add_messages(output, counts[PCTL_NAMES_ANSWERS], "answers to its questions");
	add_messages(output, counts[PCTL_NAMES_ADDRESSES], "addresses learnt from these");
	for (int i = PCTL_NAMES_OTHER; i < PCTL_NAME_COUNTERS; i++) {
		snprintf(text, sizeof(text), "not learnt: %s", name_counter_words(i));
		add_messages(output, counts[i], text);
	}
}

/* Adds how many packets had no bucket of their peer. */
static void add_shared(const struct output *output)
{
	const struct measure measure = { .count = output->item->shared[output->direction] };

	if (measure.count.packets)
		add_line(output,
			 &(struct words){ "either", false, 0,
					  "of these too many peers for a rate of each" },
			 &measure, false);
}

static void add_direction(const struct output *output)
{
	const struct sample_item *item = output->item;
	enum pctl_direction d = output->direction;
	char words[STATS_WORDS_SIZE];

	if (item->audit)
		add_line(output, &(struct words){ "audit", false, 0, "nothing is enforced" },
			 &(struct measure){}, false);
	for (size_t i = 0; i < item->row_count; i++) {
		const struct sample_row *row = &item->rows[i];

		if (!stats_shows(row, d))
			continue;
		stats_words(row, words);
		add_line(output,
			 &(struct words){ policy_verdict_word(row->verdict, row->audit),
					  verdict_denies(row->verdict) && !row->audit, row->id,
					  words },
			 &row->measures[d], row->kind != COUNTER_RETIRED);
	}
	add_totals(output);
	add_answers(output);
	add_copies(output);
	add_queues(output);
	add_names(output);
	add_unknown(output);
	add_shared(output);
}

int stats_table(const struct sample *sample, bool rates)
{
	struct output output = { .table = table_new(columns), .rates = rates };

	if (!output.table)
		return -ENOMEM;
	for (int i = PACKET_RATE; i <= BYTE_RATE; i++)
		scols_column_set_flags(scols_table_get_column(output.table, i),
				       SCOLS_FL_RIGHT | (rates ? 0 : SCOLS_FL_HIDDEN));
	for (size_t i = 0; i < sample->count; i++)
		for (int d = 0; d < PCTL_DIRECTIONS && sample->items[i].readable; d++) {
			output.item = &sample->items[i];
			output.direction = d;
			add_direction(&output);
		}
	table_hide_empty(output.table, CONTAINER, CONTAINER);
	if (!scols_table_is_empty(output.table))
		scols_print_table(output.table);
	scols_unref_table(output.table);
	return 0;
}

/* --- JSON --- */

static json_t *thousandths(double value)
{
	return json_real(round(value * 1000) / 1000);
}

/* Adds the rate to a counter, {"packets", "bytes"}. */
static void add_rate(json_t *counter, const struct rate *rate)
{
	json_object_set_new(counter, "packets_per_second", thousandths(rate->packets));
	json_object_set_new(counter, "bytes_per_second", thousandths(rate->bytes));
}

/* The rows are in the order in which attachment_json_stats() has them. */
static void add_rates(json_t *attachment, const struct sample_item *item)
{
	json_t *counters = json_object_get(attachment, "counters");

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		const char *name = policy_direction_name(d);
		json_t *direction = json_object_get(attachment, name);

		add_rate(json_object_get(direction, "passed"), &item->passed[d].rate);
		add_rate(json_object_get(direction, "dropped"), &item->dropped[d].rate);
		add_rate(json_object_get(direction, "rejected"), &item->rejected[d].rate);
		add_rate(json_object_get(direction, "would_drop"), &item->would_drop[d].rate);
		add_rate(json_object_get(direction, "would_reject"), &item->would_reject[d].rate);
		for (size_t i = 0; i < item->row_count; i++)
			if (item->rows[i].kind != COUNTER_RETIRED &&
			    item->rows[i].directions & (1u << d))
				add_rate(json_object_get(json_array_get(counters, i), name),
					 &item->rows[i].measures[d].rate);
	}
}

json_t *stats_json(const struct sample *sample)
{
	json_t *array = json_array();

	for (size_t i = 0; i < sample->count; i++) {
		const struct sample_item *item = &sample->items[i];

		if (item->rated)
			add_rates(item->json, item);
		if (item->json)
			json_array_append(array, item->json);
	}
	return array;
}

int stats_json_line(const struct sample *sample)
{
	json_t *line = json_pack("{s:o, s:o}", "time", thousandths(sample->time), "attachments",
				 stats_json(sample));

	if (sample->seconds > 0)
		json_object_set_new(line, "seconds", thousandths(sample->seconds));
	return json_print_line(line, TIME_DIGITS);
}
