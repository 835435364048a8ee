/* From `allow` to a direct path that both sides use, in round trips between
 * the two, for every pair of NATs: in the simulator's virtual time, so the
 * machine has no part in it. SEEDS (7) worlds each; the median. */
#include "bench.h"

#include "../sim/sim.h"

#include <stdio.h>

enum { SEEDS_MAX = 63, PATIENCE_S = 30 };

static const struct {
	const char *name;
	const struct nat_conf *nat; /* NULL: a public address */
	bool is_easy;               /* the goal of 2 holds among these */
} kinds[] = {
	{ "open", NULL, true },
	{ "full cone", &nat_full_cone, true },
	{ "restricted", &nat_restricted, true },
	{ "port-restricted", &nat_easy, true },
	{ "Linux", &nat_linux, true },
	{ "sequential", &nat_sequential, false },
	{ "random", &nat_random, false },
	{ "no UDP", &nat_no_udp, false },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static struct place
place_of(int kind)
{
	return kinds[kind].nat != NULL ? behind(kinds[kind].nat) :
	    in_the_open();
}

/* Whichever transport it is. */
static bool
is_direct(const struct cond *c)
{
	const enum transport a = user_link(c->a, c->b);
	const enum transport b = user_link(c->b, c->a);

	return (a == TRANSPORT_UDP || a == TRANSPORT_TCP) &&
	    (b == TRANSPORT_UDP || b == TRANSPORT_TCP);
}

/* Round trips; 0 if the relay stays. */
static double
round_trips(uint64_t seed, int from, int to)
{
	struct sim *s = sim_new(seed);
	struct user *a, *b;
	double result = 0;
	usec_t at;

	sim_server(s);
	a = sim_client(s, "ann", place_of(from));
	b = sim_client(s, "bob", place_of(to));
	at = sim_introduce(a, b);
	if (sim_until(s, (struct cond) { .holds = is_direct, .a = a, .b = b },
	    PATIENCE_S * USEC_S))
		result = (double)(sim_now(s) - at) / SIM_RT;
	sim_free(s);
	return result;
}

static void
print_pair(int from, int to, uint32_t seeds, double *worst)
{
	double all[SEEDS_MAX], median;
	uint32_t count = 0;

	for (uint32_t i = 0; i < seeds; i++) {
		double rt = round_trips(i + 1, from, to);

		if (rt > 0)
			all[count++] = rt;
	}
	/* One that mostly stays on the relay is no direct one. */
	if (count * 2 <= seeds) {
		printf("%11s", count == 0 ? "relay" : "(relay)");
		return;
	}
	median = bench_median(all, count);
	printf("%11.2f", median);
	if (kinds[from].is_easy && kinds[to].is_easy && median > *worst)
		*worst = median;
}

START_TEST(pairs_of_nats)
{
	const uint32_t seeds = bench_option("SEEDS", 7);
	double worst = 0;

	if (seeds > SEEDS_MAX)
		bench_die("too many SEEDS");
	bench_title("Allow to direct path, in round trips (asker across)");
	printf("%-15s", "");
	for (int from = 0; from < KINDS; from++)
		printf(" %10.10s", kinds[from].name);
	for (int to = 0; to < KINDS; to++) {
		printf("\n%-15s", kinds[to].name);
		for (int from = 0; from < KINDS; from++) {
			print_pair(from, to, seeds, &worst);
			fflush(stdout);
		}
	}
	printf("\n");
	/* Half to hear of it, one for a probe and its answer. */
	bench_ratio("slowest of the first five kinds", worst, 1.5, "rt",
	    "floor", 2 / 1.5);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("paths");
	TCase *tc = tcase_create("paths");

	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, pairs_of_nats);
	suite_add_tcase(s, tc);
	return s;
}
