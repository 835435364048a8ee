/* Runs worlds made by chance and says how to run one again:
 *
 *   swarm [--seeds N] [--from SEED]   N of them (200), as TAP
 *   swarm --seed SEED [--trace] [--without CLASS]...   one
 */
#include "swarm.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS = 200, BATCH = 25, TWICE = 10 };

/* What happened in all worlds, shared with the processes that they live in:
 * worlds in which nothing happens prove nothing. */
struct tally {
	unsigned long conversations, shown, delivered, undelivered;
	unsigned long udp, tcp, relay;
};

static struct tally *tally;

static void
count_events(const struct user *u)
{
	for (size_t i = 0; i < u->count; i++) {
		const struct event *ev = &u->records[i].ev;

		tally->conversations += ev->kind == EV_CONNECTED;
		tally->shown += ev->kind == EV_MESSAGE;
		tally->delivered += ev->kind == EV_DELIVERED;
		tally->undelivered += ev->kind == EV_UNDELIVERED;
		if (ev->kind != EV_CONNECTED && ev->kind != EV_TRANSPORT)
			continue;
		tally->udp += ev->transport == TRANSPORT_UDP;
		tally->tcp += ev->transport == TRANSPORT_TCP;
		tally->relay += ev->transport == TRANSPORT_RELAY;
	}
}

/* Lives one world; false after saying on standard output what is wrong. */
static bool
run(uint64_t seed, uint32_t without, bool is_traced, uint64_t *trace)
{
	struct swarm *w = swarm_new(seed, without, is_traced);
	const char *failure = swarm_live(w);

	if (failure != NULL)
		printf("# %#llx at %.3f s: %s\n", (unsigned long long)seed,
		    (double)sim_now(w->s) / USEC_S, failure);
	*trace = world_trace(w->s->w);
	for (size_t i = 0; i < w->s->user_count; i++)
		count_events(w->s->users[i]);
	swarm_free(w);
	return failure == NULL;
}

/* The same in a process of its own, so that a crash is one failure. Every
 * tenth world lives twice and must leave the same trace. */
static bool
run_apart(uint64_t seed, uint32_t without, bool is_quiet)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		uint64_t first, second;
		bool ok;

		if (is_quiet && freopen("/dev/null", "w", stdout) == NULL)
			_exit(EXIT_FAILURE);
		ok = run(seed, without, false, &first);
		if (ok && seed % TWICE == 0) {
			ok = run(seed, without, false, &second) &&
			    first == second;
			if (!ok)
				printf("# %#llx: the second life is another\n",
				    (unsigned long long)seed);
		}
		fflush(stdout);
		_exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Leaves out one class after the other as long as the world still fails. */
static void
explain(const char *self, uint64_t seed)
{
	uint32_t without = 0;

	for (int i = 0; i < SWARM_CLASSES; i++)
		if (!run_apart(seed, without | 1u << i, true))
			without |= 1u << i;
	printf("# run again: %s --seed %#llx --trace", self,
	    (unsigned long long)seed);
	for (int i = 0; i < SWARM_CLASSES; i++)
		if (without >> i & 1)
			printf(" --without %s", swarm_class_names[i]);
	printf("\n");
}

/* Fails if the worlds were too quiet to prove anything. */
static bool
report(unsigned long number, unsigned long worlds)
{
	bool ok = tally->conversations >= worlds &&
	    tally->delivered >= 10 * worlds && tally->udp >= worlds &&
	    tally->relay >= worlds && 5 * tally->tcp >= worlds;

	printf("# %lu worlds: %lu conversations, %lu messages shown, %lu "
	    "marked delivered, %lu reported as not;\n", worlds,
	    tally->conversations, tally->shown, tally->delivered,
	    tally->undelivered);
	printf("# paths taken: %lu UDP, %lu TCP, %lu relay\n", tally->udp,
	    tally->tcp, tally->relay);
	printf("%sok %lu - the worlds are lively\n", ok ? "" : "not ", number);
	return ok;
}

static int
run_many(const char *self, uint64_t from, unsigned long count)
{
	unsigned long batches = (count + BATCH - 1) / BATCH, failed = 0;

	printf("1..%lu\n", batches + 1);
	for (unsigned long b = 0; b < batches; b++) {
		unsigned long bad = 0;

		for (unsigned long i = b * BATCH;
		    i < (b + 1) * BATCH && i < count; i++) {
			if (run_apart(from + i, 0, false))
				continue;
			bad++;
			explain(self, from + i);
		}
		printf("%sok %lu - worlds from %#llx\n",
		    bad > 0 ? "not " : "", b + 1,
		    (unsigned long long)(from + b * BATCH));
		failed += bad;
	}
	failed += !report(batches + 1, count);
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static uint32_t
class_of(const char *name)
{
	for (uint32_t i = 0; i < SWARM_CLASSES; i++)
		if (strcmp(swarm_class_names[i], name) == 0)
			return 1u << i;
	fprintf(stderr, "no class of troubles is called %s\n", name);
	exit(2);
}

/* Where the runner of the unit tests would define it. */
uint64_t
test_seed(void)
{
	const char *s = getenv("GOP2P_SEED");

	return s != NULL ? strtoull(s, NULL, 0) : 0x60b2b;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' },
		{ "from", required_argument, NULL, 'f' },
		{ "seed", required_argument, NULL, 's' },
		{ "trace", no_argument, NULL, 't' },
		{ "without", required_argument, NULL, 'w' },
		{ 0 },
	};
	uint64_t from = test_seed(), seed = 0, trace;
	unsigned long count = SEEDS;
	bool is_one = false, is_traced = false;
	uint32_t without = 0;
	int c;

	tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sodium_init() < 0 || tally == MAP_FAILED)
		return EXIT_FAILURE;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n') {
			count = strtoul(optarg, NULL, 0);
		} else if (c == 'f') {
			from = strtoull(optarg, NULL, 0);
		} else if (c == 's') {
			seed = strtoull(optarg, NULL, 0);
			is_one = true;
		} else if (c == 't') {
			is_traced = true;
		} else if (c == 'w') {
			without |= class_of(optarg);
		} else {
			return 2;
		}
	}
	if (!is_one)
		return run_many(argv[0], from, count);
	return run(seed, without, is_traced, &trace) ? EXIT_SUCCESS :
	    EXIT_FAILURE;
}
