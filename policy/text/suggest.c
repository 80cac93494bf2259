/* SPDX-License-Identifier: GPL-2.0-only */
#include "suggest.h"

#include <string.h>

#define LONGEST 32

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool alike(char a, char b)
{
	return ascii_lower(a) == ascii_lower(b);
}

/* Edits from one word to the other: insert, delete, replace, swap two neighbours (optimal string
 * alignment). Capital letters count as small ones. Both are shorter than LONGEST. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int cells[LONGEST + 1][LONGEST + 1], cost, best;
	size_t rows = strlen(a), columns = strlen(b);

	for (size_t i = 0; i <= rows; i++)
		cells[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= columns; j++)
		cells[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= rows; i++) {
		for (size_t j = 1; j <= columns; j++) {
			cost = !alike(a[i - 1], b[j - 1]);
			best = least(cells[i - 1][j], cells[i][j - 1]) + 1;
			best = least(best, cells[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && alike(a[i - 1], b[j - 2]) &&
			    alike(a[i - 2], b[j - 1]))
				best = least(best, cells[i - 2][j - 2] + 1);
			cells[i][j] = best;
		}
	}
	return cells[rows][columns];
}

void suggestion_start(struct suggestion *suggestion, const struct word *word)
{
	*suggestion = (struct suggestion){ 0 };
	if (!word_copy(word, suggestion->word, sizeof(suggestion->word)))
		return;
	/* One wrong letter in three is a typing error, more is another word. */
	suggestion->distance = (unsigned int)word->length / 3 + 1;
}

void suggestion_consider(struct suggestion *suggestion, const char *candidate)
{
	unsigned int edits;

	if (!suggestion->word[0] || strlen(candidate) >= LONGEST)
		return;
	edits = distance(suggestion->word, candidate);
	if (edits >= suggestion->distance)
		return;
	suggestion->distance = edits;
	suggestion->nearest = candidate;
}
