/* What a terminal says of its background when asked (OSC 11). */
#ifndef BACKDROP_H
#define BACKDROP_H

#include <stddef.h>

enum backdrop { BACKDROP_UNKNOWN, BACKDROP_LIGHT, BACKDROP_DARK };

/* The answer without ESC and end: "]11;rgb:ffff/ffff/ffff", with 1 to 4 digits
 * a colour. */
enum backdrop backdrop_read(const char *s, size_t len);

#endif
