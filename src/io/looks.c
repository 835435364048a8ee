#include "config.h"

#include "looks.h"

#ifdef HAVE_ICU

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "src/io/looks_table.inc"

enum {
	CHARS_MAX = 4 * NAME_MAX_LEN, /* of a name, decomposed */
	SAME_SIZE = 8 * SKELETON_SIZE,
	COUNT = sizeof looks_from / sizeof looks_from[0],
};

static int
by_char(const void *key, const void *row)
{
	uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)row;

	return (a > b) - (a < b);
}

/* Appends what a character looks like. */
static bool
put(utf8proc_int32_t c, char *out, size_t cap, size_t *len)
{
	uint32_t key = (uint32_t)c;
	const uint32_t *row =
	    bsearch(&key, looks_from, COUNT, sizeof key, by_char);
	utf8proc_uint8_t own[4];
	const char *s = (const char *)own;
	size_t size;

	if (row != NULL) {
		s = looks_pool + looks_at[row - looks_from];
		size = strlen(s);
	} else {
		size = (size_t)utf8proc_encode_char(c, own);
	}
	if (size >= cap - *len)
		return false;
	memcpy(out + *len, s, size);
	*len += size;
	out[*len] = '\0';
	return true;
}

/* UTS 39, section 4: decomposed, and each character replaced. False if it is
 * no name. */
static bool
replace(const char *name, char out[static SAME_SIZE])
{
	utf8proc_int32_t chars[CHARS_MAX];
	utf8proc_ssize_t count =
	    utf8proc_decompose((const utf8proc_uint8_t *)name,
		(utf8proc_ssize_t)strnlen(name, NAME_MAX_LEN), chars, CHARS_MAX,
		UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
	size_t len = 0;

	out[0] = '\0';
	if (count < 0 || count > CHARS_MAX)
		return false;
	for (utf8proc_ssize_t i = 0; i < count; i++)
		if (!put(chars[i], out, SAME_SIZE, &len))
			return false;
	return true;
}

void
looks_skeleton(const char *name, char out[static SKELETON_SIZE])
{
	char same[SAME_SIZE];

	skeleton_of(replace(name, same) ? same : name, out);
}

#else

void
looks_skeleton(const char *name, char out[static SKELETON_SIZE])
{
	skeleton_of(name, out);
}

#endif
