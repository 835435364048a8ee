#include "tui/view.h"

#include "core/ident.h"
#include "core/wire.h"

#include <stdio.h>
#include <string.h>

enum { TITLE_KEYS = 160 };

/* ---- the first row ---- */

static const char *
server_word(const struct model *m)
{
	if (m->taken[0] != '\0')
		return "NAME TAKEN";
	switch (m->server) {
	case SERVER_RESOLVING:
	case SERVER_REGISTERING:
		return "registering";
	case SERVER_REGISTERED:
		return "registered";
	case SERVER_LOST:
		return "SERVER LOST";
	case SERVER_UNREACHABLE:
		return m->server_reason == REASON_NETWORK ? "NO NETWORK" :
		    "SERVER UNREACHABLE";
	case SERVER_LEFT:
		return "leaving";
	}
	return "";
}

void
view_title(const struct model *m, struct grid *g)
{
	const struct rect *r = &m->layout.title;
	char help[TITLE_KEYS];
	int col;

	if (r->rows == 0)
		return;
	grid_fill_row(g, r, 0, STYLE_TITLE);
	col = grid_puts(g, r, 0, 1, STYLE_TITLE, m->name[0] == '\0' ? "gop2p" :
	    m->name);
	if (m->host[0] == '\0')
		col = grid_puts(g, r, 0, col, STYLE_TITLE, "  NOT CONNECTED");
	else
		col = grid_printf(g, r, 0, col, STYLE_TITLE, " @ %s  %s",
		    m->host, server_word(m));
	if (m->server == SERVER_REGISTERED && m->folk_version > 0)
		grid_printf(g, r, 0, col, STYLE_TITLE, "  %zu online",
		    m->folk_total);
	keymap_text(&m->keymap, r->cols >= LAYOUT_DETAILS_FROM ?
	    "{help} help  {list} lists  {bare} bare" : "{help} help", help,
	    sizeof(help));
	grid_puts(g, r, 0, r->cols - 1 - grid_width(help), STYLE_TITLE, help);
}

/* ---- the request bar ---- */

static const char *
novelty(const struct wish *w)
{
	return w->key_changed ? "KEY CHANGED" : w->lookalike[0] != '\0' ?
	    "LOOK-ALIKE" : w->verified ? "verified" : w->known ? "known" :
	    "NEW";
}

/* What can be done about a request, at the right end of the bar. */
struct deeds {
	char text[128];
	size_t len;
	int right, count;
	struct {
		size_t from;
		enum action action;
	} each[3];
};

static void
put(struct deeds *d, const char *s)
{
	size_t len = strlen(s);

	if (d->len + len >= sizeof(d->text))
		return;
	memcpy(d->text + d->len, s, len + 1);
	d->len += len;
}

static void
add_deed(const struct model *m, struct deeds *d, enum action action,
    const char *gap, const char *word)
{
	char key[KEYS_NAME_SIZE];

	if (!keymap_key(&m->keymap, action, key))
		return;
	put(d, d->count == 0 ? "" : gap);
	d->each[d->count].from = d->len;
	d->each[d->count++].action = action;
	put(d, key);
	put(d, word);
}

/* "Alt+Y / N": what both are held with is said once. */
static void
add_answers(const struct model *m, struct deeds *d)
{
	char yes[KEYS_NAME_SIZE] = "", no[KEYS_NAME_SIZE] = "";
	const char *plus;
	size_t both;

	keymap_key(&m->keymap, ACTION_ALLOW, yes);
	keymap_key(&m->keymap, ACTION_DENY, no);
	plus = strrchr(yes, '+');
	both = plus == NULL ? 0 : (size_t)(plus - yes) + 1;
	d->count = 2;
	d->each[0].action = ACTION_ALLOW;
	put(d, yes);
	put(d, " ");
	d->each[1].from = d->len;
	d->each[1].action = ACTION_DENY;
	put(d, "/ ");
	put(d, no + (strncmp(yes, no, both) == 0 ? both : 0));
}

static struct deeds
bar_deeds(const struct model *m)
{
	const struct rect *r = &m->layout.bar;
	struct deeds d = { 0 };

	if (r->cols < 40) {
		add_answers(m, &d);
	} else if (r->cols < LAYOUT_LIST_FROM) {
		add_deed(m, &d, ACTION_ALLOW, " ", " yes");
		add_deed(m, &d, ACTION_DENY, " ", " no");
	} else {
		if (!m->wishes[0].key_changed)
			add_deed(m, &d, ACTION_ALLOW, "  ", " allow");
		add_deed(m, &d, ACTION_DENY, "  ", " deny");
		add_deed(m, &d, ACTION_INFO, "  ", " info");
	}
	d.right = r->cols - (r->cols >= LAYOUT_LIST_FROM) -
	    grid_width(d.text);
	return d;
}

enum action
view_bar_hit(const struct model *m, int row, int col)
{
	const struct rect *r = &m->layout.bar;
	struct deeds d = bar_deeds(m);
	int at = col - r->col - d.right, i = d.count;

	if (r->rows == 0 || row != r->row || at < 0 || at >= (int)d.len)
		return ACTION_NONE;
	while (i > 1 && (int)d.each[i - 1].from > at)
		i--;
	return i == 0 ? ACTION_NONE : d.each[i - 1].action;
}

static void
narrow_bar(const struct model *m, const struct wish *w, struct grid *g)
{
	const struct rect *r = &m->layout.bar;
	const struct deeds deeds = bar_deeds(m);
	int right = deeds.right, col;

	col = grid_puts(g, r, 0, 0, STYLE_BAR, "? ");
	col = grid_cut(g, r, 0, col, r->cols < 40 ? right - col - 2 : 10,
	    STYLE_BAR, w->name);
	col = grid_puts(g, r, 0, col, STYLE_BAR, r->cols < 40 ? "?" :
	    " connect? ");
	if (r->cols >= 40)
		grid_cut(g, r, 0, col, right - col - 1, STYLE_BAR, novelty(w));
	grid_puts(g, r, 0, right, STYLE_BAR, deeds.text);
}

void
view_bar(const struct model *m, usec_t now, struct grid *g)
{
	const struct rect *r = &m->layout.bar;
	const struct wish *w = m->wishes;
	uint8_t id[KEY_ID_LEN];
	char key[IDENT_SHORT_SIZE], label[LABEL_SIZE];
	struct deeds deeds;
	int right, col;

	(void)now;
	if (r->rows == 0 || m->wish_count == 0)
		return;
	grid_fill_row(g, r, 0, STYLE_BAR);
	if (r->cols < LAYOUT_LIST_FROM) {
		narrow_bar(m, w, g);
		return;
	}
	deeds = bar_deeds(m);
	right = deeds.right;
	grid_puts(g, r, 0, right, STYLE_BAR, deeds.text);
	wire_key_id(w->key, id);
	ident_short(id, key);
	model_label(m, w->name, id, label);
	col = grid_puts(g, r, 0, 1, STYLE_BAR, "? ");
	/* Room for "wants to connect", the key and its novelty comes first. */
	col = grid_cut(g, r, 0, col, r->cols < 100 ? 12 : 32, STYLE_BAR,
	    label);
	col = grid_puts(g, r, 0, col, STYLE_BAR, r->cols < 100 ? " asks  " :
	    " wants to connect  ");
	col = grid_printf(g, r, 0, col, STYLE_BAR, "%s %s", key, novelty(w));
	if (m->wish_count > 1) {
		char more[32];

		snprintf(more, sizeof(more), "  (%zu more)", m->wish_count - 1);
		if (col + grid_width(more) < right)
			grid_puts(g, r, 0, col, STYLE_BAR, more);
	}
}

/* ---- the pane on the right ---- */

struct pane {
	struct grid *g;
	const struct rect *r;
	int row;
};

static void
head(struct pane *p, const char *text)
{
	grid_cut(p->g, p->r, p->row++, 1, p->r->cols - 1, STYLE_HEAD, text);
}

static void
field(struct pane *p, const char *name, const char *value)
{
	grid_puts(p->g, p->r, p->row, 1, STYLE_DIM, name);
	grid_cut(p->g, p->r, p->row++, 9, p->r->cols - 9, STYLE_TEXT, value);
}

static void
link_part(struct pane *p, const struct chat *c, usec_t now)
{
	static const char *const paths[] = { "none at the moment",
		"UDP direct", "TCP direct", "relay" };
	char text[ADDR_TEXT + NAME_SIZE];

	snprintf(text, sizeof(text), "LINK %s", c->name);
	head(p, text);
	if (c->state != CHAT_OPEN) {
		field(p, "path", "no conversation");
		return;
	}
	field(p, "path", paths[c->transport]);
	if (c->transport != TRANSPORT_NONE)
		field(p, c->transport == TRANSPORT_RELAY ? "server" : "peer",
		    addr_format(&c->addr, text));
	if (addr_is_set(&c->path.why.own_public))
		field(p, "own", addr_format(&c->path.why.own_public, text));
	if (c->has_rtt) {
		snprintf(text, sizeof(text), "%u ms  loss %u.%u %%", c->rtt_ms,
		    c->loss_permille / 10, c->loss_permille % 10);
		field(p, "rtt", text);
	}
	/* Minutes: a clock that ticks would cost bytes all the time. */
	snprintf(text, sizeof(text), "%u min", (unsigned)((now - c->up_at) /
	    (60 * USEC_S)));
	field(p, "up", text);
}

static void
security_part(struct pane *p, const struct model *m, const struct chat *c)
{
	char id[IDENT_FULL_SIZE], how[TITLE_KEYS];

	p->row++;
	head(p, "SECURITY");
	field(p, "E2E", c->state == CHAT_KEY ? "KEY CHANGED: blocked" :
	    c->verified ? "on, VERIFIED" : "on, UNVERIFIED");
	if (!c->has_key)
		return;
	ident_fingerprint(c->key, id);
	/* Three groups a row. */
	id[14] = '\0';
	field(p, "key", id);
	field(p, "", id + 15);
	keymap_text(&m->keymap, "{verify} compares keys", how, sizeof(how));
	if (!c->verified && c->state == CHAT_OPEN)
		field(p, "", how);
}

static void
keys_part(struct pane *p, const struct model *m)
{
	static const char *const keys[][2] = {
		{ "{go} chat", "{news} next" },
		{ "{page-up} scrolls", "{list} lists" },
		{ "{complete} complete", "{history} search" },
	};
	char left[TITLE_KEYS], right[TITLE_KEYS];

	p->row++;
	head(p, "KEYS");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		keymap_text(&m->keymap, keys[i][0], left, sizeof(left));
		keymap_text(&m->keymap, keys[i][1], right, sizeof(right));
		grid_printf(p->g, p->r, p->row++, 1, STYLE_TEXT, "%-15s %s",
		    left, right);
	}
}

void
view_details(const struct model *m, usec_t now, struct grid *g)
{
	struct pane p = { .g = g, .r = &m->layout.details };
	const struct chat *c = model_shown(m);
	char id[IDENT_FULL_SIZE];
	char addr[ADDR_TEXT];

	if (m->layout.details.rows == 0)
		return;
	if (c != m->chats[0]) {
		link_part(&p, c, now);
		security_part(&p, m, c);
	} else {
		head(&p, "YOU");
		field(&p, "name", m->name);
		if (m->has_key) {
			ident_fingerprint(m->key, id);
			id[14] = '\0';
			field(&p, "key", id);
			field(&p, "", id + 15);
		}
		if (addr_is_set(&m->seen))
			field(&p, "seen at", addr_format(&m->seen, addr));
	}
	keys_part(&p, m);
}
