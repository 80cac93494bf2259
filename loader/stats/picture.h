/* SPDX-License-Identifier: GPL-2.0-only */
/* What the live view draws, at any size of the terminal. */
#ifndef PCTL_PICTURE_H
#define PCTL_PICTURE_H

#include "screen.h"
#include "view.h"

/* Pairs of colours. */
enum { PICTURE_RED = 1, PICTURE_YELLOW };

/* How the view stands; keys change it. */
struct picture_state {
	struct view view;
	size_t top; /* the first line shown; drawing keeps it where there are lines */
	size_t page; /* how many there was room for; set by drawing */
	bool paused;
	bool typing; /* the filter */
	bool colour;
};

/* Words for the keys that sort; the first letter is the key. */
extern const char *const picture_sorts[VIEW_SORTS];

/* On ncurses' standard screen. */
void picture_draw(struct picture_state *state, const struct sample *sample,
		  const struct screen_words *words);

#endif
