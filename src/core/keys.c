#include "keys.h"

#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ESC = 0x1b, BEL = 0x07, DEL = 0x7f, REPLACEMENT = 0xfffd };

/* ECMA-48 finals and the numbers of VT220 function keys, as xterm sends
 * them (ctlseqs, "PC-Style Function Keys"). */
static const struct final {
	char final;
	uint32_t code;
} finals[] = {
	{ 'A', KEYS_UP }, { 'B', KEYS_DOWN }, { 'C', KEYS_RIGHT },
	{ 'D', KEYS_LEFT }, { 'F', KEYS_END }, { 'H', KEYS_HOME },
	{ 'P', KEYS_F1 }, { 'Q', KEYS_F1 + 1 }, { 'R', KEYS_F1 + 2 },
	{ 'S', KEYS_F1 + 3 }, { 'M', KEYS_ENTER },
};

static const struct number {
	unsigned number;
	uint32_t code;
} numbers[] = {
	{ 1, KEYS_HOME }, { 2, KEYS_INSERT }, { 3, KEYS_DELETE },
	{ 4, KEYS_END }, { 5, KEYS_PAGE_UP }, { 6, KEYS_PAGE_DOWN },
	{ 7, KEYS_HOME }, { 8, KEYS_END },
	{ 11, KEYS_F1 }, { 12, KEYS_F1 + 1 }, { 13, KEYS_F1 + 2 },
	{ 14, KEYS_F1 + 3 }, { 15, KEYS_F1 + 4 }, { 17, KEYS_F1 + 5 },
	{ 18, KEYS_F1 + 6 }, { 19, KEYS_F1 + 7 }, { 20, KEYS_F1 + 8 },
	{ 21, KEYS_F1 + 9 }, { 23, KEYS_F1 + 10 }, { 24, KEYS_F12 },
	{ 200, KEYS_PASTE_BEGIN }, { 201, KEYS_PASTE_END },
};

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
	{ ' ', "Space" },
};

static const struct mod {
	uint8_t bit;
	const char *name;
} mods[] = {
	{ KEYS_CTRL, "Ctrl+" }, { KEYS_ALT, "Alt+" }, { KEYS_SHIFT, "Shift+" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct key
key_of(uint32_t code, uint8_t m)
{
	return (struct key){ .code = code, .mods = m };
}

void
keys_init(struct keys *k)
{
	memset(k, 0, sizeof(*k));
}

static void
enter(struct keys *k, enum keys_state state)
{
	k->state = state;
	k->count = 0;
	if (state == KEYS_GROUND)
		k->alt = false;
}

static void
hold(struct keys *k, uint8_t byte)
{
	if (k->count < sizeof(k->held))
		k->held[k->count] = byte;
	k->count++;
}

/* A key from the number that a terminal has for its character. */
static struct key
plain(uint32_t c, uint8_t m)
{
	if (c == '\r')
		return key_of(KEYS_ENTER, m);
	if (c == '\t')
		return key_of(KEYS_TAB, m);
	if (c == ESC)
		return key_of(KEYS_ESCAPE, m);
	if (c == '\b' || c == DEL)
		return key_of(KEYS_BACKSPACE, m);
	if (c >= 0xd800 && c <= 0xdfff)
		return key_of(KEYS_NONE, 0);
	if (c >= ' ')
		return key_of(c < KEYS_NONE ? c : KEYS_NONE, m & ~KEYS_SHIFT);
	m |= KEYS_CTRL;
	if (c == 0)
		return key_of(' ', m);
	return key_of(c <= 26 ? c - 1 + 'a' : c + 0x40, m);
}

static void
emit(struct keys *k, uint32_t c, struct key *out)
{
	*out = k->pasting ? key_of(c, 0) : plain(c, k->alt ? KEYS_ALT : 0);
	enter(k, KEYS_GROUND);
}

static size_t
utf8_size(uint8_t lead)
{
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* A byte outside of any sequence. An ESC before it is in k->alt. */
static void
ground(struct keys *k, uint8_t byte, struct key *out)
{
	bool alt = k->alt;

	if (byte == ESC) {
		enter(k, KEYS_IN_ESC);
	} else if (byte < 0x80) {
		emit(k, byte, out);
	} else if (utf8_size(byte) == 0) {
		emit(k, REPLACEMENT, out);
	} else {
		enter(k, KEYS_IN_UTF8);
		k->alt = alt;
		hold(k, byte);
	}
}

static bool
in_utf8(struct keys *k, uint8_t byte, struct key *out)
{
	uint32_t c;
	size_t size;

	if ((byte & 0xc0) != 0x80) {
		emit(k, REPLACEMENT, out);
		return false;
	}
	hold(k, byte);
	if (k->count < utf8_size(k->held[0]))
		return true;
	size = text_decode(k->held, k->count, &c);
	emit(k, size == k->count ? c : REPLACEMENT, out);
	return true;
}

static bool
in_esc(struct keys *k, uint8_t byte, struct key *out)
{
	if (byte == '[') {
		enter(k, KEYS_IN_CSI);
		return true;
	}
	if (k->pasting) { /* an ESC is not text */
		enter(k, KEYS_GROUND);
		return false;
	}
	switch (byte) {
	case ESC: /* Alt with a key that has a sequence of its own */
		k->alt = true;
		return true;
	case 'O':
		enter(k, KEYS_IN_SS3);
		return true;
	case 'P': case 'X': case ']': case '^': case '_':
		enter(k, KEYS_IN_STRING);
		hold(k, byte);
		return true;
	}
	k->alt = true;
	ground(k, byte, out);
	return true;
}

static uint32_t
final_code(uint8_t final)
{
	for (size_t i = 0; i < COUNT(finals); i++)
		if (finals[i].final == (char)final)
			return finals[i].code;
	return KEYS_NONE;
}

static uint32_t
number_code(unsigned number)
{
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i].number == number)
			return numbers[i].code;
	return KEYS_NONE;
}

/* Reads "1;5" into at most three numbers; false if there is anything else.
 * A number too large to mean anything stays so. */
static bool
numbers_get(const struct keys *k, unsigned n[static 3])
{
	size_t at = 0;

	n[0] = n[1] = n[2] = 0;
	if (k->count > sizeof(k->held))
		return false;
	for (size_t i = 0; i < k->count; i++) {
		if (k->held[i] == ';' && at < 2)
			at++;
		else if (k->held[i] >= '0' && k->held[i] <= '9')
			n[at] = n[at] > KEYS_NONE
			    ? n[at] : n[at] * 10 + (k->held[i] - '0');
		else
			return false;
	}
	return true;
}

static uint8_t
mods_of(unsigned parameter)
{
	return parameter == 0 ? 0 : (uint8_t)((parameter - 1) & 7);
}

/* The key of a whole control sequence; KEYS_NONE if it is not one of ours. */
static struct key
csi_key(const struct keys *k, uint8_t final)
{
	unsigned n[3];

	if (k->count == 1 && k->held[0] == '[') /* the Linux console */
		return key_of(final >= 'A' && final <= 'E'
		    ? (uint32_t)KEYS_F1 + final - 'A' : KEYS_NONE, 0);
	if (!numbers_get(k, n))
		return key_of(KEYS_NONE, 0);
	switch (final) {
	case '~':
		if (n[0] == 27) /* xterm's modifyOtherKeys */
			return plain(n[2], mods_of(n[1]));
		return key_of(number_code(n[0]), mods_of(n[1]));
	case '^': /* rxvt */
		return key_of(number_code(n[0]), KEYS_CTRL);
	case 'u': /* "fixterms" */
		return plain(n[0], mods_of(n[1]));
	case 'Z':
		return key_of(KEYS_TAB, KEYS_SHIFT);
	case 'I':
		return key_of(KEYS_FOCUS_IN, 0);
	case 'O':
		return key_of(KEYS_FOCUS_OUT, 0);
	case 'M': /* an old mouse report, its three bytes follow */
		return key_of(KEYS_NONE, 0);
	}
	if (n[0] > 1) /* the terminal says where its cursor is */
		return key_of(KEYS_NONE, 0);
	return key_of(final_code(final), mods_of(n[1]));
}

static bool
in_csi(struct keys *k, uint8_t byte, struct key *out)
{
	struct key key;

	if (k->count == 0 && byte == '[') {
		hold(k, byte);
		return true;
	}
	if (byte >= 0x20 && byte < 0x40 && k->count < KEYS_SKIP_MAX) {
		hold(k, byte);
		return true;
	}
	if (byte < 0x40 || byte > 0x7e) { /* not a sequence after all */
		enter(k, KEYS_GROUND);
		return false;
	}
	key = csi_key(k, byte);
	if (k->alt)
		key.mods |= KEYS_ALT;
	enter(k, KEYS_GROUND);
	if (k->pasting && key.code != KEYS_PASTE_END)
		return true;
	if (key.code == KEYS_PASTE_BEGIN || key.code == KEYS_PASTE_END) {
		k->pasting = key.code == KEYS_PASTE_BEGIN;
		key.mods = 0;
	}
	*out = key;
	return true;
}

static bool
in_ss3(struct keys *k, uint8_t byte, struct key *out)
{
	uint32_t code = final_code(byte);
	uint8_t m = k->alt ? KEYS_ALT : 0;

	if (byte >= 'a' && byte <= 'd') { /* rxvt, with Ctrl */
		code = final_code(byte - 'a' + 'A');
		m |= KEYS_CTRL;
	}
	enter(k, KEYS_GROUND);
	if (byte < ' ' || byte > 0x7e)
		return false;
	*out = key_of(code, code == KEYS_NONE ? 0 : m);
	return true;
}

/* What a terminal answers to a question (OSC, DCS, APC, PM, SOS) is nothing
 * that was typed. */
static bool
in_string(struct keys *k, uint8_t byte)
{
	if (byte == ESC) {
		k->state = KEYS_IN_STRING_ESC;
		return true;
	}
	if (byte == BEL || k->count >= KEYS_SKIP_MAX)
		enter(k, KEYS_GROUND);
	else
		hold(k, byte);
	return true;
}

static bool
in_string_esc(struct keys *k, uint8_t byte)
{
	enter(k, KEYS_GROUND);
	if (byte == '\\')
		return true;
	enter(k, KEYS_IN_ESC);
	return false;
}

/* Takes one byte; false if it was not used, the state then moved on. */
static bool
take(struct keys *k, uint8_t byte, struct key *out)
{
	switch (k->state) {
	case KEYS_GROUND:
		ground(k, byte, out);
		return true;
	case KEYS_IN_UTF8:
		return in_utf8(k, byte, out);
	case KEYS_IN_ESC:
		return in_esc(k, byte, out);
	case KEYS_IN_CSI:
		return in_csi(k, byte, out);
	case KEYS_IN_SS3:
		return in_ss3(k, byte, out);
	case KEYS_IN_STRING:
		return in_string(k, byte);
	case KEYS_IN_STRING_ESC:
		return in_string_esc(k, byte);
	}
	assert(!"a state of the decoder");
	return true;
}

size_t
keys_read(struct keys *k, usec_t now, const uint8_t *buf, size_t len,
    struct key *out)
{
	size_t used = 0;

	assert(len > 0);
	k->since = now;
	*out = key_of(KEYS_NONE, 0);
	while (used < len && out->code == KEYS_NONE)
		used += take(k, buf[used], out);
	return used;
}

usec_t
keys_deadline(const struct keys *k)
{
	if (k->state == KEYS_GROUND || k->state == KEYS_IN_UTF8)
		return USEC_NEVER;
	return k->since + KEYS_ESC_US;
}

bool
keys_expire(struct keys *k, usec_t now, struct key *out)
{
	struct key key = key_of(KEYS_NONE, 0);

	if (now < keys_deadline(k))
		return false;
	if (k->state == KEYS_IN_ESC)
		key = key_of(KEYS_ESCAPE, 0);
	else if (k->state == KEYS_IN_CSI && k->count == 0)
		key = key_of('[', KEYS_ALT);
	else if (k->state == KEYS_IN_SS3)
		key = key_of('O', KEYS_ALT);
	else if (k->state == KEYS_IN_STRING && k->count == 1)
		key = key_of(k->held[0], KEYS_ALT);
	enter(k, KEYS_GROUND);
	if (k->pasting || key.code == KEYS_NONE)
		return false;
	*out = key;
	return true;
}

bool
keys_look_pasted(const uint8_t *buf, size_t len)
{
	size_t ends = 0;
	bool has_text = false;

	for (size_t i = 0; i < len; i++) {
		bool is_end = buf[i] == '\r' || buf[i] == '\n';

		if (buf[i] == ESC)
			return false;
		if (is_end && !(buf[i] == '\n' && i > 0 && buf[i - 1] == '\r'))
			ends++;
		has_text |= buf[i] >= ' ' && buf[i] != DEL;
	}
	return ends > 1 && has_text;
}

bool
keys_eq(struct key a, struct key b)
{
	return a.code == b.code && a.mods == b.mods;
}

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
	struct key key = key_of(KEYS_NONE, 0);
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
