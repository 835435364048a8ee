#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#define OVER_KEYS "Up Down Enter  Esc back"

enum { TRUST_FROM = 36, KEYS_FROM = 30 };

/* The list at the side and, in the same order, over the chat. */
struct list {
	const struct model *m;
	struct grid *g;
	const struct rect *r;
	int row, nth;      /* next row; of those that can be picked */
	int picked_row;    /* where the picked one is */
	int rows;          /* all that there is room for */
	bool can_pick;
	int asked_row;     /* what is there? */
	struct hit hit;
};

/* The next row shows that. */
static void
note(struct list *l, enum hit_kind kind, int number, size_t nth)
{
	if (l->row == l->asked_row)
		l->hit = (struct hit){ kind, number, nth };
}

static void
head(struct list *l, const char *text)
{
	grid_cut(l->g, l->r, l->row++, 0, l->r->cols, STYLE_HEAD, text);
}

static enum style
picked(struct list *l, enum style style)
{
	if (!l->can_pick || l->nth++ != l->m->picked)
		return style;
	l->picked_row = l->row;
	return STYLE_PICKED;
}

static void
chat_row(struct list *l, int number)
{
	const struct chat *c = l->m->chats[number];
	enum style style = picked(l, number == l->m->shown ? STYLE_HEAD :
	    STYLE_TEXT);
	const char *state = view_state(c);
	char count[16] = "", label[LABEL_SIZE];
	int cols = l->r->cols, right;

	note(l, HIT_CHAT, number, 0);
	model_chat_label(l->m, c, label);
	if (c->unread > 0)
		snprintf(count, sizeof(count), " %zu", c->unread > 999 ? 999 :
		    c->unread);
	right = cols - grid_width(count);
	grid_puts(l->g, l->r, l->row, right, STYLE_NEWS, count);
	if (l->can_pick && cols >= TRUST_FROM && c->state == CHAT_OPEN) {
		right -= grid_width("unverified");
		grid_puts(l->g, l->r, l->row, right, STYLE_DIM, c->verified ?
		    "verified" : "unverified");
		right -= 2;
	}
	right -= grid_width(state);
	grid_puts(l->g, l->r, l->row, right, STYLE_DIM, state);
	grid_printf(l->g, l->r, l->row, 0, style, "%c%d",
	    number == l->m->shown ? '>' : ' ', number);
	grid_cut(l->g, l->r, l->row++, 3, right - 4, c->unread > 0 ?
	    STYLE_NEWS : style == STYLE_TEXT ? c->style : style, label);
}

static void
chats(struct list *l)
{
	bool is_home = l->m->shown == 0;
	const char *keys = l->r->cols < KEYS_FROM ? "Esc back" : OVER_KEYS;
	size_t n = 0;

	if (l->can_pick)
		grid_puts(l->g, l->r, l->row, l->r->cols - grid_width(keys),
		    STYLE_DIM, keys);
	head(l, "CHATS");
	if (!l->can_pick)
		note(l, HIT_CHAT, 0, 0);
	if (!l->can_pick)
		grid_printf(l->g, l->r, l->row++, 0, is_home ? STYLE_HEAD :
		    STYLE_DIM, "%c0 home", is_home ? '>' : ' ');
	for (int i = 1; i < MODEL_CHATS_MAX; i++) {
		if (l->m->chats[i] == NULL)
			continue;
		chat_row(l, i);
		n++;
	}
}

static void
wishes(struct list *l, usec_t now)
{
	char text[48];

	if (l->m->wish_count == 0)
		return;
	snprintf(text, sizeof(text), "REQUESTS (%zu)", l->m->wish_count);
	head(l, text);
	for (size_t i = 0; i < l->m->wish_count; i++) {
		const struct wish *w = &l->m->wishes[i];
		char left[24] = "", label[LABEL_SIZE];
		uint8_t id[KEY_ID_LEN];

		wire_key_id(w->key, id);
		model_label(l->m, w->name, id, label);

		if (w->expires_at > now)
			view_span(w->expires_at - now, left);
		note(l, HIT_WISH, 0, i);
		grid_puts(l->g, l->r, l->row, 1, STYLE_NEWS, "?");
		grid_cut(l->g, l->r, l->row, 3, l->r->cols - 9, STYLE_NEWS,
		    label);
		grid_puts(l->g, l->r, l->row++, l->r->cols - grid_width(left),
		    STYLE_DIM, left);
	}
}

static void
online(struct list *l)
{
	const struct model *m = l->m;
	bool is_on = m->server == SERVER_REGISTERED;
	size_t left = m->folk_total - m->folk_count, shown = 0;
	char text[32];

	snprintf(text, sizeof(text), is_on ? "ONLINE (%zu)" :
	    m->folk_count > 0 ? "WERE ONLINE" : "ONLINE", m->folk_total);
	head(l, text);
	for (size_t i = 0; i < m->folk_count; i++) {
		const struct folk *f = &m->folks[i];
		char label[LABEL_SIZE];
		enum style style;

		/* Who has a chat stands above. */
		if (model_has_chat(m, f))
			continue;
		if (l->row >= l->rows - 1 &&
		    i + 1 + left < m->folk_total) {
			grid_printf(l->g, l->r, l->row++, 0, STYLE_DIM,
			    " +%zu more: /all", m->folk_total - i);
			return;
		}
		shown++;
		note(l, HIT_PERSON, 0, i);
		style = picked(l, is_on ? STYLE_TEXT : STYLE_DIM);
		model_label(m, f->name, f->key_id, label);
		grid_puts(l->g, l->r, l->row, 0, f->is_alike ? STYLE_ERROR :
		    STYLE_DIM, f->is_alike ? "!" : is_on ? "+" : " ");
		grid_cut(l->g, l->r, l->row++, 2, l->r->cols - 2, style,
		    label);
	}
	if (m->folk_count == 0)
		grid_puts(l->g, l->r, l->row++, 1, STYLE_DIM, is_on ?
		    "(nobody else)" : "(offline)");
	else if (shown == 0)
		grid_puts(l->g, l->r, l->row++, 1, STYLE_DIM, "(all above)");
}

static struct hit
draw(const struct model *m, usec_t now, struct grid *g, const struct rect *r,
    bool can_pick, int asked_row)
{
	struct rect none = *r;
	struct list l = { .m = m, .g = g, .r = &none, .can_pick = can_pick,
		.asked_row = -1, .rows = can_pick ? GRID_ROWS_MAX : r->rows };

	/* Twice: first to see where the picked one is. */
	none.rows = 0;
	chats(&l);
	wishes(&l, now);
	online(&l);
	if (g->cells != NULL)
		l.r = r;
	l.asked_row = asked_row;
	l.row = l.picked_row < r->rows ? 0 : r->rows - 1 - l.picked_row;
	l.nth = 0;
	chats(&l);
	wishes(&l, now);
	online(&l);
	return l.hit;
}

static bool
is_within(const struct rect *r, int row, int col)
{
	return row >= r->row && row < r->row + r->rows && col >= r->col &&
	    col < r->col + r->cols;
}

struct hit
view_list_hit(const struct model *m, usec_t now, int row, int col)
{
	bool is_over = m->over == OVER_LIST;
	const struct rect *r = is_over ? &m->layout.chat : &m->layout.list;
	struct grid none = { 0 };

	if (!is_within(r, row, col))
		return (struct hit){ HIT_NOTHING, 0, 0 };
	return draw(m, now, &none, r, is_over, row - r->row);
}

void
view_list(const struct model *m, usec_t now, struct grid *g)
{
	if (m->over == OVER_LIST)
		draw(m, now, g, &m->layout.chat, true, -1);
	else if (m->layout.list.rows > 0)
		draw(m, now, g, &m->layout.list, false, -1);
}
