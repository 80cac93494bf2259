// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "progress.h"

#define PATIENCE_MS 500 /* what is over sooner is not worth a line */
#define REDRAW_MS 50
#define BAR_WIDTH 30

static struct {
	char what[80];
	size_t total;
	uint64_t started_ms; /* the first of all; 0: not yet */
	uint64_t drawn_ms; /* 0: nothing is drawn */
} progress;

static uint64_t now_ms(void)
{
	return clock_monotonic_ns() / NS_PER_MS;
}

static void draw(size_t done)
{
	unsigned int filled;

	fprintf(stderr, "\r\033[K%s", progress.what);
	if (progress.total) {
		filled = done < progress.total ? done * BAR_WIDTH / progress.total : BAR_WIDTH;
		fprintf(stderr, " [");
		for (unsigned int i = 0; i < BAR_WIDTH; i++)
			fputc(i < filled ? '#' : '.', stderr);
		fprintf(stderr, "] %3zu %%",
			filled == BAR_WIDTH ? 100 : done * 100 / progress.total);
	}
	fflush(stderr);
}

static void draw_if_due(size_t done)
{
	uint64_t now = now_ms();

	if (now - progress.started_ms < PATIENCE_MS || now - progress.drawn_ms < REDRAW_MS)
		return;
	draw(done);
	progress.drawn_ms = now;
}

void progress_begin(const char *subject, const char *doing, size_t total)
{
	const char *name = strrchr(subject, '/');

	if (!isatty(STDERR_FILENO))
		return;
	snprintf(progress.what, sizeof(progress.what), "%.60s: %s", name ? name + 1 : subject,
		 doing);
	progress.total = total;
	if (!progress.started_ms)
		progress.started_ms = now_ms();
	draw_if_due(0);
}

void progress_at(size_t done)
{
	if (progress.started_ms)
		draw_if_due(done);
}

void progress_end(void)
{
	if (progress.drawn_ms)
		fputs("\r\033[K", stderr);
	progress.drawn_ms = 0;
}
