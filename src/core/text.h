/* Text from elsewhere. All that a peer, a server or a file says passes here
 * once before it is shown or compared (security.md M1-M5 name the tests). */
#ifndef TEXT_H
#define TEXT_H

#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one scalar value of well-formed UTF-8 at s (len > 0). Returns its
 * length in bytes; for ill-formed input *cp is U+FFFD and the length that of
 * the maximal subpart (Unicode 3.9, table 3-7 and "U+FFFD substitution"). */
size_t text_decode(const uint8_t *s, size_t len, uint32_t *cp);

/* Encodes a scalar value; returns its length in bytes. */
size_t text_encode(uint32_t cp, char out[static 4]);

/* True if s is well-formed UTF-8. */
bool text_is_utf8(const void *s, size_t len);

/* What a character is to a terminal. */
enum text_kind {
	TEXT_CONTROL,  /* C0 but TAB, LF and CR, DEL, C1 */
	TEXT_TAB,
	TEXT_BREAK,    /* LF, CR, U+2028, U+2029 */
	TEXT_HIDDEN,   /* invisible, bidi control, tag, private, unassigned */
	TEXT_JOINER,   /* ZWNJ and ZWJ */
	TEXT_SELECTOR, /* variation selectors */
	TEXT_MARK,     /* takes no column and combines with its base */
	TEXT_TONE,     /* a skin tone: a mark after an emoji, else hidden */
	TEXT_LETTER,   /* and spacing marks */
	TEXT_EMOJI,    /* Extended_Pictographic */
	TEXT_OTHER,    /* printable */
};

enum text_kind text_kind(uint32_t cp);

/* Makes text harmless for a terminal: well-formed UTF-8 of printable
 * characters, LF, and nothing else. CR LF and lone CR become LF, TAB becomes
 * spaces to the next multiple of 8, other controls (C0, DEL, C1) become the
 * replacement U+FFFD, U+2028/9 LF; what is invisible (bidi controls, zero-width
 * characters, ZWJ and ZWNJ except between letters or emoji, tags), private
 * use, unassigned and noncharacters become "<U+XXXX>"; at most TEXT_MARKS_MAX
 * marks a base, U+FFFD for the rest, and U+25CC for a base at the start of a
 * line. Writes at most cap bytes with the terminating NUL (cap > 0), never
 * half a character; returns the length without NUL. Idempotent. */
size_t text_clean(const void *in, size_t len, char *out, size_t cap);

/* The same on one line: LF becomes a space. For names, reasons, addresses. */
size_t text_clean_line(const void *in, size_t len, char *out, size_t cap);

/* Bytes that text_clean needs at most for len bytes of input, NUL included. */
size_t text_clean_max(size_t len);

/* Columns of the grapheme cluster at s (well-formed, len > 0): 0, 1 or 2, and
 * its length in bytes in *size. One function for both faces: terminals agree
 * on these columns for text that text_plain made. A cluster that would be
 * wider than two columns ends before. */
int text_cluster(const char *s, size_t len, size_t *size);

/* Columns of a whole line of clean text. */
size_t text_width(const char *s, size_t len);

/* Clean text as it goes to a terminal: without variation selectors, without
 * joiners and skin tones after an emoji, for which terminals disagree on the
 * columns. The columns stay. out holds len + 1 bytes and may be
 * s; returns the length without NUL. */
size_t text_plain(const char *s, size_t len, char *out);

#endif
