#include "lines.h"

#include <string.h>

struct lines
lines_of(const char *text, size_t len)
{
	return (struct lines){ .rest = { text, len } };
}

bool
lines_next(struct lines *l, struct slice *line)
{
	const char *end;

	if (l->rest.len == 0)
		return false;
	end = memchr(l->rest.p, '\n', l->rest.len);
	line->p = l->rest.p;
	line->len = end != NULL ? (size_t)(end - line->p) : l->rest.len;
	l->rest.p += line->len + (end != NULL);
	l->rest.len -= line->len + (end != NULL);
	l->number++;
	/* All of them, so that what was read once reads the same again. */
	while (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
line_is_empty(const struct slice *line)
{
	struct slice copy = *line;

	return line_word(&copy).len == 0;
}

bool
line_is_comment(const struct slice *line)
{
	struct slice copy = *line, word = line_word(&copy);

	return word.len > 0 && word.p[0] == '#';
}

struct slice
line_word(struct slice *line)
{
	struct slice word;
	size_t i = 0;

	while (i < line->len && is_blank(line->p[i]))
		i++;
	word.p = line->p + i;
	while (i < line->len && !is_blank(line->p[i]))
		i++;
	word.len = (size_t)(line->p + i - word.p);
	line->p += i;
	line->len -= i;
	return word;
}

bool
slice_is(const struct slice *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->p, text, s->len) == 0;
}

/* Optimal string alignment: a row for each of the last two bytes of a. */
size_t
slice_edits(struct slice a, struct slice b)
{
	size_t rows[3][SLICE_EDITS_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	if (a.len > SLICE_EDITS_MAX || b.len > SLICE_EDITS_MAX)
		return SLICE_EDITS_MAX;
	for (size_t j = 0; j <= b.len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			row[j] = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (row[j] > above[j] + 1)
				row[j] = above[j] + 1;
			if (row[j] > row[j - 1] + 1)
				row[j] = row[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] &&
			    row[j] > before[j - 2] + 1)
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len];
}
