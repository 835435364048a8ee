#include "figures.h"

/* NATs that choose another port for every destination. */

enum { RUNS = 41 };

static const struct nat_conf nat_hard_adf = {
	.mapping = NAT_APD,
	.filter = NAT_AD,
	.alloc = NAT_RANDOM,
	.hairpin = NAT_HAIRPIN_NO,
	.udp_timer = 120 * USEC_S,
};

/* A helper for TFTP, as many routers have one. */
static struct nat_conf
with_tftp(const struct nat_conf *nat)
{
	struct nat_conf conf = *nat;

	conf.alg_tftp = true;
	return conf;
}

static struct figures
measure(const struct nat_conf *a, const struct nat_conf *b, const char *what)
{
	return figures_of(RUNS, behind(a), behind(b), TRANSPORT_UDP, what);
}

/* Issue "Through any NAT": EIM x sequential direct, at most 1.5 s. */
START_TEST(a_nat_that_counts_is_found_within_1500_ms)
{
	ck_assert_uint_le(measure(&nat_easy, &nat_sequential,
	    "easy x sequential").worst, 1500 * USEC_MS);
	ck_assert_uint_le(measure(&nat_sequential, &nat_easy,
	    "sequential x easy").worst, 1500 * USEC_MS);
}
END_TEST

START_TEST(two_nats_that_count_meet_within_1500_ms)
{
	ck_assert_uint_le(measure(&nat_sequential, &nat_sequential,
	    "sequential x sequential").median, 1500 * USEC_MS);
}
END_TEST

/* EIM x random: median at most 2.5 s, 99 % within 10 s. (1,800 probes at 256 of
 * 64,512 ports miss once in a thousand times: nat.md section 5.) */
START_TEST(a_random_nat_is_found_in_2500_ms_in_the_median)
{
	struct figures t = measure(&nat_easy, &nat_random, "easy x random");

	ck_assert_uint_le(t.median, 2500 * USEC_MS);
	ck_assert_int_ge(t.within_10_s, RUNS - 1);
	t = measure(&nat_random, &nat_easy, "random x easy");
	ck_assert_uint_le(t.median, 2500 * USEC_MS);
	ck_assert_int_ge(t.within_10_s, RUNS - 1);
}
END_TEST

START_TEST(a_filter_that_is_not_strict_lets_two_random_nats_meet)
{
	ck_assert_uint_le(measure(&nat_random, &nat_hard_adf,
	    "random x random/adf").median, 2500 * USEC_MS);
}
END_TEST

/* A carrier's block of 1,024 ports, and the 15 blocks of 16 of MAP-E: samples
 * show them, and the guessing stays inside. */
START_TEST(few_ports_are_guessed_at_once)
{
	struct nat_conf conf = nat_random;
	struct figures f;

	conf.alloc = (enum nat_alloc)_i;
	f = measure(&nat_easy, &conf, _i == NAT_BLOCK ? "easy x block" :
	    "easy x port set");
	ck_assert_uint_le(f.median, USEC_S);
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
	ck_assert(f.probes < 200);
}
END_TEST

/* Nothing else opens a way between these. */
START_TEST(a_tftp_helper_lets_two_strict_random_nats_meet)
{
	struct nat_conf helper = with_tftp(&nat_random);
	struct figures f = measure(&helper, &nat_random,
	    "random/tftp x random");

	ck_assert_uint_le(f.median, 4 * USEC_S);
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
	f = measure(&nat_random, &helper, "random x random/tftp");
	ck_assert_uint_le(f.median, 4 * USEC_S);
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
}
END_TEST

/* One request is enough where the easy side has the helper. */
START_TEST(a_tftp_helper_of_the_easy_side_saves_the_guessing)
{
	struct nat_conf helper = with_tftp(&nat_easy);
	struct figures f = measure(&helper, &nat_random,
	    "easy/tftp x random");

	ck_assert_uint_le(f.median, USEC_S);
	ck_assert(f.probes < 700);
}
END_TEST

START_TEST(two_strict_random_nats_stay_on_the_relay_and_say_why)
{
	struct pair p = sim_pair(&nat_random, &nat_random);
	struct client_path path;
	const struct record *r;

	sim_run(p.s, 5 * USEC_S);
	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), USEC_S));
	ck_assert(sim_never(p.s, direct(p.a, p.b), 15 * USEC_S));
	sim_do(p.a, "why");
	r = user_last(p.a, EV_WHY);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(r->ev.reason, REASON_NAT_HARD);
	ck_assert(client_path(p.a->client, sim_now(p.s), "bob", &path));
	ck_assert_uint_gt(path.why.guessed_udp, 1000);
	ck_assert_uint_eq(path.why.advice, 1u << ADVICE_MAP_OWN |
	    1u << ADVICE_MAP_PEER | 1u << ADVICE_IPV6_BOTH);
	sim_free(p.s);
}
END_TEST

/* nat.md 6.3: at most 1,800 probes, 300 a second, 256 sockets. */
START_TEST(guessing_stays_within_its_limits)
{
	struct pair p = sim_pair(&nat_easy, &nat_random);
	uint64_t before;

	sim_run(p.s, 5 * USEC_S);
	sim_introduce(p.a, p.b);
	sim_block_udp(p.s);
	before = p.a->probes;
	sim_run(p.s, 30 * USEC_S);
	ck_assert_uint_le(p.a->probes - before, 1800 + 100 + 30);
	ck_assert_uint_le(p.b->probes, 1800 + 100 + 30);
	sim_free(p.s);
}
END_TEST

/* In any second at most 300 guesses, however many peers are hard to reach, and
 * the probes of two plain attempts beside them. */
START_TEST(guessing_is_no_flood)
{
	enum { STEPS = 900, WINDOW = 10 };
	const struct nat_conf *nat = _i ? &nat_random : &nat_easy;
	struct sim *s = sim_new(test_seed());
	static uint64_t sent[STEPS];
	struct user *a, *b, *c;

	sim_server(s);
	a = sim_client(s, "ann", behind(nat));
	b = sim_client(s, "bob", behind(&nat_random));
	c = sim_client(s, "cyd", behind(&nat_random));
	sim_run(s, 5 * USEC_S);
	sim_introduce(a, b);
	sim_introduce(a, c);
	for (int i = 0; i < STEPS; i++) {
		sim_run(s, USEC_S / WINDOW);
		sent[i] = a->probes;
		ck_assert(i < WINDOW || sent[i] - sent[i - WINDOW] <=
		    300 + 2 * 30);
	}
	sim_free(s);
}
END_TEST

/* A minute apart, each attempt in another way; the great guess only once. */
START_TEST(what_was_in_vain_is_not_repeated)
{
	struct pair p = sim_pair(&nat_random, &nat_random);
	uint64_t first;

	sim_run(p.s, 5 * USEC_S);
	sim_introduce(p.a, p.b);
	sim_run(p.s, 50 * USEC_S);
	first = p.a->probes;
	ck_assert_uint_ge(first, 1800);
	sim_run(p.s, 1200 * USEC_S);
	ck_assert_uint_le(p.a->probes - first, 20 * 110);
	ck_assert_int_eq(user_link(p.a, p.b), TRANSPORT_RELAY);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("hard NATs");
	TCase *tc = tcase_create("direct");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_nat_that_counts_is_found_within_1500_ms);
	tcase_add_test(tc, two_nats_that_count_meet_within_1500_ms);
	tcase_add_test(tc,
	    a_random_nat_is_found_in_2500_ms_in_the_median);
	tcase_add_test(tc,
	    a_filter_that_is_not_strict_lets_two_random_nats_meet);
	tcase_add_loop_test(tc, few_ports_are_guessed_at_once, NAT_BLOCK,
	    NAT_PORT_SET + 1);
	tcase_add_test(tc,
	    a_tftp_helper_lets_two_strict_random_nats_meet);
	tcase_add_test(tc,
	    a_tftp_helper_of_the_easy_side_saves_the_guessing);
	tcase_add_test(tc,
	    two_strict_random_nats_stay_on_the_relay_and_say_why);
	tcase_add_test(tc, guessing_stays_within_its_limits);
	tcase_add_loop_test(tc, guessing_is_no_flood, 0, 2);
	tcase_add_test(tc, what_was_in_vain_is_not_repeated);
	suite_add_tcase(s, tc);
	return s;
}
