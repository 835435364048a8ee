/* Names of people: what may be one, and when two are the same. */
#ifndef NAME_H
#define NAME_H

#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum name_fault {
	NAME_OK,
	NAME_EMPTY,
	NAME_TOO_LONG,   /* over NAME_MAX_LEN bytes after NFC */
	NAME_NOT_UTF8,
	NAME_BAD_CHAR,   /* space, control, bidi, invisible, private use, '@',
	                    a first '/', '-' or '.', a mark without a base or
	                    more than TEXT_MARKS_MAX on one */
	NAME_MIXED,      /* letters, marks or digits of more than one script
	                    (Latin with Han, Hiragana, Katakana, Hangul or
	                    Bopomofo is fine: UTS 39 "highly restrictive") */
};

/* Checks a name and writes its NFC form with NUL to out, which is untouched
 * when the name is refused. */
enum name_fault name_check(const void *in, size_t len,
    char out[static NAME_SIZE]);

/* What is wrong, as half a sentence for "Name refused: %s". */
const char *name_fault_text(enum name_fault fault);

/* The form by which names are compared: NFKC_Casefold. What cannot be a
 * name (over 4 * NAME_MAX_LEN bytes, not UTF-8) is only copied. out holds
 * NAME_FOLD_SIZE bytes; a form that does not fit is cut (the comparison then
 * covers the first NAME_FOLD_SIZE-1 bytes). Returns its length. */
size_t name_fold(const char *name, char out[static NAME_FOLD_SIZE]);

bool name_same(const char *a, const char *b);

/* A readable random name for a number: "calm-otter-42". Deterministic. */
void name_random(uint64_t random, char out[static NAME_SIZE]);

#endif
