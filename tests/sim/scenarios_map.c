#include "portmap.h"
#include "sim.h"

#include <string.h>

/* Routers that give ports. */

static const struct gateway_conf protocols[] = {
	{ .natpmp = true }, { .pcp = true }, { .natpmp = true, .pcp = true },
	{ .upnp = true }, { .natpmp = true, .pcp = true, .upnp = true },
};

/* Both NATs strict, where nothing else gets through; ann's gives ports. */
static struct pair
strict_pair(struct gateway_conf conf)
{
	struct pair p = { .s = sim_new(test_seed()) };

	sim_server(p.s);
	p.a = sim_client(p.s, "ann", with_gateway(behind(&nat_random), conf));
	p.b = sim_client(p.s, "bob", behind(&nat_random));
	sim_run(p.s, 5 * USEC_S);
	return p;
}

static struct pair
strict_friends(struct gateway_conf conf)
{
	struct pair p = strict_pair(conf);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), USEC_S));
	return p;
}

START_TEST(one_mapped_port_joins_two_strict_nats)
{
	struct pair p = strict_pair(protocols[_i]);
	usec_t at;

	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	at = _i % 2 == 0 ? sim_introduce(p.a, p.b) : sim_introduce(p.b, p.a);
	ck_assert(sim_until(p.s, direct(p.a, p.b), USEC_S));
	ck_assert_uint_le(sim_now(p.s) - at, 3 * SIM_RT);
	sim_do(p.a, "msg hello");
	ck_assert(sim_until(p.s, heard(p.b, "hello"), USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(without_a_router_that_gives_ports_they_stay_apart)
{
	struct pair p = strict_pair((struct gateway_conf) { .natpmp = true,
	    .pcp = true, .upnp = true, .refuses = true });

	ck_assert_uint_eq(gateway_count(p.a->router), 0);
	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, relayed(p.a, p.b), USEC_S));
	ck_assert(sim_never(p.s, direct(p.a, p.b), 30 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(a_mapped_port_carries_tcp_too)
{
	struct pair p = strict_friends(protocols[_i]);

	sim_do(p.a, "tcp");
	ck_assert(sim_until(p.s, on_tcp(p.a, p.b), 5 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(ports_are_kept_for_as_long_as_they_are_needed)
{
	struct gateway_conf conf = protocols[_i];
	struct pair p;

	conf.lifetime_max_s = 120;
	p = strict_friends(conf);
	for (int i = 0; i < 60; i++) {
		sim_run(p.s, 10 * USEC_S);
		ck_assert_uint_eq(gateway_count(p.a->router), 2);
	}
	/* Each of two ports at half of its time, the router's clock now and
	 * then. */
	ck_assert_uint_ge(gateway_asked(p.a->router), 10);
	ck_assert_uint_le(gateway_asked(p.a->router), 50);
	sim_free(p.s);
}
END_TEST

START_TEST(ports_are_given_back_at_the_end)
{
	struct pair p = strict_friends(protocols[_i]);

	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), 300 * USEC_MS));
	ck_assert_uint_eq(gateway_count(p.a->router), 0);
	ck_assert_int_eq(user_last(p.a, EV_EXIT)->ev.exit_code,
	    EXIT_CODE_OK);
	sim_free(p.s);
}
END_TEST

START_TEST(a_router_that_is_off_holds_nobody_up_for_long)
{
	struct pair p = strict_friends(protocols[_i]);

	host_cable(p.a->host, 0)->is_cut = true;
	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), PORTMAP_LEAVE_US + USEC_MS));
	sim_free(p.s);
}
END_TEST

START_TEST(a_router_that_was_off_is_asked_again)
{
	struct pair p = strict_friends(protocols[_i]);

	gateway_reboot(p.a->router, true, NULL);
	ck_assert_uint_eq(gateway_count(p.a->router), 0);
	/* UPnP has no clock that tells: it is asked every ten minutes. */
	sim_run(p.s, 610 * USEC_S);
	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 70 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(a_new_address_of_the_router_is_learnt)
{
	struct pair p = strict_friends(protocols[_i]);
	struct addr at = addr_v4(85, 2, 77, 77, 0);

	gateway_reboot(p.a->router, true, &at);
	sim_run(p.s, 610 * USEC_S);
	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 70 * USEC_S));
	sim_free(p.s);
}
END_TEST

/* Those of protocols that announce: all but UPnP. */
static const int announcers[] = { 0, 1, 2, 4 };

START_TEST(a_router_that_announces_its_start_is_asked_within_seconds)
{
	struct pair p = strict_friends(protocols[announcers[_i / 2]]);
	struct addr at = addr_v4(85, 2, 77, 77, 0);

	sim_run(p.s, 60 * USEC_S);
	gateway_reboot(p.a->router, true, _i % 2 == 0 ? NULL : &at);
	gateway_announce(p.a->router);
	sim_run(p.s, PORTMAP_HEARD_US + 100 * USEC_MS);
	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 70 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(a_router_that_begins_to_give_ports_needs_only_say_so)
{
	struct gateway_conf off = { .refuses = true }, on;
	struct pair p = strict_pair(off);

	sim_run(p.s, 300 * USEC_S);
	ck_assert_uint_eq(gateway_count(p.a->router), 0);
	on = protocols[announcers[_i]];
	on.inside = gateway_addr(p.a->router);
	on.outside = addr_v4(85, 2, 77, 77, 0);
	gateway_change(p.a->router, &on);
	gateway_announce(p.a->router);
	sim_run(p.s, PORTMAP_HEARD_US + USEC_S);
	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	sim_free(p.s);
}
END_TEST

START_TEST(a_router_that_announces_all_the_time_is_asked_now_and_then)
{
	struct pair p = strict_friends(protocols[announcers[_i]]);
	unsigned before = gateway_asked(p.a->router);

	for (int i = 0; i < 600; i++) {
		gateway_reboot(p.a->router, false, NULL);
		gateway_announce(p.a->router);
		sim_run(p.s, 100 * USEC_MS);
	}
	/* Two ports and an address, each ten seconds, and once more for other
	 * reasons. */
	ck_assert_uint_le(gateway_asked(p.a->router) - before, 3 * 8);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 70 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(who_moves_to_another_home_uses_its_router)
{
	struct pair p = strict_friends(protocols[_i]);
	struct user *c = sim_user(p.s, "carl",
	    with_gateway(behind(&nat_random), protocols[_i]));

	sim_move(p.a, c);
	sim_run(p.s, 30 * USEC_S);
	ck_assert_uint_eq(gateway_count(c->router), 2);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 70 * USEC_S));
	sim_free(p.s);
}
END_TEST

START_TEST(a_port_that_a_crash_left_behind_is_ours_again)
{
	struct pair p = strict_friends(protocols[_i]);

	user_kill(p.a, NODE_EXITS);
	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	user_start(p.a);
	user_mark(p.a);
	user_mark(p.b);
	sim_run(p.s, 5 * USEC_S);
	ck_assert_uint_eq(gateway_count(p.a->router), 2);
	sim_do(p.a, "exit");
	ck_assert(sim_until(p.s, gone(p.a), USEC_S));
	ck_assert_uint_eq(gateway_count(p.a->router), 0);
	sim_free(p.s);
}
END_TEST

START_TEST(a_router_may_give_another_port_than_the_one_wished_for)
{
	struct gateway_conf conf = protocols[_i];
	struct pair p;

	conf.port_from = 40000;
	p = strict_friends(conf);
	sim_free(p.s);
}
END_TEST

/* Their routers' addresses are the carrier's, and mean something there. */
START_TEST(two_customers_of_one_carrier_meet_at_their_routers)
{
	struct gateway_conf conf = { .natpmp = true };
	struct sim *s = sim_new(test_seed());
	struct user *a, *b;

	sim_server(s);
	a = sim_client(s, "ann", with_gateway(behind_carrier(&nat_random,
	    NULL), conf));
	b = sim_client(s, "bob", with_gateway(behind_carrier(&nat_random, a),
	    conf));
	sim_run(s, 5 * USEC_S);
	sim_introduce(a, b);
	ck_assert(sim_until(s, direct(a, b), USEC_S));
	sim_free(s);
}
END_TEST

START_TEST(who_needs_no_port_asks_for_none)
{
	struct gateway_conf conf = { .natpmp = true, .pcp = true };
	struct sim *s = sim_new(test_seed());
	struct user *a;

	sim_server(s);
	a = sim_user(s, "ann", with_gateway(behind(&nat_easy), conf));
	a->conf.port_mapping = false;
	user_start(a);
	sim_run(s, 60 * USEC_S);
	ck_assert_uint_eq(gateway_asked(a->router), 0);
	sim_free(s);
}
END_TEST

Suite *
make_suite(void)
{
	const int all = sizeof protocols / sizeof protocols[0];
	const int announcing = sizeof announcers / sizeof announcers[0];
	Suite *s = suite_create("map");
	TCase *t = tcase_create("map");

	tcase_add_loop_test(t, one_mapped_port_joins_two_strict_nats, 0, all);
	tcase_add_test(t,
	    without_a_router_that_gives_ports_they_stay_apart);
	tcase_add_loop_test(t, a_mapped_port_carries_tcp_too, 0, all);
	tcase_add_loop_test(t,
	    ports_are_kept_for_as_long_as_they_are_needed, 0, all);
	tcase_add_loop_test(t, ports_are_given_back_at_the_end, 0, all);
	tcase_add_loop_test(t,
	    a_router_that_is_off_holds_nobody_up_for_long, 0, all);
	tcase_add_loop_test(t, a_router_that_was_off_is_asked_again, 0, all);
	tcase_add_loop_test(t, a_new_address_of_the_router_is_learnt, 0, all);
	tcase_add_loop_test(t,
	    a_router_that_announces_its_start_is_asked_within_seconds, 0,
	    2 * announcing);
	tcase_add_loop_test(t,
	    a_router_that_begins_to_give_ports_needs_only_say_so, 0,
	    announcing);
	tcase_add_loop_test(t,
	    a_router_that_announces_all_the_time_is_asked_now_and_then, 0,
	    announcing);
	tcase_add_loop_test(t, who_moves_to_another_home_uses_its_router, 0,
	    all);
	tcase_add_loop_test(t,
	    a_port_that_a_crash_left_behind_is_ours_again, 0, all);
	tcase_add_loop_test(t,
	    a_router_may_give_another_port_than_the_one_wished_for, 0, all);
	tcase_add_test(t,
	    two_customers_of_one_carrier_meet_at_their_routers);
	tcase_add_test(t, who_needs_no_port_asks_for_none);
	suite_add_tcase(s, t);
	return s;
}
