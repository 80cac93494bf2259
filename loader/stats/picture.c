// SPDX-License-Identifier: GPL-2.0-only
#include <ncurses.h>
#include <string.h>

#include "columns.h"
#include "printable.h"
#include "stats_output.h"
#include "terminal.h"
#include "util.h"
#include "picture.h"

#define BUSY_HEIGHT 16 /* lines of a terminal that has room for the table of attachments */
#define TITLE_WIDTH 72 /* below that the title has no date */
#define TOTALS_WIDTH 78 /* below that there are rates alone */
#define WORDS 512

/* The picture that is being drawn. */
struct picture {
	struct picture_state *state;
	const struct sample *sample;
	const struct screen_words *words;
	int row; /* the next one to write on */
};

static const char *const sort_names[VIEW_SORTS] = {
	[VIEW_BY_DROPS] = "drops per second",
	[VIEW_BY_PACKETS] = "packets",
	[VIEW_BY_BYTES] = "bytes",
	[VIEW_BY_RATE] = "packets per second",
	[VIEW_BY_INTERFACE] = "interface",
	[VIEW_BY_ORDER] = "rule order",
};

const char *const picture_sorts[VIEW_SORTS] = {
	[VIEW_BY_DROPS] = "drops", [VIEW_BY_PACKETS] = "packets",     [VIEW_BY_BYTES] = "bytes",
	[VIEW_BY_RATE] = "rate",   [VIEW_BY_INTERFACE] = "interface", [VIEW_BY_ORDER] = "order",
};

/* Writes a text at a place, as much of it as the line has room for. */
static void put(int row, int column, attr_t attributes, const char *text)
{
	char clean[WORDS];

	if (row < 0 || row >= LINES || column >= COLS)
		return;
	printable_copy(clean, sizeof(clean), text);
	attron(attributes);
	mvaddnstr(row, column, clean, COLS - column);
	attroff(attributes);
}

/* Writes a text and fills its line, so that the attributes reach to the end of the line. */
static void put_bar(int row, attr_t attributes, const char *text)
{
	char line[WORDS];

	snprintf(line, sizeof(line), "%-*s", COLS < WORDS ? COLS : WORDS - 1, text);
	put(row, 0, attributes, line);
}

static attr_t colour(const struct picture_state *state, int pair)
{
	return state->colour ? COLOR_PAIR(pair) : 0;
}

/* Writes the title and, behind it, the state of all attachments. Returns the width of both. */
static int put_title(const struct picture *picture, const char *text, const char *state,
		     attr_t attributes)
{
	put(picture->row, 0, A_BOLD, text);
	put(picture->row, strlen(text), attributes | A_BOLD, state);
	return strlen(text) + strlen(state);
}

static int draw_state(const struct picture *picture)
{
	const struct sample *sample = picture->sample;
	char when[32], text[WORDS], state[64] = "", *clock;
	bool narrow = COLS < TITLE_WIDTH;
	size_t troubled = 0;

	for (size_t i = 0; i < sample->count; i++)
		troubled += !sample->items[i].enforcing;
	readable_time(sample->time, when);
	clock = strchr(when, ' ');
	snprintf(text, sizeof(text), "policyctl stats  %s  %zu attachment%s",
		 narrow && clock ? clock + 1 : when, sample->count, sample->count == 1 ? "" : "s");
	if (troubled && narrow) { /* there is room only for what is wrong */
		snprintf(state, sizeof(state), "%zu of %zu NOT ENFORCING", troubled, sample->count);
		return put_title(picture, "", state, colour(picture->state, PICTURE_RED));
	}
	if (troubled)
		snprintf(state, sizeof(state), ", %zu NOT ENFORCING", troubled);
	else if (sample->count)
		snprintf(state, sizeof(state), ", %senforcing", sample->count > 1 ? "all " : "");
	return put_title(picture, text, state, troubled ? colour(picture->state, PICTURE_RED) : 0);
}

static void draw_title(struct picture *picture)
{
	bool paused = picture->state->paused;
	int used = draw_state(picture);
	char pace[32] = " PAUSED";

	if (!paused)
		snprintf(pace, sizeof(pace), " every %g s", picture->words->interval);
	if (COLS - (int)strlen(pace) > used)
		put(picture->row, COLS - strlen(pace), paused ? A_REVERSE : A_DIM, pace);
	picture->row++;
}

static void draw_total(struct picture *picture, const char *what, const struct measure *measure,
		       bool known, attr_t attributes)
{
	char rates[2][VIEW_NUMBER_SIZE], counts[2][VIEW_NUMBER_SIZE], text[WORDS];
	int width = COLS >= 120 ? 15 : 9, used;

	view_rate(rates[0], known, measure->rate.packets, width);
	view_rate(rates[1], known, measure->rate.bytes, width);
	view_number(counts[0], measure->count.packets, width);
	view_number(counts[1], measure->count.bytes, width);
	used = snprintf(text, sizeof(text), "%-7s %*s packets/s %*s bytes/s", what, width, rates[0],
			width, rates[1]);
	if (COLS >= TOTALS_WIDTH)
		snprintf(text + used, sizeof(text) - used, " %*s packets %*s bytes", width + 1,
			 counts[0], width, counts[1]);
	put(picture->row++, 0, attributes, text);
}

static void add(struct measure *sum, const struct measure *measure)
{
	sum->count.packets += measure->count.packets;
	sum->count.bytes += measure->count.bytes;
	sum->rate.packets += measure->rate.packets;
	sum->rate.bytes += measure->rate.bytes;
}

static void draw_totals(struct picture *picture)
{
	const struct sample *sample = picture->sample;
	struct measure passed = {}, dropped = {}, audited = {};
	bool known = sample->seconds > 0;

	for (size_t i = 0; i < sample->count; i++)
		for (int d = 0; d < PCTL_DIRECTIONS; d++) {
			add(&passed, &sample->items[i].passed[d]);
			add(&dropped, &sample->items[i].dropped[d]);
			add(&dropped, &sample->items[i].rejected[d]);
			add(&audited, &sample->items[i].would_drop[d]);
			add(&audited, &sample->items[i].would_reject[d]);
		}
	draw_total(picture, "dropped", &dropped, known,
		   (dropped.count.packets ? colour(picture->state, PICTURE_RED) : 0) |
			   (dropped.rate.packets > 0 ? A_BOLD : 0));
	draw_total(picture, "passed", &passed, known, 0);
	if (audited.count.packets)
		draw_total(picture, "audited", &audited, known,
			   colour(picture->state, PICTURE_YELLOW));
}

static void draw_message(struct picture *picture)
{
	const char *message = picture->words->message;

	if (!*message && !picture->sample->count)
		message = "nothing is attached in this network namespace";
	put(picture->row++, 0, colour(picture->state, PICTURE_YELLOW), message);
}

static int name_width(const struct sample *sample)
{
	int width = strlen("INTERFACE");

	for (size_t i = 0; i < sample->count; i++)
		if ((int)strlen(sample->items[i].name) > width)
			width = strlen(sample->items[i].name);
	return width;
}

#define CONTAINER_WIDTH 24 /* a longer name is cut */

/* The width of the column of containers; 0: no container is known. */
static int container_width(const struct sample *sample)
{
	int width = 0;

	for (size_t i = 0; i < sample->count; i++) {
		const char *container = sample->items[i].container ?: "";

		if ((int)strlen(container) > width)
			width = strlen(container);
	}
	if (width && width < (int)strlen("CONTAINER"))
		width = strlen("CONTAINER");
	return width < CONTAINER_WIDTH ? width : CONTAINER_WIDTH;
}

enum {
	ITEM_NAME,
	ITEM_CONTAINER,
	ITEM_DROP_RATE,
	ITEM_DROPPED,
	ITEM_PASS_RATE,
	ITEM_PASSED,
	ITEM_RULES,
	ITEM_STATE
};

static void draw_item(struct picture *picture, const struct column *columns,
		      const struct sample_item *item)
{
	struct measure dropped = view_both(item->dropped), passed = view_both(item->passed);
	struct measure rejected = view_both(item->rejected);
	struct cells cells = { .columns = columns };
	char text[WORDS];
	attr_t attributes = 0;

	add(&dropped, &rejected);
	cells_text(&cells, ITEM_NAME, item->name);
	cells_text(&cells, ITEM_CONTAINER, item->container ?: "");
	cells_rate(&cells, ITEM_DROP_RATE, item->rated, dropped.rate.packets);
	cells_number(&cells, ITEM_DROPPED, dropped.count.packets);
	cells_rate(&cells, ITEM_PASS_RATE, item->rated, passed.rate.packets);
	cells_number(&cells, ITEM_PASSED, passed.count.packets);
	cells_number(&cells, ITEM_RULES, item->rule_count);
	cells_text(&cells, ITEM_STATE, item->readable ? item->state : "counters cannot be read");
	if (!item->enforcing || !item->readable)
		attributes = A_BOLD | colour(picture->state, PICTURE_RED);
	else if (dropped.rate.packets > 0)
		attributes = colour(picture->state, PICTURE_RED);
	cells_line(&cells, text, sizeof(text));
	put(picture->row++, 0, attributes, text);
}

/* Draws as many attachments as there is room for, in the order of view_items(). */
static void draw_items(struct picture *picture)
{
	struct column columns[] = {
		[ITEM_NAME] = { "INTERFACE", name_width(picture->sample), COLUMN_LEFT, 0 },
		[ITEM_CONTAINER] = { "CONTAINER", container_width(picture->sample), COLUMN_LEFT,
				     1 },
		[ITEM_DROP_RATE] = { "DROPPED/S", 9, COLUMN_RIGHT, 0 },
		[ITEM_DROPPED] = { "DROPPED", COLS >= 120 ? 15 : 9, COLUMN_RIGHT, 4 },
		[ITEM_PASS_RATE] = { "PASSED/S", 9, COLUMN_RIGHT, 2 },
		[ITEM_PASSED] = { "PASSED", COLS >= 120 ? 15 : 9, COLUMN_RIGHT, 5 },
		[ITEM_RULES] = { "RULES", 6, COLUMN_RIGHT, 3 },
		[ITEM_STATE] = { "STATE", 20, COLUMN_LAST, 0 },
		{},
	};
	_cleanup_(freep) const struct sample_item **items = NULL;
	size_t count = 0, room = (LINES - 10) / 3, shown;
	char text[WORDS];

	if (view_items(&picture->state->view, picture->sample, &items, &count) || !count)
		return;
	columns_fit(columns, COLS);
	columns_titles(columns, text, sizeof(text));
	put_bar(picture->row++, A_REVERSE, text);
	shown = count <= room ? count : room - 1;
	for (size_t i = 0; i < shown; i++)
		draw_item(picture, columns, items[i]);
	if (shown < count) {
		snprintf(text, sizeof(text), "and %zu more; / picks by name", count - shown);
		put(picture->row++, 0, A_DIM, text);
	}
	picture->row++;
}

enum {
	ROW_NAME,
	ROW_DIRECTION,
	ROW_VERDICT,
	ROW_PACKET_RATE,
	ROW_BYTE_RATE,
	ROW_PACKETS,
	ROW_BYTES,
	ROW_RULE
};

static void draw_row(struct picture *picture, const struct column *columns,
		     const struct view_line *line)
{
	const struct measure *measure = &line->row->measures[line->direction];
	bool rated = line->item->rated && line->row->kind != COUNTER_RETIRED;
	char words[STATS_WORDS_SIZE], text[WORDS];
	struct cells cells = { .columns = columns };
	attr_t attributes = 0;

	stats_words(line->row, words);
	if (line->row->id)
		snprintf(text, sizeof(text), "%u: %s", line->row->id, words);
	else
		snprintf(text, sizeof(text), "%s", words);
	cells_text(&cells, ROW_NAME, line->item->name);
	cells_text(&cells, ROW_DIRECTION, policy_direction_name(line->direction));
	cells_text(&cells, ROW_VERDICT, policy_verdict_word(line->row->verdict, line->row->audit));
	cells_rate(&cells, ROW_PACKET_RATE, rated, measure->rate.packets);
	cells_rate(&cells, ROW_BYTE_RATE, rated, measure->rate.bytes);
	cells_number(&cells, ROW_PACKETS, measure->count.packets);
	cells_number(&cells, ROW_BYTES, measure->count.bytes);
	cells_text(&cells, ROW_RULE, text);
	if (!measure->count.packets)
		attributes = A_DIM;
	else if (line->row->audit)
		attributes = colour(picture->state, PICTURE_YELLOW);
	else if (verdict_denies(line->row->verdict))
		attributes = colour(picture->state, PICTURE_RED) |
			     (measure->rate.packets > 0 ? A_BOLD : 0);
	cells_line(&cells, text, sizeof(text));
	put(picture->row++, 0, attributes, text);
}

static void draw_caption(struct picture *picture, size_t count)
{
	const struct picture_state *state = picture->state;
	char text[WORDS];
	int used;

	used = snprintf(text, sizeof(text), "Rules by %s%s", sort_names[state->view.sort],
			state->view.reversed ? ", reversed" : "");
	if (count)
		used += snprintf(
			text + used, sizeof(text) - used, ": %zu to %zu of %zu", state->top + 1,
			state->top + state->page < count ? state->top + state->page : count, count);
	else
		used += snprintf(text + used, sizeof(text) - used, ": none to show");
	snprintf(text + used, sizeof(text) - used, "%s%s%s",
		 state->view.without_zeros ? ", without zeros" : "",
		 state->view.filter[0] ? ", filter " : "", state->view.filter);
	put(picture->row++, 0, A_BOLD, text);
}

/* Keeps the first line that is shown among the lines that there are. */
static void scroll_to(struct picture_state *state, size_t count, int room)
{
	state->page = room > 0 ? room : 0;
	if (state->top + state->page > count)
		state->top = count > state->page ? count - state->page : 0;
}

static void draw_rules(struct picture *picture, int footer)
{
	int wide = COLS >= 120;
	struct column columns[] = {
		[ROW_NAME] = { "INTERFACE", name_width(picture->sample), COLUMN_LEFT, 1 },
		[ROW_DIRECTION] = { "DIR", 4, COLUMN_LEFT, 2 },
		[ROW_VERDICT] = { "DOES", 4, COLUMN_LEFT, 3 },
		[ROW_PACKET_RATE] = { wide ? "PACKETS/S" : "PKTS/S", wide ? 12 : 7, COLUMN_RIGHT,
				      0 },
		[ROW_BYTE_RATE] = { "BYTES/S", wide ? 12 : 7, COLUMN_RIGHT, 5 },
		[ROW_PACKETS] = { "PACKETS", wide ? 15 : 7, COLUMN_RIGHT, 4 },
		[ROW_BYTES] = { "BYTES", wide ? 18 : 6, COLUMN_RIGHT, 6 },
		[ROW_RULE] = { "RULE", wide ? 40 : 16, COLUMN_LAST, 0 },
		{},
	};
	struct picture_state *state = picture->state;
	_cleanup_(freep) struct view_line *lines = NULL;
	char text[WORDS];
	size_t count = 0;
	bool caption = LINES >= 8;

	if (view_lines(&state->view, picture->sample, &lines, &count))
		return;
	scroll_to(state, count, LINES - footer - picture->row - 1 - caption);
	if (caption)
		draw_caption(picture, count);
	columns_fit(columns, COLS);
	columns_titles(columns, text, sizeof(text));
	put_bar(picture->row++, A_REVERSE, text);
	for (size_t i = 0; i < state->page && state->top + i < count; i++)
		draw_row(picture, columns, &lines[state->top + i]);
}

/* Writes "d drops" with the key highlighted, if there is room. Returns the column for the next one.
 */
static int put_key(int row, int column, const char *key, const char *does, attr_t attributes)
{
	if (column + strlen(key) + 1 + strlen(does) > (size_t)COLS)
		return column;
	put(row, column, attributes | A_BOLD, key);
	column += strlen(key);
	put(row, column, attributes, " ");
	put(row, column + 1, attributes, does);
	return column + strlen(does) + 3;
}

static void draw_keys(const struct picture_state *state, int height)
{
	static const char *const others[][2] = {
		{ "q", "quit" },
		{ "space", "pause" },
		{ "z", "zeros" },
		{ "/", "filter" },
		{ "arrows, PgUp, PgDn, Home, End", "scroll" },
	};
	int column = strlen("sort  ");

	if (height >= 2) {
		put(LINES - 2, 0, 0, "sort");
		for (int i = 0; i < VIEW_SORTS; i++)
			column = put_key(LINES - 2, column, (char[]){ picture_sorts[i][0], '\0' },
					 picture_sorts[i],
					 i == (int)state->view.sort ? A_REVERSE : 0);
		put_key(LINES - 2, column, "v", "reverse", state->view.reversed ? A_REVERSE : 0);
	}
	column = 0;
	for (size_t i = 0; i < ARRAY_SIZE(others) && height; i++)
		column = put_key(LINES - 1, column, others[i][0], others[i][1], 0);
}

static void draw_prompt(const struct picture_state *state)
{
	char text[WORDS];
	int used = snprintf(text, sizeof(text), "Only with (name or rule, Enter): %s",
			    state->view.filter);

	put_bar(LINES - 1, 0, text);
	curs_set(1);
	move(LINES - 1, used < COLS ? used : COLS - 1);
}

void picture_draw(struct picture_state *state, const struct sample *sample,
		  const struct screen_words *words)
{
	struct picture picture = { .state = state, .sample = sample, .words = words };
	int footer = LINES >= 10 ? 2 : LINES >= 5 ? 1 : 0;

	erase();
	curs_set(0);
	draw_title(&picture);
	if (LINES >= 10)
		draw_totals(&picture);
	if (LINES >= 12 || words->message[0])
		draw_message(&picture);
	if (LINES >= BUSY_HEIGHT)
		draw_items(&picture);
	draw_rules(&picture, footer);
	draw_keys(state, footer);
	if (state->typing)
		draw_prompt(state);
	refresh();
}
