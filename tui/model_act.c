#include "tui/model.h"

#include "face/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_KEPT = 2, FEW = 3 };

/* ---- going about ---- */

static void
step(struct model *m, usec_t now, int by)
{
	int n = m->shown;

	m->is_away = false;
	do
		n = (n + by + MODEL_CHATS_MAX) % MODEL_CHATS_MAX;
	while (m->chats[n] == NULL);
	model_show(m, now, n);
}

static void
go_away(struct model *m)
{
	if (m->is_away)
		return;
	m->before = m->shown;
	m->is_away = true;
}

/* Whoever asks comes first, then the chats with something unread; when there is
 * none left, back to where it began. */
static void
next_news(struct model *m, usec_t now)
{
	if (!m->is_away && m->wish_count > 0) {
		go_away(m);
		model_page_wishes(m);
		return;
	}
	for (int i = 1; i < MODEL_CHATS_MAX; i++) {
		int n = (m->shown + i) % MODEL_CHATS_MAX;

		if (m->chats[n] == NULL || m->chats[n]->unread == 0)
			continue;
		go_away(m);
		model_show(m, now, n);
		return;
	}
	if (m->is_away) {
		m->over = OVER_NONE;
		model_show(m, now, m->before);
	} else {
		model_hint(m, "Nothing unread");
	}
	m->is_away = false;
}

static void
go(struct model *m, usec_t now, int number)
{
	if (model_chat(m, number) == NULL)
		model_hint(m, "There is no chat %d: /connect NAME opens one",
		    number);
	else
		model_show(m, now, number);
	m->is_away = false;
}

/* ---- scrolling ---- */

static bool
has_page(const struct model *m)
{
	return m->over == OVER_PAGE;
}

static void
scroll_page(struct model *m, long rows)
{
	long top = (long)m->page_top - rows;
	long height = m->layout.chat.rows - 1;
	long last = (long)m->page_rows - height;

	if (top > last)
		top = last;
	m->page_top = top < 0 ? 0 : (size_t)top;
}

static void
scrolled(struct model *m, struct chat *c, bool was_scrolled)
{
	if (!was_scrolled && c->at.is_scrolled)
		c->scrolled_end = backlog_end(&c->log);
	if (!c->at.is_scrolled)
		c->unread = 0;
	m->dirty = true;
}

void
model_scroll(struct model *m, long rows)
{
	struct chat *c = model_shown(m);
	struct flow flow = model_flow(m, c);
	bool was_scrolled = c->at.is_scrolled;

	m->dirty = true;
	if (has_page(m)) {
		scroll_page(m, rows);
		return;
	}
	flow_scroll(&flow, &c->at, (size_t)m->layout.chat.rows, rows);
	scrolled(m, c, was_scrolled);
}

static long
page(const struct model *m)
{
	int rows = m->layout.chat.rows - PAGE_KEPT;

	return rows < 1 ? 1 : rows;
}

static void
show_entry(struct model *m, uint64_t number)
{
	struct chat *c = model_shown(m);
	struct flow flow = model_flow(m, c);
	bool was_scrolled = c->at.is_scrolled;

	flow_show(&flow, &c->at, (size_t)m->layout.chat.rows, number);
	scrolled(m, c, was_scrolled);
}

static void
to_top(struct model *m)
{
	if (has_page(m))
		m->page_top = 0;
	else
		show_entry(m, backlog_begin(&model_shown(m)->log));
}

static void
to_end(struct model *m)
{
	struct chat *c = model_shown(m);

	c->at = (struct spot){ 0 };
	c->unread = 0;
	if (has_page(m))
		scroll_page(m, -MODEL_PAGE_MAX);
}

static void
to_unread(struct model *m)
{
	struct chat *c = model_shown(m);

	if (c->unread_from == 0)
		model_hint(m, "Nothing unread here");
	else
		show_entry(m, c->unread_from);
}

void
model_search(struct model *m, const char *text)
{
	struct chat *c = model_shown(m);
	char older[KEYMAP_HOW], newest[KEYMAP_HOW];
	struct entry *e;

	if (strcmp(text, m->sought) != 0 || m->found == 0) {
		snprintf(m->sought, sizeof(m->sought), "%s", text);
		m->found = backlog_end(&c->log);
	}
	e = backlog_find(&c->log, m->found, text);
	if (e == NULL) {
		model_hint(m, "%s\"%s\" in this chat",
		    m->found == backlog_end(&c->log) ? "No " : "No older ",
		    text);
		m->found = 0;
		return;
	}
	m->found = e->number;
	show_entry(m, e->number);
	model_hint(m, "Found \"%s\": %s for an older one, %s back to the "
	    "newest", text, keymap_how(&m->keymap, "search", older),
	    keymap_how(&m->keymap, "end", newest));
}

static void
search(struct model *m)
{
	if (m->found != 0 && m->edit.text.len == 0)
		model_search(m, m->sought);
	else if (m->edit.text.len == 0)
		edit_set(&m->edit, "/search ", 8);
	else
		model_hint(m, "/search TEXT looks for text in this chat");
}

/* ---- requests ---- */

static void
answer(struct model *m, usec_t now, enum command_id id)
{
	char name[NAME_SIZE];
	const struct wish *w = m->wishes;

	if (m->wish_count == 0) {
		model_hint(m, "Nobody is asking");
		return;
	}
	/* Who comes on the bar while a key is on its way is not meant. */
	if (!model_is_armed(m, now))
		return;
	if (id == COMMAND_ALLOW && w->key_changed) {
		model_hint(m, "Refused: the key of %s has changed. Ask on "
		    "another channel; /trust %s accepts it", w->name, w->name);
		return;
	}
	memcpy(name, w->name, NAME_SIZE);
	model_order(m, id, name);
	if (id == COMMAND_ALLOW)
		model_allowed(m, now, name);
	model_drop_wish(m, now, name);
}

static void
info(struct model *m)
{
	if (m->wish_count == 0)
		model_hint(m, "Nobody is asking");
	else if (m->over == OVER_PAGE && m->has_wish_page)
		m->over = OVER_NONE;
	else
		model_page_wishes(m);
}

/* ---- what is shown ---- */

static void
toggle_list(struct model *m)
{
	bool has_room = m->cols >= LAYOUT_LIST_FROM &&
	    m->rows >= LAYOUT_TITLE_ROWS;

	if (has_room)
		m->list_on = !m->list_on;
	else
		m->over = m->over == OVER_LIST ? OVER_NONE : OVER_LIST;
	m->picked = 0;
}

static void
verify(struct model *m)
{
	struct chat *c = model_shown(m);
	char key[KEYMAP_HOW];

	if (c == m->chats[0]) {
		model_hint(m, "/verify NAME, or %s in a chat",
		    keymap_how(&m->keymap, "verify", key));
		return;
	}
	m->number_as_qr = false;
	model_order(m, COMMAND_VERIFY, c->name);
}

static bool
act_on_view(struct model *m, usec_t now, enum action action)
{
	switch (action) {
	case ACTION_PAGE_UP:
		model_scroll(m, page(m));
		return true;
	case ACTION_PAGE_DOWN:
		model_scroll(m, -page(m));
		return true;
	case ACTION_UP:
		model_scroll(m, FEW);
		return true;
	case ACTION_DOWN:
		model_scroll(m, -FEW);
		return true;
	case ACTION_TOP:
		to_top(m);
		return true;
	case ACTION_END:
		to_end(m);
		return true;
	case ACTION_UNREAD:
		to_unread(m);
		return true;
	case ACTION_PREV:
		step(m, now, -1);
		return true;
	case ACTION_NEXT:
		step(m, now, 1);
		return true;
	case ACTION_NEXT_NEWS:
		next_news(m, now);
		return true;
	default:
		return false;
	}
}

void
model_act(struct model *m, usec_t now, int64_t wall_s, enum action action,
    int number)
{
	(void)wall_s;
	m->dirty = true;
	if (act_on_view(m, now, action))
		return;
	switch (action) {
	case ACTION_GO:
		go(m, now, number);
		break;
	case ACTION_SEARCH:
		search(m);
		break;
	case ACTION_ALLOW:
		answer(m, now, COMMAND_ALLOW);
		break;
	case ACTION_DENY:
		answer(m, now, COMMAND_DENY);
		break;
	case ACTION_INFO:
		info(m);
		break;
	case ACTION_LIST:
		toggle_list(m);
		break;
	case ACTION_BARE:
		m->bare = !m->bare;
		break;
	case ACTION_VERIFY:
		verify(m);
		break;
	case ACTION_URL:
		model_slash(m, now, wall_s, "/url", 4);
		break;
	case ACTION_REPAINT:
		model_deed(m, DEED_REPAINT, NULL, 0);
		break;
	case ACTION_SUSPEND:
		model_deed(m, DEED_SUSPEND, NULL, 0);
		break;
	case ACTION_HELP:
		if (m->over == OVER_PAGE)
			m->over = OVER_NONE;
		else
			model_help(m, "", 0);
		break;
	case ACTION_BACK:
		m->over = OVER_NONE;
		m->bare = false;
		break;
	default:
		break;
	}
}

/* ---- pages and picking ---- */

void
model_page(struct model *m, const char *title, const char *text, size_t len)
{
	char *page = malloc(len + 1);

	if (page == NULL)
		return;
	memcpy(page, text, len);
	page[len] = '\0';
	free(m->page);
	m->page = page;
	m->page_len = len;
	m->page_top = 0;
	m->page_qr.side = 0;
	m->has_wish_page = false;
	snprintf(m->page_title, sizeof(m->page_title), "%s", title);
	m->over = OVER_PAGE;
	m->dirty = true;
}

void
model_page_qr(struct model *m, const char *text)
{
	if (model_shows_qr(m))
		qr_make(&m->page_qr, text);
}

bool
model_has_room_for_qr(const struct model *m, size_t rows)
{
	const struct rect *r = &m->layout.chat;

	return m->page_qr.side > 0 && qr_cols(&m->page_qr) <= r->cols &&
	    (int)rows + qr_rows(&m->page_qr) <= r->rows - 1;
}

/* A chat opens behind what is shown; who does nothing else is taken there. */
void
model_allowed(struct model *m, usec_t now, const char *name)
{
	struct chat *c = model_open(m, name);

	if (c == m->chats[0])
		return;
	if (c->state != CHAT_OPEN)
		chat_enter(c, now, c->since_wall, CHAT_PUNCHING);
	if (m->shown == 0 && m->edit.text.len == 0)
		model_show(m, now, model_number(m, c));
}

void
model_pick(struct model *m, usec_t now)
{
	int row = 0;

	for (int i = 1; i < MODEL_CHATS_MAX; i++) {
		if (m->chats[i] == NULL || row++ != m->picked)
			continue;
		model_show(m, now, i);
		return;
	}
	for (size_t i = 0; i < m->folk_count; i++) {
		if (model_has_chat(m, &m->folks[i]) || row++ != m->picked)
			continue;
		m->over = OVER_NONE;
		model_connect(m, now, m->folks[i].name);
		return;
	}
}

void
model_connect(struct model *m, usec_t now, const char *name)
{
	struct chat *c = model_open(m, name);

	model_order(m, COMMAND_CONNECT, name);
	if (c != m->chats[0])
		model_show(m, now, model_number(m, c));
}
