/* Settings of the screen: each is one of a few words. They are kept in a file
 * of the profile, "NAME = WORD" a line, and "bind KEY ACTION [NUMBER]" for keys
 * that do something else than usual. */
#ifndef PREFS_H
#define PREFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pref {
	PREF_CLOCK,
	PREF_DETAILS,
	PREF_HINTS,
	PREF_LIST,
	PREF_LOG,
	PREF_MOUSE,
	PREF_NOTIFY,   /* enum alert_way */
	PREF_SYMBOLS,
	PREF_THEME,    /* PREF_AUTO, else enum theme + 1 */
	PREF_TIMES,
	PREF_TITLE,
	PREF_COUNT
};

enum { PREF_OFF, PREF_ON };
enum { PREF_AUTO = 0 };
enum { SYMBOLS_ALL = 1, SYMBOLS_FEW };
enum { TIMES_OFF, TIMES_MINUTES, TIMES_SECONDS };
enum { PREFS_WORDS_MAX = 6 };

/* By enum pref: which word. */
struct prefs {
	uint8_t word[PREF_COUNT];
};

void prefs_init(struct prefs *p);

const char *prefs_name(enum pref pref);
const char *prefs_help(enum pref pref);

/* Its words, ending with NULL. */
const char *const *prefs_words(enum pref pref);

/* The word that it has. */
const char *prefs_word(const struct prefs *p, enum pref pref);

/* False if there is none of that name. */
bool prefs_find(const char *name, enum pref *out);

/* False if that is none of its words. */
bool prefs_set(struct prefs *p, enum pref pref, const char *word);

#endif
