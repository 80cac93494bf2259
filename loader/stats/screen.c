// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <locale.h>
#include <ncurses.h>
#include <string.h>
#include <sys/ioctl.h>

#include "terminal.h"
#include "util.h"
#include "picture.h"

#define ESCAPE 27
#define CONTROL_L 12
#define DELETE 127

struct screen {
	SCREEN *terminal;
	FILE *output; /* past base/guarded_output.h: ncurses writes its own sequences */
	struct picture_state state;
};

/* --- the terminal --- */

bool screen_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

static FILE *open_output(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	FILE *output = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!output && fd >= 0)
		close(fd);
	return output;
}

static void free_screen(struct screen *screen)
{
	if (screen->output)
		fclose(screen->output);
	free(screen);
}

struct screen *screen_open(void)
{
	struct screen *screen = calloc(1, sizeof(*screen));

	setlocale(LC_CTYPE, ""); /* names of interfaces may be UTF-8 */
	if (!screen)
		return NULL;
	screen->output = open_output();
	if (screen->output)
		screen->terminal = newterm(NULL, screen->output, stdin);
	if (!screen->terminal) {
		free_screen(screen);
		return NULL;
	}
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, true);
	nodelay(stdscr, true);
	screen->state.colour = terminal_wants_colour(stdout) && has_colors();
	if (screen->state.colour) {
		start_color();
		use_default_colors();
		init_pair(PICTURE_RED, COLOR_RED, -1);
		init_pair(PICTURE_YELLOW, COLOR_YELLOW, -1);
	}
	screen_resize(screen);
	return screen;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	curs_set(1);
	endwin();
	delscreen(screen->terminal);
	free_screen(screen);
}

void screen_resize(struct screen *screen)
{
	struct winsize size;

	(void)screen;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

bool screen_paused(const struct screen *screen)
{
	return screen->state.paused;
}

void screen_draw(struct screen *screen, const struct sample *sample,
		 const struct screen_words *words)
{
	picture_draw(&screen->state, sample, words);
}

/* --- keys --- */

static void type(struct picture_state *state, int key)
{
	char *filter = state->view.filter;
	size_t length = strlen(filter);

	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		state->typing = false;
	} else if (key == ESCAPE) {
		state->typing = false;
		filter[0] = '\0';
	} else if (key == KEY_BACKSPACE || key == DELETE || key == '\b') {
		if (length)
			filter[length - 1] = '\0';
	} else if (key >= ' ' && key < DELETE && length + 1 < sizeof(state->view.filter)) {
		filter[length] = key;
		filter[length + 1] = '\0';
	}
	state->top = 0;
}

static void scroll_by(struct picture_state *state, long lines)
{
	if (lines < 0 && state->top < (size_t)-lines)
		state->top = 0;
	else
		state->top += lines;
}

static void move_on(struct picture_state *state, int key)
{
	long page = state->page > 1 ? state->page - 1 : 1;

	if (key == KEY_UP || key == 'k')
		scroll_by(state, -1);
	else if (key == KEY_DOWN || key == 'j')
		scroll_by(state, 1);
	else if (key == KEY_PPAGE)
		scroll_by(state, -page);
	else if (key == KEY_NPAGE)
		scroll_by(state, page);
	else if (key == KEY_HOME)
		state->top = 0;
	else if (key == KEY_END)
		state->top = SIZE_MAX / 2; /* drawing limits it to the end */
}

static void command(struct picture_state *state, int key)
{
	for (int i = 0; i < VIEW_SORTS; i++)
		if ((key | ' ') == picture_sorts[i][0]) {
			state->view.sort = i;
			state->top = 0;
			return;
		}
	if (key == 'v' || key == 'V')
		state->view.reversed = !state->view.reversed;
	else if (key == 'z' || key == 'Z')
		state->view.without_zeros = !state->view.without_zeros;
	else if (key == ' ')
		state->paused = !state->paused;
	else if (key == '/')
		state->typing = true;
	else if (key == ESCAPE)
		state->view.filter[0] = '\0';
	else if (key == CONTROL_L)
		clearok(stdscr, true);
	else
		move_on(state, key);
}

bool screen_keys(struct screen *screen)
{
	int key;

	while ((key = getch()) != ERR) {
		if (screen->state.typing)
			type(&screen->state, key);
		else if (key == 'q' || key == 'Q')
			return false;
		else
			command(&screen->state, key);
	}
	return true;
}
