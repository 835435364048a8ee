#include "tui/page.h"
#include "tui/view.h"

static void
draw_head(const struct model *m, struct grid *g, const char *title)
{
	const struct rect *r = &m->layout.chat;
	bool is_whole = m->page_rows < (size_t)r->rows;
	const char *back = is_whole ? r->cols < 50 ? "Esc" : "Esc back" :
	    r->cols < 50 ? "PgDn  Esc" : "PgUp PgDn  Esc back";
	int right = r->cols - grid_width(back) - 1;

	grid_cut(g, r, 0, 1, right - 2, STYLE_HEAD, title);
	grid_puts(g, r, 0, right, STYLE_DIM, back);
}

/* Dark on light whatever the terminal's colours are, as cameras like it. */
static void
draw_qr(const struct qr *q, struct grid *g, const struct rect *r, int top)
{
	static const char *const halves[] = { " ", "▀", "▄", "█" };

	for (int row = 0; row < qr_rows(q); row++)
		for (int col = 0; col < qr_cols(q); col++) {
			int y = 2 * row - QR_QUIET, x = col - QR_QUIET;
			int half = qr_is_dark(q, y, x) |
			    qr_is_dark(q, y + 1, x) << 1;

			grid_puts(g, r, top + row, 1 + col, STYLE_QR,
			    halves[half]);
		}
}

/* Rows of the page from its top on; longer lines hang. */
static void
draw_page(const struct model *m, struct grid *g)
{
	struct rect body = m->layout.chat;
	struct page_flow flow;
	struct page_row line;
	size_t row = 0;

	body.row++;
	body.rows--;
	flow = page_flow(m->page, m->page_len, body.cols - 2);
	for (; page_next(&flow, &line); row++)
		if (row >= m->page_top &&
		    row < m->page_top + (size_t)body.rows)
			grid_put(g, &body, (int)(row - m->page_top),
			    1 + line.col, STYLE_TEXT, line.s, line.len);
	if (model_has_room_for_qr(m, row))
		draw_qr(&m->page_qr, g, &body, (int)row);
}

void
view_over(const struct model *m, usec_t now, struct grid *g)
{
	(void)now;
	if (m->layout.chat.rows <= 0)
		return;
	switch (m->over) {
	case OVER_PAGE:
		draw_head(m, g, m->page_title);
		draw_page(m, g);
		break;
	case OVER_LIST:
	case OVER_NONE:
		break;
	}
}
