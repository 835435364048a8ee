#include "keys.h"

#include "text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DEL = 0x7f };

static const struct name {
	uint32_t code;
	const char *name;
} names[] = {
	{ KEYS_ENTER, "Enter" }, { KEYS_TAB, "Tab" },
	{ KEYS_BACKSPACE, "Backspace" }, { KEYS_ESCAPE, "Esc" },
	{ KEYS_UP, "Up" }, { KEYS_DOWN, "Down" }, { KEYS_LEFT, "Left" },
	{ KEYS_RIGHT, "Right" }, { KEYS_HOME, "Home" }, { KEYS_END, "End" },
	{ KEYS_INSERT, "Insert" }, { KEYS_DELETE, "Delete" },
	{ KEYS_PAGE_UP, "PgUp" }, { KEYS_PAGE_DOWN, "PgDn" },
	{ KEYS_F1, "F1" }, { KEYS_F1 + 1, "F2" }, { KEYS_F1 + 2, "F3" },
	{ KEYS_F1 + 3, "F4" }, { KEYS_F1 + 4, "F5" }, { KEYS_F1 + 5, "F6" },
	{ KEYS_F1 + 6, "F7" }, { KEYS_F1 + 7, "F8" }, { KEYS_F1 + 8, "F9" },
	{ KEYS_F1 + 9, "F10" }, { KEYS_F1 + 10, "F11" }, { KEYS_F12, "F12" },
	{ KEYS_PASTE_BEGIN, "PasteBegin" }, { KEYS_PASTE_END, "PasteEnd" },
	{ KEYS_FOCUS_IN, "FocusIn" }, { KEYS_FOCUS_OUT, "FocusOut" },
	{ KEYS_WHEEL_UP, "WheelUp" }, { KEYS_WHEEL_DOWN, "WheelDown" },
	{ KEYS_CLICK, "Click" },
	{ KEYS_IS_LIGHT, "IsLight" }, { KEYS_IS_DARK, "IsDark" },
	{ ' ', "Space" },
};

static const struct mod {
	uint8_t bit;
	const char *name;
} mods[] = {
	{ KEYS_CTRL, "Ctrl+" }, { KEYS_ALT, "Alt+" }, { KEYS_SHIFT, "Shift+" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
name_of(uint32_t code)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}

const char *
keys_name(struct key key, char *buf)
{
	const char *name = name_of(key.code);
	bool is_lower = key.code >= 'a' && key.code <= 'z';
	char text[5] = "?";
	size_t len = 0;

	buf[0] = '\0';
	if (key.mods != 0 && key.code >= 'A' && key.code <= 'Z')
		key.mods |= KEYS_SHIFT;
	for (size_t i = 0; i < COUNT(mods); i++)
		if (key.mods & mods[i].bit)
			len += (size_t)snprintf(buf + len, KEYS_NAME_SIZE - len,
			    "%s", mods[i].name);
	if (key.mods != 0 && is_lower)
		key.code -= 'a' - 'A';
	if (key.code > ' ' && key.code < KEYS_NONE)
		text[text_encode(key.code, text)] = '\0';
	snprintf(buf + len, KEYS_NAME_SIZE - len, "%s",
	    name != NULL ? name : text);
	return buf;
}

/* One character as the name of a key; letters count as lower case, unless
 * Shift is named. */
static bool
parse_character(const char *name, struct key *key)
{
	size_t len = strlen(name);
	uint32_t c;

	if (len == 0 || !text_is_utf8(name, len)
	    || text_decode((const uint8_t *)name, len, &c) != len
	    || c <= ' ' || c == DEL)
		return false;
	if (key->mods != 0 && c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if ((key->mods & KEYS_SHIFT) && c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	key->mods &= ~KEYS_SHIFT;
	key->code = c;
	return true;
}

bool
keys_parse(const char *name, struct key *out)
{
	struct key key = { .code = KEYS_NONE };
	size_t len, i = 0;

	while (i < COUNT(mods)) {
		len = strlen(mods[i].name);
		if (strncasecmp(name, mods[i].name, len) != 0) {
			i++;
			continue;
		}
		key.mods |= mods[i].bit;
		name += len;
		i = 0;
	}
	for (i = 0; i < COUNT(names); i++)
		if (strcasecmp(name, names[i].name) == 0)
			key.code = names[i].code;
	if (key.code == KEYS_NONE && !parse_character(name, &key))
		return false;
	*out = key;
	return true;
}
