#include "backdrop.h"

#include <stdbool.h>
#include <string.h>

enum { ANSWER_MAX = 64, HALF = 127500 };

/* One of three parts of a colour as 0 to 255. */
static bool
get_part(const char **s, unsigned *out)
{
	static const char digits[] = "0123456789abcdef";
	unsigned value = 0, max = 0;
	const char *digit;

	for (; **s != '\0' && max < 0xffff; ++*s) {
		digit = strchr(digits, **s | 0x20);
		if (digit == NULL)
			break;
		value = value * 16 + (unsigned)(digit - digits);
		max = max * 16 + 15;
	}
	if (max == 0)
		return false;
	*out = value * 255 / max;
	return true;
}

enum backdrop
backdrop_read(const char *answer, size_t len)
{
	static const char head[] = "]11;rgb";
	char text[ANSWER_MAX];
	const char *s = text + sizeof(head) - 1;
	unsigned red, green, blue;

	if (len >= sizeof(text))
		return BACKDROP_UNKNOWN;
	memcpy(text, answer, len);
	text[len] = '\0';
	if (strncmp(text, head, sizeof(head) - 1) != 0)
		return BACKDROP_UNKNOWN;
	s += *s == 'a';
	if (*s++ != ':' || !get_part(&s, &red) || *s++ != '/' ||
	    !get_part(&s, &green) || *s++ != '/' || !get_part(&s, &blue))
		return BACKDROP_UNKNOWN;
	/* How bright an eye finds it (ITU-R BT.601). */
	return red * 299 + green * 587 + blue * 114 >= HALF ?
	    BACKDROP_LIGHT : BACKDROP_DARK;
}
