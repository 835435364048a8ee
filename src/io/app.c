#include "config.h"

#include "app.h"

#include "core/err.h"
#include "core/knownfile.h"
#include "core/name.h"
#include "core/wire.h"
#include "io/args.h"
#include "io/clock.h"
#include "io/harden.h"
#include "io/looks.h"
#include "io/settings.h"
#include "io/upnp.h"
#include "io/xdg.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_FILE "name"
#define SERVER_FILE "server"
#define LOG_FILE "log"
#define FIELD(name) offsetof(struct app_settings, name)

static const struct conf_option common[] = {
	{ "server", "HOST[:PORT]", "the server to register with",
	    FIELD(server), SERVER_PORT, 0, CONF_HOST, CONF_BOTH, 's' },
	{ "port", "PORT", "local UDP and TCP port (9001 or any)",
	    FIELD(port), 1, 0, CONF_PORT, CONF_BOTH, 'p' },
	{ "name", "NAME", "your name there (the last one, at first any)",
	    FIELD(name), 1, APP_NAME, CONF_STRING, CONF_BOTH, 'n' },
	{ "profile", "NAME", "another identity, with its own key and contacts",
	    FIELD(profile), 1, PROFILE_NAME_MAX, CONF_STRING, CONF_IN_OPTIONS,
	    0 },
	{ "config", "FILE", "configuration (~/.config/gop2p/gop2p.conf)",
	    FIELD(config), 1, APP_PATH, CONF_STRING, CONF_IN_OPTIONS, 0 },
	{ "relay", "no-", "talk directly or not at all",
	    FIELD(relay), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "lan", NULL, "try private addresses of everybody: on a VPN",
	    FIELD(lan), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "hidden", NULL, "stay off the list of others",
	    FIELD(hidden), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "port-mapping", "no-", "ask no router for a port",
	    FIELD(port_mapping), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "presence", "no-", "do not ask who comes and goes",
	    FIELD(presence), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "verbose", NULL, "log what is decided, and why",
	    FIELD(verbose), 0, 0, CONF_BOOL, CONF_BOTH, 'v' },
	{ "help", NULL, "print this and exit",
	    FIELD(help), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'h' },
	{ "version", NULL, "print the version and exit",
	    FIELD(version), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'V' },
};

enum {
	COMMON = sizeof common / sizeof common[0],
	COMMON_FIRST = 5, /* the options of the program stand behind these */
};

/* ---- settings ---- */

static void
make_table(struct app *a)
{
	const struct conf_option *own = a->conf.options;
	struct conf_option *out = a->table;

	for (int i = 0; i < COMMON; i++) {
		for (; i == COMMON_FIRST && own->name != NULL; own++)
			*out++ = *own;
		assert(out < a->table + CONF_OPTIONS_MAX);
		*out++ = common[i];
	}
}

static bool
read_all(struct app *a, int argc, char **argv, char why[static WHY_SIZE])
{
	struct app_settings *s = a->conf.settings;
	char path[FOLDER_PATH];
	struct conf_error err;
	int *words = a->conf.takes_words ? &a->words : NULL;
	bool is_given;

	if (!args_read(a->table, argc, argv, s, words, &err))
		return why_say(why, false, "%s", err.text);
	if (s->help || s->version)
		return true;
	is_given = s->config[0] != '\0';
	if (is_given)
		snprintf(path, sizeof path, "%s", s->config);
	else if (!xdg_path(XDG_CONFIG, "gop2p/gop2p.conf", path))
		return why_say(why, false, "there is no home folder: set HOME");
	if (!settings_read_file(a->table, path, is_given, s, why) ||
	    !settings_read_environment(a->table, "GOP2P_", s, why))
		return false;
	/* The command line again, over the file and the environment. */
	return args_read(a->table, argc, argv, s, words, &err) ||
	    why_say(why, false, "%s", err.text);
}

static bool
print_help(const struct app *a)
{
	char options[4096];

	conf_help(a->table, options, sizeof options);
	return args_answer(a->conf.program,
	    "usage: %s [OPTION]...%s\n%s\n\n%s\n"
	    "Then type \"help\". See %s(1) and gop2p.conf(5).\n",
	    a->conf.program, a->conf.takes_words ? " [COMMAND]" : "",
	    a->conf.about, options, a->conf.program);
}

int
app_read(struct app *a, const struct app_conf *conf, int argc, char **argv)
{
	char why[WHY_SIZE];
	bool is_told;

	memset(a, 0, sizeof *a);
	a->conf = *conf;
	a->profile.data.fd = a->profile.state.fd = -1;
	a->conf.settings->relay = a->conf.settings->presence = true;
	a->conf.settings->port_mapping = true;
	known_init(&a->known);
	a->known.skeleton = looks_skeleton;
	make_table(a);
	harden_process();
	if (sodium_init() < 0) {
		fprintf(stderr, "%s: libsodium cannot be used\n",
		    conf->program);
		return EXIT_CODE_RUNTIME;
	}
	if (!read_all(a, argc, argv, why)) {
		fprintf(stderr, "%s: %s\n", conf->program, why);
		return EXIT_CODE_USAGE;
	}
	if (conf->settings->help)
		is_told = print_help(a);
	else if (conf->settings->version)
		is_told = args_answer(conf->program, "%s " VERSION "\n",
		    conf->program);
	else
		return APP_GOES_ON;
	return is_told ? EXIT_CODE_OK : EXIT_CODE_RUNTIME;
}

bool
app_has_server(const struct app *a)
{
	return a->conf.settings->server.name[0] != '\0';
}

void
app_server_text(const struct app *a, char out[static APP_SERVER_SIZE])
{
	const struct conf_host *host = &a->conf.settings->server;

	snprintf(out, APP_SERVER_SIZE, strchr(host->name, ':') != NULL ?
	    "[%s]:%u" : "%s:%u", host->name, (unsigned int)host->port);
}

bool
app_set_server(struct app *a, const char *text, size_t len,
    char why[static WHY_SIZE])
{
	const struct slice key = { "server", 6 };
	struct slice all = { text, len }, rest = all, word;
	struct conf_error err;

	word = line_word(&rest);
	return conf_set(conf_find(a->table, key),
	    line_is_empty(&rest) ? word : all, a->conf.settings, &err)
	    || why_say(why, false, "%s", err.text);
}

/* ---- what the profile knows ---- */

static int
open_profile(struct app *a, char why[static WHY_SIZE])
{
	const char *name = a->conf.settings->profile;
	uint8_t seed[RNG_SEED_LEN];
	struct rng rng;
	bool is_new;
	int err;

	if (a->profile.state.fd >= 0)
		return APP_GOES_ON;
	randombytes_buf(seed, sizeof seed);
	rng_init(&rng, seed);
	err = profile_open(&a->profile, name[0] == '\0' ? NULL : name, &rng,
	    &a->client_conf.identity, &is_new, why);
	rng_fini(&rng);
	sodium_memzero(seed, sizeof seed);
	if (err == 0)
		return APP_GOES_ON;
	return err == E_BAD || err == E_TAKEN ? EXIT_CODE_USAGE :
	    EXIT_CODE_RUNTIME;
}

static void
complain(const struct app *a, const char *file,
    const struct knownfile_faults *faults)
{
	for (uint32_t i = 0; i < faults->count && i < KNOWNFILE_FAULTS_MAX;
	    i++)
		fprintf(stderr, "%s: %s/%s:%u: %s\n", a->conf.program,
		    a->profile.data.path, file,
		    (unsigned int)faults->first[i].line,
		    faults->first[i].what);
}

int
app_recall_server(struct app *a)
{
	char why[WHY_SIZE], *last;
	int code = open_profile(a, why);
	size_t len;

	if (code != APP_GOES_ON) {
		fprintf(stderr, "%s: %s\n", a->conf.program, why);
		return code;
	}
	last = app_load(a, SERVER_FILE, &len);
	if (last != NULL)
		snprintf(a->last_server, sizeof a->last_server, "%.*s",
		    (int)strcspn(last, "\n"), last);
	free(last);
	/* What is no server there is as good as nothing. */
	if (!app_has_server(a))
		app_set_server(a, a->last_server, strlen(a->last_server), why);
	return APP_GOES_ON;
}

/* Without the keys of our contacts everybody would pass for new: a file that
 * cannot be read is the end. */
static bool
load_known(struct app *a, const char *file,
    int (*parse)(struct known *known, const char *text, size_t len,
    struct knownfile_faults *faults), char why[static WHY_SIZE])
{
	struct knownfile_faults faults = { 0 };
	char *text = malloc(KNOWN_FILE_MAX + 1);
	size_t len;
	bool is_good = false;
	int err;

	if (text == NULL)
		return why_say(why, false, "there is not enough memory");
	err = folder_read(&a->profile.data, file, false, text, KNOWN_FILE_MAX,
	    &len, why);
	if (err == E_NONE)
		is_good = true;
	else if (err == 0 && parse(&a->known, text, len, &faults) == 0)
		is_good = true;
	else if (err == 0)
		why_say(why, 0, "%s/%s cannot be used: %s; mend it, or move it "
		    "away to know nobody", a->profile.data.path, file,
		    faults.first[0].what);
	if (is_good)
		complain(a, file, &faults);
	free(text);
	return is_good;
}

/* The name that was asked for, else the one used last. */
static bool
choose_name(struct app *a, char why[static WHY_SIZE])
{
	const char *asked = a->conf.settings->name;
	enum name_fault fault;
	size_t len;
	char *last = app_load(a, NAME_FILE, &len);

	if (last != NULL)
		name_check(last, strcspn(last, "\n"), a->last_name);
	free(last);
	memcpy(a->client_conf.name, a->last_name, NAME_SIZE);
	if (asked[0] == '\0')
		return true;
	fault = name_check(asked, strlen(asked), a->client_conf.name);
	return fault == NAME_OK || why_say(why, false,
	    "that cannot be a name: %s", name_fault_text(fault));
}

char *
app_load(struct app *a, const char *file, size_t *len)
{
	char *text = malloc(APP_FILE_MAX + 1);
	char why[WHY_SIZE];

	if (text != NULL && folder_read(&a->profile.state, file, false, text,
	    APP_FILE_MAX, len, why) == 0)
		return text;
	free(text);
	return NULL;
}

void
app_save(struct app *a, const char *file, const void *text, size_t len)
{
	char why[WHY_SIZE];

	folder_write(&a->profile.state, file, text, len, why);
}

void
app_append(struct app *a, const char *file, const char *text)
{
	int fd = openat(a->profile.state.fd, file, O_WRONLY | O_CREAT |
	    O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	ssize_t n = 1;

	if (fd < 0)
		return;
	for (; len > 0 && n > 0; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n < 0)
			break;
	}
	close(fd);
}

/* ---- the client ---- */

/* On a terminal it must not write into what is shown there. */
static void
open_log(struct app *a)
{
	int fd = STDERR_FILENO;

	if (!a->conf.settings->verbose)
		return;
	a->client_conf.log = &a->sink.log;
	if (isatty(fd) && a->conf.log != NULL) {
		logsink_init_call(&a->sink, a->conf.log, a->conf.ctx,
		    LOG_LEVEL_DEBUG);
		return;
	}
	if (isatty(fd))
		fd = openat(a->profile.state.fd, LOG_FILE, O_WRONLY | O_CREAT |
		    O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		logsink_init(&a->sink, fd, LOGSINK_DATED, LOG_LEVEL_DEBUG);
}

static bool
make_client(struct app *a, char why[static WHY_SIZE])
{
	const struct app_settings *s = a->conf.settings;
	struct client_conf *c = &a->client_conf;
	uint8_t seed[RNG_SEED_LEN];

	c->server_host = s->server.name;
	c->server_port = s->server.port;
	c->local_port = s->port != 0 ? s->port : CLIENT_PORT;
	c->local_port_asked = s->port != 0;
	c->hidden = s->hidden;
	c->no_relay = !s->relay;
	c->lan = s->lan;
	c->port_mapping = s->port_mapping;
	c->subscribe = s->presence;
	randombytes_buf(seed, sizeof seed);
	a->client = client_new(c, &a->known, seed, clock_now(),
	    clock_wall_us() / 1000000);
	sodium_memzero(seed, sizeof seed);
	keypair_fini(&c->identity);
	return a->client != NULL ||
	    why_say(why, false, "there is not enough memory");
}

static int
save(void *ctx, const char *name, const void *buf, size_t len,
    char why[static WHY_SIZE])
{
	struct app *a = ctx;

	return folder_write(&a->profile.data, name, buf, len, why);
}

/* The name is there again at the next start, whatever the end of this one. */
static void
keep_name(struct app *a, const char *name)
{
	if (strcmp(name, a->last_name) == 0)
		return;
	snprintf(a->last_name, sizeof a->last_name, "%s", name);
	app_save(a, NAME_FILE, name, strlen(name));
}

/* A server that answered once is worth to be asked the next time. */
static void
keep_server(struct app *a)
{
	char text[APP_SERVER_SIZE];

	app_server_text(a, text);
	if (strcmp(text, a->last_server) == 0)
		return;
	memcpy(a->last_server, text, sizeof text);
	app_save(a, SERVER_FILE, text, strlen(text));
}

static void
on_event(void *ctx, const struct event *event)
{
	struct app *a = ctx;

	if (event->kind == EV_REGISTERED || event->kind == EV_RENAMED)
		keep_name(a, event->peer);
	if (event->kind == EV_REGISTERED)
		keep_server(a);
	if (a->conf.event != NULL)
		a->conf.event(a->conf.ctx, event);
}

static bool
on_turn(void *ctx, usec_t now)
{
	struct app *a = ctx;

	return a->conf.turn != NULL && a->conf.turn(a->conf.ctx, now);
}

static bool
ask_upnp(void *ctx, const struct act *act, const char **why)
{
	struct app *a = ctx;

	return upnp_ask(act->from.family == ADDR_V6 ? a->upnp6 : a->upnp4,
	    act, why);
}

static void
upnp_answered(void *ctx, const struct input *in)
{
	struct app *a = ctx;

	host_feed(a->host, in);
}

/* No child needs our keys, and one of them reads what the router says. */
static void
forget_keys(void *ctx)
{
	struct app *a = ctx;

	client_forget(a->client);
}

static bool
make_world(struct app *a, char why[static WHY_SIZE])
{
	const struct host_hooks hooks = { .event = on_event, .turn = on_turn,
		.save = save, .keep_fd = a->profile.data.fd,
		.upnp = ask_upnp, .wants_netif = true, .ctx = a };

	a->loop = loop_new();
	if (a->loop != NULL) {
		loop_on_fork(a->loop, forget_keys, a);
		a->upnp4 = upnp_new(a->loop, upnp_answered, a);
		a->upnp6 = upnp_new(a->loop, upnp_answered, a);
	}
	if (a->upnp4 != NULL && a->upnp6 != NULL)
		a->host = host_new(a->loop, &client_ops, a->client, &hooks);
	return a->host != NULL ||
	    why_say(why, false, "cannot start: %s%s", strerror(errno),
	    errno == EMFILE ? "; raise it with ulimit -n" : "");
}

static int
start(struct app *a, char why[static WHY_SIZE])
{
	int code = open_profile(a, why);

	if (code != APP_GOES_ON)
		return code;
	if (!choose_name(a, why))
		return EXIT_CODE_USAGE;
	open_log(a);
	if (!load_known(a, CLIENT_FILE_PEERS, knownfile_read_peers, why) ||
	    !load_known(a, CLIENT_FILE_SERVERS, knownfile_read_servers, why) ||
	    !make_client(a, why) || !make_world(a, why))
		return EXIT_CODE_RUNTIME;
	return APP_GOES_ON;
}

int
app_start(struct app *a)
{
	char why[WHY_SIZE];
	int code = start(a, why);

	if (code != APP_GOES_ON)
		fprintf(stderr, "%s: %s\n", a->conf.program, why);
	return code;
}

void
app_end(struct app *a)
{
	a->conf.event = NULL;
	a->conf.turn = NULL;
	if (a->host != NULL)
		host_finish(a->host);
	upnp_free(a->upnp4);
	upnp_free(a->upnp6);
	host_free(a->host);
	loop_free(a->loop);
	client_free(a->client);
	known_fini(&a->known);
	profile_close(&a->profile);
	keypair_fini(&a->client_conf.identity);
}
