#include "tui/view.h"

#include "core/ident.h"

#include <stdio.h>
#include <string.h>

static void
draw_head(const struct model *m, struct grid *g, const char *title)
{
	static const char back[] = "PgUp PgDn  Esc back";
	const struct rect *r = &m->layout.chat;

	grid_cut(g, r, 0, 1, r->cols - 1, STYLE_HEAD, title);
	grid_puts(g, r, 0, r->cols - (int)sizeof(back) + 1, STYLE_DIM, back);
}

/* Rows of the page from its top on; longer lines hang. */
static void
draw_page(const struct model *m, struct grid *g)
{
	struct rect body = m->layout.chat;
	const char *s = m->page;
	size_t left = m->page_len, row = 0, next;

	body.row++;
	body.rows--;
	while (left > 0) {
		size_t len = flow_fit(s, left, body.cols - 2, &next);

		if (row >= m->page_top &&
		    row < m->page_top + (size_t)body.rows)
			grid_put(g, &body, (int)(row - m->page_top), 1,
			    STYLE_TEXT, s, len);
		s += next;
		left -= next;
		row++;
	}
}

/* Twelve groups of five, as many in a row as fit. */
static int
draw_number(const struct model *m, struct grid *g, int row)
{
	const struct rect *r = &m->layout.chat;
	int groups = r->cols >= 40 ? 4 : r->cols >= 27 ? 3 : 2, n = 0;

	for (const char *s = m->number; *s != '\0'; s += strspn(s, " ")) {
		size_t len = strcspn(s, " ");

		grid_put(g, r, row, 4 + n * 8, STYLE_HEAD, s, len);
		s += len;
		if (++n == groups) {
			n = 0;
			row++;
		}
	}
	return row + (n > 0);
}

static void
draw_verify(const struct model *m, struct grid *g)
{
	const struct rect *r = &m->layout.chat;
	bool is_small = r->rows < 14 || r->cols < 50;
	char own[IDENT_FULL_SIZE], peer[IDENT_FULL_SIZE], title[80];
	int row = 1;

	snprintf(title, sizeof(title), "VERIFY %s%s", m->number_name,
	    m->number_verified ? "  (VERIFIED)" : "");
	draw_head(m, g, title);
	if (!is_small) {
		grid_printf(g, r, 2, 1, STYLE_TEXT, "Compare with %s on "
		    "another channel: telephone,", m->number_name);
		grid_puts(g, r, 3, 1, STYLE_TEXT, "or in person. The same "
		    "number on both screens means");
		grid_puts(g, r, 4, 1, STYLE_TEXT, "that nobody is in the "
		    "middle.");
		row = 6;
	}
	row = draw_number(m, g, row) + !is_small;
	ident_fingerprint(m->key, own);
	ident_fingerprint(m->number_key, peer);
	if (!is_small) {
		grid_printf(g, r, row++, 1, STYLE_TEXT, "your key   %s", own);
		grid_printf(g, r, row, 1, STYLE_TEXT, "their key  %s", peer);
		row += 2;
	}
	grid_printf(g, r, row++, 1, STYLE_TEXT, "/verify %s yes  same",
	    m->number_name);
	grid_printf(g, r, row, 1, STYLE_TEXT, "/verify %s no   differs: ends "
	    "it", m->number_name);
}

void
view_over(const struct model *m, usec_t now, struct grid *g)
{
	(void)now;
	if (m->layout.chat.rows <= 0)
		return;
	switch (m->over) {
	case OVER_HELP:
		draw_head(m, g, m->page_title);
		draw_page(m, g);
		break;
	case OVER_VERIFY:
		draw_verify(m, g);
		break;
	case OVER_LIST:
	case OVER_NONE:
		break;
	}
}
