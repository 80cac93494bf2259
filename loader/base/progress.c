// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

static const struct progress_view *shown;

void progress_to(const struct progress_view *view)
{
	shown = view;
}

void progress_begin(const char *subject, const char *doing, size_t total)
{
	if (shown)
		shown->begin(subject, doing, total);
}

void progress_at(size_t done)
{
	if (shown)
		shown->at(done);
}

void progress_end(void)
{
	if (shown)
		shown->end();
}
