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

static enum reason
moved_because(const struct user *u)
{
	return user_last(u, EV_TRANSPORT)->ev.reason;
}

/* By TCP it does not matter what becomes of UDP. */
START_TEST(a_lossy_path_gives_way_to_tcp_and_comes_back)
{
	struct pair p = friends((uint64_t)_i);

	chat(&p, 10 * USEC_S);
	sim_lose_udp(p.s, 12 * PER_CENT);
	ck_assert(chat_until(&p, on_tcp(p.a, p.b), 120 * USEC_S));
	ck_assert_int_eq(moved_because(p.a), REASON_LOSSY);
	ck_assert_int_eq(moved_because(p.b), REASON_LOSSY);
	ck_assert_uint_ge(user_last(p.a, EV_TRANSPORT)->ev.loss_permille, 90);
	ck_assert_uint_le(user_last(p.a, EV_TRANSPORT)->ev.loss_permille, 400);
	chat(&p, 400 * USEC_S);
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 0));
	/* Perhaps by way of the relay. */
	ck_assert_uint_le(user_count(p.a, EV_TRANSPORT), 2);
	ck_assert_uint_le(user_count(p.b, EV_TRANSPORT), 2);
	sim_lose_udp(p.s, 0);
	ck_assert(chat_until(&p, direct(p.a, p.b), 150 * USEC_S));
	ck_assert_int_eq(moved_because(p.a), REASON_PATH_BETTER);
	chat(&p, 400 * USEC_S);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 0));
	ck_assert_uint_le(user_count(p.a, EV_TRANSPORT), 3);
	ck_assert_uint_le(user_count(p.b, EV_TRANSPORT), 3);
	sim_free(p.s);
}
END_TEST

/* What was said before, while and after the stream broke arrives, once. */
START_TEST(when_tcp_dies_the_conversation_goes_on)
{
	struct pair p = friends((uint64_t)_i);

	sim_lose_udp(p.s, 12 * PER_CENT);
	ck_assert(chat_until(&p, on_tcp(p.a, p.b), 120 * USEC_S));
	sim_block_tcp(p.s);
	chat(&p, 60 * USEC_S);
	ck_assert_int_ne(user_link(p.a, p.b), TRANSPORT_TCP);
	ck_assert_int_ne(user_link(p.b, p.a), TRANSPORT_TCP);
	ck_assert(sim_until(p.s, all_delivered(p.a), 10 * USEC_S));
	ck_assert(sim_until(p.s, all_delivered(p.b), 10 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Somebody typed `udp`. */
START_TEST(who_asked_for_udp_keeps_it)
{
	struct pair p = friends((uint64_t)_i);

	sim_do(_i % 2 == 0 ? p.a : p.b, "udp");
	sim_lose_udp(p.s, 12 * PER_CENT);
	chat(&p, 300 * USEC_S);
	ck_assert_uint_eq(user_count(p.a, EV_TRANSPORT), 0);
	ck_assert_uint_eq(user_count(p.b, EV_TRANSPORT), 0);
	sim_free(p.s);
}
END_TEST

/* First SYNs from one client to another. */
static void
count_calls(void *ctx, const struct pkt *p)
{
	unsigned *calls = ctx;

	*calls += p->proto == PKT_TCP && p->flags == PKT_SYN &&
	    p->dst.port != 9000;
}

/* It is tried once in five minutes, for ten seconds. */
START_TEST(tcp_that_is_impossible_is_not_tried_all_the_time)
{
	struct pair p = friends((uint64_t)_i);
	unsigned calls = 0;

	p.s->tap = count_calls;
	p.s->tap_ctx = &calls;
	sim_block_tcp(p.s);
	sim_lose_udp(p.s, 12 * PER_CENT);
	chat(&p, 590 * USEC_S);
	ck_assert_uint_gt(calls, 0);
	ck_assert_uint_le(calls, 100);
	ck_assert(sim_until(p.s, all_delivered(p.a), 10 * USEC_S));
	ck_assert_uint_le(user_count(p.a, EV_TRANSPORT), 2);
	sim_free(p.s);
}
END_TEST

START_TEST(a_lossy_path_gives_way_to_the_relay_and_comes_back)
{
	struct pair p = friends((uint64_t)_i);

	sim_block_tcp(p.s);
	chat(&p, 10 * USEC_S);
	sim_lose_udp(p.s, 12 * PER_CENT);
	ck_assert(chat_until(&p, relayed(p.a, p.b), 90 * USEC_S));
	sim_run(p.s, USEC_S);
	ck_assert_int_eq(moved_because(p.a), REASON_LOSSY);
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

/* Neither is there by TCP, which has to cope with the same: one is as good as
 * the other, and nothing moves more than once in a minute. */
START_TEST(nor_is_tcp_where_everything_is_lost_alike)
{
	struct pair p = friends((uint64_t)_i);

	router_cable(p.a->router)->loss = 8 * PER_CENT;
	router_cable(p.b->router)->loss = 8 * PER_CENT;
	chat(&p, 900 * USEC_S);
	ck_assert_uint_le(user_count(p.a, EV_TRANSPORT), 15);
	ck_assert_uint_le(user_count(p.b, EV_TRANSPORT), 15);
	ck_assert(sim_until(p.s, all_delivered(p.a), 20 * USEC_S));
	ck_assert(sim_until(p.s, all_delivered(p.b), 20 * USEC_S));
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("lossy");
	TCase *tc = tcase_create("paths");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
	    a_lossy_path_gives_way_to_tcp_and_comes_back, 0, SEEDS);
	tcase_add_loop_test(tc, when_tcp_dies_the_conversation_goes_on, 0,
	    SEEDS);
	tcase_add_loop_test(tc, who_asked_for_udp_keeps_it, 0, SEEDS);
	tcase_add_loop_test(tc,
	    tcp_that_is_impossible_is_not_tried_all_the_time, 0, SEEDS);
	tcase_add_loop_test(tc,
	    a_lossy_path_gives_way_to_the_relay_and_comes_back, 0, SEEDS);
	tcase_add_loop_test(tc, a_little_loss_is_no_reason_to_leave, 0,
	    SEEDS);
	tcase_add_loop_test(tc, loss_about_the_limit_does_not_make_it_flap, 0,
	    SEEDS);
	tcase_add_loop_test(tc,
	    the_relay_is_no_refuge_where_it_loses_as_well, 0, SEEDS);
	tcase_add_loop_test(tc, nor_is_tcp_where_everything_is_lost_alike, 0,
	    SEEDS);
	suite_add_tcase(s, tc);
	return s;
}
