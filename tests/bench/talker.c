#include "config.h"

#include "talker.h"

#include "bench.h"

#include "core/client.h"
#include "io/clock.h"
#include "io/host.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE = 128 };

/* Inside of the process. */
struct self {
	const char *peer;
	uint16_t server_port;
	bool answers;
	FILE *out;
	struct client *client;
	struct loop *loop;
	struct watch commands;
	struct known known;
	char todo[LINE];      /* a line for the next turn, or "" */
	bool has_message;     /* for the next turn */
	uint32_t serial;
	uint32_t left;        /* of the row */
	uint64_t sent_at;
	uint64_t rtt[TALKER_PINGS];
	bool has_heard;
};

static struct self self;

static void
say(const char *word)
{
	fprintf(self.out, "%s %llu\n", word,
	    (unsigned long long)bench_now_ns());
	fflush(self.out);
}

static void
do_later(const char *verb, const char *rest)
{
	snprintf(self.todo, sizeof self.todo, "%s %s", verb, rest);
}

static void
do_message(void)
{
	self.has_message = true;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

double
talker_median(uint64_t *ns, size_t count)
{
	qsort(ns, count, sizeof *ns, compare);
	return (double)ns[count / 2];
}

double
talker_worst(uint64_t *ns, size_t count)
{
	qsort(ns, count, sizeof *ns, compare);
	return (double)ns[count * 99 / 100];
}

static void
heard(void)
{
	if (self.answers) {
		if (!self.has_heard)
			say("heard");
		self.has_heard = true;
		do_message();
		return;
	}
	if (self.left == 0)
		return; /* the answer to the greeting */
	self.rtt[--self.left] = bench_now_ns() - self.sent_at;
	if (self.left > 0) {
		do_message();
		return;
	}
	fprintf(self.out, "row %llu %.0f %.0f\n",
	    (unsigned long long)bench_now_ns(),
	    talker_median(self.rtt, TALKER_PINGS),
	    talker_worst(self.rtt, TALKER_PINGS));
	fflush(self.out);
}

static void
on_event(void *ctx, const struct event *ev)
{
	(void)ctx;
	switch (ev->kind) {
	case EV_REGISTERED:
		say("registered");
		break;
	case EV_REQUEST:
		do_later("allow", ev->peer);
		break;
	case EV_CONNECTED:
		say("connected");
		if (ev->transport == TRANSPORT_UDP)
			say("direct");
		if (!self.answers)
			do_message();
		break;
	case EV_TRANSPORT:
		if (ev->transport == TRANSPORT_UDP)
			say("direct");
		break;
	case EV_MESSAGE:
		heard();
		break;
	case EV_FAILED:
	case EV_DISCONNECTED:
		say("failed");
		break;
	default:
		break;
	}
}

static bool
on_turn(void *ctx, usec_t now)
{
	static const char text[TALKER_TEXT];
	struct command command = { .id = COMMAND_MSG, .text = text,
		.len = sizeof text };
	struct command_error err;
	char line[LINE];

	(void)ctx;
	if (self.has_message) {
		self.has_message = false;
		self.sent_at = bench_now_ns();
	} else if (self.todo[0] != '\0') {
		memcpy(line, self.todo, sizeof line);
		self.todo[0] = '\0';
		if (!command_parse(line, strlen(line), &command, &err))
			bench_die(err.text);
	} else {
		return false;
	}
	client_do(self.client, now, &command, ++self.serial);
	return true;
}

static int
save(void *ctx, const char *name, const void *buf, size_t len,
    char why[static WHY_SIZE])
{
	(void)ctx;
	(void)name;
	(void)buf;
	(void)len;
	(void)why;
	return 0;
}

static void
on_command(struct watch *w, int events)
{
	char c;

	(void)events;
	if (read(STDIN_FILENO, &c, 1) != 1) {
		loop_unwatch(w);
		loop_stop(self.loop);
		return;
	}
	if (c == TALKER_CONNECT) {
		do_later("connect", self.peer);
		say("asks");
	} else {
		self.left = TALKER_PINGS;
		do_message();
	}
}

/* Deaf to everybody but the server. */
static void
server_only(void *node, usec_t now, const struct input *in)
{
	if (in->kind != IN_DGRAM || in->from.port == self.server_port)
		client_ops.input(node, now, in);
}

static _Noreturn void
live(const char *name, bool only_relay)
{
	const struct host_hooks hooks = { .event = on_event, .turn = on_turn,
		.save = save, .keep_fd = -1 };
	struct client_conf conf = { .server_host = "127.0.0.1",
		.server_port = self.server_port };
	struct node_ops ops = client_ops;
	uint8_t seed[RNG_SEED_LEN];
	struct rng rng;

	randombytes_buf(seed, sizeof seed);
	rng_init(&rng, seed);
	keypair_make(&conf.identity, &rng);
	snprintf(conf.name, sizeof conf.name, "%s", name);
	rng_fill(&rng, seed, sizeof seed);
	known_init(&self.known);
	self.client = client_new(&conf, &self.known, seed, clock_now(),
	    clock_wall_us() / 1000000);
	self.loop = loop_new();
	if (only_relay)
		ops.input = server_only;
	if (self.client == NULL || self.loop == NULL ||
	    host_new(self.loop, &ops, self.client, &hooks) == NULL)
		bench_die("no client");
	self.commands.ready = on_command;
	loop_watch(self.loop, &self.commands, STDIN_FILENO, LOOP_READ);
	loop_run(self.loop);
	_exit(0);
}

/* ---- from outside ---- */

struct talker
talker_start(const char *name, const char *peer, uint16_t server_port,
    bool answers, bool only_relay)
{
	int in[2], out[2];
	struct talker t;

	if (pipe(in) != 0 || pipe(out) != 0)
		bench_die("no pipe");
	t.pid = fork();
	if (t.pid < 0)
		bench_die("no process");
	if (t.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		bench_pin(0);
		dup2(in[0], STDIN_FILENO);
		close(in[1]);
		close(out[0]);
		self = (struct self){ .peer = peer,
			.server_port = server_port, .answers = answers,
			.out = fdopen(out[1], "w") };
		live(name, only_relay);
	}
	close(in[0]);
	close(out[1]);
	t.commands = in[1];
	t.says = fdopen(out[0], "r");
	return t;
}

void
talker_stop(struct talker *t)
{
	kill(t->pid, SIGKILL);
	while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	close(t->commands);
	fclose(t->says);
}

void
talker_tell(const struct talker *t, enum talker_command command)
{
	const char c = (char)command;

	if (write(t->commands, &c, 1) != 1)
		bench_die("a client is gone");
}

uint64_t
talker_await(struct talker *t, const char *word, double numbers[static 2])
{
	unsigned long long at;
	char line[LINE], first[16];

	alarm(10);
	while (fgets(line, sizeof line, t->says) != NULL) {
		if (sscanf(line, "%15s %llu %lf %lf", first, &at, &numbers[0],
		    &numbers[1]) < 2 || strcmp(first, "failed") == 0)
			break;
		if (strcmp(first, word) == 0) {
			alarm(0);
			return at;
		}
	}
	bench_die("two clients do not find each other");
}
