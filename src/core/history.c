#include "history.h"

#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
history_init(struct history *h)
{
	memset(h, 0, sizeof(*h));
}

static void
drop_oldest(struct history *h)
{
	assert(h->count > 0);
	h->bytes -= h->lines[0].len;
	free(h->lines[0].text);
	h->count--;
	h->first++;
	memmove(h->lines, h->lines + 1, h->count * sizeof(h->lines[0]));
}

void
history_fini(struct history *h)
{
	while (h->count > 0)
		drop_oldest(h);
}

void
history_add(struct history *h, const char *text, size_t len)
{
	struct history_line *last = &h->lines[h->count > 0 ? h->count - 1 : 0];
	char *copy;

	if (len == 0 || len > HISTORY_BYTES || text[0] == ' ')
		return;
	if (h->count > 0 && last->len == len
	    && memcmp(last->text, text, len) == 0)
		return;
	copy = malloc(len + 1);
	if (copy == NULL)
		return;
	memcpy(copy, text, len);
	copy[len] = '\0';
	while (h->count == HISTORY_MAX || h->bytes + len > HISTORY_BYTES)
		drop_oldest(h);
	h->lines[h->count++] = (struct history_line){ copy, len };
	h->bytes += len;
}

size_t
history_end(const struct history *h)
{
	return h->first + h->count;
}

const struct history_line *
history_get(const struct history *h, size_t number)
{
	if (number < h->first || number >= history_end(h))
		return NULL;
	return &h->lines[number - h->first];
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static size_t
find_in(const struct history_line *line, const char *query, size_t len)
{
	size_t i;

	for (size_t at = 0; at + len <= line->len; at++) {
		for (i = 0; i < len; i++)
			if (lower(line->text[at + i]) != lower(query[i]))
				break;
		if (i == len)
			return at;
	}
	return HISTORY_NONE;
}

size_t
history_find(const struct history *h, size_t before, const char *query,
    size_t len, size_t *at)
{
	const struct history_line *line;
	size_t found;

	if (before > history_end(h))
		before = history_end(h);
	while (before > h->first) {
		line = history_get(h, --before);
		found = find_in(line, query, len);
		if (found != HISTORY_NONE) {
			*at = found;
			return before;
		}
	}
	return HISTORY_NONE;
}

size_t
history_pack(const struct history_line *line, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < line->len; i++) {
		char c = line->text[i];

		if (n + 2 >= cap)
			return 0;
		if (c == '\n' || c == '\\')
			out[n++] = '\\';
		out[n++] = c == '\n' ? 'n' : c;
	}
	out[n] = '\0';
	return n;
}

void
history_unpack(struct history *h, const char *packed, size_t len)
{
	char *text = malloc(len + 1), *clean = malloc(text_clean_max(len));
	size_t n = 0;

	for (size_t i = 0; text != NULL && clean != NULL && i < len; i++) {
		char c = packed[i];

		if (c == '\\' && i + 1 < len) {
			c = packed[++i];
			if (c == 'n')
				c = '\n';
		}
		text[n++] = c;
	}
	if (n > 0 && n <= HISTORY_BYTES && text_is_utf8(text, n))
		history_add(h, clean,
		    text_clean(text, n, clean, text_clean_max(len)));
	free(clean);
	free(text);
}
