#include "tui/tui.h"

#include "tui/drafts.h"
#include "tui/screen.h"
#include "tui/view.h"

#include "face/json.h"
#include "io/clock.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME_US (16 * USEC_MS)
#define ECHO_US (4 * USEC_MS)  /* where somebody typed and waits */
#define ANSWER_US (60 * USEC_MS)
#define LOOK_US USEC_S         /* how often the path is looked at */
#define CHILD_FDS 256

enum { READ_MAX = 4096, EXIT_BY_SIGNAL = 128 };

struct tui {
	struct tui_conf conf;
	struct model m;
	struct grid grid;
	struct keys keys;
	bool has_marks;        /* the terminal marks pastes */
	struct loop *loop;
	struct client *client;
	struct watch in;
	struct alarm alarm;
	usec_t drawn_at, looked_at, tick_at, first_at;
	bool is_typed;         /* something, since it was drawn */
	bool is_gone;          /* the terminal hung up */
	bool is_over;
	int signo, status;
};

/* ---- time ---- */

/* Local time as seconds since 1970-01-01 00:00 there. */
static int64_t
wall(void)
{
	time_t t = (time_t)(clock_wall_us() / 1000000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return (int64_t)t;
	return (int64_t)t + tm.tm_gmtoff;
}

/* ---- beginning and end ---- */

static void
look_at_colors(struct model *m)
{
	struct terminal *f = &m->terminal;
	const char *term = getenv("TERM");
	bool is_light = false;

	snprintf(f->background, sizeof(f->background), "%s",
	    model_colorfgbg(getenv("COLORFGBG"), &is_light) ?
	    "COLORFGBG says so" : "nothing says so");
	snprintf(f->name, sizeof(f->name), "%s", term == NULL ? "" : term);
	snprintf(f->around, sizeof(f->around), "%s", getenv("TMUX") != NULL ?
	    "tmux" : getenv("STY") != NULL ? "screen" : "");
	f->colors = screen_colors();
	m->is_color_refused = screen_is_color_refused();
	model_colors(m, screen_has_color(), is_light);
}

struct tui *
tui_new(const struct tui_conf *conf)
{
	struct tui *t = calloc(1, sizeof(*t));

	if (t == NULL || !model_init(&t->m, clock_now())) {
		free(t);
		return NULL;
	}
	t->conf = *conf;
	keys_init(&t->keys);
	t->m.is_utf8 = screen_is_utf8();
	t->m.has_qr = qr_is_built_in();
	t->grid.is_ascii = !t->m.is_utf8;
	look_at_colors(&t->m);
	return t;
}

void
tui_free(struct tui *t)
{
	if (t == NULL)
		return;
	model_fini(&t->m);
	grid_fini(&t->grid);
	free(t);
}

struct model *
tui_model(struct tui *t)
{
	return &t->m;
}

bool
tui_is_over(const struct tui *t, int *status)
{
	*status = t->signo != 0 ? EXIT_BY_SIGNAL + t->signo : t->status;
	return t->is_over;
}

void
tui_save(struct tui *t)
{
	struct str out = { 0 };

	drafts_write(&t->m, &out);
	if (!out.bad)
		t->conf.save(t->conf.ctx, out.s == NULL ? "" : out.s, out.len);
	str_fini(&out);
	t->m.draft_at = USEC_NEVER;
}

static void
finish(struct tui *t, int status)
{
	if (!t->is_over)
		t->status = status;
	t->is_over = true;
	tui_save(t);
	loop_stop(t->loop);
}

/* ---- deeds ---- */

/* Runs the browser as its own program, never through a shell. */
static void
open_url(const char *url)
{
	pid_t pid = fork();

	if (pid != 0)
		return;
	/* A grandchild, so that nobody has to wait for it. */
	if (fork() != 0)
		_exit(0);
	setsid();
	for (int fd = 0; fd < CHILD_FDS; fd++)
		close(fd);
	execlp("xdg-open", "xdg-open", url, (char *)NULL);
	_exit(127);
}

static void
use_server(struct tui *t, const struct deed *d)
{
	char why[256];

	if (!t->conf.server(t->conf.ctx, d->text, strlen(d->text), why,
	    sizeof(why))) {
		t->m.asks_server = true;
		model_hint(&t->m, "%s", why);
		return;
	}
	loop_stop(t->loop);
}

/* As large as the terminal is now. */
static void
fit(struct tui *t)
{
	int rows = t->m.rows, cols = t->m.cols;

	screen_size(&rows, &cols);
	screen_resize(rows, cols);
	model_resize(&t->m, rows, cols);
}

static void
suspend(struct tui *t)
{
	screen_suspend();
	fit(t);
}

/* True if the engine was called. */
static bool
carry_out(struct tui *t, usec_t now, struct deed *d)
{
	switch (d->kind) {
	case DEED_COMMAND:
		if (t->client == NULL) {
			model_hint(&t->m, "There is no server yet");
			return false;
		}
		client_do(t->client, now, &d->cmd, d->serial);
		return true;
	case DEED_SERVER:
		if (d->text != NULL)
			use_server(t, d);
		return false;
	case DEED_RETRY:
		if (t->client != NULL)
			client_retry(t->client, now);
		return t->client != NULL;
	case DEED_REPAINT:
		screen_repaint();
		t->m.dirty = true;
		return false;
	case DEED_SUSPEND:
		suspend(t);
		return false;
	case DEED_BELL:
		screen_alert(t->m.alert.way, d->text == NULL ? "" : d->text);
		return false;
	case DEED_KEEP:
		if (d->text != NULL)
			t->conf.keep(t->conf.ctx, d->text, strlen(d->text));
		return false;
	case DEED_OPEN:
		if (d->text != NULL)
			open_url(d->text);
		return false;
	case DEED_QUIT:
		finish(t, EXIT_CODE_OK);
		return false;
	}
	return false;
}

static bool
do_deeds(struct tui *t, usec_t now)
{
	bool is_called = false;
	struct deed d;

	while (model_next(&t->m, &d)) {
		is_called |= carry_out(t, now, &d);
		free(d.text);
	}
	return is_called;
}

/* ---- keys ---- */

static void
press(struct tui *t, usec_t now, struct key key)
{
	t->has_marks |= key.code == KEYS_PASTE_BEGIN;
	t->is_typed = true;
	t->m.terminal.marks_pastes = t->has_marks;
	if (key.code == KEYS_IS_LIGHT || key.code == KEYS_IS_DARK) {
		screen_answered();
		t->m.has_answered = true;
		model_colors(&t->m, t->m.has_color,
		    key.code == KEYS_IS_LIGHT);
		return;
	}
	if (key.code == KEYS_CLICK)
		model_click(&t->m, now, wall(), t->keys.row, t->keys.col);
	else
		model_key(&t->m, now, wall(), key);
}

static void
take(struct tui *t, usec_t now, const uint8_t *buf, size_t len)
{
	struct key key;
	size_t used;

	for (; len > 0; buf += used, len -= used) {
		used = keys_read(&t->keys, now, buf, len, &key);
		if (key.code != KEYS_NONE)
			press(t, now, key);
	}
}

/* Terminals that do not mark what is pasted: nobody types several lines at
 * once. */
static void
take_burst(struct tui *t, usec_t now, const uint8_t *buf, size_t len)
{
	bool is_paste = !t->has_marks && !t->m.edit.paste.on &&
	    keys_look_pasted(buf, len);

	if (is_paste)
		model_key(&t->m, now, wall(),
		    (struct key){ KEYS_PASTE_BEGIN, 0 });
	take(t, now, buf, len);
	if (is_paste)
		model_key(&t->m, now, wall(),
		    (struct key){ KEYS_PASTE_END, 0 });
}

static void
keys_due(struct tui *t, usec_t now)
{
	struct key key;

	if (keys_expire(&t->keys, now, &key))
		press(t, now, key);
	model_keys_expire(&t->m, now, wall());
}

static void
hung_up(struct tui *t)
{
	t->is_gone = true;
	t->signo = t->signo != 0 ? t->signo : SIGHUP;
	loop_unwatch(&t->in);
	tui_save(t);
	if (t->client != NULL)
		client_exit(t->client, loop_now(t->loop), EXIT_CODE_OK);
	else
		finish(t, EXIT_CODE_OK);
}

/* The loop says that there is something to read: read does not wait. */
static void
on_readable(struct watch *w, int events)
{
	struct tui *t = (struct tui *)((char *)w - offsetof(struct tui, in));
	usec_t now = loop_now(t->loop);
	uint8_t buf[READ_MAX];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	(void)events;
	keys_due(t, now);
	if (n > 0)
		take_burst(t, now, buf, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		hung_up(t);
}

/* ---- drawing ---- */

static usec_t
draw(struct tui *t, usec_t now)
{
	struct model *m = &t->m;
	usec_t due = t->drawn_at + (t->is_typed ? ECHO_US : FRAME_US);
	char title[VIEW_WINDOW];

	if (!m->dirty || t->is_gone)
		return USEC_NEVER;
	if (now < due)
		return due;
	if (now < t->first_at && !m->has_answered)
		return t->first_at;
	m->dirty = false;
	t->is_typed = false;
	t->drawn_at = now;
	model_arrange(m);
	if (!grid_resize(&t->grid, m->rows, m->cols))
		return USEC_NEVER;
	view_draw(m, now, wall(), &t->grid);
	screen_mouse(m->prefs.word[PREF_MOUSE]);
	view_window(m, t->grid.is_ascii, title);
	screen_title(m->prefs.word[PREF_TITLE] ? title : "");
	screen_draw(&t->grid, m->theme);
	return USEC_NEVER;
}

/* ---- what the engine shows ---- */

static bool
wants_path(const struct chat *c)
{
	return c != NULL && (c->state == CHAT_OPEN ||
	    c->state == CHAT_ASKING || c->state == CHAT_PUNCHING);
}

static void
look(struct tui *t, usec_t now)
{
	size_t count;
	uint64_t version;
	const struct person *list = client_online(t->client, &count,
	    &version);
	struct chat *c = model_shown(&t->m);
	struct client_path path;

	model_people(&t->m, list, count, version);
	if (now < t->looked_at + LOOK_US / 4)
		return;
	t->looked_at = now;
	if (wants_path(c) && client_path(t->client, now, c->name, &path))
		model_path(&t->m, now, c, &path);
}

/* ---- the loop ---- */

static void
on_alarm(struct alarm *a, usec_t now)
{
	(void)a;
	(void)now;
}

static usec_t
next_wake(struct tui *t, usec_t now, usec_t frame)
{
	usec_t at = usec_min(frame, t->tick_at);
	const struct chat *c = model_shown(&t->m);

	at = usec_min(at, keys_deadline(&t->keys));
	if (t->client != NULL && wants_path(c))
		at = usec_min(at, now + (c->state == CHAT_OPEN ? LOOK_US :
		    LOOK_US / 4));
	return at;
}

/* What changes by itself: seconds, minutes, requests that end. */
static void
tick(struct tui *t, usec_t now)
{
	struct model *m = &t->m;

	if (now >= m->draft_at)
		tui_save(t);
	if (now < t->tick_at)
		return;
	t->tick_at = USEC_NEVER;
	model_expire(m, now);
}

bool
tui_turn(struct tui *t, usec_t now)
{
	bool is_called;
	usec_t frame;

	keys_due(t, now);
	tick(t, now);
	is_called = do_deeds(t, now);
	if (t->client != NULL)
		look(t, now);
	frame = draw(t, now);
	/* Never later than it was: a turn between must not put off what is
	 * about to change. */
	t->tick_at = usec_min(t->tick_at, model_deadline(&t->m, now, wall()));
	loop_set(t->loop, &t->alarm, next_wake(t, now, frame));
	return is_called;
}

static bool
is_said(enum event_kind kind)
{
	return kind == EV_CONNECTED || kind == EV_DISCONNECTED ||
	    kind == EV_MESSAGE || kind == EV_QUEUED || kind == EV_DELIVERED ||
	    kind == EV_UNDELIVERED;
}

static void
log_event(struct tui *t, const struct event *ev)
{
	char *line = json_event(ev, clock_wall_us());

	if (line != NULL)
		t->conf.log(t->conf.ctx, line);
	free(line);
}

void
tui_event(struct tui *t, const struct event *ev)
{
	if (t->m.prefs.word[PREF_LOG] && is_said(ev->kind))
		log_event(t, ev);
	model_event(&t->m, loop_now(t->loop), wall(), ev);
	/* What is known of a new path is shown with it. */
	if (ev->kind == EV_CONNECTED || ev->kind == EV_TRANSPORT)
		t->looked_at = 0;
	if (t->m.has_left)
		finish(t, (int)t->m.exit_code);
}

static bool
turn_alone(void *ctx, usec_t now)
{
	tui_turn(ctx, now);
	return false;
}

static void
on_signal(void *ctx, int signo)
{
	struct tui *t = ctx;

	switch (signo) {
	case SIGWINCH:
		fit(t);
		return;
	case SIGTSTP:
		model_deed(&t->m, DEED_SUSPEND, NULL, 0);
		return;
	case SIGHUP:
		hung_up(t);
		return;
	}
	t->signo = signo;
	tui_save(t);
	if (t->client != NULL)
		client_exit(t->client, loop_now(t->loop), EXIT_CODE_OK);
	else
		finish(t, EXIT_CODE_OK);
}

void
tui_attach(struct tui *t, struct loop *l, struct client *client)
{
	static const int signals[] = { SIGWINCH, SIGTSTP, SIGHUP, SIGTERM,
		SIGINT };

	t->loop = l;
	t->client = client;
	t->in.ready = on_readable;
	t->alarm.fire = on_alarm;
	loop_watch(l, &t->in, STDIN_FILENO, LOOP_READ);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_signal(l, signals[i], on_signal, t);
	if (client == NULL)
		loop_on_turn(l, turn_alone, t);
	/* It may have changed before there was anybody to be told. */
	fit(t);
	/* Until the terminal answers, the first frame waits a moment: colours
	 * that change before one's eyes are no good beginning. */
	if (t->m.has_color && screen_ask_background())
		t->first_at = clock_now() + ANSWER_US;
}

void
tui_detach(struct tui *t)
{
	loop_unwatch(&t->in);
	loop_set(t->loop, &t->alarm, USEC_NEVER);
	t->loop = NULL;
	t->client = NULL;
}
