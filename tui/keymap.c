#include "tui/keymap.h"

#include "core/edit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ALT(c) { c, KEYS_ALT }
#define CTRL(c) { c, KEYS_CTRL }
#define PLAIN(c) { c, 0 }

static const struct action_info {
	const char *name, *help;
} infos[ACTION_COUNT] = {
	[ACTION_NONE] = { "none", "nothing" },
	[ACTION_GO] = { "go", "chat of that number, 0: home" },
	[ACTION_NEXT_NEWS] = { "news", "next request or unread, then back" },
	[ACTION_PREV] = { "previous", "previous chat" },
	[ACTION_NEXT] = { "next", "next chat" },
	[ACTION_PAGE_UP] = { "page-up", "a page up" },
	[ACTION_PAGE_DOWN] = { "page-down", "a page down" },
	[ACTION_UP] = { "up", "three lines up" },
	[ACTION_DOWN] = { "down", "three lines down" },
	[ACTION_TOP] = { "top", "to the oldest line" },
	[ACTION_END] = { "end", "to the newest line" },
	[ACTION_UNREAD] = { "unread", "to the first unread line" },
	[ACTION_SEARCH] = { "search", "search in this chat" },
	[ACTION_ALLOW] = { "allow", "allow the request that is shown" },
	[ACTION_DENY] = { "deny", "deny it" },
	[ACTION_INFO] = { "info", "who is asking" },
	[ACTION_LIST] = { "list", "list of chats on or off" },
	[ACTION_BARE] = { "bare", "bare view, to select text" },
	[ACTION_VERIFY] = { "verify", "verify who this is" },
	[ACTION_URL] = { "url", "open a link of this chat" },
	[ACTION_REPAINT] = { "repaint", "paint everything anew" },
	[ACTION_SUSPEND] = { "suspend", "back to the shell; fg returns" },
	[ACTION_HELP] = { "help", "help for what is shown" },
	[ACTION_BACK] = { "back", "close what lies over the chat" },
};

static const struct keymap_row defaults[] = {
	{ ALT('1'), ACTION_GO, 1 }, { ALT('2'), ACTION_GO, 2 },
	{ ALT('3'), ACTION_GO, 3 }, { ALT('4'), ACTION_GO, 4 },
	{ ALT('5'), ACTION_GO, 5 }, { ALT('6'), ACTION_GO, 6 },
	{ ALT('7'), ACTION_GO, 7 }, { ALT('8'), ACTION_GO, 8 },
	{ ALT('9'), ACTION_GO, 9 }, { ALT('0'), ACTION_GO, 0 },
	{ ALT('a'), ACTION_NEXT_NEWS, 0 },
	{ PLAIN(KEYS_F1 + 4), ACTION_NEXT_NEWS, 0 },
	{ CTRL('p'), ACTION_PREV, 0 }, { ALT(KEYS_LEFT), ACTION_PREV, 0 },
	{ CTRL('n'), ACTION_NEXT, 0 }, { ALT(KEYS_RIGHT), ACTION_NEXT, 0 },
	{ PLAIN(KEYS_PAGE_UP), ACTION_PAGE_UP, 0 },
	{ PLAIN(KEYS_PAGE_DOWN), ACTION_PAGE_DOWN, 0 },
	{ ALT(KEYS_PAGE_UP), ACTION_UP, 0 },
	{ ALT(KEYS_PAGE_DOWN), ACTION_DOWN, 0 },
	{ CTRL(KEYS_HOME), ACTION_TOP, 0 }, { ALT(KEYS_HOME), ACTION_TOP, 0 },
	{ CTRL(KEYS_END), ACTION_END, 0 }, { ALT(KEYS_END), ACTION_END, 0 },
	{ ALT('u'), ACTION_UNREAD, 0 },
	{ ALT('/'), ACTION_SEARCH, 0 },
	{ ALT('y'), ACTION_ALLOW, 0 },
	{ PLAIN(KEYS_F1 + 1), ACTION_ALLOW, 0 },
	{ ALT('n'), ACTION_DENY, 0 },
	{ PLAIN(KEYS_F1 + 2), ACTION_DENY, 0 },
	{ ALT('i'), ACTION_INFO, 0 },
	{ PLAIN(KEYS_F1 + 3), ACTION_INFO, 0 },
	{ ALT('s'), ACTION_LIST, 0 }, { PLAIN(KEYS_F1 + 5), ACTION_LIST, 0 },
	{ ALT('l'), ACTION_BARE, 0 }, { PLAIN(KEYS_F1 + 6), ACTION_BARE, 0 },
	{ ALT('v'), ACTION_VERIFY, 0 },
	{ PLAIN(KEYS_F1 + 7), ACTION_VERIFY, 0 },
	{ ALT('o'), ACTION_URL, 0 },
	{ CTRL('l'), ACTION_REPAINT, 0 },
	{ CTRL('z'), ACTION_SUSPEND, 0 },
	{ PLAIN(KEYS_F1), ACTION_HELP, 0 },
	{ PLAIN(KEYS_ESCAPE), ACTION_BACK, 0 },
};

void
keymap_init(struct keymap *k)
{
	_Static_assert(sizeof(defaults) <= sizeof(k->rows), "room for all");
	memcpy(k->rows, defaults, sizeof(defaults));
	k->count = sizeof(defaults) / sizeof(defaults[0]);
}

static struct keymap_row *
find(struct keymap *k, struct key key)
{
	for (size_t i = 0; i < k->count; i++)
		if (keys_eq(k->rows[i].key, key))
			return &k->rows[i];
	return NULL;
}

const struct keymap_row *
keymap_find(const struct keymap *k, struct key key)
{
	return find((struct keymap *)k, key);
}

bool
keymap_stays(struct key key)
{
	return key.mods == 0 && (key.code < KEYS_NONE ||
	    key.code == KEYS_ENTER);
}

static const struct edit_binding *
editors(struct key key)
{
	size_t count;
	const struct edit_binding *b = edit_bindings(&count);

	for (size_t i = 0; i < count; i++)
		if (keys_eq(b[i].key, key))
			return &b[i];
	return NULL;
}

static void
forget(struct keymap *k, struct key key)
{
	struct keymap_row *row = find(k, key);

	if (row != NULL)
		*row = k->rows[--k->count];
}

bool
keymap_bind(struct keymap *k, struct key key, enum action action, int number)
{
	struct keymap_row *row = find(k, key);

	if (action == ACTION_NONE && editors(key) == NULL) {
		forget(k, key);
		return true;
	}
	if (row == NULL) {
		if (k->count == KEYMAP_MAX)
			return false;
		row = &k->rows[k->count++];
	}
	*row = (struct keymap_row){ key, action, number };
	return true;
}

void
keymap_restore(struct keymap *k, struct key key)
{
	forget(k, key);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (keys_eq(defaults[i].key, key))
			keymap_bind(k, key, defaults[i].action,
			    defaults[i].number);
}

const char *
keymap_name(enum action action, int number)
{
	size_t count;

	return action == ACTION_EDIT ? edit_bindings(&count)[number].name :
	    infos[action].name;
}

const char *
keymap_help(enum action action, int number)
{
	size_t count;

	return action == ACTION_EDIT ? edit_bindings(&count)[number].help :
	    infos[action].help;
}

bool
keymap_action(const char *name, enum action *out, int *number)
{
	size_t count;
	const struct edit_binding *b = edit_bindings(&count);

	for (int i = 0; i < ACTION_COUNT; i++) {
		if (strcmp(infos[i].name, name) != 0)
			continue;
		*out = (enum action)i;
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		if (b[i].name == NULL || strcmp(b[i].name, name) != 0)
			continue;
		*out = ACTION_EDIT;
		*number = (int)i;
		return true;
	}
	return false;
}

bool
keymap_key(const struct keymap *k, enum action action, char *out)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->rows[i].action == action) {
			keys_name(k->rows[i].key, out);
			return true;
		}
	return false;
}

/* An entry without a name is another key for the one above. */
static bool
editor_key(const struct keymap *k, int number, char *out)
{
	size_t count;
	const struct edit_binding *b = edit_bindings(&count);

	for (size_t i = (size_t)number; i < count &&
	    (i == (size_t)number || b[i].name == NULL); i++)
		if (keymap_find(k, b[i].key) == NULL) {
			keys_name(b[i].key, out);
			return true;
		}
	return false;
}

bool
keymap_key_for(const struct keymap *k, const char *name, char *out)
{
	enum action action = ACTION_NONE;
	int number = 0;

	if (!keymap_action(name, &action, &number))
		return false;
	if (action != ACTION_EDIT)
		return keymap_key(k, action, out);
	if (editor_key(k, number, out))
		return true;
	for (size_t i = 0; i < k->count; i++)
		if (k->rows[i].action == action &&
		    k->rows[i].number == number) {
			keys_name(k->rows[i].key, out);
			return true;
		}
	return false;
}

bool
keymap_is_usual_go(const struct keymap_row *row)
{
	return row->action == ACTION_GO && row->key.mods == KEYS_ALT &&
	    row->number < 10 && row->key.code == (uint32_t)('0' + row->number);
}

const char *
keymap_how(const struct keymap *k, const char *name,
    char out[static KEYMAP_HOW])
{
	int usual = 0;

	for (size_t i = 0; i < k->count; i++)
		usual += keymap_is_usual_go(&k->rows[i]);
	if (strcmp(name, "go") == 0)
		snprintf(out, KEYMAP_HOW, "%s", usual == 10 ? "Alt+1..9" :
		    "/go NUMBER");
	else if (!keymap_key_for(k, name, out))
		snprintf(out, KEYMAP_HOW, "/bind KEY %s", name);
	return out;
}

void
keymap_text(const struct keymap *k, const char *text, char *out, size_t cap)
{
	char name[KEYMAP_HOW], how[KEYMAP_HOW];
	size_t len = 0;

	out[0] = '\0';
	while (*text != '\0' && len < cap - 1) {
		size_t n = strcspn(text, "{");

		if (*text == '{') {
			n = strcspn(text, "}");
			assert(text[n] == '}');
			snprintf(name, sizeof(name), "%.*s", (int)n - 1,
			    text + 1);
			snprintf(out + len, cap - len, "%s",
			    keymap_how(k, name, how));
			n++;
		} else {
			snprintf(out + len, cap - len, "%.*s", (int)n, text);
		}
		len += strlen(out + len);
		text += n;
	}
}

size_t
keymap_names(const char *prefix, const char **out, size_t cap)
{
	size_t len = strlen(prefix), n = 0, count;
	const struct edit_binding *b = edit_bindings(&count);

	for (int i = 0; i < ACTION_COUNT && n < cap; i++)
		if (strncmp(infos[i].name, prefix, len) == 0)
			out[n++] = infos[i].name;
	for (size_t i = 0; i < count && n < cap; i++)
		if (b[i].name != NULL && strncmp(b[i].name, prefix, len) == 0)
			out[n++] = b[i].name;
	return n;
}
