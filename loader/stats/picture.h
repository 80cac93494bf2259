/* SPDX-License-Identifier: GPL-2.0-only */
/* What the live view draws, at any size of the terminal. */
#ifndef PCTL_PICTURE_H
#define PCTL_PICTURE_H

#include "screen.h"
#include "view.h"

/* Pairs of colours. */
enum { PICTURE_RED = 1, PICTURE_YELLOW };

/* The state of the view, which keys change. */
struct picture_state {
	struct view view;
	size_t top; /* index of the first line shown; drawing limits it to the lines there are */
	size_t page; /* how many lines there was room for; set by drawing */
	bool paused;
	bool typing; /* keys go to the filter */
	bool colour;
};

/* The words for the orders of sorting; the first letter of each is its key. */
extern const char *const picture_sorts[VIEW_SORTS];

/* Draws on ncurses' standard screen. */
void picture_draw(struct picture_state *state, const struct sample *sample,
		  const struct screen_words *words);

#endif
