#include "asker.h"

#include "runner.h"

#include <string.h>

/* ---- the search ---- */

START_TEST(both_protocols_are_asked_at_once)
{
	begin_v4();
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	ck_assert_uint_eq(r.count, 2);
	is_in_state(MAPPING_ASKING);
	end();
}
END_TEST

START_TEST(requests_are_repeated_as_the_rfcs_say)
{
	static const usec_t pmp[] = { 0, 250, 750, 1750, 3750, 7750, 15750,
		31750, 63750 };
	static const usec_t pcp[] = { 0, 3000, 9000, 21000, 45000 };
	size_t n = 0, m = 0;
	usec_t at;

	begin_v4();
	at = r.now;
	run(1000 * USEC_S);
	for (size_t i = 0; i < r.count; i++) {
		const struct asked *a = &r.asked[i];

		if (is_pmp(a, NATPMP_ADDRESS)) {
			ck_assert_uint_lt(n, 9);
			ck_assert_uint_eq(a->at, at + pmp[n++] * USEC_MS);
		} else if (is_pcp(a, PCP_UDP)) {
			ck_assert_uint_lt(m, 5);
			ck_assert_uint_eq(a->at, at + pcp[m++] * USEC_MS);
		}
	}
	ck_assert_uint_eq(n, 9);
	ck_assert_uint_eq(m, 5);
	ck_assert_uint_eq(count_upnp(), 1);
	is_in_state(MAPPING_NONE);
	end();
}
END_TEST

START_TEST(who_was_silent_is_asked_again_after_half_an_hour)
{
	begin_v4();
	run(1000 * USEC_S);
	r.count = 0;
	run(2000 * USEC_S);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 9);
	end();
}
END_TEST

START_TEST(nat_pmp_waits_a_moment_for_pcp)
{
	begin_v4();
	pmp_address(1000, 7);
	run(249 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	run(1 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_TCP), 1);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	ck_assert(r.p.has_news);
	end();
}
END_TEST

START_TEST(nat_pmp_does_not_wait_where_there_is_no_pcp)
{
	begin_v4();
	pmp_address(1000, 7);
	/* RFC 6886 section 3.5: to the MAP of PCP. */
	answer_hex("00 81 0001 000003e8");
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	end();
}
END_TEST

START_TEST(pcp_is_preferred)
{
	begin_v4();
	pmp_address(1000, 7);
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	run(300 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	ck_assert_uint_eq(count_pcp(PCP_TCP), 1);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(a_pcp_server_without_nat_pmp_is_still_a_pcp_server)
{
	begin_v4();
	/* To our NAT-PMP, in its own version. */
	answer_hex("02 80 00 01 00000000 000003e8 00000000 00000000 00000000");
	run(3 * USEC_S);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 2);
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(upnp_is_asked_where_nobody_else_answers)
{
	begin_v4();
	run(999 * USEC_MS);
	ck_assert_uint_eq(count_upnp(), 0);
	run(1 * USEC_MS);
	ck_assert_uint_eq(count_upnp(), 1);
	ck_assert(addr_eq(&r.asked[r.count - 1].from, &r.local));
	ck_assert(addr_same_ip(&r.asked[r.count - 1].to, &r.router));
	ck_assert_uint_eq(r.asked[r.count - 1].id, 7200);
	upnp_answer(E_OK, "203.0.113.7:9001", "203.0.113.7:9001", 7200);
	has_mapping(MAPPING_BY_UPNP, "203.0.113.7:9001");
	r.count = 0;
	run(599 * USEC_S);
	ck_assert_uint_eq(r.count, 0);
	end();
}
END_TEST

START_TEST(upnp_is_asked_at_once_where_the_others_refuse)
{
	begin_v4();
	answer_hex("00 80 0002 000003e8");
	pcp_answer(PCP_UDP, PCP_NOT_AUTHORIZED, 1000, 600);
	run(0);
	ck_assert_uint_eq(count_upnp(), 1);
	upnp_answer(E_NONE, NULL, NULL, 0);
	is_in_state(MAPPING_REFUSED);
	/* As long as PCP says. */
	r.count = 0;
	run(599 * USEC_S);
	ck_assert_uint_eq(r.count, 0);
	run(1 * USEC_S);
	ck_assert_uint_gt(r.count, 0);
	end();
}
END_TEST

START_TEST(upnp_that_never_answers_ends_the_search_too)
{
	begin_v4();
	answer_hex("00 80 0002 000003e8");
	pcp_answer(PCP_UDP, PCP_NOT_AUTHORIZED, 1000, 600);
	run(20 * USEC_S);
	is_in_state(MAPPING_REFUSED);
	end();
}
END_TEST

START_TEST(ipv6_asks_pcp_first)
{
	begin("fe80::1", "2001:db8::2");
	run(999 * USEC_MS);
	ck_assert_uint_eq(r.count, 1);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	pcp_answer_from("fe80::1", PCP_UDP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "[2001:db8::2]:9001");
	end();
}
END_TEST

START_TEST(ipv6_asks_upnp_where_there_is_no_pcp)
{
	begin("fe80::1", "2001:db8::2");
	run(1 * USEC_S);
	ck_assert_uint_eq(count_upnp(), 1);
	ck_assert(addr_eq(&r.asked[r.count - 1].from, &r.local));
	ck_assert(addr_same_ip(&r.asked[r.count - 1].to, &r.router));
	upnp_answer(E_OK, "[2001:db8::2]:9001", "[2001:db8::2]:9001", 7200);
	has_mapping(MAPPING_BY_UPNP, "[2001:db8::2]:9001");
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 0);
	end();
}
END_TEST

/* ---- staying ---- */

START_TEST(leases_are_renewed_at_half_of_their_time)
{
	if (_i == 0)
		map_by_pmp();
	else
		map_by_pcp();
	run(3599 * USEC_S);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP) + count_pcp(PCP_UDP), 0);
	run(2 * USEC_S);
	ck_assert_uint_ge(count_pmp(NATPMP_MAP_UDP) + count_pcp(PCP_UDP), 1);
	ck_assert_uint_ge(count_pmp(NATPMP_MAP_TCP) + count_pcp(PCP_TCP), 1);
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

START_TEST(a_lease_that_is_not_renewed_ends_and_the_search_begins_anew)
{
	if (_i == 0)
		map_by_pmp();
	else
		map_by_pcp();
	run(7199 * USEC_S);
	ck_assert_int_eq(r.p.state, MAPPING_OPEN);
	r.count = 0;
	run(1 * USEC_S);
	ck_assert_int_ne(r.p.state, MAPPING_OPEN);
	ck_assert(r.p.has_news);
	ck_assert_uint_ge(count_pmp(NATPMP_ADDRESS), 1);
	end();
}
END_TEST

START_TEST(a_router_that_forgot_is_asked_again_at_once)
{
	map_by_pmp();
	run(600 * USEC_S);
	ck_assert_uint_ge(count_pmp(NATPMP_ADDRESS), 1);
	r.count = 0;
	pmp_address(30, 7);
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_TCP), 1);
	end();
	map_by_pcp();
	run(600 * USEC_S);
	r.count = 0;
	answer_hex("02 80 00 00 00000000 0000001e 00000000 00000000 00000000");
	run(0);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	ck_assert_uint_eq(count_pcp(PCP_TCP), 1);
	end();
}
END_TEST

START_TEST(a_router_that_remembers_is_left_alone)
{
	map_by_pmp();
	run(600 * USEC_S);
	r.count = 0;
	pmp_address(1600, 7);
	run(0);
	ck_assert_uint_eq(r.count, 0);
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

START_TEST(a_router_with_a_new_address_moves_our_port)
{
	map_by_pmp();
	run(600 * USEC_S);
	pmp_address(1600, 8);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.8:9001");
	ck_assert(r.p.has_news);
	end();
}
END_TEST

START_TEST(a_doubt_asks_at_once_but_not_all_the_time)
{
	map_by_pmp();
	portmap_doubt(&r.p, r.now);
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	pmp_address(1000, 7);
	portmap_doubt(&r.p, r.now);
	run(0);
	ck_assert_uint_eq(count_pmp(NATPMP_ADDRESS), 1);
	end();
}
END_TEST

/* ---- leaving ---- */

START_TEST(everything_is_given_back)
{
	map_by_pmp();
	portmap_leave(&r.p, &r.self, r.now);
	drain();
	ck_assert_uint_eq(r.count, 2);
	for (size_t i = 0; i < 2; i++) {
		/* RFC 6886 section 3.4: neither port nor time. */
		ck_assert_uint_eq(r.asked[i].len, NATPMP_MAP_LEN);
		ck_assert_mem_eq(r.asked[i].buf + 4, "\x23\x29\0\0\0\0\0\0",
		    8);
	}
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 0, 0);
	ck_assert(!portmap_has_left(&r.p));
	pmp_map(NATPMP_MAP_TCP, 0, 1000, 0, 0);
	ck_assert(portmap_has_left(&r.p));
	ck_assert_int_eq(r.asked[r.count - 1].kind, ACT_CLOSE);
	ck_assert_int_eq(r.asked[r.count - 2].kind, ACT_CLOSE);
	ck_assert_int_ne(r.asked[r.count - 1].sock,
	    r.asked[r.count - 2].sock);
	end();
}
END_TEST

START_TEST(pcp_gets_its_mappings_back_with_their_nonces)
{
	uint8_t nonce[PCP_NONCE_LEN];

	begin_v4();
	memcpy(nonce, r.asked[1].buf + 24, sizeof nonce);
	end();
	map_by_pcp();
	portmap_leave(&r.p, &r.self, r.now);
	drain();
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	ck_assert_mem_eq(r.asked[0].buf + 24, nonce, sizeof nonce);
	ck_assert_mem_eq(r.asked[0].buf + 4, "\0\0\0\0", 4);
	pcp_answer(PCP_UDP, 0, 1000, 0);
	pcp_answer(PCP_TCP, 0, 1000, 0);
	ck_assert(portmap_has_left(&r.p));
	end();
}
END_TEST

START_TEST(a_silent_router_gets_a_second_and_three_requests)
{
	usec_t at;

	map_by_pmp();
	at = r.now;
	portmap_leave(&r.p, &r.self, r.now);
	run(10 * USEC_S);
	ck_assert(portmap_has_left(&r.p));
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 3);
	ck_assert_uint_eq(r.asked[r.count - 1].at, at + PORTMAP_LEAVE_US);
	end();
}
END_TEST

START_TEST(who_has_nothing_leaves_at_once)
{
	begin_v4();
	portmap_leave(&r.p, &r.self, r.now);
	ck_assert(portmap_has_left(&r.p));
	end();
}
END_TEST

START_TEST(another_router_is_another_story)
{
	struct addr other;

	map_by_pmp();
	ck_assert(addr_parse("10.0.0.1", 5351, &other));
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	ck_assert_uint_eq(r.count, 0);
	portmap_aim(&r.p, &r.self, r.now, &other, &r.local);
	drain();
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 1);
	ck_assert_int_eq(r.asked[r.count - 1].kind, ACT_OPEN);
	ck_assert(r.p.has_news);
	is_in_state(MAPPING_ASKING);
	portmap_aim(&r.p, &r.self, r.now, NULL, NULL);
	is_in_state(MAPPING_OFF);
	end();
}
END_TEST

static void
add_search(Suite *s)
{
	TCase *tc = tcase_create("search");

	tcase_add_test(tc, both_protocols_are_asked_at_once);
	tcase_add_test(tc, requests_are_repeated_as_the_rfcs_say);
	tcase_add_test(tc, who_was_silent_is_asked_again_after_half_an_hour);
	tcase_add_test(tc, nat_pmp_waits_a_moment_for_pcp);
	tcase_add_test(tc, nat_pmp_does_not_wait_where_there_is_no_pcp);
	tcase_add_test(tc, pcp_is_preferred);
	tcase_add_test(tc,
	    a_pcp_server_without_nat_pmp_is_still_a_pcp_server);
	tcase_add_test(tc, upnp_is_asked_where_nobody_else_answers);
	tcase_add_test(tc, upnp_is_asked_at_once_where_the_others_refuse);
	tcase_add_test(tc, upnp_that_never_answers_ends_the_search_too);
	tcase_add_test(tc, ipv6_asks_pcp_first);
	tcase_add_test(tc, ipv6_asks_upnp_where_there_is_no_pcp);
	suite_add_tcase(s, tc);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("portmap");
	TCase *tc = tcase_create("stay and leave");

	add_search(s);
	tcase_add_loop_test(tc, leases_are_renewed_at_half_of_their_time, 0,
	    2);
	tcase_add_loop_test(tc,
	    a_lease_that_is_not_renewed_ends_and_the_search_begins_anew, 0,
	    2);
	tcase_add_test(tc, a_router_that_forgot_is_asked_again_at_once);
	tcase_add_test(tc, a_router_that_remembers_is_left_alone);
	tcase_add_test(tc, a_router_with_a_new_address_moves_our_port);
	tcase_add_test(tc, a_doubt_asks_at_once_but_not_all_the_time);
	tcase_add_test(tc, everything_is_given_back);
	tcase_add_test(tc, pcp_gets_its_mappings_back_with_their_nonces);
	tcase_add_test(tc, a_silent_router_gets_a_second_and_three_requests);
	tcase_add_test(tc, who_has_nothing_leaves_at_once);
	tcase_add_test(tc, another_router_is_another_story);
	suite_add_tcase(s, tc);
	return s;
}
