#include "sim.h"

#include <stdio.h>

/* Issue "Through any NAT": a lossy direct path gives way to a better one. */

enum { SEEDS = 3 };

/* Both say something every second. */
static bool
chat_until(struct pair *p, struct cond cond, usec_t within)
{
	usec_t until = sim_now(p->s) + within;
	static unsigned n;
	char line[32];

	while (sim_now(p->s) < until) {
		snprintf(line, sizeof line, "msg word %u", n++);
		sim_do(p->a, line);
		sim_do(p->b, line);
		if (sim_until(p->s, cond, USEC_S))
			return true;
	}
	return false;
}

static struct pair
friends(uint64_t seed)
{
	struct pair p = { .s = sim_new(test_seed() + seed) };

	sim_server(p.s);
	p.a = sim_client(p.s, "ann", behind(&nat_easy));
	p.b = sim_client(p.s, "bob", behind(&nat_easy));
	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 5 * USEC_S));
	user_mark(p.a);
	user_mark(p.b);
	return p;
}

static bool
never(const struct cond *c)
{
	(void)c;
	return false;
}

static void
chat(struct pair *p, usec_t during)
{
	chat_until(p, (struct cond) { .holds = never }, during);
}

START_TEST(a_lossy_path_gives_way_and_comes_back)
{
	struct pair p = friends((uint64_t)_i);

	chat(&p, 10 * USEC_S);
	sim_lose_udp(p.s, 12 * PER_CENT);
	ck_assert(chat_until(&p, relayed(p.a, p.b), 90 * USEC_S));
	sim_run(p.s, USEC_S);
	ck_assert_int_eq(user_last(p.a, EV_TRANSPORT)->ev.reason,
	    REASON_PATH_BETTER);
	chat(&p, 120 * USEC_S);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), 0));
	sim_lose_udp(p.s, 0);
	ck_assert(chat_until(&p, direct(p.a, p.b), 150 * USEC_S));
	chat(&p, 120 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 0));
	/* There and back, and no more. */
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 2);
	ck_assert_uint_eq(user_count(p.b, EV_TRANSPORT), 2);
	sim_free(p.s);
}
END_TEST

START_TEST(a_little_loss_is_no_reason_to_leave)
{
	struct pair p = friends((uint64_t)_i);

	sim_lose_udp(p.s, PER_CENT);
	chat(&p, 600 * USEC_S);
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	ck_assert_uint_eq(user_count(p.b, EV_TRANSPORT), 0);
	sim_free(p.s);
}
END_TEST

/* About the limit: whatever is chosen, it is not changed all the time. */
START_TEST(loss_about_the_limit_does_not_make_it_flap)
{
	struct pair p = friends((uint64_t)_i);

	sim_lose_udp(p.s, 5 * PER_CENT);
	chat(&p, 900 * USEC_S);
	ck_assert_uint_le(user_count(p.a, EV_TRANSPORT), 3);
	ck_assert_uint_le(user_count(p.b, EV_TRANSPORT), 3);
	sim_free(p.s);
}
END_TEST

/* Where the relay loses as much there is nothing to be gained. */
START_TEST(the_relay_is_no_refuge_where_it_loses_as_well)
{
	struct pair p = friends((uint64_t)_i);

	router_cable(p.a->router)->loss = 8 * PER_CENT;
	chat(&p, 300 * USEC_S);
	ck_assert_uint_le(user_count(p.a, EV_TRANSPORT), 2);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("lossy");
	TCase *tc = tcase_create("paths");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_lossy_path_gives_way_and_comes_back, 0,
	    SEEDS);
	tcase_add_loop_test(tc, a_little_loss_is_no_reason_to_leave, 0,
	    SEEDS);
	tcase_add_loop_test(tc, loss_about_the_limit_does_not_make_it_flap, 0,
	    SEEDS);
	tcase_add_loop_test(tc,
	    the_relay_is_no_refuge_where_it_loses_as_well, 0, SEEDS);
	suite_add_tcase(s, tc);
	return s;
}
