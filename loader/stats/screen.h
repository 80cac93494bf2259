/* SPDX-License-Identifier: GPL-2.0-only */
/* The live view on a terminal, by ncurses: what it draws and what its keys do. */
#ifndef PCTL_SCREEN_H
#define PCTL_SCREEN_H

#include "sample.h"

struct screen;

/* Can there be a live view? Standard input and output must be a terminal that can move its cursor.
 */
bool screen_possible(void);

/* Takes over the terminal. NULL: ncurses does not know it, or no memory. */
struct screen *screen_open(void);

/* Restores the terminal. May be NULL. */
void screen_close(struct screen *screen);
static inline void screen_closep(struct screen **screen) /* for _cleanup_ */
{
	screen_close(*screen);
}

/* What is drawn beside the sample. */
struct screen_words {
	double interval; /* seconds between samples */
	const char *message; /* what went wrong or is worth knowing, "": nothing */
};

void screen_draw(struct screen *screen, const struct sample *sample,
		 const struct screen_words *words);

/* Adapts to the terminal's size, after a SIGWINCH. */
void screen_resize(struct screen *screen);

/* Carries out the keys that were typed. False: to quit. */
bool screen_keys(struct screen *screen);

/* Has a key paused the view? */
bool screen_paused(const struct screen *screen);

#endif
