#include "text_props.h"

#include "runner.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

const uint8_t *
u8(const char *s)
{
	return (const uint8_t *)s;
}

size_t
utf8_of(uint32_t cp, char out[static 5])
{
	size_t n = 0;

	if (cp < 0x80) {
		out[n++] = (char)cp;
	} else if (cp < 0x800) {
		out[n++] = (char)(0xc0 | cp >> 6);
	} else if (cp < 0x10000) {
		out[n++] = (char)(0xe0 | cp >> 12);
		out[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | cp >> 18);
		out[n++] = (char)(0x80 | (cp >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
	}
	if (cp >= 0x80)
		out[n++] = (char)(0x80 | (cp & 0x3f));
	out[n] = '\0';
	return n;
}

static bool
is_noncharacter(uint32_t cp)
{
	return (cp >= 0xfdd0 && cp <= 0xfdef) || (cp & 0xfffe) == 0xfffe;
}

/* What must never reach a terminal, by the lists of the specification and
 * not by those of the module. */
static bool
is_harmful(uint32_t cp)
{
	static const uint32_t list[] = { 0x61c, 0x200e, 0x200f, 0x202a, 0x202b,
		0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200b,
		0x2060, 0xfeff, 0xad, 0x2028, 0x2029, 0x34f, 0x3164 };

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (cp == list[i])
			return true;
	return (cp < 0x20 && cp != '\n') || (cp >= 0x7f && cp < 0xa0) ||
	    (cp >= 0xd800 && cp < 0xf900) || (cp >= 0xe0000 && cp < 0xe0080) ||
	    cp >= 0xf0000 || is_noncharacter(cp);
}

void
check_clean(const char *s, size_t len, const char *what)
{
	unsigned marks = 0;

	must(strlen(s) == len, "%s: NUL inside", what);
	must(text_is_utf8(s, len), "%s: ill-formed", what);
	for (size_t i = 0, size; i < len; i += size) {
		uint32_t cp;

		size = text_decode(u8(s) + i, len - i, &cp);
		must(!is_harmful(cp), "%s: U+%04X", what,
		    (unsigned)cp);
		marks = text_kind(cp) == TEXT_MARK ? marks + 1 : 0;
		must(marks <= TEXT_MARKS_MAX, "%s: marks", what);
	}
}

void
check_line(const char *s, size_t len, const char *what)
{
	char *plain = malloc(len + 1);
	size_t n = text_plain(s, len, plain);

	for (size_t i = 0, size; i < len; i += size) {
		int width = text_cluster(s + i, len - i, &size);

		must(size > 0 && size <= len - i, "%s: size", what);
		must(width >= 0 && width <= 2, "%s: width", what);
	}
	must(text_width(plain, n) == text_width(s, len),
	    "%s: %zu columns, %zu plain: %s", what, text_width(s, len),
	    text_width(plain, n), s);
	free(plain);
}

void
check_input(const void *in, size_t len, const char *what)
{
	size_t cap = text_clean_max(len), n, again;
	char *out = malloc(cap), *twice = malloc(text_clean_max(cap));

	n = text_clean(in, len, out, cap);
	must(n < cap, "%s: %zu of %zu", what, n, cap);
	check_clean(out, n, what);
	again = text_clean(out, n, twice, text_clean_max(cap));
	must(again == n && memcmp(out, twice, n) == 0,
	    "%s: cleaning twice differs", what);
	n = text_clean_line(in, len, out, cap);
	must(strchr(out, '\n') == NULL, "%s: more lines", what);
	check_clean(out, n, what);
	check_line(out, n, what);
	free(out);
	free(twice);
}
