/* A string that grows. Without memory it stays as it is and is marked bad. */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>

struct str {
	char *s; /* NULL or NUL-terminated; see str_text */
	size_t len, cap;
	bool bad;
};

void str_fini(struct str *b);

/* Its text, "" if there is none. */
const char *str_text(const struct str *b);

void str_put(struct str *b, const void *s, size_t len);
void str_puts(struct str *b, const char *s);
void str_printf(struct str *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Empties it; the memory stays for the next time, unless there is much. */
void str_reset(struct str *b);

/* Drops the first len bytes. */
void str_drop(struct str *b, size_t len);

#endif
