/* gop2pd: introduces clients to each other. Options and wiring; what the server
 * does is in core/server.c. */
#include "config.h"

#include "core/err.h"
#include "core/ident.h"
#include "core/server.h"
#include "core/wire.h"
#include "io/args.h"
#include "io/clock.h"
#include "io/harden.h"
#include "io/host.h"
#include "io/keyfile.h"
#include "io/logsink.h"
#include "io/names.h"
#include "io/notify.h"
#include "io/sandbox.h"
#include "io/settings.h"
#include "io/sock.h"
#include "io/xdg.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "gop2pd"
#define CONFIG_FILE "/etc/gop2pd.conf"
#define SUMMARY_PERIOD (60 * USEC_S)

enum { PATH_LONGEST = 1023, LISTEN_LONGEST = 127, USER_LONGEST = 63 };

/* ---- settings ---- */

struct settings {
	char config[PATH_LONGEST + 1];
	char state[PATH_LONGEST + 1];
	char listen[LISTEN_LONGEST + 1];
	char user[USER_LONGEST + 1];
	char sandbox[7]; /* "yes", "no" or "strict" */
	uint16_t port;
	uint16_t probe_port; /* 0: PROBE_PORT_OFFSET above the port */
	uint16_t tcp_port;   /* 0: none */
	bool probe;
	bool syslog, verbose, help, version;
	struct server_conf server;
};

#define FIELD(name) offsetof(struct settings, name)

static const struct conf_option table[] = {
	{ "port", "PORT", "UDP and TCP port (9000)",
	    FIELD(port), 1, 0, CONF_PORT, CONF_BOTH, 'p' },
	{ "probe-port", "PORT", "second UDP port (2 above the first)",
	    FIELD(probe_port), 1, 0, CONF_PORT, CONF_BOTH, 0 },
	{ "probe", "no-", "open the second UDP port",
	    FIELD(probe), 0, 0, CONF_BOOL, CONF_IN_FILE, 0 },
	{ "tcp-port", "PORT", "second TCP port, best 443 (none)",
	    FIELD(tcp_port), 1, 0, CONF_PORT, CONF_BOTH, 0 },
	{ "listen", "ADDR[,ADDR]", "addresses to listen on (all)",
	    FIELD(listen), 1, LISTEN_LONGEST, CONF_STRING, CONF_BOTH, 0 },
	{ "state", "FOLDER", "where the key and the names are kept",
	    FIELD(state), 1, PATH_LONGEST, CONF_STRING, CONF_BOTH, 0 },
	{ "config", "FILE", "configuration (" CONFIG_FILE ")",
	    FIELD(config), 1, PATH_LONGEST, CONF_STRING, CONF_IN_OPTIONS, 0 },
	{ "relay", "no-", "never pass on what clients say to each other",
	    FIELD(server.relay), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "max-clients", "N", "clients online at once (100000)",
	    FIELD(server.clients_max), 1, 1000000, CONF_NUMBER, CONF_BOTH, 0 },
	{ "max-streams", "N", "TCP connections at once (4096)",
	    FIELD(server.streams_max), 1, 1000000, CONF_NUMBER, CONF_IN_FILE,
	    0 },
	{ "site-names", "N", "clients of one address",
	    FIELD(server.site_names), 1, 1000000, CONF_NUMBER, CONF_IN_FILE,
	    0 },
	{ "site-burst", "N", "new clients of one address at once",
	    FIELD(server.site_burst), 1, 1000000, CONF_NUMBER, CONF_IN_FILE,
	    0 },
	{ "handshakes", "N", "registrations a second",
	    FIELD(server.handshakes_per_s), 1, 1000000, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "relay-user", "BYTES", "relayed a second, of one client",
	    FIELD(server.relay_user), 1, UINT32_MAX, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "relay-burst", "BYTES", "relayed at once, of one client",
	    FIELD(server.relay_burst), 1, UINT32_MAX, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "relay-total", "BYTES", "relayed a second, of all",
	    FIELD(server.relay_total), 1, UINT32_MAX, CONF_NUMBER,
	    CONF_IN_FILE, 0 },
	{ "user", "NAME", "become this user when started by root",
	    FIELD(user), 1, USER_LONGEST, CONF_STRING, CONF_IN_FILE, 0 },
	{ "sandbox", "yes|no|strict", "give up what is not needed",
	    FIELD(sandbox), 2, 6, CONF_STRING, CONF_IN_FILE, 0 },
	{ "syslog", NULL, "log by syslog instead of standard error",
	    FIELD(syslog), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "verbose", NULL, "log what is decided, and why",
	    FIELD(verbose), 0, 0, CONF_BOOL, CONF_BOTH, 'v' },
	{ "help", NULL, "print this and exit",
	    FIELD(help), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'h' },
	{ "version", NULL, "print the version and exit",
	    FIELD(version), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'V' },
	{ 0 }
};

/* Sets bind4 and bind6 from the addresses of --listen. */
static bool
set_addresses(struct settings *s, char why[static WHY_SIZE])
{
	char list[LISTEN_LONGEST + 1], *rest = list, *word;
	struct addr a;

	if (s->listen[0] == '\0') {
		s->server.bind4 = addr_any(ADDR_V4, s->port);
		if (sock_has_ipv6())
			s->server.bind6 = addr_any(ADDR_V6, s->port);
		return true;
	}
	memcpy(list, s->listen, sizeof list);
	while ((word = strsep(&rest, ", ")) != NULL) {
		struct addr *slot;

		if (word[0] == '\0')
			continue;
		if (!addr_parse(word, s->port, &a) || a.port != s->port)
			return why_say(why, false, "\"%s\" is no IP address "
			    "to listen on (the port has an option of its own)",
			    word);
		slot = a.family == ADDR_V4 ? &s->server.bind4 :
		    &s->server.bind6;
		if (addr_is_set(slot))
			return why_say(why, false, "one address of a kind to "
			    "listen on, or none for all: \"%s\" is a second",
			    word);
		*slot = a;
	}
	return true;
}

/* What depends on several settings. */
static bool
complete(struct settings *s, char why[static WHY_SIZE])
{
	struct server_conf *c = &s->server;
	uint32_t probe = s->probe_port;

	if (probe == 0)
		probe = (uint32_t)s->port + PROBE_PORT_OFFSET;
	if (probe > UINT16_MAX)
		probe = (uint32_t)s->port - PROBE_PORT_OFFSET;
	if (s->probe && probe == s->port)
		return why_say(why, false,
		    "the probe port must not be the port");
	if (s->tcp_port == s->port)
		return why_say(why, false,
		    "the second TCP port must not be the port");
	if (strcmp(s->sandbox, "yes") != 0 && strcmp(s->sandbox, "no") != 0 &&
	    strcmp(s->sandbox, "strict") != 0)
		return why_say(why, false, "sandbox must be yes, no or "
		    "strict, not \"%s\"", s->sandbox);
	c->probe_port = s->probe ? (uint16_t)probe : 0;
	c->tcp_port = s->tcp_port;
	/* Names outlive their clients: room for as many again, nearly. */
	c->names_max = c->clients_max + c->clients_max / 10 * 9;
	return set_addresses(s, why);
}

static bool
read_settings(struct settings *s, int argc, char **argv,
    char why[static WHY_SIZE])
{
	struct conf_error err;

	*s = (struct settings){ .port = SERVER_PORT, .probe = true,
		.sandbox = "yes",
		.server = server_conf_default() };
	if (!args_read(table, argc, argv, s, &err))
		return why_say(why, false, "%s", err.text);
	if (s->help || s->version)
		return true;
	if (!settings_read_file(table,
	    s->config[0] != '\0' ? s->config : CONFIG_FILE,
	    s->config[0] != '\0', s, why))
		return false;
	/* The command line again, over the file. */
	if (!args_read(table, argc, argv, s, &err))
		return why_say(why, false, "%s", err.text);
	return complete(s, why);
}

/* ---- the daemon ---- */

struct daemon {
	int argc;
	char **argv;
	struct settings settings;
	struct logsink sink;
	struct folder folder;
	struct names *names;
	struct server *server;
	struct loop *loop;
	struct host *host;
	struct alarm summary, watchdog;
	struct server_stats told; /* in the last summary */
	bool is_ready, is_unsafe;
	int stops; /* signals to stop, so far */
};

static void
open_log(struct daemon *d)
{
	const enum log_level level = d->settings.verbose ? LOG_LEVEL_DEBUG :
	    LOG_LEVEL_INFO;

	if (d->settings.syslog)
		logsink_init_syslog(&d->sink, PROGRAM, level);
	else
		logsink_init(&d->sink, STDERR_FILENO, logsink_form_of_stderr(),
		    level);
}

static bool
find_folder(const struct settings *s, char out[static FOLDER_PATH])
{
	const char *given = s->state[0] != '\0' ? s->state :
	    getenv("STATE_DIRECTORY");

	if (given == NULL || given[0] == '\0')
		return xdg_path(XDG_STATE, PROGRAM, out);
	/* systemd separates several by colons. */
	snprintf(out, FOLDER_PATH, "%.*s", given == s->state ? FOLDER_PATH :
	    (int)strcspn(given, ":"), given);
	return true;
}

static bool
open_folder(struct daemon *d, char why[static WHY_SIZE])
{
	char path[FOLDER_PATH];

	if (!find_folder(&d->settings, path))
		return why_say(why, false,
		    "there is no folder for the state: use --state FOLDER");
	if (folder_open(&d->folder, path, FOLDER_OURS, why) != 0)
		return false;
	if (!folder_lock(&d->folder))
		return why_say(why, false, "another gop2pd uses the folder %s; "
		    "use --state FOLDER for a second one", d->folder.path);
	return true;
}

static bool
bind_name(void *ctx, const struct store_change *name)
{
	struct daemon *d = ctx;

	if (server_bind(d->server, name))
		return true;
	log_warn(&d->sink.log, "there is no room for the names used longest "
	    "ago: raise max-clients");
	return false;
}

static bool
make_server(struct daemon *d, char why[static WHY_SIZE])
{
	struct server_conf *conf = &d->settings.server;
	char print[IDENT_FULL_SIZE];
	uint8_t seed[RNG_SEED_LEN];
	struct rng rng;
	bool is_new, is_made;

	randombytes_buf(seed, sizeof seed);
	rng_init(&rng, seed);
	is_made = keyfile_open(&d->folder, &rng, &conf->identity, &is_new,
	    why) == 0;
	rng_fini(&rng);
	if (!is_made)
		return false;
	conf->log = &d->sink.log;
	ident_fingerprint(conf->identity.public, print);
	log_info(conf->log, "%s key %s, in %s", is_new ? "new" : "the",
	    print, d->folder.path);
	randombytes_buf(seed, sizeof seed);
	d->server = server_new(conf, seed, clock_now(),
	    clock_wall_us() / 1000000);
	sodium_memzero(seed, sizeof seed);
	keypair_fini(&conf->identity);
	if (d->server == NULL)
		return why_say(why, false, "there is not enough memory for %u "
		    "clients: use --max-clients", conf->clients_max);
	return true;
}

static int
store(void *ctx, const struct store_change *change, char why[static WHY_SIZE])
{
	struct daemon *d = ctx;

	return names_change(d->names, change, why);
}

static int
commit(void *ctx, char why[static WHY_SIZE])
{
	struct daemon *d = ctx;
	int err = names_commit(d->names, why);

	if (err != 0)
		log_err(&d->sink.log, "names cannot be saved: %s", why);
	return err;
}

/* ---- turns and signals ---- */

static void
say_ready(struct daemon *d)
{
	const struct server_conf *c = &d->settings.server;
	char four[ADDR_TEXT], six[ADDR_TEXT];
	uint16_t probe = c->probe_port;

	addr_format(&c->bind4, four);
	addr_format(&c->bind6, six);
	if (addr_is_set(&c->bind4) && addr_is_set(&c->bind6))
		log_info(&d->sink.log, "listening on %s and %s (UDP and TCP)",
		    four, six);
	else
		log_info(&d->sink.log, "listening on %s (UDP and TCP)",
		    addr_is_set(&c->bind4) ? four : six);
	if (probe != 0)
		log_info(&d->sink.log, "probe port %u (UDP)", probe);
	if (c->tcp_port != 0)
		log_info(&d->sink.log, "second port %u (TCP)", c->tcp_port);
	notify_send("READY=1");
}

/* The ports are open and the files read: what is not needed any more is given
 * up. The folder of the configuration stays readable, for SIGHUP. */
static bool
lock_up(struct daemon *d)
{
	const struct settings *s = &d->settings;
	char config[PATH_LONGEST + 1], what[WHY_SIZE];
	struct sandbox box = { .writable = d->folder.path,
		.is_strict = strcmp(s->sandbox, "strict") == 0 };

	if (strcmp(s->sandbox, "no") == 0)
		return true;
	snprintf(config, sizeof config, "%s",
	    s->config[0] != '\0' ? s->config : CONFIG_FILE);
	box.readable = dirname(config);
	if (!sandbox_enter(&box, what)) {
		log_err(&d->sink.log, "%s; sandbox = yes does without", what);
		return false;
	}
	if (what[0] != '\0')
		log_info(&d->sink.log, "locked up by %s", what);
	return true;
}

static bool
turn(void *ctx, usec_t now)
{
	struct daemon *d = ctx;

	(void)now;
	if (server_is_done(d->server))
		loop_stop(d->loop);
	if (!d->is_ready && server_is_ready(d->server)) {
		d->is_ready = true;
		d->is_unsafe = !lock_up(d);
		if (d->is_unsafe)
			loop_stop(d->loop);
		else
			say_ready(d);
	}
	return false;
}

/* A line a minute at most, and none while nothing happens. */
static void
sum_up(struct alarm *a, usec_t now)
{
	struct daemon *d = (struct daemon *)((char *)a -
	    offsetof(struct daemon, summary));
	const struct server_stats *s = server_stats(d->server), *t = &d->told;

	loop_set(d->loop, a, now + SUMMARY_PERIOD);
	if (memcmp(s, t, sizeof *s) == 0)
		return;
	log_info(&d->sink.log, "%u online, %u names, %u streams, %u pairs; "
	    "+%llu registered, -%llu left, -%llu lost; %llu introductions, "
	    "%llu KiB relayed; refused %llu, limited %llu, malformed %llu, "
	    "forged %llu, dropped %llu",
	    s->online, s->names, s->streams, s->pairs,
	    (unsigned long long)(s->registered - t->registered),
	    (unsigned long long)(s->left - t->left),
	    (unsigned long long)(s->lost - t->lost),
	    (unsigned long long)(s->allows - t->allows),
	    (unsigned long long)((s->relayed_bytes - t->relayed_bytes) / 1024),
	    (unsigned long long)(s->refused - t->refused),
	    (unsigned long long)(s->limited - t->limited),
	    (unsigned long long)(s->malformed - t->malformed),
	    (unsigned long long)(s->forged - t->forged),
	    (unsigned long long)(s->dropped - t->dropped));
	d->told = *s;
}

static void
feed_watchdog(struct alarm *a, usec_t now)
{
	struct daemon *d = (struct daemon *)((char *)a -
	    offsetof(struct daemon, watchdog));

	notify_send("WATCHDOG=1");
	loop_set(d->loop, a, now + notify_watchdog() / 2);
}

static void
stop(void *ctx, int signo)
{
	struct daemon *d = ctx;

	(void)signo;
	if (d->stops++ > 0) {
		loop_stop(d->loop);
		return;
	}
	log_info(&d->sink.log, "stopping");
	notify_send("STOPPING=1");
	server_stop(d->server, loop_now(d->loop));
}

/* A mistake in the file leaves everything as it was. */
static void
reload(void *ctx, int signo)
{
	struct daemon *d = ctx;
	struct settings s;
	char why[WHY_SIZE];

	(void)signo;
	if (!read_settings(&s, d->argc, d->argv, why)) {
		log_err(&d->sink.log, "the configuration stays as it was: %s",
		    why);
		return;
	}
	d->sink.log.level = s.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	s.server.log = &d->sink.log;
	server_reload(d->server, &s.server);
	log_info(&d->sink.log, "read the configuration again");
}

/* ---- from the start to the end ---- */

static bool
start(struct daemon *d, char why[static WHY_SIZE])
{
	const struct host_hooks hooks = { .turn = turn, .store = store,
		.commit = commit, .keep_fd = -1, .ctx = d };

	if (!open_folder(d, why) || !make_server(d, why) ||
	    names_open(&d->names, &d->folder, why) != 0 ||
	    names_load(d->names, bind_name, d, why) != 0)
		return false;
	d->loop = loop_new();
	if (d->loop != NULL)
		d->host = host_new(d->loop, &server_ops, d->server, &hooks);
	if (d->host == NULL)
		return why_say(why, false, "cannot start: %s",
		    strerror(errno));
	loop_signal(d->loop, SIGTERM, stop, d);
	loop_signal(d->loop, SIGINT, stop, d);
	loop_signal(d->loop, SIGHUP, reload, d);
	d->summary.fire = sum_up;
	loop_set(d->loop, &d->summary, clock_now() + SUMMARY_PERIOD);
	d->watchdog.fire = feed_watchdog;
	if (notify_watchdog() > 0)
		loop_set(d->loop, &d->watchdog, clock_now());
	return true;
}

static void
end(struct daemon *d)
{
	if (d->host != NULL)
		host_finish(d->host);
	if (d->loop != NULL) {
		loop_set(d->loop, &d->summary, USEC_NEVER);
		loop_set(d->loop, &d->watchdog, USEC_NEVER);
	}
	host_free(d->host);
	loop_free(d->loop);
	server_free(d->server);
	names_close(d->names);
	folder_close(&d->folder);
}

static int
run(struct daemon *d)
{
	char why[WHY_SIZE];
	const char *failure;
	int status = EXIT_SUCCESS;

	if (!start(d, why)) {
		log_err(&d->sink.log, "%s", why);
		end(d);
		return EXIT_FAILURE;
	}
	loop_run(d->loop);
	failure = server_failure(d->server);
	if (failure != NULL) {
		status = EXIT_FAILURE;
		log_err(&d->sink.log, "cannot serve on port %u; use --port for "
		    "another one", d->settings.port);
	}
	end(d);
	if (failure == NULL)
		log_info(&d->sink.log, "stopped");
	return d->is_unsafe ? EXIT_FAILURE : status;
}

static void
print_help(void)
{
	char options[4096];

	conf_help(table, options, sizeof options);
	printf("usage: " PROGRAM " [OPTION]...\n"
	    "Introduce gop2p clients to each other.\n\n%s\n"
	    "The firewall has to let in UDP and TCP to the port, UDP to the "
	    "probe port\nand TCP to the second TCP port.\n"
	    "See gop2pd(8) and gop2pd.conf(5).\n", options);
}

static bool
become_user(const struct settings *s, char why[static WHY_SIZE])
{
	if (s->user[0] == '\0' || geteuid() != 0 || harden_become(s->user))
		return true;
	return why_say(why, false, "cannot become the user %s: %s", s->user,
	    errno != 0 ? strerror(errno) : "there is no such user");
}

int
main(int argc, char **argv)
{
	struct daemon d = { .argc = argc, .argv = argv, .folder.fd = -1 };
	char why[WHY_SIZE] = "libsodium cannot be used";

	harden_process();
	if (!read_settings(&d.settings, argc, argv, why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		return 2;
	}
	if (d.settings.help) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (d.settings.version) {
		printf("gop2pd " VERSION "\n");
		return EXIT_SUCCESS;
	}
	if (sodium_init() < 0 || !become_user(&d.settings, why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		return EXIT_FAILURE;
	}
	harden_raise_descriptors();
	open_log(&d);
	if (geteuid() == 0)
		log_warn(&d.sink.log, "it runs as root and need not: let "
		    "systemd start it, or set \"user\" in its configuration");
	return run(&d);
}
