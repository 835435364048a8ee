/* gop2pd: introduces clients to each other. Options and wiring; what the server
 * does is in core/server.c. */
#include "config.h"

#include "gop2pd_options.h"

#include "core/err.h"
#include "core/ident.h"
#include "core/server.h"
#include "io/args.h"
#include "io/clock.h"
#include "io/harden.h"
#include "io/host.h"
#include "io/keyfile.h"
#include "io/logsink.h"
#include "io/names.h"
#include "io/notify.h"
#include "io/sandbox.h"
#include "io/xdg.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUMMARY_PERIOD (60 * USEC_S)

/* ---- the daemon ---- */

struct daemon {
	int argc;
	char **argv;
	struct options settings;
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
find_folder(const struct options *s, char out[static FOLDER_PATH])
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
		return why_add(why, false, "mend that, or use --state FOLDER");
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
	bool is_new;
	int err;

	randombytes_buf(seed, sizeof seed);
	rng_init(&rng, seed);
	err = keyfile_open(&d->folder, &rng, &conf->identity, &is_new, why);
	rng_fini(&rng);
	if (err == E_IO)
		return why_add(why, false, "the folder needs room, and has to "
		    "belong to the user that gop2pd runs as");
	if (err != 0)
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
	return names_commit(d->names, why);
}

/* The names in their folder. */
static bool
open_names(struct daemon *d, char why[static WHY_SIZE])
{
	uint64_t gap_s;

	if (names_open(&d->names, &d->folder, why) != 0 ||
	    names_mend_times(d->names, clock_wall_us() / 1000000, &gap_s,
	    why) != 0 || names_load(d->names, bind_name, d, why) != 0)
		return false;
	if (gap_s > 0)
		log_info(&d->sink.log, "no name was used for %llu days: they "
		    "do not count against the names",
		    (unsigned long long)(gap_s / 86400));
	return true;
}

/* ---- turns and signals ---- */

static void
say_ready(struct daemon *d)
{
	const struct server_conf *c = &d->settings.server;
	char four[ADDR_TEXT], six[ADDR_TEXT];
	const uint16_t probe = server_probe_port(d->server);
	const uint16_t other = server_tcp_port(d->server);

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
	if (other != 0)
		log_info(&d->sink.log, "second port %u (TCP)", other);
	notify_send("READY=1");
}

/* The ports are open and the files read: what is not needed any more is given
 * up. The folder of the configuration stays readable, for SIGHUP. */
static bool
lock_up(struct daemon *d)
{
	const struct options *s = &d->settings;
	char config[OPTIONS_PATH + 1], what[WHY_SIZE], lacks[WHY_SIZE];
	struct sandbox box = { .writable = d->folder.path,
		.is_strict = strcmp(s->sandbox, "strict") == 0 };

	if (strcmp(s->sandbox, "no") == 0)
		return true;
	snprintf(config, sizeof config, "%s",
	    s->config[0] != '\0' ? s->config : OPTIONS_FILE);
	box.readable = dirname(config);
	if (!sandbox_enter(&box, what, lacks)) {
		log_err(&d->sink.log, "cannot be locked up by %s; sandbox = "
		    "yes does without", lacks);
		return false;
	}
	if (lacks[0] != '\0')
		log_warn(&d->sink.log, "not locked up by %s; sandbox = strict "
		    "would not do without", lacks);
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
		harden_forget_start();
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
	struct options s;
	char why[WHY_SIZE];

	(void)signo;
	if (!options_read(&s, d->argc, d->argv, why)) {
		log_err(&d->sink.log, "the configuration stays as it was: %s",
		    why);
		return;
	}
	d->sink.log.level = s.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	s.server.log = &d->sink.log;
	server_reload(d->server, &s.server);
	log_info(&d->sink.log, "read the configuration again");
	if (options_wait(&d->settings, &s, why))
		log_warn(&d->sink.log, "as before until the next start: %s",
		    why);
}

/* ---- from the start to the end ---- */

static bool
start(struct daemon *d, char why[static WHY_SIZE])
{
	const struct host_hooks hooks = { .turn = turn, .store = store,
		.commit = commit, .keep_fd = -1, .ctx = d };

	if (!open_folder(d, why) || !make_server(d, why) ||
	    !open_names(d, why))
		return false;
	d->loop = loop_new();
	if (d->loop != NULL)
		d->host = host_new(d->loop, &server_ops, d->server, &hooks);
	if (d->host == NULL)
		return why_say(why, false, "cannot start: %s%s",
		    strerror(errno), errno == EMFILE ? "; raise it with "
		    "ulimit -n, or LimitNOFILE in the unit" : "");
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

/* What to do about a port or address that cannot be had. */
static const char *
hint_of(const struct daemon *d, const char *failure)
{
	if (strstr(failure, "in use") != NULL)
		return "stop who has it, or choose another one with --port";
	if (d->settings.listen[0] != '\0')
		return "--listen wants addresses of this machine";
	if (d->settings.port < 1024)
		return "ports below 1024 are for root, or for who has "
		    "CAP_NET_BIND_SERVICE: choose another one with --port";
	return "choose another one with --port";
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
		log_err(&d->sink.log, "cannot serve on port %u: %s; %s",
		    d->settings.port, failure, hint_of(d, failure));
	}
	end(d);
	if (failure == NULL)
		log_info(&d->sink.log, "stopped");
	return d->is_unsafe ? EXIT_FAILURE : status;
}

static bool
become_user(const struct options *s, char why[static WHY_SIZE])
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
	unsigned long descriptors;

	harden_process();
	if (!options_read(&d.settings, argc, argv, why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		return 2;
	}
	if (d.settings.help)
		return options_print_help() ? EXIT_SUCCESS : EXIT_FAILURE;
	if (d.settings.version)
		return args_answer(PROGRAM, PROGRAM " " VERSION "\n") ?
		    EXIT_SUCCESS : EXIT_FAILURE;
	if (sodium_init() < 0 || !become_user(&d.settings, why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		return EXIT_FAILURE;
	}
	descriptors = harden_raise_descriptors();
	open_log(&d);
	if (descriptors < d.settings.server.streams_max)
		log_warn(&d.sink.log, "it may have %lu files open, too few for "
		    "max-streams = %u: raise that with ulimit -n, or "
		    "LimitNOFILE in the unit", descriptors,
		    d.settings.server.streams_max);
	if (geteuid() == 0)
		log_warn(&d.sink.log, "it runs as root and need not: let "
		    "systemd start it, or set \"user\" in its configuration");
	return run(&d);
}
