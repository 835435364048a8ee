#include "recall.h"

#include <stdlib.h>
#include <string.h>

void
recall_init(struct recall *r, struct history *history)
{
	memset(r, 0, sizeof(*r));
	r->history = history;
	r->number = HISTORY_NONE;
}

void
recall_fini(struct recall *r)
{
	while (r->left_count > 0)
		free(r->left[--r->left_count].text);
}

static struct recall_left *
left_of(struct recall *r, size_t number)
{
	for (size_t i = 0; i < r->left_count; i++)
		if (r->left[i].number == number)
			return &r->left[i];
	return NULL;
}

/* True if the line is in the history as it stands, and was never left. */
static bool
is_unchanged(struct recall *r, const struct textbuf *b)
{
	const struct history_line *line = history_get(r->history, r->number);

	return line != NULL && left_of(r, r->number) == NULL
	    && line->len == b->len && memcmp(line->text, b->s, b->len) == 0;
}

/* Keeps the line as it stands. False if it would be lost. */
static bool
leave(struct recall *r, const struct textbuf *b)
{
	struct recall_left *l = left_of(r, r->number);
	char *copy;

	if (is_unchanged(r, b))
		return true;
	if (l == NULL && r->left_count == RECALL_LEFT_MAX)
		return false;
	copy = malloc(b->len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, b->s, b->len + 1);
	if (l != NULL)
		free(l->text);
	else
		l = &r->left[r->left_count++];
	*l = (struct recall_left){ r->number, copy, b->len };
	return true;
}

/* Shows the line of a number, as it was left or as it was entered. */
static void
show(struct recall *r, struct textbuf *b, size_t number)
{
	const struct history_line *line = history_get(r->history, number);
	const struct recall_left *l = left_of(r, number);

	r->number = number;
	if (l != NULL)
		textbuf_set(b, l->text, l->len);
	else if (line != NULL)
		textbuf_set(b, line->text, line->len);
	else
		textbuf_set(b, "", 0);
}

bool
recall_older(struct recall *r, struct textbuf *b)
{
	size_t number;

	if (r->history == NULL)
		return false;
	number = r->number == HISTORY_NONE
	    ? history_end(r->history) : r->number;
	if (number <= r->history->first || !leave(r, b))
		return false;
	show(r, b, number - 1);
	return true;
}

bool
recall_newer(struct recall *r, struct textbuf *b)
{
	if (r->number == HISTORY_NONE || !leave(r, b))
		return false;
	show(r, b, r->number + 1 < history_end(r->history)
	    ? r->number + 1 : HISTORY_NONE);
	return true;
}

void
recall_enter(struct recall *r, const struct textbuf *b)
{
	const struct recall_left *draft = left_of(r, HISTORY_NONE);

	if (r->history != NULL) {
		if (r->number != HISTORY_NONE && draft != NULL)
			history_add(r->history, draft->text, draft->len);
		history_add(r->history, b->s, b->len);
	}
	recall_fini(r);
	r->number = HISTORY_NONE;
	r->searching = false;
}

bool
recall_search(struct recall *r, struct textbuf *b)
{
	if (r->history == NULL || !leave(r, b))
		return false;
	r->searching = true;
	r->failed = false;
	r->last = r->len;
	r->len = 0;
	r->match = history_end(r->history);
	r->origin = r->number;
	r->origin_at = b->at;
	return true;
}

static bool
find(struct recall *r, struct textbuf *b, size_t before)
{
	const struct history_line *line;
	size_t number, at;

	number = history_find(r->history, before, r->query, r->len, &at);
	r->failed = number == HISTORY_NONE;
	if (r->failed)
		return false;
	line = history_get(r->history, number);
	r->match = number;
	r->number = number;
	textbuf_set(b, line->text, line->len);
	textbuf_move(b, at);
	return true;
}

bool
recall_lengthen(struct recall *r, struct textbuf *b, const char *text,
    size_t len)
{
	if (r->len + len > sizeof(r->query))
		return false;
	memcpy(r->query + r->len, text, len);
	r->len += len;
	r->last = 0;
	return find(r, b, r->match + 1);
}

bool
recall_shorten(struct recall *r, struct textbuf *b)
{
	if (r->len == 0)
		return false;
	do
		r->len--;
	while (r->len > 0 && ((unsigned char)r->query[r->len] & 0xc0) == 0x80);
	if (r->len > 0)
		return find(r, b, history_end(r->history));
	r->failed = false;
	return true;
}

bool
recall_next(struct recall *r, struct textbuf *b)
{
	if (r->len == 0) /* the same as last time */
		r->len = r->last;
	return r->len > 0 && find(r, b, r->match);
}

void
recall_cancel(struct recall *r, struct textbuf *b)
{
	r->searching = false;
	show(r, b, r->origin);
	textbuf_move(b, r->origin_at);
}
