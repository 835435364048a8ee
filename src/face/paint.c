#include "face/paint.h"

#include "core/text.h"

#include <assert.h>
#include <string.h>

enum { TYPING_MIN = 20, HEIGHT_DEFAULT = 24 };

/* A place on the rows of the view, counted from its first. */
struct place {
	size_t row, column;
};

void
paint_fini(struct paint *p)
{
	str_fini(&p->prompt);
	str_fini(&p->text);
}

static bool
is_dumb(const struct paint *p)
{
	return p->is_dumb || p->width == 0;
}

/* Puts a cluster of so many columns at a place: the place behind it. *at is
 * where it stands, on the next row if this one has no room for it. */
static struct place
put_cluster(struct place here, size_t columns, size_t width, struct place *at)
{
	if (here.column + columns > width && here.column > 0)
		here = (struct place){ here.row + 1, 0 };
	*at = here;
	here.column += columns;
	return here;
}

/* Where what comes next is drawn: on a row of its own if this one is full. */
static struct place
settle(struct place here, size_t width)
{
	if (here.column >= width)
		return (struct place){ here.row + 1, 0 };
	return here;
}

/* The place behind the first len bytes of s, beginning at here. */
static struct place
advance(struct place here, const char *s, size_t len, size_t width)
{
	struct place at;
	size_t size;

	for (size_t i = 0; i < len; i += size) {
		int columns = text_cluster(s + i, len - i, &size);

		if (s[i] == '\n')
			here = (struct place){ here.row + 1, 0 };
		else
			here = put_cluster(here, (size_t)columns, width, &at);
	}
	return here;
}

static void
put_plain(struct str *out, const char *s, size_t len)
{
	size_t before = out->len;

	str_put(out, s, len);
	if (!out->bad)
		out->len = before
		    + text_plain(out->s + before, len, out->s + before);
}

/* Draws those rows of s, beginning at here, that lie in top to end-1. The
 * terminal wraps full rows itself, so that it can wrap them anew. */
static struct place
draw(struct str *out, struct place here, const char *s, size_t len,
    size_t width, size_t top, size_t end)
{
	struct place at;
	size_t size, from = 0;
	bool is_in = false;

	for (size_t i = 0; i <= len; i += size) {
		bool is_break = i == len || s[i] == '\n';
		int columns = 0;

		size = 1;
		at = here;
		if (!is_break) {
			columns = text_cluster(s + i, len - i, &size);
			here = put_cluster(here, (size_t)columns, width, &at);
		}
		if (is_in && (is_break || at.row >= end)) {
			put_plain(out, s + from, i - from);
			is_in = false;
		} else if (!is_in && !is_break && at.row >= top
		    && at.row < end) {
			from = i;
			is_in = true;
		}
		if (i < len && s[i] == '\n') {
			if (here.row >= top && here.row + 1 < end)
				str_puts(out, "\r\n");
			here = (struct place){ here.row + 1, 0 };
		}
	}
	return here;
}

static void
move_up(struct str *out, size_t rows)
{
	if (rows > 0)
		str_printf(out, "\033[%zuA", rows);
}

static void
erase(struct paint *p, struct str *out)
{
	str_puts(out, "\r");
	move_up(out, p->row);
	str_puts(out, "\033[J");
}

/* So many of the lines below, each cut to its row. */
static void
draw_below(struct str *out, const char *s, size_t rows, size_t width)
{
	size_t columns, size, i;

	for (; rows > 0; rows--) {
		size_t len = strcspn(s, "\n");

		columns = 0;
		for (i = 0; i < len; i += size) {
			columns += (size_t)text_cluster(s + i, len - i, &size);
			if (columns >= width)
				break;
		}
		str_puts(out, "\r\n");
		put_plain(out, s, i);
		s += len + (s[len] == '\n');
	}
}

static size_t
count_lines(const char *s)
{
	size_t n = *s != '\0';

	for (; *s != '\0'; s++)
		n += s[0] == '\n' && s[1] != '\0';
	return n;
}

static void
remember(struct paint *p, const struct paint_view *v)
{
	str_reset(&p->prompt);
	str_puts(&p->prompt, v->prompt);
	str_reset(&p->text);
	str_put(&p->text, v->text, v->len);
	p->at = v->at;
	p->has_below = v->below[0] != '\0';
	p->is_shown = true;
}

static void
draw_view(struct paint *p, struct str *out, const struct paint_view *v)
{
	size_t width = p->width, below = count_lines(v->below), visible, top;
	size_t height = p->height > 0 ? p->height : HEIGHT_DEFAULT;
	struct place start, cursor, end;

	if (below >= height) /* the line itself comes first */
		below = height - 1;
	visible = height - below;
	start = advance((struct place){ 0, 0 }, v->prompt, strlen(v->prompt),
	    width);
	cursor = settle(advance(start, v->text, v->at, width), width);
	top = cursor.row + 1 > visible ? cursor.row + 1 - visible : 0;
	draw(out, (struct place){ 0, 0 }, v->prompt, strlen(v->prompt), width,
	    top, top + visible);
	end = draw(out, start, v->text, v->len, width, top, top + visible);
	if (end.column >= width && end.row + 1 < top + visible) {
		/* The terminal has not gone to the next row yet. */
		str_puts(out, " \r\033[K");
		end = settle(end, width);
	}
	if (end.row >= top + visible)
		end.row = top + visible - 1;
	draw_below(out, v->below, below, width);
	end.row += below;
	str_puts(out, "\r");
	move_up(out, end.row - cursor.row);
	if (cursor.column > 0)
		str_printf(out, "\033[%zuC", cursor.column);
	p->row = cursor.row - top;
}

/* True if all that changed is plain text typed at the end of the row. */
static bool
is_appended(const struct paint *p, const struct paint_view *v)
{
	size_t old = p->text.len;
	struct place place;

	if (!p->is_shown || p->has_below || v->below[0] != '\0'
	    || v->len <= old || p->at != old || v->at != v->len
	    || strcmp(str_text(&p->prompt), v->prompt) != 0
	    || memcmp(str_text(&p->text), v->text, old) != 0)
		return false;
	for (size_t i = old; i < v->len; i++)
		if (v->text[i] < ' ' || v->text[i] > '~')
			return false;
	place = advance((struct place){ 0, 0 }, v->prompt, strlen(v->prompt),
	    p->width);
	place = advance(place, v->text, old, p->width);
	return place.column + (v->len - old) < p->width && place.column > 0;
}

/* Without escape sequences one can go on, take back, or begin anew. */
static void
show_dumb(struct paint *p, struct str *out, const struct paint_view *v)
{
	const char *old = str_text(&p->text);
	size_t len = p->text.len, columns;
	bool is_same = p->is_shown
	    && strcmp(str_text(&p->prompt), v->prompt) == 0;

	if (is_same && v->len >= len && memcmp(v->text, old, len) == 0) {
		paint_lines(out, v->text + len, v->len - len);
	} else if (is_same && v->len < len
	    && memcmp(v->text, old, v->len) == 0
	    && memchr(old + v->len, '\n', len - v->len) == NULL) {
		columns = text_width(old + v->len, len - v->len);
		while (columns-- > 0)
			str_puts(out, "\b \b");
	} else {
		if (p->is_shown)
			str_puts(out, "\r\n");
		str_puts(out, v->prompt);
		paint_lines(out, v->text, v->len);
	}
}

void
paint_resize(struct paint *p, size_t width, size_t height)
{
	struct place place;

	p->width = width;
	p->height = height;
	if (!p->is_shown || is_dumb(p))
		return;
	place = advance((struct place){ 0, 0 }, str_text(&p->prompt),
	    p->prompt.len, width);
	place = settle(advance(place, str_text(&p->text), p->at, width), width);
	p->row = height > 0 && place.row >= height ? height - 1 : place.row;
}

void
paint_hide(struct paint *p, struct str *out)
{
	if (!p->is_shown)
		return;
	if (is_dumb(p))
		str_puts(out, "\r\n");
	else
		erase(p, out);
	p->is_shown = false;
}

void
paint_show(struct paint *p, struct str *out, const struct paint_view *view)
{
	struct paint_view v = *view;

	assert(v.at <= v.len);
	if (p->is_silent)
		v.len = v.at = 0;
	if (is_dumb(p)) {
		show_dumb(p, out, &v);
	} else if (is_appended(p, &v)) {
		str_put(out, v.text + p->text.len, v.len - p->text.len);
	} else {
		if (p->is_shown)
			erase(p, out);
		draw_view(p, out, &v);
	}
	remember(p, &v);
}

void
paint_leave(struct paint *p, struct str *out, const struct paint_view *view)
{
	struct paint_view v = *view;

	v.at = v.len;
	v.below = "";
	if (!p->is_shown || p->has_below || p->at != v.at
	    || p->text.len != v.len)
		paint_show(p, out, &v);
	if (!p->is_silent)
		str_puts(out, "\r\n");
	p->is_shown = false;
}

void
paint_lines(struct str *out, const char *s, size_t len)
{
	const char *end = s + len, *lf;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL) {
			str_put(out, s, (size_t)(end - s));
			return;
		}
		str_put(out, s, (size_t)(lf - s));
		str_puts(out, "\r\n");
	}
}

void
paint_prompt(struct str *out, const char *name, const char *state,
    const char *address, size_t width)
{
	size_t len, room, front, fixed;

	str_reset(out);
	str_printf(out, "[%s]", name);
	if (state == NULL) {
		str_puts(out, "> ");
		return;
	}
	len = strlen(address);
	fixed = text_width(out->s, out->len) + strlen(state) + strlen("[ ]> ");
	room = width > fixed + TYPING_MIN ? width - fixed - TYPING_MIN : 0;
	if (width == 0 || len <= room) {
		str_printf(out, "[%s %s]> ", state, address);
	} else if (room < 4) {
		str_printf(out, "[%s]> ", state);
	} else {
		front = (room - 1) / 2;
		str_printf(out, "[%s %.*s\u2026%s]> ", state, (int)front,
		    address, address + len - (room - 1 - front));
	}
}
