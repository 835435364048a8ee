#include "face/line_state.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_MAX = 65536,
	WRITE_MAX = 4096,   /* a pipe that is ready takes as much (PIPE_BUF) */
	WRITES_A_TURN = 64,
	CLOSE_WAIT_MS = 1000,
};

static bool
is_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0;
}

/* Finds the first line of what was read; false if it has no end yet. */
static bool
find_line(const struct line *l, size_t *len, size_t *used)
{
	const char *s = str_text(&l->input) + l->input_at, *lf;
	size_t left = l->input.len - l->input_at;

	if (left == 0)
		return false;
	lf = memchr(s, '\n', left);
	if (lf == NULL && !l->input_ended)
		return false;
	*len = lf == NULL ? left : (size_t)(lf - s);
	*used = *len + (lf != NULL);
	if (*len > 0 && s[*len - 1] == '\r')
		--*len;
	return true;
}

/* What is left of what was read, when nothing more can be taken from it, moves
 * to the beginning: not after each line. */
static void
keep_rest(struct line *l)
{
	str_drop(&l->input, l->input_at);
	l->input_at = 0;
}

/* Enters lines as long as there is room for them. A line that is longer than
 * any command goes in as far as it was read: enough to be refused. */
void
line_script_enter(struct line *l)
{
	size_t len, used;

	while (l->entries_count == 0 && !l->is_leaving) {
		if (find_line(l, &len, &used)) {
			if (!l->is_skipping)
				line_enter(l, l->input.s + l->input_at, len);
			l->is_skipping = false;
			l->input_at += used;
			continue;
		}
		keep_rest(l);
		if (l->input.len <= EDIT_MAX)
			return;
		if (!l->is_skipping)
			line_enter(l, l->input.s, l->input.len);
		l->is_skipping = true;
		str_reset(&l->input);
	}
}

static void
on_readable(struct watch *w, int events)
{
	struct line *l = (struct line *)((char *)w - offsetof(struct line, in));
	char buf[READ_MAX];
	ssize_t n;

	(void)events;
	n = read(STDIN_FILENO, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		str_put(&l->input, buf, (size_t)n);
	else
		l->input_ended = true;
	l->input_ended |= l->input.bad;
}

/* The turn that follows does it. */
static void
on_writable(struct watch *w, int events)
{
	(void)w;
	(void)events;
}

void
line_script_open(struct line *l, const char *command)
{
	l->in.ready = on_readable;
	l->out.ready = on_writable;
	if (command != NULL) {
		str_puts(&l->input, command);
		l->input_ended = true;
		return;
	}
	loop_watch(l->loop, &l->in, STDIN_FILENO, LOOP_READ);
}

/* Nothing more can be said there, so what is wrong is told elsewhere; not of a
 * reader that has gone. */
static void
give_up(struct line *l, int error)
{
	char text[128];

	l->is_silent = true;
	str_fini(&l->bytes);
	l->written = 0;
	if (error != EPIPE) {
		snprintf(text, sizeof(text), "gop2p: cannot write to standard "
		    "output: %s", error != 0 ? strerror(error) :
		    "nobody reads it");
		line_log(l, text);
	}
	line_leave(l, error == EPIPE ? SIGPIPE : 0, EXIT_CODE_RUNTIME);
}

/* Never more than what a pipe takes without waiting: its flags are not ours to
 * change. */
static void
write_bytes(struct line *l)
{
	size_t len;
	ssize_t n = 0;
	int error;

	for (int i = 0; i < WRITES_A_TURN && l->written < l->bytes.len; i++) {
		if (!is_ready(STDOUT_FILENO, POLLOUT))
			break;
		len = l->bytes.len - l->written;
		n = write(STDOUT_FILENO, l->bytes.s + l->written,
		    len < WRITE_MAX ? len : WRITE_MAX);
		if (n < 0)
			break;
		l->written += (size_t)n;
	}
	error = n < 0 && errno != EINTR && errno != EAGAIN ? errno : 0;
	/* What waits for a slow reader moves when half of it is gone. */
	if (l->written >= l->bytes.len / 2) {
		str_drop(&l->bytes, l->written);
		l->written = 0;
	}
	if (error != 0 || l->bytes.len - l->written > LINE_OUT_MAX ||
	    l->bytes.bad)
		give_up(l, error);
}

void
line_script_turn(struct line *l)
{
	size_t len, used;
	bool wants_more = !l->input_ended && !l->is_leaving
	    && l->entries_count == 0 && !find_line(l, &len, &used);

	write_bytes(l);
	loop_watch(l->loop, &l->in, STDIN_FILENO, wants_more ? LOOP_READ : 0);
	loop_watch(l->loop, &l->out, STDOUT_FILENO,
	    l->bytes.len > 0 ? LOOP_WRITE : 0);
}

void
line_script_close(struct line *l)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	loop_unwatch(&l->in);
	loop_unwatch(&l->out);
	while (l->bytes.len > 0 && poll(&p, 1, CLOSE_WAIT_MS) > 0)
		write_bytes(l);
}
