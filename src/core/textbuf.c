#include "textbuf.h"

#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
textbuf_init(struct textbuf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->s = calloc(1, max + 1);
	b->max = max;
	return b->s != NULL;
}

static void
forget(struct textbuf *b, size_t count)
{
	assert(count <= b->count);
	for (size_t i = 0; i < count; i++) {
		b->kept -= b->changes[i].len;
		free(b->changes[i].removed);
	}
	b->count -= count;
	memmove(b->changes, b->changes + count,
	    b->count * sizeof(b->changes[0]));
}

void
textbuf_fini(struct textbuf *b)
{
	forget(b, b->count);
	free(b->s);
	b->s = NULL;
}

/* Records what replaces from..to by added bytes. Without memory for it
 * there is no way back, which is better than a wrong one. */
static void
record(struct textbuf *b, size_t from, size_t to, size_t added)
{
	struct textbuf_change c = { .from = from, .added = added,
		.len = to - from, .at = b->at };

	if (c.len > 0) {
		c.removed = malloc(c.len);
		if (c.removed == NULL) {
			forget(b, b->count);
			return;
		}
		memcpy(c.removed, b->s + from, c.len);
	}
	while (b->count == TEXTBUF_UNDO_MAX
	    || (b->count > 0 && b->kept + c.len > TEXTBUF_UNDO_BYTES))
		forget(b, 1);
	b->changes[b->count++] = c;
	b->kept += c.len;
}

static void
splice(struct textbuf *b, size_t from, size_t to, const char *text, size_t len)
{
	memmove(b->s + from + len, b->s + to, b->len - to + 1);
	if (len > 0)
		memcpy(b->s + from, text, len);
	b->len = b->len - (to - from) + len;
}

static bool
is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/* A cluster boundary at or before at, and cheap to find: two ASCII
 * characters never join (there is no CR). */
static size_t
anchor(const struct textbuf *b, size_t at)
{
	while (at > 0 && at < b->len
	    && !(is_ascii(b->s[at - 1]) && is_ascii(b->s[at])))
		at--;
	return at;
}

static size_t
cluster_end(const struct textbuf *b, size_t at)
{
	size_t size;

	if (is_ascii(b->s[at]) && (at + 1 == b->len || is_ascii(b->s[at + 1])))
		return at + 1;
	text_cluster(b->s + at, b->len - at, &size);
	assert(size > 0 && size <= b->len - at);
	return at + size;
}

void
textbuf_move(struct textbuf *b, size_t at)
{
	size_t i = anchor(b, at);

	while (i < at)
		i = cluster_end(b, i);
	b->at = i;
}

bool
textbuf_replace(struct textbuf *b, size_t from, size_t to, const char *text,
    size_t len, bool join)
{
	struct textbuf_change *last;

	assert(from <= to && to <= b->len);
	if (b->len - (to - from) + len > b->max)
		return false;
	last = b->count > 0 ? &b->changes[b->count - 1] : NULL;
	if (join && from == to && last != NULL && last->len == 0
	    && last->from + last->added == from)
		last->added += len;
	else
		record(b, from, to, len);
	splice(b, from, to, text, len);
	textbuf_move(b, from + len);
	return true;
}

void
textbuf_set(struct textbuf *b, const char *text, size_t len)
{
	forget(b, b->count);
	splice(b, 0, b->len, NULL, 0);
	len = textbuf_fit(b, text, len);
	splice(b, 0, 0, text, len);
	b->at = len;
}

bool
textbuf_undo(struct textbuf *b)
{
	struct textbuf_change c;

	if (b->count == 0)
		return false;
	c = b->changes[--b->count];
	b->kept -= c.len;
	splice(b, c.from, c.from + c.added, c.removed, c.len);
	textbuf_move(b, c.at);
	free(c.removed);
	return true;
}

size_t
textbuf_fit(const struct textbuf *b, const char *text, size_t len)
{
	size_t room = b->max - b->len;

	if (len <= room)
		return len;
	while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
		room--;
	return room;
}

size_t
textbuf_prev(const struct textbuf *b, size_t at)
{
	size_t i, next;

	if (at == 0)
		return 0;
	for (i = anchor(b, at - 1); (next = cluster_end(b, i)) < at; i = next)
		continue;
	return i;
}

size_t
textbuf_next(const struct textbuf *b, size_t at)
{
	return at < b->len ? cluster_end(b, at) : b->len;
}

static bool
is_word(const struct textbuf *b, size_t at)
{
	uint32_t c;

	text_decode((const uint8_t *)b->s + at, b->len - at, &c);
	return (c >= '0' && c <= '9') || text_kind(c) == TEXT_LETTER;
}

static bool
is_blank(const struct textbuf *b, size_t at)
{
	uint32_t c;

	text_decode((const uint8_t *)b->s + at, b->len - at, &c);
	return c == ' ' || c == '\n' || c == 0xa0 || c == 0x3000;
}

/* The start of the last run of clusters before at for which is says want.
 * One pass from the front: going back cluster by cluster is quadratic. */
static size_t
run_start(const struct textbuf *b, size_t at,
    bool (*is)(const struct textbuf *, size_t), bool want)
{
	size_t start = 0;
	bool in_run = false;

	for (size_t i = 0; i < at; i = cluster_end(b, i)) {
		bool wanted = is(b, i) == want;

		if (wanted && !in_run)
			start = i;
		in_run = wanted;
	}
	return start;
}

size_t
textbuf_word_prev(const struct textbuf *b, size_t at)
{
	return run_start(b, at, is_word, true);
}

size_t
textbuf_blank_prev(const struct textbuf *b, size_t at)
{
	return run_start(b, at, is_blank, false);
}

size_t
textbuf_word_next(const struct textbuf *b, size_t at)
{
	while (at < b->len && !is_word(b, at))
		at = cluster_end(b, at);
	while (at < b->len && is_word(b, at))
		at = cluster_end(b, at);
	return at;
}

size_t
textbuf_line_start(const struct textbuf *b, size_t at)
{
	while (at > 0 && b->s[at - 1] != '\n')
		at--;
	return at;
}

size_t
textbuf_line_end(const struct textbuf *b, size_t at)
{
	while (at < b->len && b->s[at] != '\n')
		at++;
	return at;
}

size_t
textbuf_column(const struct textbuf *b, size_t at)
{
	size_t start = textbuf_line_start(b, at);

	return text_width(b->s + start, at - start);
}

size_t
textbuf_at_column(const struct textbuf *b, size_t start, size_t column)
{
	size_t end = textbuf_line_end(b, start), at = start, size, columns = 0;

	while (at < end && columns < column) {
		columns += (size_t)text_cluster(b->s + at, end - at, &size);
		if (columns > column)
			break;
		at += size;
	}
	return at;
}

bool
textbuf_transpose(struct textbuf *b)
{
	size_t to = textbuf_next(b, b->at), mid, from;
	char *swapped;

	mid = textbuf_prev(b, to);
	from = textbuf_prev(b, mid);
	if (from == mid || b->s[from] == '\n' || b->s[mid] == '\n')
		return false;
	swapped = malloc(to - from);
	if (swapped == NULL)
		return false;
	memcpy(swapped, b->s + mid, to - mid);
	memcpy(swapped + (to - mid), b->s + from, mid - from);
	textbuf_replace(b, from, to, swapped, to - from, false);
	free(swapped);
	return true;
}
