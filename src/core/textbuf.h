/* A text being written: its bytes, a cursor, and what undo needs. The text
 * is well-formed UTF-8; the cursor stands between grapheme clusters. Places
 * are byte offsets. */
#ifndef TEXTBUF_H
#define TEXTBUF_H

#include <stdbool.h>
#include <stddef.h>

enum {
	TEXTBUF_UNDO_MAX = 200,        /* changes that can be taken back */
	TEXTBUF_UNDO_BYTES = 1 << 20,  /* of removed text kept for that */
};

struct textbuf {
	char *s;    /* with a NUL after it */
	size_t len;
	size_t at;  /* the cursor */
	size_t max; /* bytes it may grow to */
	struct textbuf_change {
		size_t from, added; /* what undo takes out */
		char *removed;      /* what it puts back, len bytes */
		size_t len;
		size_t at;          /* where the cursor was */
	} changes[TEXTBUF_UNDO_MAX];
	size_t count;  /* of changes, oldest first */
	size_t kept;   /* bytes in all .removed */
};

/* For max bytes, empty. False without memory. */
bool textbuf_init(struct textbuf *b, size_t max);
void textbuf_fini(struct textbuf *b);

/* Replaces the bytes from from to to with text (well-formed) and puts the
 * cursor after it. False, with nothing changed, if it does not fit. With join
 * an insertion that goes on where the last one ended is undone with it. */
bool textbuf_replace(struct textbuf *b, size_t from, size_t to,
    const char *text, size_t len, bool join);

/* Swaps the clusters around the cursor, or the two before the end of the text,
 * and goes behind them; false if there are no two on the line. */
bool textbuf_transpose(struct textbuf *b);

/* Another text, the cursor at its end; undo does not reach behind it. What
 * does not fit is cut off. */
void textbuf_set(struct textbuf *b, const char *text, size_t len);

/* Puts the cursor at the first cluster boundary at or after at. */
void textbuf_move(struct textbuf *b, size_t at);

/* Takes the last change back; false if there is none. */
bool textbuf_undo(struct textbuf *b);

/* Bytes of text (well-formed) that fit beside len of the buffer's, whole
 * characters only. */
size_t textbuf_fit(const struct textbuf *b, const char *text, size_t len);

/* The cluster boundary before and after at; at itself at either end. */
size_t textbuf_prev(const struct textbuf *b, size_t at);
size_t textbuf_next(const struct textbuf *b, size_t at);

/* Start of the word (letters and digits) before at, end of the one after. */
size_t textbuf_word_prev(const struct textbuf *b, size_t at);
size_t textbuf_word_next(const struct textbuf *b, size_t at);

/* Start of what lies before at up to white space. */
size_t textbuf_blank_prev(const struct textbuf *b, size_t at);

/* Start and end of the line in which at lies, without its LF. */
size_t textbuf_line_start(const struct textbuf *b, size_t at);
size_t textbuf_line_end(const struct textbuf *b, size_t at);

/* Columns between the start of the line and at, and the place in the line
 * that starts at start which is column columns in or, if the line is
 * shorter, its end. */
size_t textbuf_column(const struct textbuf *b, size_t at);
size_t textbuf_at_column(const struct textbuf *b, size_t start, size_t column);

#endif
