#include "keys.h"

#include "backdrop.h"
#include "text.h"

#include <assert.h>
#include <string.h>

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

static uint16_t
place_of(unsigned n)
{
	return (uint16_t)(n == 0 ? 0 : n > UINT16_MAX ? UINT16_MAX : n - 1);
}

/* xterm's SGR reports, "<button;column;row": presses only. */
static struct key
mouse_key(struct keys *k, uint8_t final)
{
	struct keys rest = *k;
	struct key key = key_of(KEYS_NONE, 0);
	unsigned n[3];

	memmove(rest.held, rest.held + 1, sizeof(rest.held) - 1);
	rest.count--;
	if (final != 'M' || k->count > sizeof(k->held) ||
	    !numbers_get(&rest, n))
		return key;
	/* Bits 2 to 4 are what was held down. */
	switch (n[0] & ~28u) {
	case 0:
		key.code = KEYS_CLICK;
		break;
	case 64:
		key.code = KEYS_WHEEL_UP;
		break;
	case 65:
		key.code = KEYS_WHEEL_DOWN;
		break;
	}
	k->col = place_of(n[1]);
	k->row = place_of(n[2]);
	return key;
}

/* The key of a whole control sequence; KEYS_NONE if it is not one of ours. */
static struct key
csi_key(struct keys *k, uint8_t final)
{
	unsigned n[3];

	if (k->count == 1 && k->held[0] == '[') /* the Linux console */
		return key_of(final >= 'A' && final <= 'E'
		    ? (uint32_t)KEYS_F1 + final - 'A' : KEYS_NONE, 0);
	if (k->count > 0 && k->held[0] == '<')
		return mouse_key(k, final);
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

static struct key
answer(const struct keys *k)
{
	size_t len = k->count < sizeof(k->held) ? k->count : 0;

	switch (backdrop_read((const char *)k->held, len)) {
	case BACKDROP_LIGHT:
		return key_of(KEYS_IS_LIGHT, 0);
	case BACKDROP_DARK:
		return key_of(KEYS_IS_DARK, 0);
	case BACKDROP_UNKNOWN:
		break;
	}
	return key_of(KEYS_NONE, 0);
}

/* What a terminal answers to a question (OSC, DCS, APC, PM, SOS) is nothing
 * that was typed. */
static bool
in_string(struct keys *k, uint8_t byte, struct key *out)
{
	if (byte == ESC) {
		k->state = KEYS_IN_STRING_ESC;
		return true;
	}
	if (byte == BEL) {
		*out = answer(k);
		enter(k, KEYS_GROUND);
	} else if (k->count >= KEYS_SKIP_MAX) {
		enter(k, KEYS_GROUND);
	} else {
		hold(k, byte);
	}
	return true;
}

static bool
in_string_esc(struct keys *k, uint8_t byte, struct key *out)
{
	if (byte == '\\')
		*out = answer(k);
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
		return in_string(k, byte, out);
	case KEYS_IN_STRING_ESC:
		return in_string_esc(k, byte, out);
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
	if (k->state == KEYS_IN_STRING_ESC ||
	    (k->state == KEYS_IN_STRING && k->count > 1))
		return k->since + KEYS_ANSWER_US;
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
