#include "tui/prefs.h"

#include <string.h>

static const struct {
	const char *name, *help;
	const char *words[PREFS_WORDS_MAX];
	uint8_t usual;
} rows[PREF_COUNT] = {
	[PREF_CLOCK] = { "clock", "time on the status line",
	    { "off", "on", NULL }, PREF_ON },
	[PREF_DETAILS] = { "details", "pane on the right of wide screens",
	    { "off", "on", NULL }, PREF_ON },
	[PREF_HINTS] = { "hints", "what to do next",
	    { "off", "on", NULL }, PREF_ON },
	[PREF_LIST] = { "list", "list of chats at the side",
	    { "off", "on", NULL }, PREF_ON },
	[PREF_LOG] = { "log", "write down what is said",
	    { "off", "on", NULL }, PREF_OFF },
	[PREF_MOUSE] = { "mouse", "clicks and wheel (Shift selects)",
	    { "off", "on", NULL }, PREF_OFF },
	[PREF_NOTIFY] = { "notify", "how to call you back",
	    { "off", "bell", "osc9", "osc777", NULL }, 1 },
	[PREF_SYMBOLS] = { "symbols", "ticks, QR codes; few: neither",
	    { "auto", "all", "few", NULL }, PREF_AUTO },
	[PREF_THEME] = { "theme", "colours; auto: as the terminal is",
	    { "auto", "dark", "light", "mono", "contrast", NULL }, PREF_AUTO },
	[PREF_TIMES] = { "times", "time before each line",
	    { "off", "minutes", "seconds", NULL }, TIMES_MINUTES },
	[PREF_TITLE] = { "title", "unread and name in the window title",
	    { "off", "on", NULL }, PREF_ON },
};

void
prefs_init(struct prefs *p)
{
	for (int i = 0; i < PREF_COUNT; i++)
		p->word[i] = rows[i].usual;
}

const char *
prefs_name(enum pref pref)
{
	return rows[pref].name;
}

const char *
prefs_help(enum pref pref)
{
	return rows[pref].help;
}

const char *const *
prefs_words(enum pref pref)
{
	return rows[pref].words;
}

const char *
prefs_word(const struct prefs *p, enum pref pref)
{
	return rows[pref].words[p->word[pref]];
}

bool
prefs_find(const char *name, enum pref *out)
{
	for (int i = 0; i < PREF_COUNT; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		*out = (enum pref)i;
		return true;
	}
	return false;
}

bool
prefs_set(struct prefs *p, enum pref pref, const char *word)
{
	for (uint8_t i = 0; rows[pref].words[i] != NULL; i++) {
		if (strcmp(rows[pref].words[i], word) != 0)
			continue;
		p->word[pref] = i;
		return true;
	}
	return false;
}
