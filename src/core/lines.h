/* Text files that people edit, line by line: LF or CR LF, words between blanks
 * and tabs, "#" begins a line of comment. Nothing is copied. */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes, without NUL. */
struct slice {
	const char *p;
	size_t len;
};

struct lines {
	struct slice rest;
	uint32_t number; /* of the line that was read last, from 1 */
};

struct lines lines_of(const char *text, size_t len);

/* The next line without its end; false after the last. */
bool lines_next(struct lines *l, struct slice *line);

/* True if nothing is on the line, or a comment. */
bool line_is_empty(const struct slice *line);
bool line_is_comment(const struct slice *line);

/* Takes the next word off the line; its len is 0 when there is none. */
struct slice line_word(struct slice *line);

bool slice_is(const struct slice *s, const char *text);

/* Insertions, deletions and changes of a byte and swaps of two neighbours that
 * make b out of a, for "did you mean"; SLICE_EDITS_MAX when one of them is
 * longer than that. */
enum { SLICE_EDITS_MAX = 24 };
size_t slice_edits(struct slice a, struct slice b);

#endif
