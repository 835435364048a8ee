/* Writing systems, as far as they tell whether a name mixes some that look
 * alike. By Unicode block: unassigned characters belong to their block. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

/* The recommended scripts (UAX 31, table 5); all others are SCRIPT_OTHER.
 * What belongs to no single script is SCRIPT_COMMON. */
enum script {
	SCRIPT_COMMON,
	SCRIPT_LATIN,
	SCRIPT_HAN,
	SCRIPT_HIRAGANA,
	SCRIPT_KATAKANA,
	SCRIPT_BOPOMOFO,
	SCRIPT_HANGUL,
	SCRIPT_GREEK,
	SCRIPT_CYRILLIC,
	SCRIPT_ARMENIAN,
	SCRIPT_HEBREW,
	SCRIPT_ARABIC,
	SCRIPT_THAANA,
	SCRIPT_DEVANAGARI,
	SCRIPT_BENGALI,
	SCRIPT_GURMUKHI,
	SCRIPT_GUJARATI,
	SCRIPT_ORIYA,
	SCRIPT_TAMIL,
	SCRIPT_TELUGU,
	SCRIPT_KANNADA,
	SCRIPT_MALAYALAM,
	SCRIPT_SINHALA,
	SCRIPT_THAI,
	SCRIPT_LAO,
	SCRIPT_TIBETAN,
	SCRIPT_MYANMAR,
	SCRIPT_GEORGIAN,
	SCRIPT_ETHIOPIC,
	SCRIPT_KHMER,
	SCRIPT_OTHER,
};

/* The script of a letter, mark or digit. */
enum script script_of(uint32_t cp);

/* True if one name may have characters of all scripts in the set (bit
 * 1 << script): one script besides the common, or Latin with those of
 * Japanese, Korean or Chinese (UTS 39, "highly restrictive"). */
bool script_may_mix(uint32_t set);

#endif
