// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection_filter.h"
#include "connection_frame.h"
#include "connection_words.h"
#include "error.h"
#include "packet_filter_parse.h"
#include "policy.h"
#include "util.h"

void connection_filter_clear(struct connection_filter *filter)
{
	packet_filter_free(filter->packets);
	free(filter->frame);
	*filter = (struct connection_filter){};
}

/* The words of all operands, one by one. They point into *text. */
struct words {
	char *text;
	char **items;
	size_t count;
};

static void words_clear(struct words *words)
{
	free(words->text);
	free(words->items);
	*words = (struct words){};
}

static int split(char *const *operands, size_t count, struct words *words)
{
	size_t length = 1;
	char *end, *save = NULL;

	for (size_t i = 0; i < count; i++)
		length += strlen(operands[i]) + 1;
	words->text = end = calloc(1, length);
	words->items = calloc(length / 2 + 1, sizeof(*words->items));
	if (!words->text || !words->items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		end = stpcpy(end, operands[i]);
		*end++ = i + 1 < count ? ' ' : '\0';
	}
	for (char *word = strtok_r(words->text, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		words->items[words->count++] = word;
	return 0;
}

static int find_state(const char *word, const char **state)
{
	const char *name;

	for (size_t i = 0; (name = connection_state_known(i)); i++) {
		if (!word || strcmp(word, name) != 0)
			continue;
		*state = name;
		return 0;
	}
	return error_set(-EINVAL,
			 "FILTER: behind `state` stands opened, answered, established or closing");
}

/* Takes `state NAME` out of the words. */
static int take_state(struct words *words, const char **state)
{
	for (size_t i = 0; i < words->count; i++) {
		bool last = i + 1 == words->count;
		int error;

		if (strcmp(words->items[i], "state") != 0)
			continue;
		if (*state)
			return error_set(-EINVAL, "FILTER: `state` is given twice");
		error = find_state(last ? NULL : words->items[i + 1], state);
		if (error)
			return error;
		memmove(&words->items[i], &words->items[i + 2],
			(words->count - i - 2) * sizeof(*words->items));
		words->count -= 2;
		i--;
	}
	return 0;
}

static int check_words(const struct packet_filter *packets)
{
	if (packets->has_verdict)
		return error_set(-EINVAL, "FILTER: connections have no `verdict`: all of them "
					  "were let begin");
	if (packets->unknown)
		return error_set(-EINVAL, "FILTER: connections have no `reason`: all that rules "
					  "ask for is known of them");
	if (packets->log)
		return error_set(-EINVAL, "FILTER: `log` is for packets: name the rule by its id");
	return 0;
}

int connection_filter_parse(char *const *operands, size_t count, struct connection_filter *filter,
			    struct diagnostics *diagnostics)
{
	_cleanup_(words_clear) struct words words = {};
	int error = split(operands, count, &words);

	*filter = (struct connection_filter){ .frame = calloc(1, sizeof(*filter->frame)) };
	if (!error && !filter->frame)
		error = -ENOMEM;
	error = error ?: take_state(&words, &filter->state);
	error = error
			?: packet_filter_parse(words.items, words.count, &filter->packets,
					       diagnostics);
	return error ?: check_words(filter->packets);
}

bool connection_filter_fits(const struct connection_filter *filter,
			    const struct connection *connection, const struct policy *policy,
			    uint64_t generation)
{
	struct observation observation = {
		.direction = connection_direction(connection),
		.reason = PCTL_REASON_NONE,
		.packets = 1,
	};

	policy_read_action(PCTL_OUTCOME_ACTION(connection->value.outcome), &observation.verdict,
			   &observation.audit);
	if (filter->state && strcmp(filter->state, connection_state_name(connection)) != 0)
		return false;
	if (!filter->packets)
		return true;
	connection_frame(connection, NULL, filter->frame);
	observation.frame = filter->frame->data;
	observation.length = observation.captured = filter->frame->length;
	observation.decided_by =
		connection_decider(connection, policy, generation, &observation.rule);
	return packet_filter_fits(filter->packets, &observation);
}
