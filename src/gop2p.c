/* gop2p: the line client. Options and wiring; what it does is in core/client.c
 * and face/line.c. */
#include "config.h"

#include "core/edit.h"
#include "core/text.h"
#include "face/line.h"
#include "io/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY_FILE "history"

enum { LINGER_MAX_MS = 7 * 86400000, QUOTE_SIZE = 64 };

struct settings {
	struct app_settings common;
	usec_t linger;
	bool json;
};

static const struct conf_option options[] = {
	{ "json", NULL, "print events as JSON, one a line",
	    offsetof(struct settings, json), 0, 0, CONF_BOOL, CONF_IN_OPTIONS,
	    0 },
	{ "linger", "SECONDS", "go on receiving after the end of the input",
	    offsetof(struct settings, linger), 0, LINGER_MAX_MS, CONF_DURATION,
	    CONF_IN_OPTIONS, 0 },
	{ 0 }
};

struct program {
	struct settings settings;
	struct app app;
	struct line *line;
	char command[EDIT_MAX + 1]; /* of the command line; "" : none */
};

static void
on_event(void *ctx, const struct event *event)
{
	struct program *p = ctx;

	if (p->line != NULL)
		line_event(p->line, event);
}

static bool
on_turn(void *ctx, usec_t now)
{
	struct program *p = ctx;

	return line_turn(p->line, now);
}

static void
on_log(void *ctx, const char *text)
{
	struct program *p = ctx;

	if (p->line != NULL)
		line_log(p->line, text);
	else
		fprintf(stderr, "%s\n", text);
}

static int
refuse_word(const char *word)
{
	char quote[QUOTE_SIZE];

	text_clean_line(word, strlen(word), quote, sizeof quote);
	fprintf(stderr, "gop2p: \"%s\" is neither an option nor a command; "
	    "--help and \"gop2p help\" list them\n", quote);
	return EXIT_CODE_USAGE;
}

/* The words behind the options are one command. What is no command is said
 * before anything is done, and help needs no server. */
static int
read_command(struct program *p, char **words)
{
	char help[COMMAND_HELP_SIZE];
	struct command_error err = { .id = COMMAND_NONE };
	struct command cmd = { .id = COMMAND_NONE };
	const char *first = *words;
	size_t len = 0;

	if (first == NULL)
		return APP_GOES_ON;
	for (; *words != NULL; words++) {
		int n = snprintf(p->command + len, sizeof p->command - len,
		    "%s%s", len > 0 ? " " : "", *words);

		if (n < 0 || (size_t)n >= sizeof p->command - len) {
			fprintf(stderr, "gop2p: that is too long for a "
			    "command\n");
			return EXIT_CODE_USAGE;
		}
		len += (size_t)n;
	}
	if (!command_parse(p->command, len, &cmd, &err) &&
	    err.id != COMMAND_NONE) {
		fprintf(stderr, "gop2p: %s\n", err.text);
		return EXIT_CODE_USAGE;
	}
	if (cmd.id == COMMAND_NONE)
		return refuse_word(first);
	if (cmd.id != COMMAND_HELP)
		return APP_GOES_ON;
	fwrite(help, 1, command_help(cmd.topic, help), stdout);
	return EXIT_CODE_OK;
}

/* The only question that is asked before the start. */
static bool
ask_server(struct app *a)
{
	char line[HOST_SIZE + 8], why[WHY_SIZE];

	for (;;) {
		printf("Server (HOST[:PORT]): ");
		fflush(stdout);
		if (fgets(line, sizeof line, stdin) == NULL) {
			printf("\n");
			return false;
		}
		if (app_set_server(a, line, strcspn(line, "\n"), why))
			return true;
		printf("%s.\n", why);
	}
}

/* Who is on a terminal may leave it to us to remember; a script does the same
 * thing every time. */
static int
find_server(struct program *p)
{
	const bool is_person = !p->settings.json &&
	    p->command[0] == '\0' && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO);
	int code = is_person ? app_recall_server(&p->app) : APP_GOES_ON;

	if (code != APP_GOES_ON)
		return code;
	if (app_has_server(&p->app) || (is_person && ask_server(&p->app)))
		return APP_GOES_ON;
	fprintf(stderr, "gop2p: which server? Use -s HOST[:PORT], or "
	    "\"server = HOST\" in gop2p.conf\n");
	return EXIT_CODE_USAGE;
}

static bool
make_line(struct program *p)
{
	const struct line_conf conf = { .loop = p->app.loop,
		.client = p->app.client, .is_json = p->settings.json,
		.linger = p->settings.linger,
		.command = p->command[0] != '\0' ? p->command : NULL };
	size_t len;
	char *history;

	p->line = line_new(&conf);
	if (p->line == NULL) {
		fprintf(stderr, "gop2p: there is not enough memory\n");
		return false;
	}
	history = app_load(&p->app, HISTORY_FILE, &len);
	if (history != NULL)
		line_history_load(p->line, history, len);
	free(history);
	return true;
}

static void
save_history(struct program *p)
{
	size_t len;
	char *text = line_history_text(p->line, &len);

	if (text != NULL)
		app_save(&p->app, HISTORY_FILE, text, len);
	free(text);
}

static int
run(struct program *p)
{
	int code = app_start(&p->app);

	if (code != APP_GOES_ON)
		return code;
	if (!make_line(p))
		return EXIT_CODE_RUNTIME;
	loop_run(p->app.loop);
	code = line_finish(p->line);
	save_history(p);
	return code;
}

int
main(int argc, char **argv)
{
	static struct program p;
	const struct app_conf conf = { .program = "gop2p",
		.about = "Talk directly and privately with others behind NATs.",
		.options = options, .settings = &p.settings.common,
		.takes_words = true, .event = on_event, .turn = on_turn,
		.log = on_log, .ctx = &p };
	int code = app_read(&p.app, &conf, argc, argv);

	if (code == APP_GOES_ON)
		code = read_command(&p, argv + p.app.words);
	if (code != APP_GOES_ON)
		return code;
	code = find_server(&p);
	if (code == APP_GOES_ON)
		code = run(&p);
	app_end(&p.app);
	line_free(p.line);
	return code;
}
