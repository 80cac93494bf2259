/* SPDX-License-Identifier: GPL-2.0-only */
/* The live view on a terminal, by ncurses: what it draws and what its keys do. */
#ifndef PCTL_SCREEN_H
#define PCTL_SCREEN_H

#include "sample.h"

struct screen;

/* Can a live view be on this terminal? Wants one at both ends, of a kind that can move its cursor.
 */
bool screen_possible(void);

/* Takes the terminal over. NULL: ncurses cannot, or no memory. */
struct screen *screen_open(void);

/* Gives the terminal back as it was. NULL is fine. */
void screen_close(struct screen *screen);
static inline void screen_closep(struct screen **screen) /* for _cleanup_ */
{
	screen_close(*screen);
}

/* What is not in the sample. */
struct screen_words {
	double interval; /* seconds between samples */
	const char *message; /* what went wrong or is worth knowing, "": nothing */
};

void screen_draw(struct screen *screen, const struct sample *sample,
		 const struct screen_words *words);

/* Follows the terminal's size; for SIGWINCH. */
void screen_resize(struct screen *screen);

/* Does what the keys say that were typed. False: quit. */
bool screen_keys(struct screen *screen);

/* Is the view to stand still? */
bool screen_paused(const struct screen *screen);

#endif
