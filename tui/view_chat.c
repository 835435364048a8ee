#include "tui/view.h"

#include "core/ident.h"
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP_FROM = 50 };

/* 1970-01-01 was a Thursday; proleptic Gregorian, by eras of 400 years. */
static void
date_of(int64_t day, char out[static 32])
{
	static const char *const names[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" };
	int64_t z = day + 719468, era, doe, yoe, doy, mp, y, month;

	if (z < 0)
		z = 0;
	era = z / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	month = mp < 10 ? mp + 3 : mp - 9;
	y = yoe + era * 400 + (month <= 2);
	snprintf(out, 32, "%s %04d-%02d-%02d",
	    names[day < 0 ? 0 : day % 7], (int)y, (int)month,
	    (int)(doy - (153 * mp + 2) / 5 + 1));
}

/* "-- text ------------------" */
static void
draw_line(struct grid *g, const struct rect *r, int row, int col,
    enum style style, const char *text, bool is_full)
{
	col = grid_printf(g, r, row, col, style, "-- %s --", text);
	while (is_full && col < r->cols)
		col = grid_puts(g, r, row, col, style, "-");
}

static void
draw_mark(struct grid *g, const struct rect *r, int row,
    const struct entry *e)
{
	const char *mark = NULL;
	enum style style = STYLE_DIM;

	switch (e->mark) {
	case MARK_NONE:
		return;
	case MARK_WAITING:
		mark = "...";
		break;
	case MARK_SENT:
		mark = view_symbol(g, SYMBOL_SENT);
		break;
	case MARK_DELIVERED:
		mark = view_symbol(g, SYMBOL_DELIVERED);
		break;
	case MARK_FAILED:
		mark = view_symbol(g, SYMBOL_FAILED);
		style = STYLE_ERROR;
		break;
	}
	grid_puts(g, r, row, r->cols - grid_width(mark), style, mark);
}

static enum style
text_style(const struct entry *e)
{
	switch (e->kind) {
	case ENTRY_EVENT:
	case ENTRY_MORE:
		return STYLE_EVENT;
	case ENTRY_ERROR:
		return STYLE_ERROR;
	default:
		return STYLE_TEXT;
	}
}

/* Blanks with the ink of what stands before them: nobody sees it, and the
 * terminal need not be told of another one. */
static void
blanks(struct grid *g, const struct rect *r, int row, int from, int to,
    enum style style)
{
	while (from < to)
		from = grid_puts(g, r, row, from, style, " ");
}

static void
draw_time(const struct model *m, struct grid *g, const struct rect *r,
    int row, int64_t wall_s)
{
	uint8_t times = m->prefs.word[PREF_TIMES];
	char clock[8];
	int col;

	if (times == TIMES_OFF)
		return;
	view_clock(wall_s, clock);
	col = grid_puts(g, r, row, 0, STYLE_DIM, clock);
	if (times == TIMES_SECONDS)
		col = grid_printf(g, r, row, col, STYLE_DIM, ":%02d",
		    (int)(wall_s % 60));
	blanks(g, r, row, col, model_time_cols(m), STYLE_DIM);
}

static void
draw_head(const struct model *m, const struct chat *c, struct grid *g,
    const struct rect *r, int row, const struct entry *e, int nick_cols)
{
	int col = model_time_cols(m);

	if (e->kind == ENTRY_MORE)
		return;
	draw_time(m, g, r, row, e->wall_s);
	if (e->kind == ENTRY_EVENT)
		blanks(g, r, row, col, model_prefix(m, c), STYLE_EVENT);
	if (e->kind == ENTRY_OWN)
		grid_cut(g, r, row, col, nick_cols, STYLE_OWN, m->name);
	else if (e->kind == ENTRY_THEIRS)
		grid_cut(g, r, row, col, nick_cols, c->style, c->name);
	else
		grid_puts(g, r, row, col + (nick_cols > 1 ?
		    (nick_cols - 1) / 2 : 0), text_style(e),
		    e->kind == ENTRY_ERROR ? "!" : "*");
}

static void
draw_row(const struct model *m, const struct chat *c, struct grid *g,
    int row, const struct flow_row *f)
{
	const struct rect *r = &m->layout.chat;
	int prefix = model_prefix(m, c);
	int gap = r->cols >= GAP_FROM ? 2 : 1;
	char date[32];

	if (f->what == FLOW_DAY) {
		date_of(flow_day(f->entry->wall_s), date);
		draw_line(g, r, row, prefix, STYLE_RULE, date, false);
		return;
	}
	if (f->what == FLOW_UNREAD) {
		draw_line(g, r, row, 0, STYLE_UNREAD, "unread", true);
		return;
	}
	if (f->is_first)
		draw_head(m, c, g, r, row, f->entry,
		    prefix - model_time_cols(m) - gap);
	grid_put(g, r, row, prefix, text_style(f->entry),
	    f->entry->text + f->from, f->len);
	if (f->is_last && f->entry->kind == ENTRY_OWN)
		draw_mark(g, r, row, f->entry);
}

/* ---- what an empty home says ---- */

static void
draw_welcome(const struct model *m, struct grid *g)
{
	const struct rect *r = &m->layout.chat;
	char id[IDENT_FULL_SIZE], text[80];
	int row = r->rows > 12 ? 1 : 0;

	if (m->asks_server) {
		grid_puts(g, r, row, 1, STYLE_HEAD,
		    "No rendezvous server is set.");
		grid_puts(g, r, row + 2, 1, STYLE_TEXT,
		    "Type its address below and press Enter,");
		grid_puts(g, r, row + 3, 1, STYLE_TEXT,
		    "such as rv.example.net:9000.");
		keymap_text(&m->keymap, "{help} help   /exit leaves", text,
		    sizeof(text));
		grid_puts(g, r, row + 5, 1, STYLE_DIM, text);
		row += 7;
	}
	if (m->has_key && m->asks_server) {
		ident_fingerprint(m->key, id);
		grid_puts(g, r, row, 1, STYLE_DIM, "Your key, made and kept "
		    "on this computer only:");
		grid_puts(g, r, row + 1, 1, STYLE_TEXT, id);
	}
}

static bool
has_chats(const struct model *m)
{
	for (int i = 1; i < MODEL_CHATS_MAX; i++)
		if (m->chats[i] != NULL)
			return true;
	return false;
}

/* Below the last line, while nobody has been asked: what to do next. */
static void
draw_next(const struct model *m, struct grid *g, int row)
{
	const struct rect *r = &m->layout.chat;

	if (!m->prefs.word[PREF_HINTS] || m->shown != 0 ||
	    m->server != SERVER_REGISTERED || row + 3 > r->rows)
		return;
	if (m->folk_total > 0) {
		grid_puts(g, r, ++row, 1, STYLE_HEAD,
		    "Tab picks who to talk to, Enter asks.");
	} else {
		grid_puts(g, r, ++row, 1, STYLE_HEAD,
		    "Nobody else is online. Tell a friend:");
		grid_printf(g, r, ++row, 1, STYLE_TEXT, "  gop2p-tui -s %s",
		    m->host);
	}
	if (!has_chats(m))
		grid_printf(g, r, row + 2, 1, STYLE_DIM,
		    "You are %s: /rename NAME changes it.", m->name);
}

/* ---- how far the way to a peer has come ---- */

enum { STEPS_ROWS = VIEW_STEPS + 3, STEPS_FROM = STEPS_ROWS + 4,
	STEPS_COLS = 44 };

/* Where there is room for them beside what was said. */
static bool
has_steps(const struct chat *c, const struct rect *r)
{
	return c->state == CHAT_PUNCHING && !c->at.is_scrolled &&
	    r->rows >= STEPS_FROM && r->cols >= STEPS_COLS;
}

static const char *
step_mark(const struct chat *c, int step)
{
	int now = view_step(c);

	return step == now ? "[..]" : step > now ? "[  ]" :
	    step < 3 ? "[ok]" : "[no]";
}

static void
step_detail(const struct model *m, const struct chat *c, int step,
    char out[static ADDR_TEXT + 32])
{
	const struct client_path *p = &c->path;

	out[0] = '\0';
	if (step == 2 && addr_is_set(&p->why.own_public))
		addr_format(&p->why.own_public, out);
	else if (step == 3 && p->probes > 0)
		snprintf(out, ADDR_TEXT + 32, "%u probes, %u.%u s",
		    p->probes, p->punch_ms / 1000, p->punch_ms % 1000 / 100);
	else if (step == 5)
		snprintf(out, ADDR_TEXT + 32, "%.60s", m->host);
}

static void
draw_steps(const struct model *m, const struct chat *c, struct grid *g,
    int row)
{
	const struct rect *r = &m->layout.chat;
	char detail[ADDR_TEXT + 32];

	for (int step = 1; step <= VIEW_STEPS; step++) {
		step_detail(m, c, step, detail);
		grid_printf(g, r, row, 5, step == view_step(c) ? STYLE_HEAD :
		    STYLE_EVENT, "%s %d %-15s %s", step_mark(c, step), step,
		    view_step_name(step), detail);
		row++;
	}
	grid_puts(g, r, row + 1, 5, STYLE_DIM,
	    "Keep typing: what you write waits here until");
	grid_puts(g, r, row + 2, 5, STYLE_DIM,
	    "the link is up, and is marked \"...\" until then.");
}

void
view_chat(const struct model *m, struct grid *g)
{
	const struct chat *c = model_shown(m);
	const struct rect *r = &m->layout.chat;
	struct flow flow = model_flow(m, c);
	struct flow_row *rows;
	bool is_on_way = has_steps(c, r);
	size_t n;

	if (r->rows <= 0)
		return;
	if (m->shown == 0 && (m->asks_server || c->log.count == 0)) {
		draw_welcome(m, g);
		return;
	}
	rows = calloc((size_t)r->rows, sizeof(*rows));
	if (rows == NULL)
		return;
	n = flow_rows(&flow, &c->at, rows, (size_t)(r->rows -
	    (is_on_way ? STEPS_ROWS : 0)));
	for (size_t i = 0; i < n; i++)
		draw_row(m, c, g, (int)(n - 1 - i), &rows[i]);
	free(rows);
	if (is_on_way)
		draw_steps(m, c, g, (int)n);
	if (!has_chats(m))
		draw_next(m, g, (int)n);
}
