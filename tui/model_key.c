#include "tui/view.h"

#include <stdio.h>
#include <string.h>

enum { WHEEL_ROWS = 3 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* A line that looks like a command that missed its slash: " /allow",
 * ".allow", "7/allow". */
static bool
is_slip(const char *s, size_t len)
{
	const char *names[COMMAND_MATCHES_MAX];
	size_t at = 0, n = 0;
	bool has_more;

	while (at < len && is_blank(s[at]))
		at++;
	has_more = at > 0 && at < len && s[at] == '/';
	if (at == 0 && len > 1 && (s[0] == '.' || s[0] == '7') &&
	    (s[1] == '/' || s[0] == '.'))
		at = s[1] == '/' ? 1 : 0;
	else if (!has_more)
		return false;
	at++;
	while (at + n < len && s[at + n] >= 'a' && s[at + n] <= 'z')
		n++;
	return n > 1 && (at + n == len || is_blank(s[at + n])) &&
	    command_matches(s + at, n, names) > 0;
}

/* ---- entering a line ---- */

static void
accept_line(struct model *m, usec_t now)
{
	model_take(m);
	model_touch(m, now);
}

static void
enter_nothing(struct model *m)
{
	struct chat *c = model_shown(m);

	if (m->exit_asked_at != 0)
		model_slash(m, 0, 0, "/exit", 5);
	else if (m->over == OVER_LIST)
		m->over = OVER_NONE;
	else if (m->host[0] != '\0' && (m->server == SERVER_LOST ||
	    m->server == SERVER_UNREACHABLE))
		model_deed(m, DEED_RETRY, NULL, 0);
	else if (c->is_former)
		model_hint(m, "The name %s has another key by now; this is "
		    "what was said before", c->name);
	else if (c != m->chats[0] && !chat_takes_text(c) &&
	    c->state != CHAT_KEY)
		model_order(m, COMMAND_CONNECT, c->name);
}

static void
enter_message(struct model *m, usec_t now, const char *s, size_t len)
{
	struct chat *c = model_shown(m);
	struct command cmd = { .id = COMMAND_MSG, .text = s, .len = len };
	char key[KEYMAP_HOW];

	if (c == m->chats[0]) {
		model_hint(m, "Nobody to send this to: /connect NAME asks "
		    "somebody, %s goes to a chat",
		    keymap_how(&m->keymap, "go", key));
		return;
	}
	if (c->is_former) {
		model_hint(m, "Not sent: the name %s has another key by now; "
		    "your text stays", c->name);
		return;
	}
	if (c->state == CHAT_KEY) {
		model_hint(m, "Not sent: the key of %s has changed. "
		    "/trust %s accepts it, %s compares", c->name, c->name,
		    keymap_how(&m->keymap, "verify", key));
		return;
	}
	if (!chat_takes_text(c)) {
		model_hint(m, "Not sent: no conversation with %s. "
		    "/connect %s asks; your text stays", c->name, c->name);
		return;
	}
	if (len > MSG_MAX) {
		model_hint(m, "Not sent: a message has at most %d bytes, "
		    "this one %zu", MSG_MAX, len);
		return;
	}
	if (!m->guard && is_slip(s, len)) {
		m->guard = true;
		model_hint(m, "Send this as a message? Enter sends, "
		    "anything else edits");
		return;
	}
	memcpy(cmd.name, c->name, NAME_SIZE);
	model_command(m, &cmd);
	m->over = OVER_NONE;
	c->at = (struct spot){ 0 };
	c->unread = 0;
	accept_line(m, now);
}

static void
submit(struct model *m, usec_t now, int64_t wall_s)
{
	const struct textbuf *b = &m->edit.text;

	m->taken_line = false;
	if (b->len == 0) {
		m->taken_line = true;
		enter_nothing(m);
		return;
	}
	if (b->s[0] == '/' && (b->len == 1 || b->s[1] != '/')) {
		if (model_slash(m, now, wall_s, b->s, b->len))
			accept_line(m, now);
	} else if (m->asks_server) {
		if (model_use_server(m, b->s, b->len))
			accept_line(m, now);
	} else if (b->s[0] == '/') {
		enter_message(m, now, b->s + 1, b->len - 1);
	} else {
		enter_message(m, now, b->s, b->len);
	}
}

/* ---- ends ---- */

static void
interrupt(struct model *m, usec_t now)
{
	struct chat *c = model_shown(m);
	char key[KEYMAP_HOW];

	if (c->state == CHAT_ASKING || c->state == CHAT_PUNCHING) {
		model_order(m, COMMAND_DISCONNECT, c->name);
		return;
	}
	if (m->interrupted_at != 0 &&
	    now < m->interrupted_at + MODEL_TWICE_US) {
		model_slash(m, now, 0, "/exit", 5);
		return;
	}
	m->interrupted_at = now;
	model_hint(m, "%s again leaves gop2p, or /exit",
	    keymap_how(&m->keymap, "clear", key));
}

static void
act_on(struct model *m, usec_t now, int64_t wall_s, enum edit_result result)
{
	switch (result) {
	case EDIT_UNUSED:
		return;
	case EDIT_DONE:
		model_touch(m, now);
		break;
	case EDIT_REFUSED:
		break;
	case EDIT_SUBMIT:
		submit(m, now, wall_s);
		break;
	case EDIT_COMPLETE:
		model_complete(m);
		model_touch(m, now);
		break;
	case EDIT_INTERRUPT:
		interrupt(m, now);
		break;
	case EDIT_EOF:
		m->exit_asked_at = now;
		model_hint(m, "Leave gop2p? Enter leaves, any other key "
		    "stays");
		break;
	}
	m->dirty = true;
}

/* ---- keys ---- */

static void
focus(struct model *m, bool is_on)
{
	struct chat *c = model_shown(m);

	m->focus_known = true;
	m->focused = is_on;
	if (!is_on)
		c->unread_from = 0;
	else if (!c->at.is_scrolled)
		c->unread = 0;
	m->dirty = true;
}

static bool
is_plain(struct key key, uint32_t code)
{
	return key.mods == 0 && key.code == code;
}

/* The list overlay takes arrows and Enter while nothing is typed. */
static bool
list_key(struct model *m, usec_t now, struct key key)
{
	if (m->over != OVER_LIST || m->edit.text.len > 0)
		return false;
	if (is_plain(key, KEYS_UP) && m->picked > 0)
		m->picked--;
	else if (is_plain(key, KEYS_DOWN))
		m->picked++;
	else if (is_plain(key, KEYS_ENTER))
		model_pick(m, now);
	else if (!is_plain(key, KEYS_UP))
		return false;
	m->dirty = true;
	return true;
}

static bool
wheel(struct model *m, struct key key)
{
	if (key.code != KEYS_WHEEL_UP && key.code != KEYS_WHEEL_DOWN)
		return false;
	model_scroll(m, key.code == KEYS_WHEEL_UP ? WHEEL_ROWS : -WHEEL_ROWS);
	return true;
}

/* What the editor is in the middle of is its own. */
static bool
edit_first(const struct model *m, struct key key)
{
	const struct edit *e = &m->edit;

	return e->paste.on || e->recall.searching ||
	    (e->choices.count > 0 && is_plain(key, KEYS_ESCAPE)) ||
	    (m->wish_count == 0 && key.mods == KEYS_ALT && key.code == 'y');
}

static void
press(struct model *m, usec_t now, int64_t wall_s, struct key key)
{
	const struct keymap_row *row = keymap_find(&m->keymap, key);
	size_t len = m->edit.text.len, count;

	if (row != NULL && row->action == ACTION_EDIT && !m->edit.paste.on) {
		key = edit_bindings(&count)[row->number].key;
		row = NULL;
	} else if (edit_first(m, key)) {
		row = NULL;
	}
	if (row != NULL) {
		model_act(m, now, wall_s, row->action, row->number);
		return;
	}
	act_on(m, now, wall_s, edit_key(&m->edit, now, key));
	if (m->edit.text.len != len)
		m->guard = false;
}

void
model_key(struct model *m, usec_t now, int64_t wall_s, struct key key)
{
	bool was_asked = m->exit_asked_at != 0;

	model_keys_expire(m, now, wall_s);
	if (key.code == KEYS_FOCUS_IN || key.code == KEYS_FOCUS_OUT) {
		focus(m, key.code == KEYS_FOCUS_IN);
		return;
	}
	m->key_at = now;
	m->hint[0] = '\0';
	m->dirty = true;
	if (!wheel(m, key) && !list_key(m, now, key))
		press(m, now, wall_s, key);
	if (was_asked)
		m->exit_asked_at = 0;
	if (!model_shown(m)->at.is_scrolled && m->over == OVER_NONE)
		model_shown(m)->unread = 0;
}

/* Asking somebody is a step that a slip of the hand does not take: the command
 * is put into an empty line, and Enter asks. */
static void
click_person(struct model *m, const char *name)
{
	char line[NAME_SIZE + 16];
	int len = snprintf(line, sizeof(line), "/connect %s", name);

	if (m->edit.text.len > 0)
		model_hint(m, "/connect %s asks for a conversation", name);
	else
		edit_set(&m->edit, line, (size_t)len);
}

void
model_click(struct model *m, usec_t now, int64_t wall_s, int row, int col)
{
	struct hit hit = view_list_hit(m, now, row, col);
	enum action action = m->wish_count > 0 ? view_bar_hit(m, row, col) :
	    ACTION_NONE;

	m->key_at = now;
	m->hint[0] = '\0';
	m->dirty = true;
	if (action != ACTION_NONE) {
		model_act(m, now, wall_s, action, 0);
		return;
	}
	switch (hit.kind) {
	case HIT_CHAT:
		model_show(m, now, hit.number);
		break;
	case HIT_WISH:
		model_act(m, now, wall_s, ACTION_INFO, 0);
		break;
	case HIT_PERSON:
		click_person(m, m->folks[hit.nth].name);
		break;
	case HIT_NOTHING:
		break;
	}
}

void
model_keys_expire(struct model *m, usec_t now, int64_t wall_s)
{
	if (now >= edit_deadline(&m->edit))
		act_on(m, now, wall_s, edit_expire(&m->edit, now));
}
