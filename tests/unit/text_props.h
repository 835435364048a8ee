/* What must hold for all text, for the tests that feed it to text.h. */
#ifndef TEXT_PROPS_H
#define TEXT_PROPS_H

#include <stddef.h>
#include <stdint.h>

const uint8_t *u8(const char *s);

/* Encodes by the table of Unicode 3.9, surrogates too. */
size_t utf8_of(uint32_t cp, char out[static 5]);

/* Clean: well-formed, nothing harmful, marks within their limit. The
 * case fails with the name of the input, what, if not. */
void check_clean(const char *s, size_t len, const char *what);

/* One line of clean text: columns and plain form. */
void check_line(const char *s, size_t len, const char *what);

/* All properties of text_clean and text_clean_line for one input. */
void check_input(const void *in, size_t len, const char *what);

#endif
