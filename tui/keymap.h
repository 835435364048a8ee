/* Which key does what, beside the editor's own (edit_bindings). */
#ifndef KEYMAP_H
#define KEYMAP_H

#include "core/keys.h"

#include <stdbool.h>
#include <stddef.h>

enum action {
	ACTION_NONE,
	ACTION_GO,          /* to the chat of a number */
	ACTION_NEXT_NEWS,
	ACTION_PREV,
	ACTION_NEXT,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_TOP,
	ACTION_END,
	ACTION_UNREAD,
	ACTION_SEARCH,
	ACTION_ALLOW,
	ACTION_DENY,
	ACTION_INFO,
	ACTION_LIST,
	ACTION_BARE,
	ACTION_VERIFY,
	ACTION_URL,
	ACTION_REPAINT,
	ACTION_SUSPEND,
	ACTION_HELP,
	ACTION_BACK,        /* Esc: closes what lies over the chat */
	ACTION_COUNT,
	ACTION_EDIT = ACTION_COUNT /* number: of edit_bindings */
};

struct keymap_row {
	struct key key;
	enum action action;
	int number;         /* of ACTION_GO and ACTION_EDIT */
};

enum { KEYMAP_MAX = 96 };

struct keymap {
	struct keymap_row rows[KEYMAP_MAX];
	size_t count;
};

/* The keys as they come. */
void keymap_init(struct keymap *k);

/* NULL if the key is none of ours. */
const struct keymap_row *keymap_find(const struct keymap *k, struct key key);

/* True for keys that have to stay as they are: whatever types text, and Enter,
 * without which nothing could be changed any more. */
bool keymap_stays(struct key key);

/* Another key for an action; it loses what it did. ACTION_NONE: it does nothing
 * then. False if there is no room. */
bool keymap_bind(struct keymap *k, struct key key, enum action action,
    int number);

/* The key does what it usually does. */
void keymap_restore(struct keymap *k, struct key key);

/* "list", and what it does in a few words; of the editor's too. */
const char *keymap_name(enum action action, int number);
const char *keymap_help(enum action action, int number);

/* *number is that of ACTION_EDIT, else untouched. */
bool keymap_action(const char *name, enum action *out, int *number);

/* The name of a key that does it; out holds KEYS_NAME_SIZE. False if none. */
bool keymap_key(const struct keymap *k, enum action action, char *out);

/* The same for the name of an action, with the keys that the editor has. */
bool keymap_key_for(const struct keymap *k, const char *name, char *out);

/* Where there is none: how to have one. For "go": "Alt+1..9". */
enum { KEYMAP_HOW = 64 };
const char *keymap_how(const struct keymap *k, const char *name,
    char out[static KEYMAP_HOW]);

/* Text with that in place of each name in braces: "{verify} compares keys".
 * Each "{" has a "}". */
void keymap_text(const struct keymap *k, const char *text, char *out,
    size_t cap);

/* Alt and a digit go to that chat. */
bool keymap_is_usual_go(const struct keymap_row *row);

/* The names that begin so. Returns how many, at most cap. */
size_t keymap_names(const char *prefix, const char **out, size_t cap);

#endif
