/* The terminal of the line client. Its modes are put back on every way out:
 * exit, signals, crashes, stops. One at a time. */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct term {
	int fd;          /* opened anew: making it non-blocking is nobody
	                    else's business */
	bool is_raw;     /* every key comes at once, and nothing is echoed */
	bool is_dumb;    /* knows no escape sequences */
	bool is_silent;  /* whoever runs it shows what is typed himself */
	bool has_color;
	bool is_borrowed; /* fd is standard input: there was no other way */
	struct termios before;
};

/* True if standard input and output are the terminal, which is then opened.
 * Nothing is changed yet. */
bool term_open(struct term *t);

/* Puts everything back. */
void term_close(struct term *t);

/* True if we are in the foreground. In the background the terminal is another
 * program's: it must be neither read nor changed. */
bool term_is_ours(const struct term *t);

/* Turns single keys and bracketed paste on, and off. */
void term_raw(struct term *t);
void term_restore(struct term *t);

/* Columns and rows; 0 where they are not known. */
void term_size(const struct term *t, size_t *columns, size_t *rows);

/* Reads what is there. 0: nothing; -1: the terminal is gone. */
int term_read(struct term *t, void *buf, size_t cap);

/* Writes as much as it takes without waiting; -1: the terminal is gone. */
int term_write(struct term *t, const void *buf, size_t len);

/* Puts everything back and stops this process and those it runs with, as
 * Ctrl+Z does; returns when it goes on, without raw mode. */
void term_stop(struct term *t);

#endif
