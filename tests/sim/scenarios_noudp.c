#include "figures.h"

/* Issue "Through any NAT": no UDP passes on one side or on both. */

enum { RUNS = 21 };

static struct figures
measure(const struct nat_conf *a, const struct nat_conf *b, const char *what)
{
	return figures_of(RUNS, behind(a), behind(b), TRANSPORT_TCP, what);
}

/* TCP direct where both mappings are endpoint-independent, at most 4 rt after
 * `allow`. */
START_TEST(tcp_is_direct_within_four_round_trips)
{
	static const struct nat_conf *const nats[] = { &nat_full_cone,
		&nat_restricted, &nat_easy, &nat_linux };
	const struct nat_conf *nat = nats[_i];

	ck_assert_uint_le(measure(&nat_no_udp, nat, "no-udp x easy").median,
	    4 * SIM_RT + 8 * SIM_LAN);
	ck_assert_uint_le(measure(nat, &nat_no_udp, "easy x no-udp").median,
	    4 * SIM_RT + 8 * SIM_LAN);
}
END_TEST

START_TEST(tcp_is_direct_behind_a_carrier_within_four_round_trips)
{
	struct place carrier = behind_carrier(&nat_easy, NULL);
	struct place blocked = behind(&nat_no_udp);

	ck_assert_uint_le(figures_of(RUNS, blocked, carrier, TRANSPORT_TCP,
	    "no-udp x carrier").worst, 4 * SIM_RT);
	ck_assert_uint_le(figures_of(RUNS, carrier, blocked, TRANSPORT_TCP,
	    "carrier x no-udp").worst, 4 * SIM_RT);
}
END_TEST

START_TEST(two_without_udp_are_direct_within_four_round_trips)
{
	ck_assert_uint_le(measure(&nat_no_udp, &nat_no_udp,
	    "no-udp x no-udp").median, 4 * SIM_RT);
}
END_TEST

/* With one NAT that chooses another port for every destination: at most 3 s. */
START_TEST(tcp_finds_the_port_of_a_hard_nat)
{
	static const struct nat_conf *const nats[] = { &nat_sequential,
		&nat_random };
	struct nat_conf blocked = *nats[_i];
	struct figures f;

	blocked.no_udp = true;
	f = measure(&nat_no_udp, nats[_i], "no-udp x hard");
	ck_assert_uint_le(f.median, 3 * USEC_S);
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
	f = measure(nats[_i], &nat_no_udp, "hard x no-udp");
	ck_assert_uint_le(f.median, 3 * USEC_S);
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
	f = measure(&blocked, &nat_easy, "hard and no-udp x easy");
	ck_assert_uint_le(f.median, 3 * USEC_S);
	ck_assert_int_ge(f.within_10_s, RUNS - 1);
}
END_TEST

/* A network that lets out nothing but the web. */
START_TEST(where_only_the_web_works_the_relay_does)
{
	struct nat_conf web = nat_no_udp;
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;
	usec_t at;

	web.tcp_port_only = 443;
	s->servers[0].conf.tcp_port = 443;
	sim_server(s);
	a = sim_client(s, "ann", behind(_i & 1 ? &web : &nat_easy));
	b = sim_client(s, "bob", behind(_i & 2 ? &web : &nat_easy));
	ck_assert(sim_until(s, registered(a), 10 * USEC_S));
	ck_assert(sim_until(s, registered(b), 10 * USEC_S));
	at = sim_introduce(a, b);
	sim_do(a, "msg hello");
	ck_assert(sim_until(s, heard(b, "hello"), 2 * SIM_RT));
	ck_assert_uint_le(sim_now(s) - at, 2 * SIM_RT);
	ck_assert(sim_never(s, on_tcp(a, b), 15 * USEC_S));
	ck_assert(sim_until(s, relayed(a, b), 0));
	sim_free(s);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("without UDP");
	TCase *tc = tcase_create("direct");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, tcp_is_direct_within_four_round_trips, 0, 4);
	tcase_add_test(tc,
	    tcp_is_direct_behind_a_carrier_within_four_round_trips);
	tcase_add_test(tc,
	    two_without_udp_are_direct_within_four_round_trips);
	tcase_add_loop_test(tc, tcp_finds_the_port_of_a_hard_nat, 0, 2);
	tcase_add_loop_test(tc, where_only_the_web_works_the_relay_does, 1, 4);
	suite_add_tcase(s, tc);
	return s;
}
