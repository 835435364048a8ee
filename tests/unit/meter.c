#include "meter.h"

#include "runner.h"
#include "states.h"
#include "tui/screen.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ROWS = 24, COLS = 80, THE_END = 1 };

const struct meter_step meter_steps[METER_STEPS] = {
	{ "registering", "idle" }, { "asking", "punching" },
	{ "udp", "tcp" }, { "tcp", "udp" }, { "udp", "relay" },
	{ "relay", "udp" }, { "udp", "quiet" }, { "quiet", "udp" },
	{ "relay", "quiet" }, { "quiet", "relay" }, { "quiet", "lost" },
	{ "lost", "udp" }, { "lost", "relay" }, { "udp", "server-lost" },
	{ "server-lost", "udp" }, { "udp", "scrolled" },
	{ "scrolled", "udp" }, { "udp", "unread" }, { "unread", "udp" },
	{ "unread", "scrolled" }, { "scrolled", "unread" },
};

static int master;

bool
meter_open(void)
{
	struct winsize size = { ROWS, COLS, 0, 0 };
	char why[SCREEN_WHY];
	int slave;

	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	setlocale(LC_ALL, "C.UTF-8");
	master = posix_openpt(O_RDWR | O_NOCTTY);
	must(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 &&
	    ioctl(master, TIOCSWINSZ, &size) == 0, "no terminal");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	must(slave >= 0 && dup2(slave, STDIN_FILENO) >= 0 &&
	    dup2(slave, STDOUT_FILENO) >= 0, "no terminal");
	if (screen_open(why))
		return true;
	fprintf(stderr, "%s\n", why);
	return false;
}

/* A byte that no screen sends tells that all before it has arrived. */
size_t
meter_draw(const struct grid *g, enum theme theme)
{
	const char end = THE_END;
	size_t count = 0;
	char c = 0;

	screen_draw(g, theme);
	must(write(STDOUT_FILENO, &end, 1) == 1, "nobody is there");
	while (read(master, &c, 1) == 1 && c != end)
		count++;
	must(c == end, "the terminal is gone");
	return count;
}

static void
status_of(const char *name, struct grid *g)
{
	struct scene s;
	int row;

	scene_init(&s, ROWS, COLS);
	states_enter(&s, name);
	scene_draw(&s);
	row = s.m.layout.status.row;
	must(row == ROWS - 2, "the status line is in row %d", row);
	memcpy(&g->cells[row * COLS], grid_at(&s.grid, row, 0),
	    COLS * sizeof(*g->cells));
	scene_fini(&s);
}

size_t
meter_change(const char *from, const char *to, enum theme theme)
{
	struct grid g = { .cursor_row = ROWS - 1, .cursor_col = 8 };
	size_t count;

	must(grid_resize(&g, ROWS, COLS), "no memory");
	grid_clear(&g);
	g.cursor_row = ROWS - 1;
	g.cursor_col = 8;
	status_of(from, &g);
	meter_draw(&g, theme);
	status_of(to, &g);
	count = meter_draw(&g, theme);
	grid_fini(&g);
	return count;
}
