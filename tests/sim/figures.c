#include "figures.h"

#include <stdio.h>
#include <stdlib.h>

static int
by_size(const void *a, const void *b)
{
	usec_t x = *(const usec_t *)a, y = *(const usec_t *)b;

	return x < y ? -1 : x > y;
}

usec_t
figures_run(uint64_t seed, struct place pa, struct place pb,
    enum transport transport, uint64_t *probes)
{
	struct sim *s = sim_new(seed);
	struct user *a, *b;
	usec_t at, took = USEC_NEVER;

	sim_server(s);
	a = sim_client(s, "ann", pa);
	b = sim_client(s, "bob", pb);
	sim_run(s, 5 * USEC_S);
	at = sim_introduce(a, b);
	if (sim_until(s, transport == TRANSPORT_TCP ? on_tcp(a, b) :
	    transport == TRANSPORT_UDP ? direct(a, b) : relayed(a, b),
	    20 * USEC_S))
		took = sim_now(s) - at;
	if (probes != NULL)
		*probes = a->probes + b->probes;
	sim_free(s);
	return took;
}

/* The median and so on of what runs took. */
static struct figures
summed(int runs, usec_t *took, uint64_t probes, const char *what)
{
	struct figures f = { .within_10_s = 0 };

	for (int i = 0; i < runs; i++)
		f.within_10_s += took[i] <= 10 * USEC_S;
	qsort(took, (size_t)runs, sizeof took[0], by_size);
	f.median = took[runs / 2];
	f.worst = took[runs - 1];
	f.probes = (double)probes / runs;
	if (getenv("GOP2P_FIGURES") != NULL)
		fprintf(stderr, "%s: median %.3f s, worst %.3f s, %d of %d "
		    "within 10 s, %.0f probes a run\n", what,
		    f.median == USEC_NEVER ? -1 : (double)f.median / 1e6,
		    f.worst == USEC_NEVER ? -1 : (double)f.worst / 1e6,
		    f.within_10_s, runs, f.probes);
	return f;
}

struct figures
figures_of(int runs, struct place a, struct place b,
    enum transport transport, const char *what)
{
	usec_t took[FIGURES_MAX];
	uint64_t probes, all = 0;

	ck_assert_int_le(runs, FIGURES_MAX);
	for (int i = 0; i < runs; i++) {
		took[i] = figures_run(test_seed() + (uint64_t)i, a, b,
		    transport, &probes);
		all += probes;
	}
	return summed(runs, took, all, what);
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
	usec_t took[FIGURES_MAX];

	ck_assert_int_le(runs, FIGURES_MAX);
	for (int i = 0; i < runs; i++)
		took[i] = run_switch(test_seed() + (uint64_t)i, a, b);
	return summed(runs, took, 0, what);
}
