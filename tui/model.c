#include "tui/model.h"

#include "core/name.h"
#include "core/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NICK_MAX = 12, NICK_MEDIUM = 8, NICK_NARROW = 6, NICK_MIN = 4,
	WIDE = 56, NARROW = 40, MARK_COLS = 3, GAP_FROM = 50 };

bool
model_init(struct model *m, usec_t now)
{
	memset(m, 0, sizeof(*m));
	history_init(&m->history);
	m->chats[0] = chat_new("");
	if (m->chats[0] == NULL || !edit_init(&m->edit, &m->history)) {
		chat_free(m->chats[0]);
		return false;
	}
	m->server = SERVER_RESOLVING;
	m->server_since = now;
	m->retry_at = m->draft_at = USEC_NEVER;
	m->is_utf8 = m->focused = m->has_color = true;
	keymap_init(&m->keymap);
	prefs_init(&m->prefs);
	prefs_init(&m->kept);
	for (int i = 0; i < PREF_COUNT; i++)
		model_apply(m, (enum pref)i);
	model_resize(m, 24, 80);
	return true;
}

void
model_fini(struct model *m)
{
	struct deed deed;

	while (model_next(m, &deed))
		free(deed.text);
	for (int i = 0; i < MODEL_CHATS_MAX; i++)
		chat_free(m->chats[i]);
	for (int i = 0; i < MODEL_SERIALS_MAX; i++)
		free(m->serials[i].text);
	edit_fini(&m->edit);
	history_fini(&m->history);
	free(m->folks);
	free(m->page);
}

/* ---- deeds ---- */

bool
model_next(struct model *m, struct deed *out)
{
	if (m->deed_count == 0)
		return false;
	*out = m->deeds[m->deed_first];
	m->deed_first = (m->deed_first + 1) % MODEL_DEEDS_MAX;
	m->deed_count--;
	return true;
}

static struct deed *
add_deed(struct model *m, enum deed_kind kind)
{
	struct deed *d;

	if (m->deed_count == MODEL_DEEDS_MAX)
		return NULL;
	d = &m->deeds[(m->deed_first + m->deed_count++) % MODEL_DEEDS_MAX];
	*d = (struct deed){ .kind = kind };
	return d;
}

static char *
copy(const char *s, size_t len)
{
	char *text = malloc(len + 1);

	if (text == NULL)
		return NULL;
	memcpy(text, s, len);
	text[len] = '\0';
	return text;
}

void
model_deed(struct model *m, enum deed_kind kind, const char *text, size_t len)
{
	struct deed *d = add_deed(m, kind);

	if (d != NULL && text != NULL)
		d->text = copy(text, len);
}

static void
expect(struct model *m, uint32_t serial, const struct deed *d)
{
	struct model_serial *s = &m->serials[serial % MODEL_SERIALS_MAX];

	free(s->text);
	*s = (struct model_serial){ .serial = serial, .chat = m->shown };
	memcpy(s->name, d->cmd.name, NAME_SIZE);
	if (d->cmd.id == COMMAND_MSG)
		s->text = copy(d->cmd.text, d->cmd.len);
}

void
model_command(struct model *m, const struct command *cmd)
{
	struct deed *d = add_deed(m, DEED_COMMAND);

	if (d == NULL)
		return;
	d->cmd = *cmd;
	if (cmd->text != NULL) {
		d->text = copy(cmd->text, cmd->len);
		d->cmd.text = d->text;
		d->cmd.len = d->text == NULL ? 0 : cmd->len;
	}
	d->serial = ++m->last_serial;
	expect(m, d->serial, d);
}

/* ---- chats ---- */

struct chat *
model_chat(const struct model *m, int number)
{
	return number < 0 || number >= MODEL_CHATS_MAX ? NULL :
	    m->chats[number];
}

struct chat *
model_shown(const struct model *m)
{
	return m->chats[m->shown];
}

int
model_number(const struct model *m, const struct chat *c)
{
	for (int i = 0; i < MODEL_CHATS_MAX; i++)
		if (m->chats[i] == c)
			return i;
	return 0;
}

struct chat *
model_find(const struct model *m, const char *name)
{
	for (int i = 1; i < MODEL_CHATS_MAX; i++)
		if (m->chats[i] != NULL && !m->chats[i]->is_former &&
		    name_same(m->chats[i]->name, name))
			return m->chats[i];
	return NULL;
}

struct chat *
model_open(struct model *m, const char *name)
{
	struct chat *c = *name == '\0' ? m->chats[0] : model_find(m, name);

	for (int i = 1; c == NULL && i < MODEL_CHATS_MAX; i++)
		if (m->chats[i] == NULL)
			c = m->chats[i] = chat_new(name);
	return c != NULL ? c : m->chats[0];
}

static void
leave(struct model *m)
{
	struct chat *c = model_shown(m);
	const struct textbuf *b = &m->edit.text;

	chat_set_draft(c, b->s, b->len, b->at);
	c->unread_from = 0;
}

static void
arrive(struct model *m, usec_t now)
{
	struct chat *c = model_shown(m);

	edit_set(&m->edit, c->draft == NULL ? "" : c->draft, c->draft_len);
	textbuf_move(&m->edit.text, c->draft_at);
	if (!c->at.is_scrolled)
		c->unread = 0;
	m->key_at = now;
	m->guard = false;
	m->hint[0] = '\0';
	m->found = 0;
	m->dirty = true;
}

void
model_show(struct model *m, usec_t now, int number)
{
	if (model_chat(m, number) == NULL)
		return;
	m->dirty = true;
	if (number == m->shown) {
		m->over = m->over == OVER_LIST ? OVER_NONE : m->over;
		return;
	}
	/* Who goes elsewhere wants to see what is there. */
	m->over = OVER_NONE;
	leave(m);
	m->shown = number;
	arrive(m, now);
}

void
model_close(struct model *m, usec_t now, int number)
{
	struct chat *c = model_chat(m, number);
	int next = number;

	if (number == 0 || c == NULL)
		return;
	while (next > 0 && (next == number || m->chats[next] == NULL))
		next--;
	if (m->shown == number) {
		leave(m);
		m->shown = next;
		arrive(m, now);
	}
	m->chats[number] = NULL;
	chat_free(c);
	m->dirty = true;
	m->draft_at = now;
}

/* ---- lines ---- */

static bool
present(const struct model *m, usec_t now)
{
	return m->focus_known ? m->focused :
	    m->key_at != 0 && now < m->key_at + MODEL_PRESENT_US;
}

bool
model_is_seen(const struct model *m, usec_t now, const struct chat *c)
{
	return c == model_shown(m) && !c->at.is_scrolled &&
	    m->over == OVER_NONE && present(m, now);
}

void
model_say(struct model *m, struct chat *c, int64_t wall_s,
    enum entry_kind kind, const char *text, size_t len)
{
	size_t from = 0;

	while (from < len) {
		const char *lf = memchr(text + from, '\n', len - from);
		size_t n = lf == NULL ? len - from :
		    (size_t)(lf - text) - from;

		backlog_add(&c->log, kind, wall_s, text + from, n);
		kind = ENTRY_MORE;
		from += n + 1;
	}
	m->dirty = true;
}

void
model_hint(struct model *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->hint, sizeof(m->hint), fmt, ap);
	va_end(ap);
	text_clean_line(m->hint, strlen(m->hint), m->hint, sizeof(m->hint));
	m->dirty = true;
}

size_t
model_unread(const struct model *m, size_t *chats)
{
	size_t total = 0;

	*chats = 0;
	for (int i = 0; i < MODEL_CHATS_MAX; i++) {
		if (m->chats[i] == NULL || m->chats[i]->unread == 0)
			continue;
		total += m->chats[i]->unread;
		(*chats)++;
	}
	return total;
}

/* ---- who is online ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct folk *)a)->name,
	    ((const struct folk *)b)->name);
}

void
model_people(struct model *m, const struct person *list, size_t count,
    uint64_t version)
{
	size_t n = count < MODEL_PEOPLE_MAX ? count : MODEL_PEOPLE_MAX;
	struct folk *folks;

	if (m->folk_version == version)
		return;
	folks = calloc(n + 1, sizeof(*folks));
	if (folks == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		memcpy(folks[i].name, list[i].name, NAME_SIZE);
		memcpy(folks[i].key_id, list[i].key_id, 8);
		folks[i].is_alike = list[i].lookalike[0] != '\0';
	}
	qsort(folks, n, sizeof(*folks), by_name);
	free(m->folks);
	m->folks = folks;
	m->folk_count = n;
	m->folk_total = count;
	m->folk_version = version;
	m->dirty = true;
}

void
model_path(struct model *m, usec_t now, struct chat *c,
    const struct client_path *path)
{
	if (c->state == CHAT_OPEN && chat_set_rtt(c, path->why.rtt_us))
		m->dirty = true;
	c->loss_permille = path->why.loss_permille;
	if (c->state == CHAT_ASKING && path->is_open) {
		chat_enter(c, now, c->since_wall, CHAT_PUNCHING);
		m->dirty = true;
	}
	c->path = *path;
	c->path.why.tries = NULL;
	c->path.why.tries_count = 0;
	if (path->resume_ms > 0)
		c->resume_at = now + path->resume_ms * USEC_MS;
}

/* ---- sizes ---- */

/* What is left for names where there is little room is what text needs less. */
static int
nick_max(int cols)
{
	if (cols >= WIDE)
		return NICK_MAX;
	if (cols >= NARROW)
		return NICK_MEDIUM;
	return cols / 5 < NICK_MIN ? NICK_MIN :
	    cols / 5 < NICK_NARROW ? cols / 5 : NICK_NARROW;
}

static int
nick_cols(const struct model *m, const struct chat *c)
{
	int max = nick_max(m->layout.chat.cols);
	int own = grid_width(m->name), theirs = grid_width(c->name);
	int n = own > theirs ? own : theirs;

	return n > max ? max : n < 1 ? 1 : n;
}

int
model_time_cols(const struct model *m)
{
	static const int cols[] = { [TIMES_OFF] = 0, [TIMES_MINUTES] = 6,
		[TIMES_SECONDS] = 9 };

	return cols[m->prefs.word[PREF_TIMES]];
}

int
model_prefix(const struct model *m, const struct chat *c)
{
	int gap = m->layout.chat.cols >= GAP_FROM ? 2 : 1;

	return model_time_cols(m) + nick_cols(m, c) + gap;
}

struct flow
model_flow(const struct model *m, const struct chat *c)
{
	int cols = m->layout.chat.cols - model_prefix(m, c);

	if (cols > LAYOUT_TEXT_MAX)
		cols = LAYOUT_TEXT_MAX;
	return (struct flow){ .log = &c->log, .text_cols = cols < 1 ? 1 : cols,
		.mark_cols = cols > 4 * MARK_COLS ? MARK_COLS + 1 :
		    cols > 2 * MARK_COLS ? MARK_COLS : 0,
		.unread = c->unread_from };
}

void
model_resize(struct model *m, int rows, int cols)
{
	m->rows = rows;
	m->cols = cols;
	m->dirty = true;
	model_arrange(m);
}

/* ---- time ---- */

static usec_t
next_of(usec_t since, usec_t now, usec_t every)
{
	return since + ((now - since) / every + 1) * every;
}

/* The seconds on the status line. */
static usec_t
counting(const struct model *m, usec_t now)
{
	const struct chat *c = model_shown(m);
	usec_t at = USEC_NEVER;

	if (m->server != SERVER_REGISTERED && m->server != SERVER_LEFT)
		at = next_of(m->server_since, now, USEC_S);
	if (c->state == CHAT_ASKING || (c->state == CHAT_OPEN &&
	    c->link != LINK_OK))
		at = usec_min(at, next_of(c->since, now, USEC_S));
	if (c->state == CHAT_PUNCHING)
		at = usec_min(at, next_of(c->since, now, USEC_S / 2));
	if (m->wish_count > 0 && (m->layout.list.rows > 0 ||
	    m->over == OVER_LIST))
		at = usec_min(at, next_of(m->wish_shown_at, now, USEC_S));
	return at;
}

usec_t
model_deadline(const struct model *m, usec_t now, int64_t wall_s)
{
	usec_t at = usec_min(counting(m, now), m->draft_at);

	if (m->wish_count > 0) {
		usec_t armed = m->wish_shown_at + MODEL_ARM_US;

		at = usec_min(at, m->wishes[0].expires_at);
		if (now < armed)
			at = usec_min(at, armed);
	}
	if (m->prefs.word[PREF_CLOCK])
		at = usec_min(at, now +
		    (usec_t)(60 - wall_s % 60) * USEC_S);
	return usec_min(at, edit_deadline(&m->edit));
}

void
model_expire(struct model *m, usec_t now)
{
	model_expire_wishes(m, now);
	m->dirty = true;
}

/* ---- commands for the engine ---- */

void
model_order(struct model *m, enum command_id id, const char *name)
{
	struct command cmd = { .id = id };

	memcpy(cmd.name, name, strnlen(name, NAME_MAX_LEN));
	model_command(m, &cmd);
}

void
model_take(struct model *m)
{
	if (m->taken_line)
		return;
	m->taken_line = true;
	edit_accept(&m->edit);
	chat_set_draft(model_shown(m), "", 0, 0);
	m->guard = false;
}

void
model_touch(struct model *m, usec_t now)
{
	m->draft_at = now + MODEL_DRAFT_US;
	m->dirty = true;
}
