#include "tui/view.h"

#include "tui/compose.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

const char *
view_symbol(const struct grid *g, enum symbol symbol)
{
	static const char *const pretty[] = { "│", "✓", "✓✓", "✗" };
	static const char *const ascii[] = { "|", "+", "++", "!" };

	return g->is_ascii || (g->has_few && symbol != SYMBOL_BAR) ?
	    ascii[symbol] : pretty[symbol];
}

void
view_clock(int64_t wall_s, char out[static 8])
{
	int64_t min = wall_s < 0 ? 0 : wall_s / 60 % (24 * 60);

	snprintf(out, 8, "%02u:%02u", (unsigned)(min / 60) % 24,
	    (unsigned)(min % 60));
}

void
view_span(usec_t us, char out[static 24])
{
	unsigned long s = (unsigned long)(us / USEC_S);

	if (s >= 3600)
		snprintf(out, 24, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60,
		    s % 60);
	else
		snprintf(out, 24, "%lu:%02lu", s / 60, s % 60);
}

const char *
view_state(const struct chat *c)
{
	static const char *const transports[] = { "....", "UDP", "TCP",
		"relay" };

	switch (c->state) {
	case CHAT_ASKING:
		return "ask";
	case CHAT_DENIED:
		return "denied";
	case CHAT_PUNCHING:
		return "....";
	case CHAT_OPEN:
		return c->link == LINK_LOST ? "LOST" : c->link == LINK_QUIET ?
		    "quiet" : transports[c->transport];
	case CHAT_KEY:
		return "KEY!";
	case CHAT_FAILED:
		return "failed";
	case CHAT_IDLE:
		break;
	}
	return "-";
}

/* They are those that the engine really takes. */
int
view_step(const struct chat *c)
{
	const struct client_path *p = &c->path;

	return p->is_punching ? 3 : p->is_switching ? 4 : p->has_relay ? 5 : 2;
}

const char *
view_step_name(int step)
{
	static const char *const names[VIEW_STEPS] = { "own addresses",
		"seen by server", "hole punch", "TCP", "relay" };

	return names[step - 1];
}

/* Names are clean already; a title goes to the terminal as it is, though, and
 * so it is made sure of here. */
void
view_window(const struct model *m, bool is_ascii,
    char out[static VIEW_WINDOW])
{
	const struct chat *c = model_shown(m);
	size_t chats, unread = model_unread(m, &chats), len;
	char count[24] = "", text[VIEW_WINDOW];

	if (unread > 0)
		snprintf(count, sizeof(count), " (%zu)", unread);
	if (m->wish_count > 0)
		snprintf(text, sizeof(text), "gop2p%s %s asks", count,
		    m->wishes[0].name);
	else
		snprintf(text, sizeof(text), "gop2p%s%s%s", count,
		    c->name[0] == '\0' ? "" : " ", c->name);
	len = text_clean_line(text, strlen(text), out, VIEW_WINDOW);
	text_plain(out, len, out);
	for (size_t i = 0; is_ascii && out[i] != '\0'; i++)
		if ((unsigned char)out[i] >= 0x80)
			out[i] = '?';
}

static void
draw_rule(struct grid *g, const struct rect *r)
{
	for (int row = 0; row < r->rows; row++)
		grid_puts(g, r, row, 0, STYLE_RULE,
		    view_symbol(g, SYMBOL_BAR));
}

/* Smaller than the smallest: what is typed, or that it is too small. */
static void
draw_tiny(const struct model *m, struct grid *g)
{
	if (m->cols >= LAYOUT_MIN_COLS)
		view_input(m, g);
	else
		grid_puts(g, &m->layout.input, 0, 0, STYLE_TEXT, "too small");
}

void
view_draw(const struct model *m, usec_t now, int64_t wall_s, struct grid *g)
{
	grid_clear(g);
	g->has_few = m->has_few;
	if (m->layout.is_tiny) {
		draw_tiny(m, g);
		return;
	}
	view_title(m, g);
	view_list(m, now, g);
	draw_rule(g, &m->layout.list_rule);
	if (m->over == OVER_NONE)
		view_chat(m, g);
	else
		view_over(m, now, g);
	draw_rule(g, &m->layout.details_rule);
	view_details(m, now, g);
	view_bar(m, now, g);
	view_status(m, now, wall_s, g);
	view_input(m, g);
}
