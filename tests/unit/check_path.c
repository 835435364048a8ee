#include "path.h"
#include "runner.h"

static const usec_t t0 = 1000 * USEC_S;

static struct rng
make_rng(void)
{
	struct rng rng;

	rng_init_test(&rng, 1, "path");
	return rng;
}

static struct path *
add(struct paths *p, enum transport transport, uint8_t last, int sock)
{
	struct addr a = addr_v4(192, 0, 2, last, 5000);

	return paths_add(p, t0, transport, CAND_SEEN, sock, &a, NULL);
}

/* A path that answered a challenge after rtt. */
static struct path *
proved(struct paths *p, enum transport transport, uint8_t last, usec_t rtt)
{
	struct rng rng = make_rng();
	struct path *path = add(p, transport, last, last);
	uint64_t token = path_challenge(path, t0 - rtt, &rng);

	ck_assert_ptr_eq(paths_answer(p, t0, token), path);
	return path;
}

START_TEST(an_address_has_one_path)
{
	struct paths p;

	paths_init(&p);
	ck_assert_ptr_eq(add(&p, TRANSPORT_UDP, 1, -1),
	    add(&p, TRANSPORT_UDP, 1, -1));
	ck_assert_ptr_ne(add(&p, TRANSPORT_UDP, 1, -1),
	    add(&p, TRANSPORT_UDP, 2, -1));
	ck_assert_ptr_ne(add(&p, TRANSPORT_TCP, 1, 7),
	    add(&p, TRANSPORT_TCP, 1, 8));
}
END_TEST

START_TEST(only_the_right_token_proves_a_path)
{
	struct rng rng = make_rng();
	struct paths p;
	struct path *path;
	uint64_t token;

	paths_init(&p);
	path = add(&p, TRANSPORT_UDP, 1, -1);
	token = path_challenge(path, t0, &rng);
	ck_assert_ptr_null(paths_answer(&p, t0 + 1, token + 1));
	ck_assert_ptr_null(paths_answer(&p, t0 + 1, 0));
	ck_assert_int_eq(path->state, PATH_TRYING);
	ck_assert_ptr_eq(paths_answer(&p, t0 + 80 * USEC_MS, token), path);
	ck_assert_int_eq(path->state, PATH_VALID);
	ck_assert_uint_eq(path->rtt_us, 80 * USEC_MS);
	ck_assert_ptr_null(paths_answer(&p, t0 + 81 * USEC_MS, token));
}
END_TEST

START_TEST(a_late_answer_makes_a_path_unsure_and_then_lost)
{
	struct rng rng = make_rng();
	struct paths p;
	struct path *path;

	paths_init(&p);
	path = proved(&p, TRANSPORT_UDP, 1, 80 * USEC_MS);
	ck_assert(path_is_sure(path, t0 + 3600 * USEC_S));
	path_challenge(path, t0, &rng);
	ck_assert(path_is_sure(path, t0 + 399 * USEC_MS));
	ck_assert(!path_is_sure(path, t0 + 400 * USEC_MS));
	ck_assert(!path_is_lost(path, t0 + 6500 * USEC_MS - 1));
	ck_assert(path_is_lost(path, t0 + 6500 * USEC_MS));

	/* After a long idle time it is still asked for 4 s. */
	paths_init(&p);
	path = proved(&p, TRANSPORT_UDP, 2, 80 * USEC_MS);
	path_challenge(path, t0 + 25 * USEC_S, &rng);
	ck_assert(!path_is_lost(path, t0 + 29 * USEC_S - 1));
	ck_assert(path_is_lost(path, t0 + 29 * USEC_S));
}
END_TEST

START_TEST(direct_is_better_than_the_relay)
{
	struct paths p;
	struct path *relay, *udp;

	paths_init(&p);
	relay = proved(&p, TRANSPORT_RELAY, 9, 10 * USEC_MS);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, NULL, true),
	    relay);
	ck_assert_ptr_null(paths_best(&p, t0, TRANSPORT_UDP, NULL, false));
	udp = proved(&p, TRANSPORT_UDP, 1, 80 * USEC_MS);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, relay, true), udp);
}
END_TEST

START_TEST(the_preferred_transport_wins_while_it_is_sure)
{
	struct rng rng = make_rng();
	struct paths p;
	struct path *udp, *tcp;

	paths_init(&p);
	udp = proved(&p, TRANSPORT_UDP, 1, 20 * USEC_MS);
	tcp = proved(&p, TRANSPORT_TCP, 1, 40 * USEC_MS);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, NULL, true), udp);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_TCP, udp, true), tcp);
	path_challenge(tcp, t0, &rng);
	ck_assert_ptr_eq(paths_best(&p, t0 + USEC_S, TRANSPORT_TCP, tcp,
	    true), udp);
}
END_TEST

START_TEST(a_little_better_is_no_reason_to_move)
{
	struct paths p;
	struct path *here, *there;

	paths_init(&p);
	here = proved(&p, TRANSPORT_UDP, 1, 80 * USEC_MS);
	there = proved(&p, TRANSPORT_UDP, 2, 62 * USEC_MS);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, here, true), here);
	there->rtt_us = 50 * USEC_MS;
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, here, true),
	    there);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, there, true),
	    there);
}
END_TEST

/* Every fourth ping is answered, the others are lost. */
static usec_t
lossy_minutes(struct paths *p, struct path *path)
{
	struct rng rng = make_rng();
	usec_t now = t0;
	uint64_t token;
	int i;

	for (i = 0; i < 4 * PATH_LOSS_WEIGHT; i++) {
		now += 10 * USEC_S;
		token = path_challenge(path, now, &rng);
		if (i % 4 == 3)
			paths_answer(p, now + USEC_MS, token);
	}
	return now;
}

START_TEST(a_path_that_loses_pings_is_lossy)
{
	struct paths p;
	struct path *path;

	paths_init(&p);
	path = proved(&p, TRANSPORT_UDP, 1, 1);
	lossy_minutes(&p, path);
	ck_assert(path->is_lossy);
	ck_assert_uint_ge(path_loss(path), 500);
}
END_TEST

START_TEST(a_path_that_was_gone_and_is_back_is_as_new)
{
	struct rng rng = make_rng();
	struct paths p;
	struct path *path;
	usec_t now;
	uint64_t token;

	paths_init(&p);
	path = proved(&p, TRANSPORT_UDP, 1, 1);
	now = lossy_minutes(&p, path);
	path->state = _i == 0 ? PATH_DEAD : PATH_TRYING;
	token = path_challenge(path, now + USEC_S, &rng);
	ck_assert_ptr_eq(paths_answer(&p, now + 2 * USEC_S, token), path);
	ck_assert(!path->is_lossy);
	ck_assert_uint_eq(path_loss(path), 0);
}
END_TEST

START_TEST(a_full_table_forgets_the_least_heard_trial)
{
	struct paths p;
	struct path *valid, *keep;
	int i;

	paths_init(&p);
	valid = proved(&p, TRANSPORT_UDP, 1, 1);
	keep = add(&p, TRANSPORT_UDP, 2, -1);
	for (i = 3; i <= PATHS_MAX; i++)
		path_heard(add(&p, TRANSPORT_UDP, (uint8_t)i, -1),
		    t0 + (usec_t)i);
	ck_assert_ptr_nonnull(add(&p, TRANSPORT_UDP, 100, -1));
	ck_assert_int_eq(valid->state, PATH_VALID);
	ck_assert_uint_eq(valid->addr.ip[3], 1);
	/* The silent one gave way. */
	ck_assert_uint_eq(keep->addr.ip[3], 100);
}
END_TEST

/* Of a transport, at random as good or bad as paths get. */
static void
add_random(struct paths *p, struct rng *rng, enum transport transport, int n)
{
	struct path *path = add(p, transport, (uint8_t)n, n);

	path->state = PATH_VALID;
	path->rtt_us = rng_range(rng, 20, 400) * USEC_MS;
	path->loss = rng_below(rng, 3) == 0 ? 0 :
	    PATH_LOSS_WEIGHT * rng_below(rng, 400);
	path->loss_samples = rng_below(rng, PATH_LOSS_WEIGHT + 1);
	path->is_lossy = path_loss(path) > PATH_LOSS_GOOD &&
	    rng_below(rng, 2) == 0;
	path->asked_at = rng_below(rng, 2) == 0 ? USEC_NEVER :
	    t0 - rng_below(rng, 3000) * USEC_MS;
}

/* What is chosen depends on what is in use: it must come to an end. */
START_TEST(choosing_again_and_again_ends)
{
	static const enum transport kinds[] = { TRANSPORT_RELAY,
		TRANSPORT_UDP, TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TCP };
	struct rng rng = make_rng();

	for (int i = 0; i < 20000; i++) {
		struct paths p;
		const struct path *use = NULL;
		enum transport wish = (enum transport)rng_below(&rng, 3);

		paths_init(&p);
		for (int k = 0; k < 5; k++)
			if (rng_below(&rng, 4) > 0)
				add_random(&p, &rng, kinds[k], k + 1);
		for (int k = 0; k < 4; k++)
			use = paths_best(&p, t0, wish, use, true);
		ck_assert_ptr_eq(paths_best(&p, t0, wish, use, true), use);
	}
}
END_TEST

START_TEST(tcp_takes_over_from_lossy_udp)
{
	struct paths p;
	struct path *udp, *tcp;

	paths_init(&p);
	udp = proved(&p, TRANSPORT_UDP, 1, 20 * USEC_MS);
	tcp = proved(&p, TRANSPORT_TCP, 1, 40 * USEC_MS);
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_NONE, udp, true), udp);
	udp->loss = PATH_LOSS_BAD * PATH_LOSS_WEIGHT;
	udp->is_lossy = true;
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_NONE, udp, true), tcp);
	/* Whoever asked for UDP has it. */
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_UDP, tcp, true), udp);
	/* Back when it is good again, and not before. */
	udp->is_lossy = false;
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_NONE, tcp, true), tcp);
	udp->loss = PATH_LOSS_GOOD * PATH_LOSS_WEIGHT;
	ck_assert_ptr_eq(paths_best(&p, t0, TRANSPORT_NONE, tcp, true), udp);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("path");
	TCase *tc = tcase_create("proof");

	tcase_add_test(tc, an_address_has_one_path);
	tcase_add_test(tc, only_the_right_token_proves_a_path);
	tcase_add_test(tc, a_late_answer_makes_a_path_unsure_and_then_lost);
	tcase_add_test(tc, a_path_that_loses_pings_is_lossy);
	tcase_add_loop_test(tc, a_path_that_was_gone_and_is_back_is_as_new, 0,
	    2);
	tcase_add_test(tc, a_full_table_forgets_the_least_heard_trial);
	suite_add_tcase(s, tc);
	tc = tcase_create("choice");
	tcase_add_test(tc, direct_is_better_than_the_relay);
	tcase_add_test(tc, the_preferred_transport_wins_while_it_is_sure);
	tcase_add_test(tc, a_little_better_is_no_reason_to_move);
	tcase_add_test(tc, choosing_again_and_again_ends);
	tcase_add_test(tc, tcp_takes_over_from_lossy_udp);
	suite_add_tcase(s, tc);
	return s;
}
