/* gop2p: the line client. Options and wiring; what it does is in core/client.c
 * and face/line.c. */
#include "config.h"

#include "core/client.h"
#include "core/err.h"
#include "core/ident.h"
#include "core/knownfile.h"
#include "core/name.h"
#include "core/wire.h"
#include "face/line.h"
#include "io/args.h"
#include "io/clock.h"
#include "io/harden.h"
#include "io/host.h"
#include "io/profile.h"
#include "io/settings.h"
#include "io/xdg.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "gop2p"
#define HISTORY_FILE "history"
#define NAME_FILE "name"

enum {
	PATH_LONGEST = 1023,
	NAME_LONGEST = 4 * NAME_MAX_LEN, /* before NFC */
	LINGER_MAX_MS = 7 * 86400000,
};

/* ---- settings ---- */

struct settings {
	struct conf_host server;
	char name[NAME_LONGEST + 1];
	char profile[PROFILE_NAME_MAX + 1];
	char config[PATH_LONGEST + 1];
	uint16_t port; /* 0: not asked for */
	usec_t linger;
	bool json, relay, hidden, presence, help, version;
};

#define FIELD(name) offsetof(struct settings, name)

static const struct conf_option table[] = {
	{ "server", "HOST[:PORT]", "the server to register with",
	    FIELD(server), SERVER_PORT, 0, CONF_HOST, CONF_BOTH, 's' },
	{ "port", "PORT", "local UDP and TCP port (9001 or any)",
	    FIELD(port), 1, 0, CONF_PORT, CONF_BOTH, 'p' },
	{ "name", "NAME", "your name there (the last one, at first any)",
	    FIELD(name), 1, NAME_LONGEST, CONF_STRING, CONF_BOTH, 'n' },
	{ "profile", "NAME", "another identity, with its own key and contacts",
	    FIELD(profile), 1, PROFILE_NAME_MAX, CONF_STRING, CONF_IN_OPTIONS,
	    0 },
	{ "config", "FILE", "configuration (~/.config/gop2p/gop2p.conf)",
	    FIELD(config), 1, PATH_LONGEST, CONF_STRING, CONF_IN_OPTIONS, 0 },
	{ "json", NULL, "print events as JSON, one a line",
	    FIELD(json), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 0 },
	{ "linger", "SECONDS", "go on receiving after the end of the input",
	    FIELD(linger), 0, LINGER_MAX_MS, CONF_DURATION, CONF_IN_OPTIONS,
	    0 },
	{ "relay", "no-", "never talk through the server",
	    FIELD(relay), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "hidden", NULL, "stay off the list of others",
	    FIELD(hidden), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "presence", "no-", "do not tell who comes and goes",
	    FIELD(presence), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "help", NULL, "print this and exit",
	    FIELD(help), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'h' },
	{ "version", NULL, "print the version and exit",
	    FIELD(version), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'V' },
	{ 0 }
};

static bool
read_settings(struct settings *s, int argc, char **argv,
    char why[static WHY_SIZE])
{
	struct conf_error err;
	char path[FOLDER_PATH];
	bool is_given;

	*s = (struct settings){ .relay = true, .presence = true };
	if (!args_read(table, argc, argv, s, &err))
		return why_say(why, false, "%s", err.text);
	if (s->help || s->version)
		return true;
	is_given = s->config[0] != '\0';
	if (is_given)
		snprintf(path, sizeof(path), "%s", s->config);
	else if (!xdg_path(XDG_CONFIG, "gop2p/gop2p.conf", path))
		return why_say(why, false, "there is no home folder: set HOME");
	if (!settings_read_file(table, path, is_given, s, why)
	    || !settings_read_environment(table, "GOP2P_", s, why))
		return false;
	/* The command line again, over the file and the environment. */
	if (!args_read(table, argc, argv, s, &err))
		return why_say(why, false, "%s", err.text);
	return true;
}

/* The only question that is asked before the start. */
static bool
ask_server(struct settings *s, char why[static WHY_SIZE])
{
	struct conf_error err;
	char line[HOST_SIZE + 8];
	struct slice host;

	if (s->server.name[0] != '\0')
		return true;
	if (s->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return why_say(why, false, "which server? Use -s HOST[:PORT], "
		    "or \"server = HOST\" in gop2p.conf");
	do {
		printf("Server (HOST[:PORT]): ");
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL)
			return why_say(why, false, "there is no server to "
			    "register with: use -s HOST[:PORT]");
		host = (struct slice){ line, strcspn(line, "\n") };
		host = line_word(&host);
		if (conf_set(conf_find(table, (struct slice){ "server", 6 }),
		    host, s, &err))
			break;
		printf("%s.\n", err.text);
	} while (true);
	printf("Next time: -s %.*s, or \"server = %.*s\" in gop2p.conf.\n",
	    (int)host.len, host.p, (int)host.len, host.p);
	return true;
}

/* ---- the program ---- */

struct program {
	struct settings settings;
	struct client_conf conf;
	struct profile profile;
	struct known known;
	struct client *client;
	struct loop *loop;
	struct host *host;
	struct line *line;
	char last_name[NAME_SIZE];
	char buf[KNOWN_FILE_MAX + 1]; /* for a file of the profile */
};

static int
open_profile(struct program *p, char why[static WHY_SIZE])
{
	const char *name = p->settings.profile;
	uint8_t seed[RNG_SEED_LEN];
	struct rng rng;
	bool is_new;
	int err;

	randombytes_buf(seed, sizeof(seed));
	rng_init(&rng, seed);
	err = profile_open(&p->profile, name[0] == '\0' ? NULL : name, &rng,
	    &p->conf.identity, &is_new, why);
	rng_fini(&rng);
	sodium_memzero(seed, sizeof(seed));
	if (err == 0)
		return EXIT_CODE_OK;
	return err == E_BAD || err == E_TAKEN
	    ? EXIT_CODE_USAGE : EXIT_CODE_RUNTIME;
}

static void
complain(const char *file, const struct knownfile_faults *faults)
{
	for (uint32_t i = 0; i < faults->count && i < KNOWNFILE_FAULTS_MAX; i++)
		fprintf(stderr, PROGRAM ": %s, line %u: %s\n", file,
		    (unsigned)faults->first[i].line, faults->first[i].what);
}

/* Without the keys of our contacts everybody would pass for new: a file that
 * cannot be read is the end. */
static bool
load_known(struct program *p, const char *file, int (*parse)(struct known *,
    const char *, size_t, struct knownfile_faults *),
    char why[static WHY_SIZE])
{
	struct knownfile_faults faults = { 0 };
	size_t len;
	int err;

	err = folder_read(&p->profile.data, file, false, p->buf,
	    KNOWN_FILE_MAX, &len, why);
	if (err == E_NONE)
		return true;
	if (err != 0)
		return false;
	if (parse(&p->known, p->buf, len, &faults) != E_OK)
		return why_say(why, false, "%s/%s cannot be used: %s",
		    p->profile.data.path, file, faults.first[0].what);
	complain(file, &faults);
	return true;
}

/* The name that was asked for, else the one used last. */
static bool
choose_name(struct program *p, char why[static WHY_SIZE])
{
	const char *asked = p->settings.name;
	enum name_fault fault;
	char unread[WHY_SIZE];
	size_t len;

	if (folder_read(&p->profile.state, NAME_FILE, false, p->buf,
	    NAME_LONGEST, &len, unread) == 0)
		name_check(p->buf, strcspn(p->buf, "\n"), p->last_name);
	memcpy(p->conf.name, p->last_name, NAME_SIZE);
	if (asked[0] == '\0')
		return true;
	fault = name_check(asked, strlen(asked), p->conf.name);
	return fault == NAME_OK || why_say(why, false,
	    "that cannot be a name: %s", name_fault_text(fault));
}

static void
load_history(struct program *p)
{
	char unread[WHY_SIZE];
	size_t len;

	if (folder_read(&p->profile.state, HISTORY_FILE, false, p->buf,
	    KNOWN_FILE_MAX, &len, unread) == 0)
		line_history_load(p->line, p->buf, len);
}

/* Losing these is no reason to fail. */
static void
save_state(struct program *p)
{
	const char *name = client_name(p->client);
	char unsaved[WHY_SIZE], *text;
	size_t len;

	if (name[0] != '\0' && strcmp(name, p->last_name) != 0)
		folder_write(&p->profile.state, NAME_FILE, name, strlen(name),
		    unsaved);
	text = line_history_text(p->line, &len);
	if (text != NULL)
		folder_write(&p->profile.state, HISTORY_FILE, text, len,
		    unsaved);
	free(text);
}

static int
save(void *ctx, const char *name, const void *buf, size_t len,
    char why[static WHY_SIZE])
{
	struct program *p = ctx;

	return folder_write(&p->profile.data, name, buf, len, why);
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct program *p = ctx;

	line_event(p->line, ev);
}

static bool
on_turn(void *ctx, usec_t now)
{
	struct program *p = ctx;

	return line_turn(p->line, now);
}

static bool
make_client(struct program *p, char why[static WHY_SIZE])
{
	const struct settings *s = &p->settings;
	uint8_t seed[RNG_SEED_LEN];

	p->conf.server_host = s->server.name;
	p->conf.server_port = s->server.port;
	p->conf.local_port = s->port != 0 ? s->port : CLIENT_PORT;
	p->conf.local_port_asked = s->port != 0;
	p->conf.hidden = s->hidden;
	p->conf.no_relay = !s->relay;
	p->conf.subscribe = s->presence;
	randombytes_buf(seed, sizeof(seed));
	p->client = client_new(&p->conf, &p->known, seed, clock_now(),
	    clock_wall_us() / 1000000);
	sodium_memzero(seed, sizeof(seed));
	keypair_fini(&p->conf.identity);
	return p->client != NULL
	    || why_say(why, false, "there is not enough memory");
}

static bool
make_world(struct program *p, char why[static WHY_SIZE])
{
	const struct host_hooks hooks = { .event = on_event, .turn = on_turn,
		.save = save, .keep_fd = p->profile.data.fd,
		.wants_netif = true, .ctx = p };
	struct line_conf conf = { .client = p->client,
		.is_json = p->settings.json, .linger = p->settings.linger };

	p->loop = loop_new();
	if (p->loop != NULL)
		p->host = host_new(p->loop, &client_ops, p->client, &hooks);
	if (p->host == NULL)
		return why_say(why, false, "cannot start: %s",
		    strerror(errno));
	conf.loop = p->loop;
	p->line = line_new(&conf);
	if (p->line == NULL)
		return why_say(why, false, "there is not enough memory");
	load_history(p);
	return true;
}

static int
start(struct program *p, char why[static WHY_SIZE])
{
	int code = open_profile(p, why);

	if (code != EXIT_CODE_OK)
		return code;
	if (!choose_name(p, why))
		return EXIT_CODE_USAGE;
	known_init(&p->known);
	if (!load_known(p, CLIENT_FILE_PEERS, knownfile_read_peers, why)
	    || !load_known(p, CLIENT_FILE_SERVERS, knownfile_read_servers, why)
	    || !make_client(p, why) || !make_world(p, why))
		return EXIT_CODE_RUNTIME;
	return EXIT_CODE_OK;
}

static void
end(struct program *p)
{
	line_free(p->line);
	host_free(p->host);
	loop_free(p->loop);
	client_free(p->client);
	known_fini(&p->known);
	profile_close(&p->profile);
	keypair_fini(&p->conf.identity);
}

static int
run(struct program *p)
{
	char why[WHY_SIZE];
	int code = start(p, why);

	if (code != EXIT_CODE_OK) {
		fprintf(stderr, PROGRAM ": %s\n", why);
	} else {
		loop_run(p->loop);
		code = line_finish(p->line);
		save_state(p);
		host_finish(p->host);
	}
	end(p);
	return code;
}

static void
print_help(void)
{
	char options[4096];

	conf_help(table, options, sizeof(options));
	printf("usage: " PROGRAM " [OPTION]...\n"
	    "Talk directly and privately with others behind NATs.\n\n%s\n"
	    "Then type \"help\". See gop2p(1) and gop2p.conf(5).\n", options);
}

int
main(int argc, char **argv)
{
	static struct program p = { .profile = { .data.fd = -1,
	    .state.fd = -1 } };
	char why[WHY_SIZE];

	harden_process();
	if (!read_settings(&p.settings, argc, argv, why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		return EXIT_CODE_USAGE;
	}
	if (p.settings.help) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (p.settings.version) {
		printf(PROGRAM " " VERSION "\n");
		return EXIT_SUCCESS;
	}
	if (!ask_server(&p.settings, why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		return EXIT_CODE_USAGE;
	}
	if (sodium_init() < 0) {
		fprintf(stderr, PROGRAM ": libsodium cannot be used\n");
		return EXIT_CODE_RUNTIME;
	}
	return run(&p);
}
