#include "sim.h"

/* NATs that choose another port for every destination. */

static const struct nat_conf nat_hard_adf = {
	.mapping = NAT_APD,
	.filter = NAT_AD,
	.alloc = NAT_RANDOM,
	.hairpin = NAT_HAIRPIN_NO,
	.udp_timer = 120 * USEC_S,
};

/* Nothing of what somebody sends to the server gets there. */
static bool
is_mute(const void *ctx, const struct host *h, const struct pkt *p)
{
	const struct user *u = ctx;

	return h == u->host && host_has_addr(u->sim->servers[0].host, &p->dst);
}

/* What ann's NAT is like reaches bob late: by then he has begun in another way
 * than she did, or cannot. */
static void
tell_late(struct pair *p)
{
	sim_run(p->s, 5 * USEC_S);
	sim_introduce(p->a, p->b);
	world_block(p->s->w, is_mute, p->a);
	sim_run(p->s, 900 * USEC_MS);
	world_block(p->s->w, NULL, NULL);
}

START_TEST(what_is_learnt_late_changes_the_way)
{
	struct pair p = _i ? sim_pair(&nat_random, &nat_hard_adf) :
	    sim_pair(&nat_hard_adf, &nat_random);

	tell_late(&p);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 9 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(two_that_count_meet_although_one_hears_it_late)
{
	struct pair p = sim_pair(&nat_sequential, &nat_sequential);

	tell_late(&p);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 4 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Nor do they find each other by TCP. */
static struct pair
easy_and_random_without_tcp(void)
{
	struct nat_conf easy = nat_easy, random = nat_random;

	easy.no_tcp = random.no_tcp = true;
	return sim_pair(&easy, &random);
}

/* A row of ports that missed is worth another one, 20 s later. */
START_TEST(a_round_that_missed_is_followed_by_another_one)
{
	struct pair p = easy_and_random_without_tcp();

	sim_run(p.s, 5 * USEC_S);
	sim_introduce(p.a, p.b);
	sim_block_udp(p.s);
	sim_run(p.s, 15 * USEC_S);
	sim_unblock(p.s);
	ck_assert(sim_never(p.s, direct(p.a, p.b), 10 * USEC_S));
	ck_assert(sim_until(p.s, direct(p.a, p.b), 15 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Then it takes five minutes, unless one of them is elsewhere. */
START_TEST(at_another_address_guessing_begins_anew)
{
	struct pair p = easy_and_random_without_tcp();
	struct addr at = addr_v4(85, 7, 7, 7, 0);
	uint64_t probes;

	sim_run(p.s, 5 * USEC_S);
	sim_introduce(p.a, p.b);
	sim_block_udp(p.s);
	sim_run(p.s, 60 * USEC_S);
	probes = p.a->probes;
	ck_assert_uint_ge(probes, 2 * 1800);
	sim_run(p.s, 180 * USEC_S);
	ck_assert_uint_le(p.a->probes, probes + 4 * 110);
	sim_unblock(p.s);
	nat_readdress(router_nat(p.a->router), &at, 1);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 60 * USEC_S));
	sim_free(p.s);
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

/* A way that was found by looking at a port of ours goes over that socket. */
START_TEST(no_socket_outlives_its_conversation)
{
	struct pair p = sim_pair(&nat_sequential, &nat_linux);
	size_t open;

	sim_run(p.s, 10 * USEC_S);
	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 9 * USEC_S));
	sim_run(p.s, 60 * USEC_S);
	open = host_udp_count(p.a->host);
	sim_do(p.a, "disconnect");
	sim_run(p.s, USEC_S);
	ck_assert_uint_eq(host_udp_count(p.a->host), open - 1);
	sim_free(p.s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("hard NATs");
	TCase *tc = tcase_create("direct");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_is_learnt_late_changes_the_way, 0, 2);
	tcase_add_test(tc, two_that_count_meet_although_one_hears_it_late);
	tcase_add_test(tc, a_round_that_missed_is_followed_by_another_one);
	tcase_add_test(tc, at_another_address_guessing_begins_anew);
	tcase_add_test(tc,
	    two_strict_random_nats_stay_on_the_relay_and_say_why);
	tcase_add_test(tc, guessing_stays_within_its_limits);
	tcase_add_loop_test(tc, guessing_is_no_flood, 0, 2);
	tcase_add_test(tc, what_was_in_vain_is_not_repeated);
	tcase_add_test(tc, no_socket_outlives_its_conversation);
	suite_add_tcase(s, tc);
	return s;
}
