#include "tui/flow.h"

#include "core/text.h"

#include <string.h>

enum { DAY_S = 86400 };

int64_t
flow_day(int64_t wall_s)
{
	return wall_s >= 0 ? wall_s / DAY_S : -1;
}

size_t
flow_fit(const char *s, size_t len, int cols, size_t *next)
{
	const char *lf = memchr(s, '\n', len);
	size_t end = lf == NULL ? len : (size_t)(lf - s);
	size_t at = 0, blank = 0, size;
	int width = 0;

	while (at < end) {
		int w = text_cluster(s + at, end - at, &size);

		if (width + w > cols && at > 0)
			break;
		if (s[at] == ' ')
			blank = at;
		width += w;
		at += size;
	}
	if (at == end) {
		*next = lf == NULL ? end : end + 1;
		return end;
	}
	if (s[at] != ' ' && blank > 0)
		at = blank;
	*next = s[at] == ' ' ? at + 1 : at;
	return at;
}

static int
cols_of(const struct flow *f, const struct entry *e)
{
	int cols = f->text_cols - (e->kind == ENTRY_OWN ? f->mark_cols : 0);

	return cols < 1 ? 1 : cols;
}

static size_t
text_rows(const struct flow *f, const struct entry *e)
{
	size_t rows = 0, at = 0, next;
	int cols = cols_of(f, e);

	do {
		flow_fit(e->text + at, e->len - at, cols, &next);
		at += next;
		rows++;
	} while (at < e->len);
	return rows;
}

static bool
has_day(const struct flow *f, const struct entry *e)
{
	const struct entry *before = backlog_get(f->log, e->number - 1);

	return before == NULL ||
	    flow_day(before->wall_s) != flow_day(e->wall_s);
}

size_t
flow_height(const struct flow *f, const struct entry *e)
{
	return (size_t)has_day(f, e) + (e->number == f->unread) +
	    text_rows(f, e);
}

struct flow_row
flow_row(const struct flow *f, const struct entry *e, size_t row)
{
	struct flow_row out = { .entry = e, .what = FLOW_TEXT };
	size_t at = 0, len, next;
	int cols = cols_of(f, e);

	if (has_day(f, e) && row-- == 0) {
		out.what = FLOW_DAY;
		return out;
	}
	if (e->number == f->unread && row-- == 0) {
		out.what = FLOW_UNREAD;
		return out;
	}
	out.is_first = row == 0;
	for (;; row--, at += next) {
		len = flow_fit(e->text + at, e->len - at, cols, &next);
		if (row == 0 || at + next >= e->len)
			break;
	}
	out.from = at;
	out.len = len;
	out.is_last = at + next >= e->len;
	return out;
}

/* The place as an entry that is there, and a row of it. False if there is
 * nothing at all. */
static bool
settle(const struct flow *f, const struct spot *at, uint64_t *number,
    size_t *row)
{
	uint64_t begin = backlog_begin(f->log), end = backlog_end(f->log);
	size_t height;

	if (begin == end)
		return false;
	*number = at->is_scrolled ? at->number : end - 1;
	if (*number < begin)
		*number = begin;
	if (*number >= end)
		*number = end - 1;
	height = flow_height(f, backlog_get(f->log, *number));
	*row = at->is_scrolled && at->number == *number &&
	    at->row < height ? at->row : height - 1;
	return true;
}

size_t
flow_rows(const struct flow *f, const struct spot *at, struct flow_row *out,
    size_t max)
{
	uint64_t number;
	size_t row, n = 0;

	if (!settle(f, at, &number, &row))
		return 0;
	while (n < max) {
		const struct entry *e = backlog_get(f->log, number);

		out[n++] = flow_row(f, e, row);
		if (row > 0) {
			row--;
			continue;
		}
		if (number == backlog_begin(f->log))
			break;
		e = backlog_get(f->log, --number);
		row = flow_height(f, e) - 1;
	}
	return n;
}

static bool
step_up(const struct flow *f, uint64_t *number, size_t *row)
{
	if (*row > 0) {
		(*row)--;
		return true;
	}
	if (*number == backlog_begin(f->log))
		return false;
	(*number)--;
	*row = flow_height(f, backlog_get(f->log, *number)) - 1;
	return true;
}

static bool
step_down(const struct flow *f, uint64_t *number, size_t *row)
{
	const struct entry *e = backlog_get(f->log, *number);

	if (*row + 1 < flow_height(f, e)) {
		(*row)++;
		return true;
	}
	if (*number + 1 == backlog_end(f->log))
		return false;
	(*number)++;
	*row = 0;
	return true;
}

static bool
is_end(const struct flow *f, uint64_t number, size_t row)
{
	return !step_down(f, &number, &row);
}

static void
settle_at(const struct flow *f, struct spot *at, uint64_t number, size_t row)
{
	*at = (struct spot){ 0 };
	if (is_end(f, number, row))
		return;
	at->is_scrolled = true;
	at->number = number;
	at->row = row;
}

void
flow_scroll(const struct flow *f, struct spot *at, size_t height, long rows)
{
	uint64_t number, top;
	size_t row, top_row, above;

	if (!settle(f, at, &number, &row))
		return;
	for (; rows < 0 && step_down(f, &number, &row); rows++)
		;
	/* The first row of the pane is height - 1 above the last. */
	top = number;
	top_row = row;
	for (above = 1; above < height; above++)
		if (!step_up(f, &top, &top_row))
			break;
	for (; rows > 0 && step_up(f, &top, &top_row); rows--)
		step_up(f, &number, &row);
	settle_at(f, at, number, row);
}

void
flow_show(const struct flow *f, struct spot *at, size_t height,
    uint64_t number)
{
	size_t row = 0, n;

	if (backlog_get(f->log, number) == NULL)
		return;
	for (n = 1; n < height; n++)
		if (!step_down(f, &number, &row))
			break;
	settle_at(f, at, number, row);
}
