#include "face/rows.h"

#include "core/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, WIDTH_MIN = 16 };

#define SGR_OFF "\033[0m"

/* Bytes of the row of clean text at s that fit into width columns; a row ends
 * behind a space if there is one. */
static size_t
row_fit(const char *s, size_t len, size_t width)
{
	size_t at = 0, columns = 0, after_space = 0, size;

	while (at < len) {
		columns += (size_t)text_cluster(s + at, len - at, &size);
		if (columns > width && at > 0)
			return after_space > 0 ? after_space : at;
		at += size;
		if (s[at - 1] == ' ')
			after_space = at;
	}
	return len;
}

/* Writes clean text: its lines, wrapped, all but the first row indented. The
 * first head bytes come in a style. */
static void
put_rows(struct str *out, const struct say *how, const char *s, size_t len,
    size_t head, const char *style)
{
	bool is_first = true, is_styled = how->color && head > 0;
	size_t width, line, row, done = 0;

	width = how->width < WIDTH_MIN ? SIZE_MAX : how->width;
	if (is_styled)
		str_puts(out, style);
	while (is_first || done < len) {
		const char *end = memchr(s + done, '\n', len - done);

		line = (end == NULL ? len : (size_t)(end - s)) - done;
		row = row_fit(s + done, line,
		    is_first ? width : width - INDENT);
		if (!is_first)
			str_printf(out, "%*s", INDENT, "");
		if (is_styled && head <= done + row) {
			str_put(out, s + done, head - done);
			str_puts(out, SGR_OFF);
			str_put(out, s + head, done + row - head);
			is_styled = false;
		} else {
			str_put(out, s + done, row);
		}
		str_puts(out, "\n");
		done += row + (row == line && end != NULL);
		is_first = false;
	}
}

void
rows_put(struct str *out, const struct say *how, const char *s, size_t len,
    size_t head, const char *style)
{
	size_t cap = text_clean_max(len);
	char *clean = malloc(cap);

	if (clean == NULL) {
		out->bad = true;
		return;
	}
	len = text_clean(s, len, clean, cap);
	if (how->width > 0)
		len = text_plain(clean, len, clean);
	put_rows(out, how, clean, len, head < len ? head : len, style);
	free(clean);
}
