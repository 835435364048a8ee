#include "tui/style.h"

#include <strings.h>

enum {
	BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE,
	GRAY, RED2, GREEN2, YELLOW2, BLUE2, MAGENTA2, CYAN2, WHITE2,
	OWN = -1,
};

static const char *const theme_names[THEME_COUNT] = {
	[THEME_DARK] = "dark",
	[THEME_LIGHT] = "light",
	[THEME_MONO] = "mono",
	[THEME_CONTRAST] = "contrast",
};

static const struct look looks[THEME_COUNT][STYLE_NICK] = {
	[THEME_DARK] = {
		[STYLE_TEXT] = { OWN, OWN, 0 },
		[STYLE_DIM] = { GRAY, OWN, 0 },
		[STYLE_RULE] = { GRAY, OWN, 0 },
		[STYLE_UNREAD] = { RED2, OWN, 0 },
		[STYLE_EVENT] = { CYAN, OWN, 0 },
		[STYLE_ERROR] = { RED2, OWN, STYLE_BOLD },
		[STYLE_OWN] = { OWN, OWN, STYLE_BOLD },
		[STYLE_HEAD] = { OWN, OWN, STYLE_BOLD },
		[STYLE_NEWS] = { YELLOW2, OWN, STYLE_BOLD },
		[STYLE_TITLE] = { WHITE2, BLUE, 0 },
		[STYLE_STATUS] = { WHITE2, BLUE, 0 },
		[STYLE_GOOD] = { GREEN2, BLUE, STYLE_BOLD },
		[STYLE_WARN] = { YELLOW2, BLUE, STYLE_BOLD },
		[STYLE_ALARM] = { WHITE2, RED, STYLE_BOLD },
		[STYLE_BAR] = { BLACK, YELLOW, 0 },
		[STYLE_PICKED] = { OWN, OWN, STYLE_REVERSE },
		[STYLE_PROMPT] = { CYAN2, OWN, STYLE_BOLD },
		[STYLE_QR] = { BLACK, WHITE2, 0 },
	},
	[THEME_LIGHT] = {
		[STYLE_TEXT] = { OWN, OWN, 0 },
		[STYLE_DIM] = { GRAY, OWN, 0 },
		[STYLE_RULE] = { GRAY, OWN, 0 },
		[STYLE_UNREAD] = { RED, OWN, 0 },
		[STYLE_EVENT] = { BLUE, OWN, 0 },
		[STYLE_ERROR] = { RED, OWN, STYLE_BOLD },
		[STYLE_OWN] = { OWN, OWN, STYLE_BOLD },
		[STYLE_HEAD] = { OWN, OWN, STYLE_BOLD },
		[STYLE_NEWS] = { RED, OWN, STYLE_BOLD },
		[STYLE_TITLE] = { BLACK, CYAN, 0 },
		[STYLE_STATUS] = { BLACK, CYAN, 0 },
		[STYLE_GOOD] = { BLACK, CYAN, STYLE_BOLD },
		[STYLE_WARN] = { BLACK, YELLOW, STYLE_BOLD },
		[STYLE_ALARM] = { WHITE2, RED, STYLE_BOLD },
		[STYLE_BAR] = { BLACK, YELLOW, 0 },
		[STYLE_PICKED] = { OWN, OWN, STYLE_REVERSE },
		[STYLE_PROMPT] = { BLUE, OWN, STYLE_BOLD },
		[STYLE_QR] = { BLACK, WHITE2, 0 },
	},
	[THEME_MONO] = {
		[STYLE_TEXT] = { OWN, OWN, 0 },
		[STYLE_DIM] = { OWN, OWN, 0 },
		[STYLE_RULE] = { OWN, OWN, 0 },
		[STYLE_UNREAD] = { OWN, OWN, STYLE_BOLD },
		[STYLE_EVENT] = { OWN, OWN, 0 },
		[STYLE_ERROR] = { OWN, OWN, STYLE_BOLD },
		[STYLE_OWN] = { OWN, OWN, STYLE_BOLD },
		[STYLE_HEAD] = { OWN, OWN, STYLE_BOLD },
		[STYLE_NEWS] = { OWN, OWN, STYLE_BOLD },
		[STYLE_TITLE] = { OWN, OWN, STYLE_REVERSE },
		[STYLE_STATUS] = { OWN, OWN, STYLE_REVERSE },
		[STYLE_GOOD] = { OWN, OWN, STYLE_REVERSE },
		[STYLE_WARN] = { OWN, OWN, STYLE_REVERSE | STYLE_BOLD },
		[STYLE_ALARM] = { OWN, OWN, STYLE_REVERSE | STYLE_BOLD },
		[STYLE_BAR] = { OWN, OWN, STYLE_REVERSE | STYLE_BOLD },
		[STYLE_PICKED] = { OWN, OWN, STYLE_REVERSE },
		[STYLE_PROMPT] = { OWN, OWN, STYLE_BOLD },
		[STYLE_QR] = { OWN, OWN, STYLE_REVERSE },
	},
	[THEME_CONTRAST] = {
		[STYLE_TEXT] = { WHITE2, BLACK, 0 },
		[STYLE_DIM] = { WHITE2, BLACK, 0 },
		[STYLE_RULE] = { WHITE2, BLACK, 0 },
		[STYLE_UNREAD] = { YELLOW2, BLACK, STYLE_BOLD },
		[STYLE_EVENT] = { CYAN2, BLACK, 0 },
		[STYLE_ERROR] = { YELLOW2, BLACK, STYLE_BOLD },
		[STYLE_OWN] = { WHITE2, BLACK, STYLE_BOLD | STYLE_UNDERLINE },
		[STYLE_HEAD] = { WHITE2, BLACK, STYLE_BOLD },
		[STYLE_NEWS] = { YELLOW2, BLACK, STYLE_BOLD },
		[STYLE_TITLE] = { BLACK, WHITE2, 0 },
		[STYLE_STATUS] = { BLACK, WHITE2, 0 },
		[STYLE_GOOD] = { BLACK, WHITE2, STYLE_BOLD },
		[STYLE_WARN] = { BLACK, YELLOW2, STYLE_BOLD },
		[STYLE_ALARM] = { BLACK, YELLOW2, STYLE_BOLD },
		[STYLE_BAR] = { BLACK, YELLOW2, STYLE_BOLD },
		[STYLE_PICKED] = { BLACK, WHITE2, STYLE_BOLD },
		[STYLE_PROMPT] = { CYAN2, BLACK, STYLE_BOLD },
		[STYLE_QR] = { BLACK, WHITE2, 0 },
	},
};

/* Of the 16 colours those that can be read on the theme's paper. */
static const int8_t nicks[THEME_COUNT][STYLE_NICKS] = {
	[THEME_DARK] = { RED2, GREEN, YELLOW, BLUE2, MAGENTA, CYAN, RED,
		GREEN2, YELLOW2, MAGENTA2, CYAN2, WHITE },
	[THEME_LIGHT] = { RED, GREEN, BLUE, MAGENTA, CYAN, BLACK, RED2, BLUE2,
		MAGENTA2, GRAY, YELLOW, BLUE },
	[THEME_MONO] = { OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN,
		OWN, OWN },
	[THEME_CONTRAST] = { RED2, GREEN2, YELLOW2, CYAN2, MAGENTA2, WHITE2,
		RED2, GREEN2, YELLOW2, CYAN2, MAGENTA2, WHITE2 },
};

struct look
style_look(enum theme theme, enum style style)
{
	if (style < STYLE_NICK)
		return looks[theme][style];
	return (struct look){ nicks[theme][style - STYLE_NICK],
		looks[theme][STYLE_TEXT].paper,
		theme == THEME_MONO ? STYLE_UNDERLINE : 0 };
}

const char *
style_theme_name(enum theme theme)
{
	return theme_names[theme];
}

bool
style_theme_find(const char *name, enum theme *out)
{
	for (int i = 0; i < THEME_COUNT; i++) {
		if (strcasecmp(theme_names[i], name) != 0)
			continue;
		*out = (enum theme)i;
		return true;
	}
	return false;
}

/* FNV-1a, 32 bits. */
enum style
style_of_key(const uint8_t *key, unsigned len)
{
	uint32_t hash = 2166136261u;

	for (unsigned i = 0; i < len; i++)
		hash = (hash ^ key[i]) * 16777619u;
	return (enum style)(STYLE_NICK + hash % STYLE_NICKS);
}
