/* gop2p-tui: the full-screen client. Options and wiring; what it does is in
 * core/client.c, model.c and the views. */
#include "config.h"

#include "tui/drafts.h"
#include "tui/screen.h"
#include "tui/tui.h"

#include "face/say.h"
#include "io/app.h"

#include <locale.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAFTS_FILE "drafts"
#define PREFS_FILE "screen"
#define MESSAGES_FILE "messages"

struct settings {
	struct app_settings common;
	char theme[16];
	char notify[16];
	bool list, clock;
};

#define FIELD(name) offsetof(struct settings, name)

static const struct conf_option options[] = {
	{ "theme", "NAME", "auto, dark, light, mono or contrast",
	    FIELD(theme), 1, 15, CONF_STRING, CONF_IN_OPTIONS, 0 },
	{ "notify", "WAY", "off, bell, osc9 or osc777",
	    FIELD(notify), 1, 15, CONF_STRING, CONF_IN_OPTIONS, 0 },
	{ "list", "no-", "no list of people at the side",
	    FIELD(list), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 0 },
	{ "clock", "no-", "no clock on the status line",
	    FIELD(clock), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 0 },
	{ 0 }
};

struct program {
	struct settings settings;
	struct app app;
	struct tui *tui;
	bool is_started;
	struct str last_words;
};

/* What ends the program by itself could not be read on a screen that goes with
 * it: it is told afterwards. */
static void
on_event(void *ctx, const struct event *event)
{
	const struct say plain = { 0 };
	struct program *p = ctx;

	if (event->kind == EV_SERVER_KEY_CHANGED ||
	    (event->kind == EV_ERROR && event->serial == 0 &&
	    event->exit_code != EXIT_CODE_OK)) {
		str_reset(&p->last_words);
		say_event(&p->last_words, &plain, event);
	}
	tui_event(p->tui, event);
}

static bool
on_turn(void *ctx, usec_t now)
{
	struct program *p = ctx;

	return tui_turn(p->tui, now);
}

static void
on_save(void *ctx, const char *text, size_t len)
{
	struct program *p = ctx;

	if (p->is_started)
		app_save(&p->app, DRAFTS_FILE, text, len);
}

static void
on_keep(void *ctx, const char *text, size_t len)
{
	struct program *p = ctx;

	if (p->is_started)
		app_save(&p->app, PREFS_FILE, text, len);
}

static void
on_log(void *ctx, const char *line)
{
	struct program *p = ctx;

	app_append(&p->app, MESSAGES_FILE, line);
}

static bool
on_server(void *ctx, const char *text, size_t len, char *why, size_t cap)
{
	struct program *p = ctx;
	char said[WHY_SIZE];

	if (app_set_server(&p->app, text, len, said))
		return true;
	snprintf(why, cap, "%s", said);
	return false;
}

static int
complain(const char *text, int code)
{
	fprintf(stderr, "gop2p-tui: %s\n", text);
	return code;
}

/* What was said on the command line that only the screen knows: for this
 * session. */
static void
apply(struct program *p)
{
	const struct settings *s = &p->settings;
	struct model *m = tui_model(p->tui);

	if (s->theme[0] != '\0')
		prefs_set(&m->prefs, PREF_THEME, s->theme);
	if (s->notify[0] != '\0')
		prefs_set(&m->prefs, PREF_NOTIFY, s->notify);
	if (!s->list)
		m->prefs.word[PREF_LIST] = PREF_OFF;
	if (!s->clock)
		m->prefs.word[PREF_CLOCK] = PREF_OFF;
	for (int i = 0; i < PREF_COUNT; i++)
		model_apply(m, (enum pref)i);
}

/* The words that it can be are the help of the option. */
static bool
check(const struct conf_option *option, enum pref pref, const char *word)
{
	struct prefs any;

	if (word[0] == '\0' || prefs_set(&any, pref, word))
		return true;
	fprintf(stderr, "gop2p-tui: --%s must be %s, not \"%s\"\n",
	    option->name, option->help, word);
	return false;
}

/* The only question that is asked: it is typed into the screen. */
static int
ask_server(struct program *p)
{
	struct loop *l = loop_new();
	int status;

	if (l == NULL)
		return EXIT_CODE_RUNTIME;
	tui_model(p->tui)->asks_server = true;
	tui_attach(p->tui, l, NULL);
	loop_run(l);
	tui_detach(p->tui);
	loop_free(l);
	return tui_is_over(p->tui, &status) ? status : APP_GOES_ON;
}

static void
fill(struct program *p)
{
	struct model *m = tui_model(p->tui);
	char *text;
	size_t len;

	app_server_text(&p->app, m->host);
	snprintf(m->log_path, sizeof(m->log_path), "%.200s/%s",
	    p->app.profile.state.path, MESSAGES_FILE);
	text = app_load(&p->app, PREFS_FILE, &len);
	if (text != NULL)
		model_read_prefs(m, text, len);
	free(text);
	apply(p);
	text = app_load(&p->app, DRAFTS_FILE, &len);
	if (text != NULL)
		drafts_read(m, text, len);
	free(text);
}

/* Mistakes are told before the screen is taken, or after it was given back:
 * on it nobody could read them. */
static int
run(struct program *p)
{
	char why[SCREEN_WHY];
	int code = app_recall_server(&p->app);

	if (code != APP_GOES_ON)
		return code;
	if (app_has_server(&p->app)) {
		code = app_start(&p->app);
		if (code != APP_GOES_ON)
			return code;
		p->is_started = true;
	}
	if (!screen_open(why))
		return complain(why, EXIT_CODE_USAGE);
	const struct tui_conf conf = { .save = on_save, .keep = on_keep,
		.log = on_log, .server = on_server, .ctx = p };
	p->tui = tui_new(&conf);
	if (p->tui == NULL)
		return EXIT_CODE_RUNTIME;
	apply(p);
	if (!p->is_started) {
		code = ask_server(p);
		if (code != APP_GOES_ON)
			return code;
		screen_close();
		code = app_start(&p->app);
		if (code != APP_GOES_ON)
			return code;
		p->is_started = true;
		if (!screen_open(why))
			return complain(why, EXIT_CODE_USAGE);
	}
	fill(p);
	tui_attach(p->tui, p->app.loop, p->app.client);
	loop_run(p->app.loop);
	tui_is_over(p->tui, &code);
	return code;
}

int
main(int argc, char **argv)
{
	static struct program p = { .settings.list = true,
		.settings.clock = true };
	const struct app_conf conf = { .program = "gop2p-tui",
		.about = "Talk directly and privately with others behind NATs, "
		"on a full screen.",
		.options = options, .settings = &p.settings.common,
		.event = on_event, .turn = on_turn, .ctx = &p };
	int code;

	setlocale(LC_ALL, "");
	code = app_read(&p.app, &conf, argc, argv);
	if (code != APP_GOES_ON)
		return code;
	if (!check(&options[0], PREF_THEME, p.settings.theme) ||
	    !check(&options[1], PREF_NOTIFY, p.settings.notify))
		return EXIT_CODE_USAGE;
	code = run(&p);
	screen_close();
	if (code != EXIT_CODE_OK && code <= EXIT_CODE_KEY)
		fputs(str_text(&p.last_words), stderr);
	str_fini(&p.last_words);
	app_end(&p.app);
	tui_free(p.tui);
	return code;
}
