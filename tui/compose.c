#include "tui/compose.h"

#include "tui/page.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

enum { PROMPT_FROM = 40 };

static void
make_prompt(const struct model *m, int cols, char out[static COMPOSE_PROMPT])
{
	const struct recall *r = &m->edit.recall;
	const struct chat *c = model_shown(m);
	char label[LABEL_SIZE];

	if (r->searching)
		snprintf(out, COMPOSE_PROMPT, "(%s: %.*s) ", r->failed ?
		    "not found" : "search", (int)r->len, r->query);
	else if (m->asks_server)
		snprintf(out, COMPOSE_PROMPT, "Server host:port> ");
	else if (m->shown == 0 || cols < PROMPT_FROM)
		snprintf(out, COMPOSE_PROMPT, "> ");
	else {
		model_chat_label(m, c, label);
		snprintf(out, COMPOSE_PROMPT, "[%s] > ", label);
	}
}

/* Walks over the text: where a row ends is decided here alone. Stops before
 * row `stop` begins, or at the end. */
struct walk {
	size_t at;       /* byte */
	int row, col;
	bool has_cursor;
	int cursor_row, cursor_col;
};

static void
walk_rows(const struct model *m, int width, int stop, struct walk *w)
{
	const struct textbuf *b = &m->edit.text;
	size_t size;

	memset(w, 0, sizeof(*w));
	while (w->row < stop) {
		int cols;

		if (w->at >= b->at && !w->has_cursor) {
			w->has_cursor = true;
			w->cursor_row = w->row;
			w->cursor_col = w->col;
		}
		if (w->at >= b->len)
			break;
		if (b->s[w->at] == '\n') {
			w->at++;
			w->row++;
			w->col = 0;
			continue;
		}
		cols = text_cluster(b->s + w->at, b->len - w->at, &size);
		w->at += size;
		w->col += cols;
		/* One column stays for the cursor behind the last one. */
		if (w->col >= width) {
			w->row++;
			w->col = 0;
		}
	}
}

static int
text_cols(int cols, int indent)
{
	return cols - indent < 2 ? 2 : cols - indent;
}

struct compose
compose_make(const struct model *m, int cols)
{
	struct compose c = { 0 };
	struct walk w;

	make_prompt(m, cols, c.prompt);
	c.indent = grid_width(c.prompt);
	if (c.indent > cols / 2)
		c.indent = cols / 2;
	walk_rows(m, text_cols(cols, c.indent), 1 << 20, &w);
	c.rows = w.row + 1;
	c.row = w.cursor_row;
	c.col = c.indent + w.cursor_col;
	return c;
}

void
compose_row(const struct model *m, const struct compose *c, int cols, int row,
    size_t *from, size_t *len)
{
	const struct textbuf *b = &m->edit.text;
	struct walk w;

	walk_rows(m, text_cols(cols, c->indent), row, &w);
	*from = w.at;
	walk_rows(m, text_cols(cols, c->indent), row + 1, &w);
	*len = w.at - *from;
	if (*len > 0 && b->s[*from + *len - 1] == '\n')
		--*len;
}

/* ---- hints ---- */

static void
choices_hint(const struct choices *k, int cols, char out[static COMPOSE_HINT])
{
	size_t len = 0, i;
	int col = 0, rows = 1;

	for (i = 0; i < k->count; i++) {
		int width = grid_width(k->text[i]) + 2;

		if (col > 0 && col + width > cols - 10) {
			if (rows++ == COMPOSE_HINT_ROWS - 1)
				break;
			out[len++] = '\n';
			col = 0;
		}
		if (len + strlen(k->text[i]) + 40 > COMPOSE_HINT)
			break;
		len += (size_t)sprintf(out + len, i == k->picked ? "[%s]" :
		    " %s ", k->text[i]);
		col += width;
	}
	if (i < k->total)
		sprintf(out + len, " +%zu more", k->total - i);
}

void
compose_hint(const struct model *m, int cols, char out[static COMPOSE_HINT])
{
	const struct edit_pasted *p = &m->edit.pasted;
	char key[KEYMAP_HOW];

	out[0] = '\0';
	if (m->edit.choices.count > 0)
		choices_hint(&m->edit.choices, cols, out);
	else if (m->edit.paste.on)
		snprintf(out, COMPOSE_HINT, "pasting, %zu bytes ...",
		    m->edit.paste.len);
	else if (m->hint[0] != '\0')
		snprintf(out, COMPOSE_HINT, "%s", m->hint);
	else if (p->cut)
		snprintf(out, COMPOSE_HINT, "pasted only %zu bytes, there is "
		    "no room for more: %s drops them", p->bytes,
		    keymap_how(&m->keymap, "cut-start", key));
	else if (p->lines > 1)
		snprintf(out, COMPOSE_HINT, "pasted %zu lines: Enter sends as "
		    "1 message, %s drops", p->lines,
		    keymap_how(&m->keymap, "cut-start", key));
}

/* ---- where everything is ---- */

static int
hint_rows(const struct model *m)
{
	char hint[COMPOSE_HINT];
	int rows = 0;

	compose_hint(m, m->cols, hint);
	if (hint[0] == '\0')
		return 0;
	for (const char *s = hint; s != NULL; rows++) {
		s = strchr(s, '\n');
		s = s == NULL ? NULL : s + 1;
	}
	return rows;
}

static size_t
page_rows(const struct model *m)
{
	struct page_flow flow = page_flow(m->page, m->page_len,
	    m->layout.chat.cols - 2);
	struct page_row row;
	size_t rows = 0;

	if (m->over != OVER_PAGE || m->page == NULL)
		return 0;
	while (page_next(&flow, &row))
		rows++;
	if (model_has_room_for_qr(m, rows))
		rows += (size_t)qr_rows(&m->page_qr);
	return rows;
}

void
model_arrange(struct model *m)
{
	struct compose c = compose_make(m, m->cols);
	struct layout_want want = { .list = m->list_on,
		.details = m->details_on, .bare = m->bare,
		.bar = m->wish_count > 0, .hint_rows = hint_rows(m),
		.input_rows = c.rows };

	m->layout = layout_make(m->rows, m->cols, &want);
	if (m->over == OVER_LIST && m->layout.list.rows > 0)
		m->over = OVER_NONE;
	m->page_rows = page_rows(m);
}
