/* Looks: what things are, and how each theme shows that. Words say everything
 * already; a look only helps the eye. */
#ifndef STYLE_H
#define STYLE_H

#include <stdbool.h>
#include <stdint.h>

enum { STYLE_NICKS = 12 };

enum style {
	STYLE_TEXT,
	STYLE_DIM,     /* times, hints */
	STYLE_RULE,    /* lines between panes, days */
	STYLE_UNREAD,  /* the unread line */
	STYLE_EVENT,   /* "*" lines */
	STYLE_ERROR,   /* "!" lines, what failed */
	STYLE_OWN,     /* own name */
	STYLE_HEAD,    /* headings of lists */
	STYLE_NEWS,    /* counts of what is unread */
	STYLE_TITLE,   /* the first row */
	STYLE_STATUS,  /* the status line */
	STYLE_CLOCK,   /* beside it, with few bytes a minute */
	STYLE_GOOD,    /* on it: verified, direct */
	STYLE_WARN,    /* on it: needs attention */
	STYLE_ALARM,   /* on it: needs a decision */
	STYLE_BAR,     /* the request bar */
	STYLE_PICKED,  /* the chosen one of several */
	STYLE_PROMPT,
	STYLE_QR,      /* dark on light */
	STYLE_NICK,    /* and STYLE_NICKS - 1 more, by key */
	STYLE_COUNT = STYLE_NICK + STYLE_NICKS
};

enum theme {
	THEME_DARK,
	THEME_LIGHT,
	THEME_MONO,
	THEME_CONTRAST,
	THEME_COUNT
};

enum style_attr {
	STYLE_BOLD = 1,
	STYLE_FAINT = 2,
	STYLE_REVERSE = 4,
	STYLE_UNDERLINE = 8,
};

/* Colours of the terminal's palette, 0-15; -1: its own. */
struct look {
	int8_t ink, paper;
	uint8_t attrs;
};

struct look style_look(enum theme theme, enum style style);

/* The style of a name, from the key: whoever takes a name over does not take
 * its colour over. */
enum style style_of_key(const uint8_t *key, unsigned len);

#endif
