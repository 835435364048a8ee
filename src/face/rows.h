/* The one door to the screen: text of any kind becomes rows that can do no
 * harm there. */
#ifndef ROWS_H
#define ROWS_H

#include "face/say.h"
#include "face/str.h"

#include <stddef.h>

/* Appends s, cleaned, as lines with LF, wrapped to the width; all rows but the
 * first are indented, so that they cannot look like the beginning of
 * anything. The first head bytes come in a style (an SGR sequence) if there are
 * colours. */
void rows_put(struct str *out, const struct say *how, const char *s,
    size_t len, size_t head, const char *style);

#endif
