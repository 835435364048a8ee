/* Text from elsewhere. All that a peer, a server or a file says passes here
 * once before it is shown or compared (security.md M1-M5 name the tests). */
#ifndef TEXT_H
#define TEXT_H

#include "limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one scalar value of well-formed UTF-8 at s (len > 0). Returns its
 * length in bytes; for ill-formed input *cp is U+FFFD and the length that of
 * the maximal subpart (Unicode 3.9, table 3-7 and "U+FFFD substitution"). */
size_t text_decode(const uint8_t *s, size_t len, uint32_t *cp);

/* True if s is well-formed UTF-8. */
bool text_is_utf8(const void *s, size_t len);

/* Makes text harmless for a terminal: well-formed UTF-8 of printable
 * characters, LF, and nothing else. CR LF and lone CR become LF, TAB becomes
 * spaces to the next multiple of 8, other controls (C0, DEL, C1) become the
 * replacement U+FFFD, U+2028/9 LF; bidi controls, zero-width characters
 * (ZWJ and ZWNJ except between letters or emoji), tags, private use and
 * noncharacters become "<U+XXXX>"; at most TEXT_MARKS_MAX combining marks a
 * base. Writes at most cap bytes with the terminating NUL, never half a
 * character; returns the length without NUL. Idempotent. */
size_t text_clean(const void *in, size_t len, char *out, size_t cap);

/* The same on one line: LF becomes a space. For names, reasons, addresses. */
size_t text_clean_line(const void *in, size_t len, char *out, size_t cap);

/* Bytes that text_clean needs at most for len bytes of input, NUL included. */
size_t text_clean_max(size_t len);

/* Columns of the grapheme cluster at s (well-formed, len > 0): 0, 1 or 2, and
 * its length in bytes in *size. One function for both faces. */
int text_cluster(const char *s, size_t len, size_t *size);

/* Columns of a whole line of clean text. */
size_t text_width(const char *s, size_t len);

#endif
