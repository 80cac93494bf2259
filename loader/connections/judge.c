// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "connection_frame.h"
#include "judge.h"
#include "probe.h"

int judge_open(const struct generation *generation, struct judge *judge)
{
	*judge = (struct judge){ generation, calloc(1, sizeof(*judge->frame)) };
	return judge->frame ? 0 : -ENOMEM;
}

void judge_close(struct judge *judge)
{
	free(judge->frame);
	judge->frame = NULL;
}

static int ask(const struct judge *judge, enum hook hook, struct probe_answer *answer)
{
	return probe_program_as(judge->generation, hook, PCTL_PROBE_NEW, judge->frame->data,
				judge->frame->length, answer);
}

int judge_connection(const struct judge *judge, const struct connection *connection, bool *passes,
		     uint32_t *outcome)
{
	const struct generation *generation = judge->generation;
	struct probe_answer answer = { .left = true };
	int error = 0;

	connection_frame(connection, &generation->own, judge->frame);
	if (connection_direction(connection) == PCTL_TO) {
		error = ask(judge, HOOK_EGRESS, &answer);
	} else {
		if (generation_wants(generation, HOOK_XDP))
			error = ask(judge, HOOK_XDP, &answer);
		if (!error && answer.left) /* it is the guard's */
			error = ask(judge, HOOK_GUARD, &answer);
	}
	*passes = !error && (answer.verdict == VERDICT_ALLOW || answer.audit);
	*outcome = answer.outcome;
	return error;
}
