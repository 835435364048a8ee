#include "tui/view.h"

#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The status line is made of pieces. When they do not fit, some go, in this
 * order; who it is, over what, how safely and what waits never does. What
 * stays while the rest changes stands at one of the edges, and what is said of
 * one thing has one colour: so a change takes few bytes. */
enum piece {
	PIECE_ALWAYS,
	PIECE_EXTRA,
	PIECE_CLOCK,
	PIECE_ADDRESS,
	PIECE_RTT,
	PIECE_HINT,
	PIECE_KINDS
};

enum { PIECES_MAX = 12, COMPACT_FROM = 60, TINY_FROM = 40,
	TINY_NAME = 12 };

struct line {
	const struct model *m;
	usec_t now;
	int64_t wall_s;
	bool is_compact;  /* short words */
	bool is_tiny;     /* the shortest */
	struct {
		char text[160];
		enum style style;
		enum piece kind;
		bool right;
	} pieces[PIECES_MAX];
	int count;
};

static void
add(struct line *l, enum piece kind, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
add(struct line *l, enum piece kind, enum style style, const char *fmt, ...)
{
	va_list ap;

	if (l->count == PIECES_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(l->pieces[l->count].text, sizeof(l->pieces[0].text), fmt, ap);
	va_end(ap);
	l->pieces[l->count].style = style;
	l->pieces[l->count].right = false;
	l->pieces[l->count++].kind = kind;
}

static void
to_right(struct line *l)
{
	l->pieces[l->count - 1].right = true;
}

static unsigned
seconds_since(const struct line *l, usec_t then)
{
	return l->now > then ? (unsigned)((l->now - then) / USEC_S) : 0;
}

/* ---- the server ---- */

static void
add_retry(struct line *l)
{
	const struct model *m = l->m;

	if (m->retry_at != USEC_NEVER && m->retry_at > l->now)
		add(l, PIECE_EXTRA, STYLE_WARN, "retry in %us (%u)",
		    (unsigned)((m->retry_at - l->now) / USEC_S) + 1,
		    m->server_tries);
	else
		add(l, PIECE_EXTRA, STYLE_WARN, "trying again");
}

/* What there is to say about a server that is not there; false if it is. */
static bool
add_server(struct line *l)
{
	const struct model *m = l->m;
	unsigned s = seconds_since(l, m->server_since);

	if (m->taken[0] != '\0') {
		add(l, PIECE_ALWAYS, STYLE_WARN, "NAME TAKEN \"%s\"", m->taken);
		add(l, PIECE_ALWAYS, STYLE_WARN, "type /rename %s",
		    m->free_name[0] != '\0' ? m->free_name : "NAME");
		return true;
	}
	if (m->host[0] == '\0') {
		add(l, PIECE_ALWAYS, STYLE_STATUS, "offline  no server");
		return true;
	}
	switch (m->server) {
	case SERVER_REGISTERED:
		return false;
	case SERVER_RESOLVING:
	case SERVER_REGISTERING:
		add(l, PIECE_ALWAYS, STYLE_STATUS, "registering with %s",
		    m->host);
		add(l, PIECE_ALWAYS, STYLE_STATUS, "%us", s);
		return true;
	case SERVER_LOST:
		add(l, PIECE_ALWAYS, STYLE_WARN, "SERVER LOST %us", s);
		add_retry(l);
		return true;
	case SERVER_UNREACHABLE:
		add(l, PIECE_ALWAYS, STYLE_WARN,
		    m->server_reason == REASON_NETWORK ? "NO NETWORK %us" :
		    m->was_registered ? "SERVER LOST %us" :
		    "SERVER UNREACHABLE %us", s);
		add_retry(l);
		return true;
	case SERVER_LEFT:
		add(l, PIECE_ALWAYS, STYLE_STATUS, "leaving");
		return true;
	}
	return false;
}

/* ---- a conversation ---- */

static void
add_security(struct line *l, const struct chat *c)
{
	const char *word = c->verified ? "VERIFIED" : "UNVERIFIED";

	if (c->state != CHAT_OPEN || (l->is_compact && c->link != LINK_OK))
		return;
	if (l->is_tiny)
		word = c->verified ? "VERIF" : "UNVERIF";
	add(l, PIECE_ALWAYS, c->verified ? STYLE_GOOD : STYLE_WARN, "%s%s",
	    l->is_compact ? "" : "E2E ", word);
	to_right(l);
}

static void
add_rtt(struct line *l, const struct chat *c)
{
	if (c->has_rtt)
		add(l, PIECE_RTT, STYLE_GOOD, "%ums", c->rtt_ms);
}

static void
add_queue(struct line *l, const struct chat *c, enum style style)
{
	if (c->waiting > 0)
		add(l, PIECE_ALWAYS, style, "%zu queued", c->waiting);
}

static const char *
transport_of(const struct chat *c)
{
	static const char *const names[] = { "NO PATH", "UDP", "TCP", "RELAY" };

	return names[c->transport];
}

/* Without the port, which the first row tells. */
static void
add_relay(struct line *l)
{
	const char *host = l->m->host, *port = strrchr(host, ':');

	if (port == NULL || (port != strchr(host, ':') && port[-1] != ']'))
		port = host + strlen(host);
	if (port > host)
		add(l, PIECE_ADDRESS, STYLE_GOOD, "via %.*s",
		    (int)(port - host), host);
}

static void
add_path(struct line *l, const struct chat *c)
{
	char addr[ADDR_TEXT];

	add(l, PIECE_ALWAYS, STYLE_GOOD, "%s", transport_of(c));
	if (c->transport == TRANSPORT_RELAY)
		add_relay(l);
	else if (c->transport != TRANSPORT_NONE)
		add(l, PIECE_ADDRESS, STYLE_GOOD, "%s",
		    addr_format(&c->addr, addr));
	add_rtt(l, c);
	if (c->transport == TRANSPORT_RELAY && c->path.is_punching)
		add(l, PIECE_HINT, STYLE_GOOD, "trying direct");
}

static void
add_resume(struct line *l, const struct chat *c)
{
	if (c->resume_at > l->now)
		add(l, PIECE_HINT, STYLE_WARN, "next try in %us (%u)",
		    (unsigned)((c->resume_at - l->now) / USEC_S) + 1,
		    c->path.resumes);
	else
		add(l, PIECE_HINT, STYLE_WARN, "looking for a path");
}

static void
add_open(struct line *l, const struct chat *c)
{
	switch (c->link) {
	case LINK_OK:
		add_path(l, c);
		if (c->transport == TRANSPORT_NONE)
			add_queue(l, c, STYLE_GOOD);
		return;
	case LINK_QUIET:
		add(l, PIECE_ALWAYS, STYLE_WARN, "%s", transport_of(c));
		add(l, PIECE_ALWAYS, STYLE_WARN, l->is_compact ?
		    "HEARD %us AGO" : "LAST HEARD %us AGO",
		    seconds_since(l, c->heard_at));
		break;
	case LINK_LOST:
		add(l, PIECE_ALWAYS, STYLE_WARN, "LINK LOST %us",
		    seconds_since(l, c->heard_at));
		add_resume(l, c);
		break;
	}
	add_queue(l, c, STYLE_WARN);
}

/* The steps are those that the engine really takes. */
static void
add_punching(struct line *l, const struct chat *c)
{
	usec_t since = l->now > c->since ? l->now - c->since : 0;
	int step = view_step(c);
	char bar[VIEW_STEPS + 1];

	for (int i = 0; i < VIEW_STEPS; i++)
		bar[i] = i < step ? '#' : '-';
	bar[VIEW_STEPS] = '\0';
	add(l, PIECE_ALWAYS, STYLE_WARN, "PUNCHING %d/%d", step, VIEW_STEPS);
	add(l, PIECE_ADDRESS, STYLE_WARN, "%s %u.%us", view_step_name(step),
	    (unsigned)(since / USEC_S),
	    (unsigned)(since % USEC_S / (100 * USEC_MS)));
	add(l, PIECE_RTT, STYLE_WARN, "[%s]", bar);
}

static bool
is_about_paths(enum reason reason)
{
	return reason == REASON_LOST || (reason >= REASON_NO_PATH &&
	    reason <= REASON_PATH_LOST);
}

static void
add_state(struct line *l, const struct chat *c)
{
	char clock[8], key[KEYS_NAME_SIZE];

	switch (c->state) {
	case CHAT_OPEN:
		add_open(l, c);
		return;
	case CHAT_ASKING:
		add(l, PIECE_ALWAYS, STYLE_WARN, "ASKING");
		add(l, PIECE_ADDRESS, STYLE_WARN, "waiting for %s to allow",
		    c->name);
		add(l, PIECE_ALWAYS, STYLE_WARN, "%us",
		    seconds_since(l, c->since));
		break;
	case CHAT_PUNCHING:
		add_punching(l, c);
		break;
	case CHAT_DENIED:
		view_clock(c->since_wall, clock);
		add(l, PIECE_ALWAYS, STYLE_WARN, "DENIED");
		add(l, PIECE_ADDRESS, STYLE_WARN, "by %s  %s", c->name,
		    clock);
		return;
	case CHAT_KEY:
		add(l, PIECE_ALWAYS, STYLE_ALARM, "!! KEY CHANGED !!");
		add(l, PIECE_HINT, STYLE_STATUS, "sending blocked");
		add(l, PIECE_HINT, STYLE_STATUS, "/verify");
		return;
	case CHAT_FAILED:
		add(l, PIECE_ALWAYS, STYLE_WARN, "FAILED: %s",
		    reason_text(c->reason));
		add(l, PIECE_HINT, STYLE_WARN, is_about_paths(c->reason) ?
		    "/help nat" : "Enter asks again");
		return;
	case CHAT_IDLE:
		add(l, PIECE_ALWAYS, STYLE_STATUS, "not connected");
		add(l, PIECE_HINT, STYLE_STATUS, "Enter asks");
		return;
	}
	if (keymap_key_for(&l->m->keymap, "clear", key)) {
		add(l, PIECE_HINT, STYLE_WARN, "%s cancel", key);
		to_right(l);
	}
}

static void
add_scrolled(struct line *l, const struct chat *c)
{
	uint64_t below = backlog_end(&c->log) - c->at.number - 1;
	size_t new = backlog_messages(&c->log, c->scrolled_end);

	if (!c->at.is_scrolled)
		return;
	if (l->is_tiny)
		add(l, PIECE_ALWAYS, STYLE_WARN, "+%llu",
		    (unsigned long long)below);
	else
		add(l, PIECE_ALWAYS, STYLE_WARN, "MORE %llu NEW %zu",
		    (unsigned long long)below, new);
}

/* What is unread; in a chat that is scrolled that was told already. */
static void
add_news(struct line *l, const struct chat *c)
{
	size_t chats, unread = model_unread(l->m, &chats);

	if (c->at.is_scrolled && c->unread > 0) {
		unread -= c->unread;
		chats--;
	}
	if (unread == 0)
		return;
	add(l, PIECE_ALWAYS, STYLE_WARN, l->is_compact ? "%zu(%zu)" :
	    "act %zu(%zu)", chats, unread);
	to_right(l);
}

static void
add_right(struct line *l)
{
	const struct chat *c = model_shown(l->m);
	char clock[8];

	if (!(l->is_tiny && c->at.is_scrolled))
		add_news(l, c);
	if (c == l->m->chats[0] && l->m->server == SERVER_REGISTERED) {
		add(l, PIECE_HINT, STYLE_STATUS, "%zu online",
		    l->m->folk_total);
		to_right(l);
	}
	add_security(l, c);
	if (l->m->prefs.word[PREF_CLOCK]) {
		view_clock(l->wall_s, clock);
		add(l, PIECE_CLOCK, STYLE_CLOCK, "%s", clock);
		to_right(l);
	}
}

/* Beside a conversation: only that there is none where room is scarce. */
static void
add_server_beside(struct line *l)
{
	if (!l->is_compact) {
		add_server(l);
	} else if (l->m->server != SERVER_REGISTERED && !l->is_tiny) {
		add(l, PIECE_ALWAYS, STYLE_WARN, "NO SERVER");
		to_right(l);
	}
}

/* To so many columns. */
static void
cut(char *text, int cols)
{
	size_t at = 0, size, len = strlen(text);

	while (at < len && cols > 0) {
		cols -= text_cluster(text + at, len - at, &size);
		if (cols < 0)
			break;
		at += size;
	}
	text[at] = '\0';
}

static void
make(struct line *l)
{
	const struct chat *c = model_shown(l->m);
	bool is_talk = c->state == CHAT_OPEN, is_home = c == l->m->chats[0];
	bool is_lost = !is_talk && add_server(l);
	char label[LABEL_SIZE];

	if (!is_home && is_lost && !l->is_compact)
		add(l, PIECE_ALWAYS, STYLE_STATUS, "|");
	if (!is_home) {
		model_chat_label(l->m, c, label);
		if (l->is_tiny)
			cut(label, TINY_NAME);
		add(l, PIECE_ALWAYS, STYLE_STATUS, "%s", label);
		add_state(l, c);
	} else if (!is_lost) {
		add(l, PIECE_ALWAYS, STYLE_STATUS, "registered as %s",
		    l->m->name);
		add(l, PIECE_HINT, STYLE_STATUS, "no peer");
	}
	if (is_talk)
		add_server_beside(l);
	add_scrolled(l, c);
	add_right(l);
}

static bool
is_left_out(const struct line *l, int i, enum piece dropped)
{
	return l->pieces[i].kind != PIECE_ALWAYS &&
	    l->pieces[i].kind <= dropped;
}

static int
width(const struct line *l, enum piece dropped)
{
	int sum = 0;

	for (int i = 0; i < l->count; i++)
		if (!is_left_out(l, i, dropped))
			sum += grid_width(l->pieces[i].text) +
			    (l->is_compact ? 1 : 2);
	return sum;
}

/* The bar ends before the clock, which is drawn without it every minute. */
static void
draw_clock(struct grid *g, const struct rect *r, int col, const char *clock)
{
	if (col > 0)
		col = grid_puts(g, r, 0, col - 1, STYLE_CLOCK, " ");
	col = grid_puts(g, r, 0, col, STYLE_CLOCK, clock);
	while (col < r->cols)
		col = grid_puts(g, r, 0, col, STYLE_CLOCK, " ");
}

/* Returns where they begin. */
static int
draw_right(const struct line *l, struct grid *g, int right,
    enum piece dropped)
{
	const struct rect *r = &l->m->layout.status;

	for (int i = l->count; i-- > 0;) {
		if (!l->pieces[i].right || is_left_out(l, i, dropped))
			continue;
		right -= grid_width(l->pieces[i].text);
		if (l->pieces[i].kind == PIECE_CLOCK)
			draw_clock(g, r, right, l->pieces[i].text);
		else
			grid_puts(g, r, 0, right, l->pieces[i].style,
			    l->pieces[i].text);
		right -= l->is_compact ? 1 : 2;
	}
	return right;
}

/* Up to right. Blanks between two pieces of a style have it, too. */
static void
draw_left(const struct line *l, struct grid *g, int left, int right,
    enum piece dropped)
{
	const struct rect *r = &l->m->layout.status;
	int gap = l->is_compact ? 1 : 2;
	enum style style = STYLE_STATUS;

	for (int i = 0; i < l->count; i++) {
		if (l->pieces[i].right || is_left_out(l, i, dropped))
			continue;
		if (l->pieces[i].style == style && left < right + gap)
			grid_puts(g, r, 0, left - gap, style,
			    gap == 1 ? " " : "  ");
		style = l->pieces[i].style;
		left = grid_cut(g, r, 0, left, right - left + gap - 1, style,
		    l->pieces[i].text) + gap;
	}
}

static void
draw(const struct line *l, struct grid *g, enum piece dropped)
{
	const struct rect *r = &l->m->layout.status;
	int edge = l->is_compact ? 0 : 1, right;

	grid_fill_row(g, r, 0, STYLE_STATUS);
	right = draw_right(l, g, r->cols - edge, dropped);
	draw_left(l, g, edge, right, dropped);
}

void
view_status(const struct model *m, usec_t now, int64_t wall_s, struct grid *g)
{
	int cols = m->layout.status.cols;
	struct line l = { .m = m, .now = now, .wall_s = wall_s,
		.is_compact = cols < COMPACT_FROM,
		.is_tiny = cols < TINY_FROM };
	enum piece dropped = PIECE_ALWAYS;

	if (m->layout.status.rows == 0)
		return;
	make(&l);
	while (width(&l, dropped) > cols && dropped < PIECE_HINT)
		dropped++;
	if (width(&l, dropped) > cols && !l.is_compact) {
		l.is_compact = true;
		l.count = 0;
		make(&l);
	}
	draw(&l, g, dropped);
}
