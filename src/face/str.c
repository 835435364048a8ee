#include "face/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STR_FIRST = 256, STR_KEPT = 65536 };

void
str_fini(struct str *b)
{
	free(b->s);
	*b = (struct str){ 0 };
}

const char *
str_text(const struct str *b)
{
	return b->s == NULL ? "" : b->s;
}

static bool
reserve(struct str *b, size_t len)
{
	size_t cap = b->cap < STR_FIRST ? STR_FIRST : b->cap;
	char *s;

	if (b->bad || len >= SIZE_MAX / 4 - b->len) {
		b->bad = true;
		return false;
	}
	while (cap < b->len + len + 1)
		cap *= 2;
	if (cap == b->cap)
		return true;
	s = realloc(b->s, cap);
	if (s == NULL) {
		b->bad = true;
		return false;
	}
	b->s = s;
	b->cap = cap;
	return true;
}

void
str_put(struct str *b, const void *s, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len > 0)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void
str_puts(struct str *b, const char *s)
{
	str_put(b, s, strlen(s));
}

void
str_printf(struct str *b, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	if (len >= 0 && reserve(b, (size_t)len)) {
		vsnprintf(b->s + b->len, (size_t)len + 1, fmt, again);
		b->len += (size_t)len;
	}
	va_end(again);
	va_end(ap);
}

void
str_reset(struct str *b)
{
	if (b->cap > STR_KEPT || b->bad)
		str_fini(b);
	b->len = 0;
	if (b->s != NULL)
		b->s[0] = '\0';
}

void
str_drop(struct str *b, size_t len)
{
	assert(len <= b->len);
	if (len == 0)
		return;
	b->len -= len;
	memmove(b->s, b->s + len, b->len + 1);
}
