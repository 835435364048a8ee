#include "tui/page.h"

#include "tui/flow.h"

#include <string.h>

struct page_flow
page_flow(const char *s, size_t len, int cols)
{
	return (struct page_flow){ s, len, cols < 1 ? 1 : cols, 0 };
}

/* Columns are set apart by two blanks, in ASCII. The last one that leaves two
 * fifths of the width for its text is where the line goes on. */
static int
hang_of(const char *s, size_t len, int cols)
{
	int hang = 0;

	for (size_t i = 0; i < len && (int)i <= cols * 3 / 5; i++) {
		if ((unsigned char)s[i] >= 0x80)
			break;
		if (s[i] != ' ' && (i == 0 || (s[i - 1] == ' ' &&
		    (i == 1 || s[i - 2] == ' '))))
			hang = (int)i;
	}
	return hang;
}

bool
page_next(struct page_flow *p, struct page_row *out)
{
	const char *lf;
	size_t line, next;
	bool goes_on = p->hang > 0;

	if (p->len == 0)
		return false;
	lf = memchr(p->s, '\n', p->len);
	line = lf == NULL ? p->len : (size_t)(lf - p->s);
	out->s = p->s;
	out->col = goes_on ? p->hang - 1 : 0;
	out->len = flow_fit(p->s, p->len, p->cols - out->col, &next);
	/* One more than the column, so that 0 says that none is going on. */
	if (!goes_on && next <= line && out->len < line)
		p->hang = hang_of(p->s, line, p->cols) + 1;
	if (next > line || next == p->len)
		p->hang = 0;
	p->s += next;
	p->len -= next;
	return true;
}
