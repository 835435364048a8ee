/* A page of text over the chat: its lines as rows of a width. Longer lines
 * hang under their last column. */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct page_flow {
	const char *s;  /* what is left, clean text */
	size_t len;
	int cols;
	int hang;       /* of the line that goes on; 0: a new one begins */
};

struct page_row {
	const char *s;
	size_t len;
	int col;        /* where it begins */
};

struct page_flow page_flow(const char *s, size_t len, int cols);

/* The next row; false at the end. */
bool page_next(struct page_flow *p, struct page_row *out);

#endif
