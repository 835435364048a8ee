#define _XOPEN_SOURCE_EXTENDED 1

#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

/* Bracketed paste and focus reports, which curses knows nothing of. */
#define MODES_ON "\033[?2004h\033[?1004h"
#define MODES_OFF "\033[?2004l\033[?1004l\033[?1006l\033[?1000l"
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
/* The title is kept on xterm's stack; where there is none, it is emptied. */
#define TITLE_PUSH "\033[22;2t"
#define TITLE_POP "\033]2;\033\\\033[23;2t"
#define ASK_BACKGROUND "\033]11;?\033\\"

enum { CLUSTER_CHARS = 16, LEAVE_SIZE = 256, LEVELS = 8,
	TITLE_SIZE = 160, FLAG_A = 0x1f1e6 };

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

/* One terminal a process has, and a crash must find it. */
static struct {
	SCREEN *curses;
	bool is_on;
	struct termios before;
	char leave[LEAVE_SIZE]; /* what a crash writes */
	size_t leave_len;
	size_t wipe_from;       /* what curses would not: from there on */
	struct grid shown;
	enum theme theme;
	short pairs[STYLE_COUNT];
	bool has_pairs, is_stale;
	bool has_mouse, is_asked, has_title;
	char title[TITLE_SIZE];
} screen;

static void
send(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, s, len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
}

static void
send_text(const char *s)
{
	send(s, strlen(s));
}

/* ---- crashes ---- */

/* Only what a signal handler may do: write, tcsetattr, raise. */
static void
crashed(int signo)
{
	if (screen.has_title)
		send(TITLE_POP, sizeof(TITLE_POP) - 1);
	if (screen.is_on) {
		send(screen.leave, screen.leave_len);
		tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
	}
	signal(signo, SIG_DFL);
	raise(signo);
}

/* A string of terminfo without its delays. */
static void
add_leave(const char *s)
{
	if (s == NULL || s == (char *)-1)
		return;
	for (; *s != '\0' && screen.leave_len < LEAVE_SIZE; s++) {
		if (s[0] == '$' && s[1] == '<') {
			while (*s != '\0' && *s != '>')
				s++;
			if (*s == '\0')
				return;
			continue;
		}
		screen.leave[screen.leave_len++] = *s;
	}
}

static void
watch_crashes(void)
{
	struct sigaction act = { .sa_handler = crashed,
		.sa_flags = SA_RESETHAND | SA_NODEFER };

	screen.leave_len = 0;
	add_leave(MODES_OFF);
	add_leave(tigetstr("sgr0"));
	add_leave(tigetstr("op"));
	add_leave(tigetstr("cnorm"));
	add_leave(tigetstr("rmcup"));
	/* Where there is no other screen to go back to, none of what was said
	 * stays for whoever comes next. */
	screen.wipe_from = screen.leave_len;
	if (tigetstr("rmcup") == NULL)
		add_leave(tigetstr("clear"));
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &act, NULL);
}

/* ---- taking and giving back ---- */

static bool
refuse(char why[static SCREEN_WHY], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
refuse(char why[static SCREEN_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, SCREEN_WHY, fmt, ap);
	va_end(ap);
	return false;
}

static void
enter(void)
{
	send_text(MODES_ON);
	screen.is_on = true;
	screen.is_stale = true;
}

bool
screen_open(char why[static SCREEN_WHY])
{
	const char *term = getenv("TERM");
	int err;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(why, "this is no terminal: gop2p is the "
		    "client for pipes and scripts");
	if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0)
		return refuse(why, "this terminal (TERM=%s) has no screen: "
		    "gop2p is the client for it", term == NULL ? "" : term);
	if (tcgetattr(STDIN_FILENO, &screen.before) != 0)
		return refuse(why, "%s", strerror(errno));
	/* newterm leaves memory behind when it fails. */
	if (setupterm(term, STDOUT_FILENO, &err) == OK) {
		del_curterm(cur_term);
		screen.curses = newterm(NULL, stdout, stdin);
	}
	if (screen.curses == NULL)
		return refuse(why, "the terminal TERM=%s is not known here: "
		    "set TERM to what it is, or use gop2p", term);
	raw();
	noecho();
	nonl();
	typeahead(-1); /* a frame is drawn, whatever is typed meanwhile */
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	watch_crashes();
	enter();
	atexit(screen_close);
	return true;
}

static void
leave(void)
{
	screen_title("");
	screen.is_on = screen.has_mouse = false;
	endwin();
	send_text(MODES_OFF);
	send(screen.leave + screen.wipe_from,
	    screen.leave_len - screen.wipe_from);
	/* An answer that is still on its way is not for the shell. */
	if (screen.is_asked)
		tcflush(STDIN_FILENO, TCIFLUSH);
	screen.is_asked = false;
	tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
}

void
screen_close(void)
{
	if (screen.curses == NULL)
		return;
	if (screen.is_on)
		leave();
	delscreen(screen.curses);
	screen.curses = NULL;
	screen.has_pairs = false;
	grid_fini(&screen.shown);
}

void
screen_suspend(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL }, old;

	leave();
	sigaction(SIGTSTP, &dfl, &old);
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &old, NULL);
	/* The shell may have left other modes: ours are set anew. */
	tcgetattr(STDIN_FILENO, &screen.before);
	enter();
	raw();
	refresh();
}

bool
screen_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool
screen_is_color_refused(void)
{
	const char *no = getenv("NO_COLOR");

	return no != NULL && *no != '\0';
}

bool
screen_has_color(void)
{
	return has_colors() && !screen_is_color_refused();
}

int
screen_colors(void)
{
	return has_colors() ? COLORS : 0;
}

/* Consoles print what they do not understand. */
static bool
has_window(void)
{
	const char *term = getenv("TERM");

	return term != NULL && strncmp(term, "linux", 5) != 0 &&
	    strncmp(term, "vt", 2) != 0;
}

void
screen_title(const char *title)
{
	char text[TITLE_SIZE + 16];

	if (!screen.is_on || !has_window() ||
	    strcmp(title, screen.title) == 0)
		return;
	if (!screen.has_title)
		send_text(TITLE_PUSH);
	snprintf(screen.title, sizeof(screen.title), "%s", title);
	screen.has_title = *title != '\0';
	snprintf(text, sizeof(text), "\033]2;%s\033\\", screen.title);
	send_text(screen.has_title ? text : TITLE_POP);
}

bool
screen_ask_background(void)
{
	if (!has_window())
		return false;
	send_text(ASK_BACKGROUND);
	screen.is_asked = true;
	return true;
}

void
screen_answered(void)
{
	screen.is_asked = false;
}

void
screen_mouse(bool is_on)
{
	if (screen.is_on && is_on != screen.has_mouse)
		send_text(is_on ? MOUSE_ON : MOUSE_OFF);
	screen.has_mouse = is_on;
}

void
screen_size(int *rows, int *cols)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0) {
		*rows = size.ws_row;
		*cols = size.ws_col;
	} else if (screen.curses != NULL) {
		*rows = LINES;
		*cols = COLS;
	}
}

void
screen_resize(int rows, int cols)
{
	resizeterm(rows, cols);
	/* What a terminal does with its cells when it is resized nobody knows:
	 * all are sent again, over what is there, without clearing it. */
	redrawwin(stdscr);
	screen.is_stale = true;
}

/* ---- looks ---- */

/* Terminals of eight colours have the bright ones by being bold. */
static short
color_of(int8_t color)
{
	return (short)(color >= LEVELS && COLORS < 2 * LEVELS ?
	    color - LEVELS : color);
}

/* The first style with the same colours: a change between them is free. */
static short
first_like(enum theme theme, int style)
{
	struct look look = style_look(theme, (enum style)style);

	for (int i = 0; i < style; i++) {
		struct look other = style_look(theme, (enum style)i);

		if (other.ink == look.ink && other.paper == look.paper)
			return (short)i;
	}
	return (short)style;
}

static void
make_pairs(enum theme theme)
{
	for (int i = 0; i < STYLE_COUNT && has_colors(); i++) {
		struct look look = style_look(theme, (enum style)i);

		screen.pairs[i] = (short)(first_like(theme, i) + 1);
		init_pair((short)(i + 1), look.ink == LEVELS &&
		    COLORS < 2 * LEVELS ? -1 : color_of(look.ink),
		    color_of(look.paper));
	}
	screen.has_pairs = true;
	screen.theme = theme;
	screen.is_stale = true;
}

static attr_t
attrs_of(enum theme theme, enum style style)
{
	struct look look = style_look(theme, style);
	attr_t attrs = 0;

	if (look.attrs & STYLE_BOLD)
		attrs |= A_BOLD;
	if (look.attrs & STYLE_REVERSE)
		attrs |= A_REVERSE;
	if (look.attrs & STYLE_UNDERLINE)
		attrs |= A_UNDERLINE;
	if (look.ink == LEVELS && COLORS < 2 * LEVELS)
		attrs |= A_DIM;
	else if (look.ink > LEVELS && COLORS < 2 * LEVELS)
		attrs |= A_BOLD;
	return attrs;
}

/* ---- drawing ---- */

/* The characters of a cluster; 0 if the locale cannot print one of them. */
static size_t
decode(const char *s, wchar_t out[static CLUSTER_CHARS + 1])
{
	mbstate_t state = { 0 };
	size_t n = 0;

	while (*s != '\0' && n < CLUSTER_CHARS) {
		size_t len = mbrtowc(&out[n], s, strlen(s), &state);

		if (len == 0 || len > strlen(s) || wcwidth(out[n]) < 0)
			return 0;
		s += len;
		n++;
	}
	out[n] = L'\0';
	return n;
}

/* Plain text has a pair of its own, for coming back to it from a colour is
 * cheaper then; but it has to be left again after each frame. Where keys are
 * echoed it has none, and most of them cost a single byte. */
static short
pair_of(enum style style, bool is_typed)
{
	struct look look = style_look(screen.theme, style);
	bool is_own = look.ink < 0 && look.paper < 0;

	return (short)(has_colors() && !(is_typed && is_own) ?
	    screen.pairs[style] : 0);
}

/* Nobody sees the ink of a blank: on a bar it is that of what stands before
 * it, and need not be sent. */
static enum style
style_of(const struct cell *c, enum style before)
{
	struct look is = style_look(screen.theme, (enum style)c->style);
	struct look was = style_look(screen.theme, before);

	return strcmp(c->s, " ") == 0 && is.paper >= 0 &&
	    is.paper == was.paper && is.attrs == was.attrs ? before :
	    (enum style)c->style;
}

/* Terminals disagree about flags, and all show letters. */
static bool
draw_flag(int row, int col, const struct cell *c, const wchar_t *text)
{
	char letters[3] = "  ";

	for (int i = 0; i < 2 && text[i] != L'\0'; i++) {
		if (text[i] < FLAG_A || text[i] > FLAG_A + 'Z' - 'A')
			return false;
		letters[i] = (char)('A' + (text[i] - FLAG_A));
	}
	mvaddnstr(row, col, letters, c->width);
	return true;
}

static void
draw_cell(int row, int col, const struct cell *c, attr_t attrs, short pair)
{
	wchar_t text[CLUSTER_CHARS + 1];
	cchar_t cell;
	size_t n;

	attr_set(attrs, pair, NULL);
	if ((unsigned char)c->s[0] < 0x80 && c->s[1] == '\0') {
		mvaddch(row, col, (chtype)(unsigned char)c->s[0]);
		return;
	}
	n = decode(c->s, text);
	if (n == 0) {
		mvaddnstr(row, col, "??", c->width);
		return;
	}
	if (draw_flag(row, col, c, text))
		return;
	/* What curses takes for several cells (flags) goes as a string, and a
	 * right half that it does not know of must not show what was there. */
	if (c->width == 2)
		mvaddnstr(row, col, "  ", 2);
	if (n <= CCHARW_MAX &&
	    setcchar(&cell, text, attrs, pair, NULL) == OK)
		mvadd_wch(row, col, &cell);
	else
		mvaddwstr(row, col, text);
}

static void
draw_row(const struct grid *g, int row)
{
	enum style style = (enum style)grid_at(g, row, 0)->style;

	for (int col = 0; col < g->cols; col++) {
		const struct cell *c = grid_at(g, row, col);

		/* A character in the last corner would scroll. */
		if (c->width == 0 || (row == g->rows - 1 &&
		    col + c->width >= g->cols))
			continue;
		style = style_of(c, style);
		draw_cell(row, col, c, attrs_of(screen.theme, style),
		    pair_of(style, row == g->cursor_row));
	}
}

static size_t
row_size(const struct grid *g)
{
	return (size_t)g->cols * sizeof(*g->cells);
}

void
screen_draw(const struct grid *g, enum theme theme)
{
	struct grid *old = &screen.shown;

	if (!screen.is_on || g->rows == 0)
		return;
	if (!screen.has_pairs || theme != screen.theme)
		make_pairs(theme);
	if (old->rows != g->rows || old->cols != g->cols) {
		grid_resize(old, g->rows, g->cols);
		screen.is_stale = true;
	}
	if (screen.is_stale)
		erase();
	for (int row = 0; row < g->rows && old->cells != NULL; row++) {
		struct cell *was = &old->cells[row * g->cols];
		const struct cell *is = grid_at(g, row, 0);

		if (!screen.is_stale && memcmp(was, is, row_size(g)) == 0)
			continue;
		draw_row(g, row);
		memcpy(was, is, row_size(g));
	}
	screen.is_stale = false;
	if (g->cursor_row >= 0)
		move(g->cursor_row, g->cursor_col);
	wnoutrefresh(stdscr);
	doupdate();
}

void
screen_repaint(void)
{
	clearok(curscr, TRUE);
	screen.is_stale = true;
}

void
screen_alert(enum alert_way way, const char *name)
{
	char bytes[ALERT_BYTES];

	send(bytes, alert_bytes(way, name, bytes));
}
