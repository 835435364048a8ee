#include "asker.h"

#include "portmap_ask.h"
#include "runner.h"

#include <string.h>

/* ---- whom it believes ---- */

START_TEST(only_the_router_itself_is_believed)
{
	static const char *const others[] = { "192.168.1.3:5351",
		"192.168.1.1:5350", "203.0.113.7:5351" };
	uint8_t buf[16];

	begin_v4();
	for (size_t i = 0; i < 3; i++) {
		size_t len = unhex("00 80 0000 000003e8 cb007107", buf,
		    sizeof buf);

		answer_from(others[i], buf, len);
		pcp_answer_from(others[i], PCP_UDP, 0, 1000, 7200);
	}
	run(300 * USEC_MS);
	is_in_state(MAPPING_ASKING);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	end();
}
END_TEST

START_TEST(a_pcp_answer_without_our_nonce_is_nothing)
{
	begin_v4();
	r.asked[1].buf[24] ^= 1;
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	is_in_state(MAPPING_ASKING);
	pcp_answer(PCP_UDP, PCP_NOT_AUTHORIZED, 1000, 7200);
	ck_assert_uint_ne(r.p.pcp.at, USEC_NEVER);
	end();
}
END_TEST

START_TEST(nonces_are_our_own_and_the_same_after_a_restart)
{
	uint8_t first[PCP_NONCE_LEN];

	begin_v4();
	memcpy(first, r.asked[1].buf + 24, sizeof first);
	end();
	begin_v4();
	ck_assert_mem_eq(first, r.asked[1].buf + 24, sizeof first);
	r.self.identity.secret[0] ^= 1;
	r.count = 0;
	run(3 * USEC_S);
	ck_assert_uint_eq(count_pcp(PCP_UDP), 1);
	for (size_t i = 0; i < r.count; i++)
		if (is_pcp(&r.asked[i], PCP_UDP))
			ck_assert_mem_ne(first, r.asked[i].buf + 24,
			    sizeof first);
	end();
}
END_TEST

START_TEST(what_was_not_asked_for_is_not_taken)
{
	begin_v4();
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	is_in_state(MAPPING_ASKING);
	end();
	map_by_pmp();
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 6666, 7200);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	end();
}
END_TEST

/* Nowhere, this host, this network's nobody, many, all, later, documentation
 * of protocols. */
static const char *const nowhere[] = { "00000000", "00000001", "7f000001",
	"a9fe0101", "e0000001", "effffffa", "ffffffff", "f0000001",
	"c0000001" };

static void
answer_nowhere(const char *ip)
{
	uint8_t buf[12] = { 0, 0x80, [6] = 0x03, [7] = 0xe8 };

	ck_assert_uint_eq(unhex(ip, buf + 8, 4), 4);
	answer(buf, sizeof buf);
}

START_TEST(addresses_that_lead_nowhere_are_no_mapping)
{
	begin_v4();
	answer_nowhere(nowhere[_i]);
	run(250 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	is_in_state(MAPPING_ASKING);
	end();
}
END_TEST

START_TEST(a_mapping_does_not_move_to_an_address_that_leads_nowhere)
{
	map_by_pmp();
	answer_nowhere(nowhere[_i]);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

START_TEST(a_port_or_an_address_of_zero_is_no_mapping)
{
	begin_v4();
	pmp_address(1000, 7);
	run(250 * USEC_MS);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 0, 7200);
	is_in_state(MAPPING_ASKING);
	end();
	begin_v4();
	run(USEC_S);
	upnp_answer(E_OK, "0.0.0.0:9001", NULL, 7200);
	run(200 * USEC_S);
	is_in_state(MAPPING_REFUSED);
	end();
}
END_TEST

START_TEST(other_sizes_and_questions_are_no_answers)
{
	static const char *const hex[] = { "", "00", "00 80", "00 80 0000",
		"00 80 0000 000003e8", "00 80 0000 000003e8 cb0071",
		"00 81 0000 000003e8 2329 2329 0000", "00 00", "00 83 0000 "
		"000003e8 cb007107", "01 80 0000 000003e8 cb007107",
		"02 82 0000 00001c20 000003e8 000000000000000000000000",
		"02 81 0000 00001c20 000003e8 000000000000000000000000" };

	begin_v4();
	for (size_t i = 0; i < sizeof hex / sizeof hex[0]; i++)
		answer_hex(hex[i]);
	run(300 * USEC_MS);
	ck_assert_uint_eq(count_pmp(NATPMP_MAP_UDP), 0);
	is_in_state(MAPPING_ASKING);
	end();
}
END_TEST

START_TEST(a_time_that_is_over_at_once_is_no_mapping)
{
	static const uint32_t short_s[] = { 0, 1, 7 };

	for (size_t i = 0; i < 3; i++) {
		begin_v4();
		pmp_address(1000, 7);
		run(250 * USEC_MS);
		pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, short_s[i]);
		is_in_state(MAPPING_ASKING);
		end();
		begin_v4();
		pcp_answer(PCP_UDP, 0, 1000, short_s[i]);
		is_in_state(MAPPING_ASKING);
		end();
	}
}
END_TEST

START_TEST(a_time_without_end_is_a_day)
{
	struct mapping_report m;

	map_by_pcp();
	run(3600 * USEC_S);
	pcp_answer(PCP_UDP, 0, 4600, UINT32_MAX);
	portmap_report(&r.p, r.now, &m);
	ck_assert_uint_eq(m.lifetime_s, PCP_LIFETIME_MAX_S);
	end();
}
END_TEST

/* Answers what was asked since first, each time with a younger clock. */
static void
answer_since(size_t first, uint32_t *epoch_s)
{
	const size_t count = r.count;

	for (size_t i = first; i < count; i++) {
		const struct asked *a = &r.asked[i];

		*epoch_s -= 100;
		if (is_pcp(a, PCP_UDP) || is_pcp(a, PCP_TCP))
			pcp_answer(a->buf[36], 0, *epoch_s, 7200);
		else if (is_pmp(a, NATPMP_ADDRESS))
			pmp_address(*epoch_s, 7);
		else
			pmp_map((enum natpmp_op)a->buf[1], 0, *epoch_s, 9001,
			    7200);
	}
}

/* How many requests in a time. */
static size_t
count_while_jumping(usec_t duration)
{
	const usec_t end_at = r.now + duration;
	uint32_t epoch_s = 1000000;
	const size_t before = r.count;

	while (portmap_deadline(&r.p) < end_at) {
		const size_t first = r.count;

		run_until(portmap_deadline(&r.p));
		answer_since(first, &epoch_s);
		r.now += USEC_MS;
	}
	return r.count - before;
}

START_TEST(a_clock_that_jumps_all_the_time_makes_no_storm)
{
	size_t count;

	if (_i == 0)
		map_by_pmp();
	else
		map_by_pcp();
	/* The first jump. */
	portmap_doubt(&r.p, r.now);
	run(0);
	if (_i == 0)
		pmp_address(1, 7);
	else
		answer_hex("02 80 00 00 00000000 00000001 00000000 00000000 "
		    "00000000");
	count = count_while_jumping(60 * USEC_S);
	ck_assert_uint_ge(count, 4);
	ck_assert_uint_le(count, 30);
	ck_assert_int_eq(r.p.state, MAPPING_OPEN);
	end();
}
END_TEST

START_TEST(noise_changes_nothing)
{
	struct rng rng;
	uint8_t buf[80], seed[RNG_SEED_LEN] = { 0 };
	uint64_t from = test_seed();

	memcpy(seed, &from, sizeof from);
	rng_init(&rng, seed);
	map_by_pcp();
	for (int i = 0; i < 20000; i++) {
		size_t len = rng_below(&rng, sizeof buf + 1);

		rng_fill(&rng, buf, sizeof buf);
		if (i % 3 == 0)
			memcpy(buf, "\x02\x81\x00\x00", 4);
		else if (i % 3 == 1)
			memcpy(buf, "\x00\x81\x00\x00", 4);
		answer(buf, len);
	}
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	ck_assert(!r.p.has_news);
	end();
}
END_TEST

/* ---- announcements ---- */

static void
announce_from(const char *from, const char *hex)
{
	uint8_t buf[64];
	size_t len = unhex(hex, buf, sizeof buf);

	hear_on(EAR, from, buf, len);
}

static void
announce(const char *hex)
{
	announce_from("192.168.1.1", hex);
}

#define PMP_AT(epoch, ip) "00 80 0000" epoch ip
#define PCP_AT(epoch) "02 80 00 00 00000000" epoch \
	"00000000 00000000 00000000"

static size_t
count_all(void)
{
	return count_pmp(NATPMP_MAP_UDP) + count_pcp(PCP_UDP);
}

START_TEST(it_listens_where_routers_announce)
{
	struct addr group;

	begin_v4();
	portmap_aim(&r.p, &r.self, r.now, NULL, NULL);
	r.count = 0;
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	ck_assert_uint_eq(r.count, 2 + 2);
	ck_assert_int_eq(r.asked[0].kind, ACT_CLOSE);
	ck_assert_int_eq(r.asked[1].sock, EAR);
	ck_assert_int_eq(r.asked[1].kind, ACT_CLOSE);
	ck_assert_int_eq(r.asked[3].sock, EAR);
	ck_assert_int_eq(r.asked[3].kind, ACT_OPEN);
	ck_assert(addr_parse("224.0.0.1:5350", 1, &group));
	ck_assert(addr_eq(&r.asked[3].from, &group));
	ck_assert(addr_same_ip(&r.asked[3].to, &r.local));
	end();
}
END_TEST

START_TEST(of_ipv6_it_listens_on_the_routers_network)
{
	struct addr group;

	begin("fe80::1", "2001:db8::2");
	portmap_aim(&r.p, &r.self, r.now, NULL, NULL);
	drain();
	r.count = 0;
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	/* Without a network there is none to listen on. */
	ck_assert_uint_eq(r.count, 1);
	portmap_aim(&r.p, &r.self, r.now, NULL, NULL);
	drain();
	r.count = 0;
	r.router.scope = 3;
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	ck_assert_uint_eq(r.count, 2);
	ck_assert(addr_parse("[ff02::1]:5350", 1, &group));
	group.scope = 3;
	ck_assert(addr_eq(&r.asked[1].from, &group));
	end();
}
END_TEST

START_TEST(without_an_ear_all_goes_on)
{
	struct input in = { .kind = IN_OPENED, .sock = EAR, .err = E_TAKEN };

	begin_v4();
	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(a_router_that_announces_its_start_is_asked_soon)
{
	if (_i == 0)
		map_by_pmp();
	else
		map_by_pcp();
	run(100 * USEC_S);
	announce(_i == 0 ? PMP_AT("00000000", "cb007107") :
	    PCP_AT("00000000"));
	ck_assert_uint_eq(count_all(), 0);
	run(PORTMAP_HEARD_US);
	ck_assert_uint_ge(count_all(), 1);
	has_mapping(_i == 0 ? MAPPING_BY_NATPMP : MAPPING_BY_PCP,
	    "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(not_all_who_hear_it_ask_at_the_same_moment)
{
	usec_t first = 0, other = 0;

	for (uint8_t i = 0; i < 2; i++) {
		uint8_t seed[RNG_SEED_LEN] = { i };

		map_by_pcp();
		rng_init(&r.self.rng, seed);
		announce(PCP_AT("00000000"));
		run(PORTMAP_HEARD_US);
		ck_assert_uint_ge(r.count, 1);
		first = other;
		other = r.asked[0].at;
		end();
	}
	ck_assert_uint_ne(first, other);
}
END_TEST

START_TEST(an_announced_address_is_asked_for_and_not_believed)
{
	map_by_pmp();
	announce(PMP_AT("000003e8", "cb007108"));
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	run(PORTMAP_HEARD_US);
	ck_assert_uint_ge(count_pmp(NATPMP_ADDRESS), 1);
	ck_assert(!r.p.has_news);
	pmp_address(1005, 8);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.8:9001");
	end();
}
END_TEST

START_TEST(a_mapping_that_the_router_changes_is_asked_for_again)
{
	const struct addr had = addr_v4(203, 0, 113, 7, 9001);

	map_by_pcp();
	/* Nothing was asked, and nothing is new. */
	r.asked[r.count++] = (struct asked) { .kind = ACT_SEND,
		.len = PCP_MAP_LEN };
	pcp_ask_map(&r.local, &(struct pcp_map) { .protocol = PCP_UDP,
		.internal_port = 9001, .external = had }, r.asked[0].buf);
	portmap_nonce(&r.p, &r.self, PORTMAP_UDP, r.asked[0].buf + 24);
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	run(PORTMAP_HEARD_US);
	ck_assert_uint_eq(r.count, 1);
	/* Another port. */
	r.asked[0].buf[43]++;
	pcp_answer(PCP_UDP, 0, 1005, 7200);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	run(PORTMAP_HEARD_US);
	ck_assert_uint_ge(count_pcp(PCP_UDP), 2);
	end();
}
END_TEST

START_TEST(an_announcement_of_nothing_new_is_nothing)
{
	map_by_pmp();
	run(100 * USEC_S);
	announce(PMP_AT("0000044c", "cb007107"));
	announce(PCP_AT("00000000"));
	run(PORTMAP_HEARD_US);
	ck_assert_uint_eq(r.count, 0);
	end();
	map_by_pcp();
	run(100 * USEC_S);
	announce(PCP_AT("0000044c"));
	announce(PMP_AT("00000000", "cb007107"));
	run(PORTMAP_HEARD_US);
	ck_assert_uint_eq(r.count, 0);
	end();
}
END_TEST

START_TEST(others_announce_nothing_to_us)
{
	map_by_pcp();
	announce_from("192.168.1.3:5351", PCP_AT("00000000"));
	announce_from("192.168.1.1:5350", PCP_AT("00000000"));
	announce_from("203.0.113.7:5351", PMP_AT("00000000", "cb007108"));
	/* Neither an announcement: a refusal, a question, a MAP, a stump. */
	announce("02 80 00 02 00000000 00000000 00000000 00000000 00000000");
	announce("02 00 00 00 00000000 00000000 00000000 00000000 00000000");
	announce("00 81 0000 00000000 2329 2329 00001c20");
	announce("00 80 0003 00000000");
	announce("00 80 0000 00000000");
	run(PORTMAP_HEARD_US);
	ck_assert_uint_eq(r.count, 0);
	end();
}
END_TEST

START_TEST(announcements_make_no_storm)
{
	map_by_pcp();
	for (int i = 0; i < 6000; i++) {
		announce(i % 2 == 0 ? PCP_AT("00000000") :
		    PMP_AT("00000000", "cb007108"));
		run(10 * USEC_MS);
		if (r.p.leases[PORTMAP_UDP].tries > 0)
			pcp_answer(PCP_UDP, 0, 1000, 7200);
		if (r.p.leases[PORTMAP_TCP].tries > 0)
			pcp_answer(PCP_TCP, 0, 1000, 7200);
	}
	ck_assert_uint_ge(r.count, 2);
	ck_assert_uint_le(r.count, 2 * 7);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	end();
}
END_TEST

START_TEST(who_gave_nothing_and_announces_its_start_is_asked_again)
{
	begin_v4();
	run(_i == 0 ? 40 * USEC_S : 1000 * USEC_S);
	is_in_state(_i == 0 ? MAPPING_ASKING : MAPPING_NONE);
	r.count = 0;
	announce(PCP_AT("00000000"));
	run(PORTMAP_HEARD_US);
	ck_assert_uint_ge(count_pcp(PCP_UDP), 1);
	ck_assert_uint_ge(count_pmp(NATPMP_ADDRESS), 1);
	end();
}
END_TEST

START_TEST(who_leaves_asks_for_nothing_any_more)
{
	map_by_pcp();
	announce(PCP_AT("00000000"));
	portmap_leave(&r.p, &r.self, r.now);
	announce(PCP_AT("00000000"));
	run(10 * USEC_S);
	for (size_t i = 0; i < r.count; i++)
		if (r.asked[i].kind == ACT_SEND)
			ck_assert_mem_eq(r.asked[i].buf + 4, "\0\0\0\0", 4);
	ck_assert(portmap_has_left(&r.p));
	end();
}
END_TEST

static void
add_announcements(Suite *s)
{
	TCase *tc = tcase_create("announcements");

	tcase_add_test(tc, it_listens_where_routers_announce);
	tcase_add_test(tc, of_ipv6_it_listens_on_the_routers_network);
	tcase_add_test(tc, without_an_ear_all_goes_on);
	tcase_add_loop_test(tc,
	    a_router_that_announces_its_start_is_asked_soon, 0, 2);
	tcase_add_test(tc, not_all_who_hear_it_ask_at_the_same_moment);
	tcase_add_test(tc,
	    an_announced_address_is_asked_for_and_not_believed);
	tcase_add_test(tc,
	    a_mapping_that_the_router_changes_is_asked_for_again);
	tcase_add_test(tc, an_announcement_of_nothing_new_is_nothing);
	tcase_add_test(tc, others_announce_nothing_to_us);
	tcase_add_test(tc, announcements_make_no_storm);
	tcase_add_loop_test(tc,
	    who_gave_nothing_and_announces_its_start_is_asked_again, 0, 2);
	tcase_add_test(tc, who_leaves_asks_for_nothing_any_more);
	suite_add_tcase(s, tc);
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("portmap");
	TCase *tc = tcase_create("trust");

	tcase_add_test(tc, only_the_router_itself_is_believed);
	tcase_add_test(tc, a_pcp_answer_without_our_nonce_is_nothing);
	tcase_add_test(tc, nonces_are_our_own_and_the_same_after_a_restart);
	tcase_add_test(tc, what_was_not_asked_for_is_not_taken);
	tcase_add_loop_test(tc, addresses_that_lead_nowhere_are_no_mapping, 0,
	    sizeof nowhere / sizeof nowhere[0]);
	tcase_add_loop_test(tc,
	    a_mapping_does_not_move_to_an_address_that_leads_nowhere, 0,
	    sizeof nowhere / sizeof nowhere[0]);
	tcase_add_test(tc, a_port_or_an_address_of_zero_is_no_mapping);
	tcase_add_test(tc, other_sizes_and_questions_are_no_answers);
	tcase_add_test(tc, a_time_that_is_over_at_once_is_no_mapping);
	tcase_add_test(tc, a_time_without_end_is_a_day);
	tcase_add_loop_test(tc,
	    a_clock_that_jumps_all_the_time_makes_no_storm, 0, 2);
	tcase_add_test(tc, noise_changes_nothing);
	suite_add_tcase(s, tc);
	add_announcements(s);
	return s;
}
