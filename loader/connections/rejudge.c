// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "error.h"
#include "judge.h"
#include "progress.h"
#include "rejudge.h"
#include "util.h"

/* An entry may move from one table to the other while they are read, or be made by a program that
 * still ran. Then another pass finds it. */
#define PASSES 16
#define PROGRESS_FROM 10000 /* entries; fewer take no time */

static bool is_older(const struct connection *connection, const struct generation *generation)
{
	return connection->value.generation != PCTL_GENERATION_OF(generation->meta.generation);
}

static int rejudge_one(const struct connection_maps *maps, const struct judge *judge,
		       struct connection *connection, struct rejudged *rejudged)
{
	uint32_t outcome;
	bool passes;
	int error = judge_connection(judge, connection, &passes, &outcome);

	/* What programs have written meanwhile stays. */
	error = error ?: connection_refresh(maps, connection);
	if (error)
		return error == -ENOENT ? 0 : error;
	if (!is_older(connection, judge->generation))
		return 0;
	if (!passes) {
		rejudged->cut++;
		return connection_cut(maps, connection);
	}
	rejudged->kept++;
	connection->value.outcome = outcome;
	connection->value.generation = PCTL_GENERATION_OF(judge->generation->meta.generation);
	error = connection_save(maps, connection);
	return error == -ENOENT ? 0 : error;
}

/* *older: how many there were */
static int pass(const struct connection_maps *maps, const struct judge *judge, size_t *older,
		struct rejudged *rejudged)
{
	_cleanup_(connections_clear) struct connections connections = {};
	int error = connections_read(maps, &connections);
	bool many = connections.count >= PROGRESS_FROM;

	*older = 0;
	if (!error && many)
		progress_begin(judge->generation->meta.name, "judging connections",
			       connections.count);
	for (size_t i = 0; i < connections.count && !error; i++) {
		if (many)
			progress_at(i);
		if (!is_older(&connections.items[i], judge->generation))
			continue;
		++*older;
		error = rejudge_one(maps, judge, &connections.items[i], rejudged);
	}
	if (many)
		progress_end();
	return error;
}

int connections_rejudge(const struct connection_maps *maps, const struct generation *generation,
			struct rejudged *rejudged)
{
	_cleanup_(judge_close) struct judge judge = {};
	size_t older = 1;
	int error = judge_open(generation, &judge);

	*rejudged = (struct rejudged){};
	for (int i = 0; i < PASSES && older && !error; i++)
		error = pass(maps, &judge, &older, rejudged);
	if (!error && older)
		error = error_set(-EAGAIN, "connections of the policy before do not come to an "
					   "end");
	return error ? error_prefix(error, "the connections that it knows") : 0;
}
