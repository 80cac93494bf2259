// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "guarded_output.h"
#include "progress_bar.h"

#define PATIENCE_MS 500 /* a shorter task is not worth a line */
#define REDRAW_MS 50
#define BAR_WIDTH 30

static struct {
	char what[80];
	size_t total;
	uint64_t started_ms; /* when the first task began; 0: not yet */
	uint64_t drawn_ms; /* 0: nothing is drawn */
} task;

static uint64_t now_ms(void)
{
	return clock_monotonic_ns() / NS_PER_MS;
}

static void draw(size_t done)
{
	unsigned int filled;

	fprintf(stderr, "%s%s", guarded_sequence(SEQUENCE_CLEAR_LINE), task.what);
	if (task.total) {
		filled = done < task.total ? done * BAR_WIDTH / task.total : BAR_WIDTH;
		fprintf(stderr, " [");
		for (unsigned int i = 0; i < BAR_WIDTH; i++)
			fputc(i < filled ? '#' : '.', stderr);
		fprintf(stderr, "] %3zu %%", filled == BAR_WIDTH ? 100 : done * 100 / task.total);
	}
	fflush(stderr);
}

static void draw_if_due(size_t done)
{
	uint64_t now = now_ms();

	if (now - task.started_ms < PATIENCE_MS || now - task.drawn_ms < REDRAW_MS)
		return;
	draw(done);
	task.drawn_ms = now;
}

static void begin(const char *subject, const char *doing, size_t total)
{
	const char *name = strrchr(subject, '/');

	if (!isatty(STDERR_FILENO))
		return;
	snprintf(task.what, sizeof(task.what), "%.60s: %s", name ? name + 1 : subject, doing);
	task.total = total;
	if (!task.started_ms)
		task.started_ms = now_ms();
	draw_if_due(0);
}

static void at(size_t done)
{
	if (task.started_ms)
		draw_if_due(done);
}

static void end(void)
{
	if (task.drawn_ms)
		fputs(guarded_sequence(SEQUENCE_CLEAR_LINE), stderr);
	task.drawn_ms = 0;
}

const struct progress_view progress_bar = { .begin = begin, .at = at, .end = end };
