#include "face/line_state.h"

#include "core/text.h"
#include "face/complete.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

enum { READ_MAX = 4096, CHOICE_ROWS = 5 };

#define PROMPT_NAME "Your name: "

/* ---- what is shown ---- */

static void
make_prompt(struct line *l)
{
	const struct recall *r = &l->edit.recall;
	static const char *const states[] = { NULL, "UDP", "TCP", "RELAY" };
	const char *name = client_name(l->client);
	char address[ADDR_TEXT];
	struct addr addr = { 0 };
	enum transport transport;

	str_reset(&l->prompt);
	if (r->searching) {
		str_printf(&l->prompt, "(%s: %.*s) ",
		    r->failed ? "not found" : "search", (int)r->len, r->query);
		return;
	}
	if (l->asks_name) {
		str_puts(&l->prompt, PROMPT_NAME);
		return;
	}
	if (name[0] == '\0' && !l->is_ready)
		return;
	transport = client_link(l->client, "", &addr);
	paint_prompt(&l->prompt, name[0] == '\0' ? "?" : name,
	    states[transport], addr_format(&addr, address), l->paint.width);
}

static void
show_choices(struct line *l)
{
	const struct choices *c = &l->edit.choices;
	size_t column = 0, rows = 1, i;

	for (i = 0; i < c->count; i++) {
		const char *text = c->text[i];
		size_t width = text_width(text, strlen(text)) + 2;

		if (column > 0 && column + width >= l->paint.width) {
			if (++rows > CHOICE_ROWS)
				break;
			str_puts(&l->below, "\n");
			column = 0;
		}
		str_printf(&l->below, i == c->picked ? "[%s]" : " %s ", text);
		column += width;
	}
	if (i < c->total)
		str_printf(&l->below, "\n and %zu more", c->total - i);
}

static void
make_below(struct line *l)
{
	const struct edit_pasted *p = &l->edit.pasted;

	str_reset(&l->below);
	if (l->edit.choices.count > 0)
		show_choices(l);
	else if (p->cut)
		str_printf(&l->below, "pasted only %zu bytes, there is no room "
		    "for more: Ctrl+U drops them", p->bytes);
	else if (p->lines > 1)
		str_printf(&l->below, "pasted %zu lines: Enter enters them as "
		    "one, Ctrl+U drops them", p->lines);
}

static struct paint_view
view_of(struct line *l)
{
	make_prompt(l);
	make_below(l);
	return (struct paint_view){ .prompt = str_text(&l->prompt),
		.text = l->edit.text.s, .len = l->edit.text.len,
		.at = l->edit.text.at, .below = str_text(&l->below) };
}

/* Until we know our name there is nothing to prompt with. */
static bool
has_prompt(const struct line *l)
{
	return !l->has_ended
	    && (l->is_ready || client_name(l->client)[0] != '\0');
}

static void
put_said(struct line *l)
{
	if (l->said.len == 0)
		return;
	l->asker_at = usec_min(l->asker_at, loop_now(l->loop));
	paint_hide(&l->paint, &l->bytes);
	paint_lines(&l->bytes, l->said.s, l->said.len);
	str_reset(&l->said);
}

static void
write_bytes(struct line *l)
{
	int n = term_write(&l->term, l->bytes.s, l->bytes.len);

	if (n < 0 || l->bytes.bad || l->bytes.len > LINE_OUT_MAX) {
		str_fini(&l->bytes);
		line_leave(l, SIGHUP, EXIT_CODE_RUNTIME);
		return;
	}
	str_drop(&l->bytes, (size_t)n);
	loop_watch(l->loop, &l->out, l->term.fd,
	    l->bytes.len > 0 ? LOOP_WRITE : 0);
}

/* Everything in one write, and not more often than the eye can follow. What
 * the terminal has not taken yet goes before what is new. Returns when there is
 * more to draw. */
static usec_t
draw(struct line *l, usec_t now)
{
	struct paint_view v;

	if (!l->is_dirty || l->bytes.len > 0)
		return USEC_NEVER;
	if (now < l->drawn_at + LINE_DRAW_EVERY)
		return l->drawn_at + LINE_DRAW_EVERY;
	l->is_dirty = false;
	l->drawn_at = now;
	put_said(l);
	if (has_prompt(l)) {
		v = view_of(l);
		paint_show(&l->paint, &l->bytes, &v);
		l->was_read = true; /* what comes now is not typed ahead */
	}
	if (l->rings)
		str_puts(&l->bytes, "\a");
	l->rings = false;
	return USEC_NEVER;
}

/* ---- what is typed ---- */

static void
submit(struct line *l)
{
	struct paint_view v;

	put_said(l);
	v = view_of(l);
	paint_leave(&l->paint, &l->bytes, &v);
	if (!line_enter(l, l->edit.text.s, l->edit.text.len))
		say_error(&l->said, &l->say, "Too much is waiting already; "
		    "try again in a moment.");
	edit_accept(&l->edit);
}

static void
interrupted(struct line *l, usec_t now)
{
	if (l->interrupted_at != 0
	    && now < l->interrupted_at + LINE_TWICE_WITHIN) {
		line_leave(l, SIGINT, EXIT_CODE_OK);
		return;
	}
	l->interrupted_at = now;
	say_line(&l->said, &l->say, "* Ctrl+C again leaves.");
}

static void
redraw_all(struct line *l)
{
	if (!l->term.is_dumb)
		str_puts(&l->bytes, "\033[H\033[2J");
	l->paint.is_shown = false;
}

static void
stop(struct line *l)
{
	paint_hide(&l->paint, &l->bytes);
	write_bytes(l);
	term_stop(&l->term);
	line_tty_signal(l, SIGCONT);
}

static void
unused_key(struct line *l, struct key key)
{
	if (key.mods != KEYS_CTRL)
		return;
	if (key.code == 'l')
		redraw_all(l);
	else if (key.code == 'z')
		stop(l);
}

static void
act_on(struct line *l, usec_t now, struct key key, enum edit_result result)
{
	l->is_dirty = true;
	switch (result) {
	case EDIT_UNUSED:
		unused_key(l, key);
		break;
	case EDIT_DONE:
		break;
	case EDIT_REFUSED:
		l->rings = true;
		break;
	case EDIT_SUBMIT:
		submit(l);
		break;
	case EDIT_COMPLETE:
		l->rings = complete(&l->edit, l->client) == EDIT_REFUSED;
		break;
	case EDIT_INTERRUPT:
		interrupted(l, now);
		break;
	case EDIT_EOF:
		line_enter(l, "exit", strlen("exit"));
		break;
	}
}

static void
press(struct line *l, usec_t now, struct key key)
{
	l->has_marks |= key.code == KEYS_PASTE_BEGIN;
	act_on(l, now, key, edit_key(&l->edit, now, key));
}

/* What was typed before we listened went through the line discipline, which
 * made LF of Enter; so do programs that drive a terminal. A lone LF is Ctrl+J
 * and nothing else. */
static void
mend_ends(struct line *l, uint8_t *buf, size_t len)
{
	if (l->keys.pasting || memchr(buf, '\033', len) != NULL)
		return;
	for (size_t i = 0; i < len && !l->was_read; i++)
		if (buf[i] == '\n')
			buf[i] = '\r';
	if (len > 1 && buf[len - 1] == '\n' && buf[len - 2] != '\r')
		buf[len - 1] = '\r';
}

static void
take_bytes(struct line *l, usec_t now, const uint8_t *buf, size_t len)
{
	struct key key;
	size_t used;

	for (; len > 0; buf += used, len -= used) {
		used = keys_read(&l->keys, now, buf, len, &key);
		if (key.code != KEYS_NONE)
			press(l, now, key);
	}
}

static void
take_burst(struct line *l, usec_t now, uint8_t *buf, size_t len)
{
	bool is_paste = l->was_read && !l->has_marks && !l->edit.paste.on
	    && keys_look_pasted(buf, len);

	if (is_paste) {
		edit_key(&l->edit, now, (struct key){ KEYS_PASTE_BEGIN, 0 });
		take_bytes(l, now, buf, len);
		edit_key(&l->edit, now, (struct key){ KEYS_PASTE_END, 0 });
	} else {
		mend_ends(l, buf, len);
		take_bytes(l, now, buf, len);
	}
	l->was_read = true;
}

void
line_tty_expire(struct line *l, usec_t now)
{
	struct key none = { KEYS_NONE, 0 }, key;

	if (keys_expire(&l->keys, now, &key))
		press(l, now, key);
	if (now >= edit_deadline(&l->edit))
		act_on(l, now, none, edit_expire(&l->edit, now));
}

static void
on_readable(struct watch *w, int events)
{
	struct line *l = (struct line *)((char *)w - offsetof(struct line, in));
	usec_t now = loop_now(l->loop);
	uint8_t buf[READ_MAX];
	int n = term_read(&l->term, buf, sizeof(buf));

	(void)events;
	line_tty_expire(l, now); /* comes first */
	if (n > 0)
		take_burst(l, now, buf, (size_t)n);
	else if (n < 0) {
		loop_watch(l->loop, &l->in, l->term.fd, 0);
		line_leave(l, SIGHUP, EXIT_CODE_RUNTIME);
	}
}

static void
on_writable(struct watch *w, int events)
{
	(void)w;
	(void)events;
}

/* ---- the terminal ---- */

static void
measure(struct line *l)
{
	size_t width, height;

	term_size(&l->term, &width, &height);
	paint_resize(&l->paint, width, height);
	l->say.width = width;
	l->is_dirty = true;
}

/* Takes the terminal when it is ours, and leaves it alone when it is not. */
static void
come_back(struct line *l)
{
	l->is_away = !term_is_ours(&l->term);
	loop_watch(l->loop, &l->in, l->term.fd, l->is_away ? 0 : LOOP_READ);
	if (l->is_away)
		return;
	term_raw(&l->term);
	l->paint.is_shown = false;
	measure(l);
}

void
line_tty_signal(struct line *l, int signo)
{
	switch (signo) {
	case SIGWINCH:
		measure(l);
		break;
	case SIGTSTP:
		stop(l);
		break;
	case SIGCONT:
		l->term.is_raw = false; /* the shell has changed it */
		come_back(l);
		break;
	}
}

bool
line_tty_open(struct line *l)
{
	if (!term_open(&l->term))
		return false;
	l->in.ready = on_readable;
	l->out.ready = on_writable;
	keys_init(&l->keys);
	l->edit.joins_lines = true;
	l->paint.is_dumb = l->term.is_dumb;
	l->paint.is_silent = l->term.is_silent;
	l->say.color = l->term.has_color;
	come_back(l);
	return true;
}

usec_t
line_tty_turn(struct line *l, usec_t now)
{
	usec_t at = usec_min(keys_deadline(&l->keys),
	    edit_deadline(&l->edit));

	if (l->is_away)
		return at;
	write_bytes(l);
	at = usec_min(at, draw(l, now));
	write_bytes(l);
	return at;
}

void
line_tty_close(struct line *l)
{
	loop_unwatch(&l->in);
	paint_hide(&l->paint, &l->bytes);
	put_said(l);
	if (!l->is_away && l->signo != SIGHUP)
		write_bytes(l);
	loop_unwatch(&l->out);
	term_close(&l->term);
}
