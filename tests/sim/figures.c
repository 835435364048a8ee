#include "figures.h"

#include <stdlib.h>

static int
by_size(const void *a, const void *b)
{
	usec_t x = *(const usec_t *)a, y = *(const usec_t *)b;

	return x < y ? -1 : x > y;
}

/* The way out of a place. */
static void
lay_cable(struct user *u, const struct cell *cell)
{
	struct cable *cable = u->router == NULL ? host_cable(u->host, 0) :
	    router_cable(u->router);

	if (cell->delay != 0)
		cable->delay = cell->delay;
	cable->loss = cell->loss;
}

static void
count_sent(const struct user *u, struct figures *f)
{
	f->probes += (double)u->probes;
	if (u->probes > f->packets)
		f->packets = u->probes;
	if (u->probe_bytes > f->bytes)
		f->bytes = u->probe_bytes;
}

static struct cond
linked(struct user *a, struct user *b, enum transport transport)
{
	return transport == TRANSPORT_TCP ? on_tcp(a, b) :
	    transport == TRANSPORT_UDP ? direct(a, b) : relayed(a, b);
}

static usec_t
run(const struct cell *cell, uint64_t seed, bool is_turned, struct figures *f)
{
	struct sim *s = sim_new(seed);
	struct user *a, *b;
	usec_t at, took = USEC_NEVER;

	sim_server(s);
	a = sim_client(s, "ann", is_turned ? cell->b : cell->a);
	b = sim_client(s, "bob", is_turned ? cell->a : cell->b);
	lay_cable(a, cell);
	lay_cable(b, cell);
	if (!cell->is_new)
		sim_run(s, 5 * USEC_S);
	at = sim_introduce(a, b);
	if (sim_until(s, linked(a, b, cell->transport), 20 * USEC_S))
		took = sim_now(s) - at;
	count_sent(a, f);
	count_sent(b, f);
	sim_free(s);
	return took;
}

static void
note(struct figures *f, usec_t *took, int i, usec_t t, uint64_t seed)
{
	took[i] = t;
	if (i == 0 || t > f->worst) {
		f->worst = t;
		f->worst_seed = seed;
	}
	f->within_10_s += t <= 10 * USEC_S;
	f->in_time += t != USEC_NEVER;
}

static void
sum(struct figures *f, usec_t *took)
{
	qsort(took, (size_t)f->runs, sizeof took[0], by_size);
	f->median = took[f->runs / 2];
	f->most = took[(f->runs * 99 + 99) / 100 - 1];
	f->probes /= f->runs;
}

struct figures
figures_measure(const struct cell *cell, int runs, uint64_t seed)
{
	static usec_t took[FIGURES_MAX];
	struct figures f = { .runs = runs };

	ck_assert_int_le(runs, FIGURES_MAX);
	for (int i = 0; i < runs; i++)
		note(&f, took, i, run(cell, seed + (uint64_t)i,
		    cell->takes_turns && i % 2 == 1, &f),
		    seed + (uint64_t)i);
	sum(&f, took);
	return f;
}

static const char *
seconds(usec_t t, char buf[static 16])
{
	if (t == USEC_NEVER)
		return "never";
	snprintf(buf, 16, "%.3f", (double)t / USEC_S);
	return buf;
}

void
figures_print(FILE *to, int number, const struct cell *cell,
    const struct figures *f)
{
	char median[16], most[16], worst[16];

	if (number == 0)
		fprintf(to, "%-28s %9s %6s %6s %6s %5s %5s %6s  %s\n", "",
		    "direct", "median", "99 %", "worst", "mean", "most",
		    "bytes", "worst seed");
	fprintf(to, "%2d %-25s %4d/%4d %6s %6s %6s %5.0f %5llu %6llu  %#llx\n",
	    number, cell->name, f->in_time, f->runs,
	    seconds(f->median, median), seconds(f->most, most),
	    seconds(f->worst, worst), f->probes / 2,
	    (unsigned long long)f->packets, (unsigned long long)f->bytes,
	    (unsigned long long)f->worst_seed);
}

struct figures
figures_of(int runs, struct place a, struct place b,
    enum transport transport, const char *what)
{
	struct cell cell = { .name = what, .a = a, .b = b,
		.transport = transport };
	struct figures f = figures_measure(&cell, runs, test_seed());

	if (getenv("GOP2P_FIGURES") != NULL)
		figures_print(stderr, 0, &cell, &f);
	return f;
}

static usec_t
run_switch(uint64_t seed, struct place pa, struct place pb)
{
	struct sim *s = sim_new(seed);
	struct user *a, *b;
	usec_t at, took = USEC_NEVER;

	sim_server(s);
	a = sim_client(s, "ann", pa);
	b = sim_client(s, "bob", pb);
	sim_run(s, 5 * USEC_S);
	sim_introduce(a, b);
	sim_run(s, 15 * USEC_S);
	at = sim_now(s);
	sim_do(seed % 2 == 0 ? a : b, "tcp");
	if (sim_until(s, on_tcp(a, b), 11 * USEC_S))
		took = sim_now(s) - at;
	sim_free(s);
	return took;
}

struct figures
figures_of_switch(int runs, struct place a, struct place b, const char *what)
{
	static usec_t took[FIGURES_MAX];
	struct cell cell = { .name = what };
	struct figures f = { .runs = runs };

	ck_assert_int_le(runs, FIGURES_MAX);
	for (int i = 0; i < runs; i++) {
		uint64_t seed = test_seed() + (uint64_t)i;

		note(&f, took, i, run_switch(seed, a, b), seed);
	}
	sum(&f, took);
	if (getenv("GOP2P_FIGURES") != NULL)
		figures_print(stderr, 0, &cell, &f);
	return f;
}
