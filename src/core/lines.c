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
	if (line->len > 0 && line->p[line->len - 1] == '\r')
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
