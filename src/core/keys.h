/* Keys: what a person pressed, whatever the terminal made of it, and the
 * decoder of a terminal's bytes into keys. Both faces edit with the same
 * keys; the full-screen one gets them from curses. */
#ifndef KEYS_H
#define KEYS_H

#include "usec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is a Unicode scalar value or one of these, and what was held down. */
enum keys_code {
	KEYS_NONE = 0x110000, /* above every scalar value */
	KEYS_ENTER,
	KEYS_TAB,
	KEYS_BACKSPACE,
	KEYS_ESCAPE,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_HOME,
	KEYS_END,
	KEYS_INSERT,
	KEYS_DELETE,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_F1,
	KEYS_F12 = KEYS_F1 + 11,
	KEYS_PASTE_BEGIN, /* what follows was pasted, up to KEYS_PASTE_END */
	KEYS_PASTE_END,
	KEYS_FOCUS_IN,
	KEYS_FOCUS_OUT,
	KEYS_WHEEL_UP,
	KEYS_WHEEL_DOWN,
	KEYS_CLICK,    /* at row and col of struct keys */
	KEYS_IS_LIGHT, /* the terminal says what its background is */
	KEYS_IS_DARK,
};

/* The bits of xterm's modifier parameter, less one. Ctrl goes with the lower
 * case letter, Shift only with keys that have no character of their own. */
enum keys_mods {
	KEYS_SHIFT = 1,
	KEYS_ALT = 2,
	KEYS_CTRL = 4,
};

struct key {
	uint32_t code;
	uint8_t mods;
};

enum {
	/* An ESC that nothing follows for this long is the Escape key. */
	KEYS_ESC_US = 25000,
	/* An answer of the terminal may come in pieces. */
	KEYS_ANSWER_US = 500000,
	/* Of a control sequence so much is looked at, and so much of one
	 * without an end is passed over. */
	KEYS_SEQ_MAX = 32,
	KEYS_SKIP_MAX = 4096,
	/* Longest keys_name with NUL: "Ctrl+Alt+Shift+Backspace". */
	KEYS_NAME_SIZE = 32,
};

enum keys_state {
	KEYS_GROUND,
	KEYS_IN_UTF8,
	KEYS_IN_ESC,
	KEYS_IN_CSI,
	KEYS_IN_SS3,
	KEYS_IN_STRING,
	KEYS_IN_STRING_ESC,
};

struct keys {
	enum keys_state state;
	bool alt;     /* an ESC came before what is being read */
	bool pasting; /* between the marks of a bracketed paste */
	uint8_t held[KEYS_SEQ_MAX]; /* the character or sequence so far */
	size_t count; /* its bytes, also those that are not held */
	usec_t since; /* when its last byte came */
	uint16_t row, col; /* of the mouse, from 0 */
};

void keys_init(struct keys *k);

/* Reads buf (len > 0) up to the end of one key. Returns the bytes used, which
 * may be 0 when a broken character ends before buf; *out is the key, or has
 * the code KEYS_NONE when all was used and more is needed. Call it until
 * everything is used. Inside a bracketed paste every character comes as
 * itself, controls too, and escape sequences vanish; unknown sequences
 * outside of one vanish as well. */
size_t keys_read(struct keys *k, usec_t now, const uint8_t *buf, size_t len,
    struct key *out);

/* When keys_expire is due, or USEC_NEVER. */
usec_t keys_deadline(const struct keys *k);

/* Ends a sequence that nothing has followed; true if it was a key. */
bool keys_expire(struct keys *k, usec_t now, struct key *out);

/* True if what one read() gave cannot have been typed: text with more than
 * one end of line. Terminals without bracketed paste send pastes so. */
bool keys_look_pasted(const uint8_t *buf, size_t len);

bool keys_eq(struct key a, struct key b);

/* "A", "Ctrl+W", "Alt+Enter", "F5", "Space"; buf holds KEYS_NAME_SIZE. */
const char *keys_name(struct key key, char *buf);

/* The key of such a name, in any case of letters; false if it is none. */
bool keys_parse(const char *name, struct key *out);

#endif
