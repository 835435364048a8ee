#include "pcp.h"
#include "runner.h"

#include <string.h>

#define NONCE "0102030405060708090a0b0c"
#define V4(ip) "00000000 00000000 0000ffff" ip
#define MAP(proto, in, out, ip) NONCE proto "000000" in out ip

static bool
read_hex(const char *hex, struct pcp_answer *out)
{
	uint8_t buf[PCP_LEN_MAX + 8];

	return pcp_read(buf, unhex(hex, buf, sizeof buf), out);
}

static struct pcp_map
map_of(uint8_t protocol, uint32_t lifetime_s)
{
	return (struct pcp_map) { .protocol = protocol, .internal_port = 9001,
		.lifetime_s = lifetime_s,
		.nonce = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } };
}

static void
is_bytes(const void *got, size_t len, const char *hex)
{
	uint8_t want[64];

	ck_assert_uint_eq(len, unhex(hex, want, sizeof want));
	ck_assert_mem_eq(got, want, len);
}

/* ---- what we ask ---- */

START_TEST(a_map_over_ipv4_has_the_bytes_of_the_rfc)
{
	struct addr client = addr_v4(192, 168, 1, 2, 9001);
	struct pcp_map map = map_of(PCP_UDP, 7200);
	uint8_t out[PCP_MAP_LEN];

	pcp_ask_map(&client, &map, out);
	is_bytes(out, sizeof out, "02 01 0000 00001c20" V4("c0a80102")
	    MAP("11", "2329", "0000", V4("00000000")));
	map.external = addr_v4(203, 0, 113, 7, 40000);
	map.protocol = PCP_TCP;
	pcp_ask_map(&client, &map, out);
	is_bytes(out, sizeof out, "02 01 0000 00001c20" V4("c0a80102")
	    MAP("06", "2329", "9c40", V4("cb007107")));
}
END_TEST

START_TEST(a_map_over_ipv6_has_the_bytes_of_the_rfc)
{
	struct pcp_map map = map_of(PCP_UDP, 0);
	struct addr client;
	uint8_t out[PCP_MAP_LEN];

	ck_assert(addr_parse("2001:db8::2", 9001, &client));
	pcp_ask_map(&client, &map, out);
	is_bytes(out, sizeof out, "02 01 0000 00000000"
	    "20010db8 00000000 00000000 00000002"
	    MAP("11", "2329", "0000", "00000000 00000000 00000000 00000000"));
}
END_TEST

START_TEST(an_announce_is_a_header)
{
	struct addr client = addr_v4(192, 168, 1, 2, 9001);
	uint8_t out[PCP_HEADER_LEN];

	pcp_ask_announce(&client, out);
	is_bytes(out, sizeof out, "02 00 0000 00000000" V4("c0a80102"));
}
END_TEST

/* ---- what it answers ---- */

#define ANSWER(op, result, life, epoch) \
	"02" op "00" result life epoch "00000000 00000000 00000000"

START_TEST(a_mapping_is_read)
{
	struct addr want = addr_v4(203, 0, 113, 7, 40000);
	struct pcp_map asked = map_of(PCP_UDP, 0);
	struct pcp_answer a;

	ck_assert(read_hex(ANSWER("81", "00", "00001c20", "00000e10")
	    MAP("11", "2329", "9c40", V4("cb007107")), &a));
	ck_assert_uint_eq(a.version, 2);
	ck_assert_int_eq(a.op, PCP_MAP);
	ck_assert_uint_eq(a.result, PCP_OK);
	ck_assert_uint_eq(a.lifetime_s, 7200);
	ck_assert_uint_eq(a.epoch_s, 3600);
	ck_assert_mem_eq(a.map.nonce, asked.nonce, PCP_NONCE_LEN);
	ck_assert_uint_eq(a.map.protocol, PCP_UDP);
	ck_assert_uint_eq(a.map.internal_port, 9001);
	ck_assert_uint_eq(a.map.lifetime_s, 7200);
	ck_assert(addr_eq(&a.map.external, &want));
}
END_TEST

START_TEST(an_opened_ipv6_firewall_is_read)
{
	struct pcp_answer a;
	struct addr want;

	ck_assert(addr_parse("[2001:db8::2]:9001", 1, &want));
	ck_assert(read_hex(ANSWER("81", "00", "00000078", "00000000")
	    MAP("11", "2329", "2329", "20010db8 00000000 00000000 00000002"),
	    &a));
	ck_assert(addr_eq(&a.map.external, &want));
	ck_assert_uint_eq(a.map.lifetime_s, 120);
}
END_TEST

START_TEST(an_answer_to_announce_is_read)
{
	struct pcp_answer a;

	ck_assert(read_hex(ANSWER("80", "00", "00000000", "0000000a"), &a));
	ck_assert_int_eq(a.op, PCP_ANNOUNCE);
	ck_assert_uint_eq(a.epoch_s, 10);
}
END_TEST

START_TEST(a_refusal_says_what_was_refused_and_for_how_long)
{
	struct pcp_map asked = map_of(PCP_TCP, 0);
	struct pcp_answer a;

	ck_assert(read_hex(ANSWER("81", "02", "00000708", "00000e10")
	    MAP("06", "2329", "0000", V4("00000000")), &a));
	ck_assert_uint_eq(a.result, PCP_NOT_AUTHORIZED);
	ck_assert_uint_eq(a.lifetime_s, 1800);
	ck_assert_uint_eq(a.map.protocol, PCP_TCP);
	ck_assert_mem_eq(a.map.nonce, asked.nonce, PCP_NONCE_LEN);
}
END_TEST

START_TEST(a_server_of_another_version_says_so)
{
	struct pcp_answer a;

	ck_assert(read_hex("01 81 00 01 00000000 00000005"
	    "00000000 00000000 00000000", &a));
	ck_assert_uint_eq(a.result, PCP_VERSION);
	ck_assert_uint_eq(a.version, 1);
	ck_assert_uint_eq(a.map.internal_port, 0);
}
END_TEST

START_TEST(options_are_passed_over)
{
	struct pcp_answer a;

	/* PREFER_FAILURE without data, FILTER with 20 bytes. */
	ck_assert(read_hex(ANSWER("81", "00", "00001c20", "00000e10")
	    MAP("11", "2329", "9c40", V4("cb007107")) "02 00 0000"
	    "03 00 0014 00 80 2328" V4("c6336407"), &a));
	ck_assert_uint_eq(a.map.external.port, 40000);
}
END_TEST

START_TEST(what_is_no_answer_is_not_read)
{
	static const char *const wrong[] = {
		"", "02", "02 81 0000",
		/* a request */
		"02 01 0000 00001c20" V4("c0a80102")
		    MAP("11", "2329", "0000", V4("00000000")),
		/* PEER, and an opcode that nobody knows */
		ANSWER("82", "00", "00001c20", "00000e10")
		    MAP("11", "2329", "9c40", V4("cb007107")),
		ANSWER("ff", "00", "00001c20", "00000e10"),
		/* of NAT-PMP */
		"00 81 0001 0000000a",
		/* another version that took the request */
		"01 81 00 00 00001c20 00000e10 00000000 00000000 00000000"
		    MAP("11", "2329", "9c40", V4("cb007107")),
		/* a header without its mapping; one byte too few, too many */
		ANSWER("81", "00", "00001c20", "00000e10"),
		ANSWER("81", "00", "00001c20", "00000e10")
		    NONCE "11 000000 2329 9c40" V4("cb0071"),
		ANSWER("81", "00", "00001c20", "00000e10")
		    MAP("11", "2329", "9c40", V4("cb007107")) "00",
	};
	struct pcp_answer a, before;
	size_t i;

	memset(&a, 0xa5, sizeof a);
	before = a;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ck_assert_msg(!read_hex(wrong[i], &a), "%s", wrong[i]);
	ck_assert_mem_eq(&a, &before, sizeof a);
}
END_TEST

START_TEST(no_answer_is_longer_than_the_rfc_permits)
{
	uint8_t buf[PCP_LEN_MAX + 4] = { 2, 0x81 };
	struct pcp_answer a;

	ck_assert(pcp_read(buf, PCP_LEN_MAX, &a));
	ck_assert(!pcp_read(buf, PCP_LEN_MAX + 4, &a));
}
END_TEST

/* ---- its clock ---- */

static const struct epoch_row {
	uint32_t then_s;
	uint64_t gone_s;
	uint32_t now_s;
	bool has_restarted;
} epoch_rows[] = {
	{ 1000, 0, 1000, false },
	{ 1000, 1600, 2600, false },
	{ 1000, 0, 999, false },
	{ 1000, 0, 998, true },
	{ 1000, 1600, 2498, false },  /* slower by a sixteenth and 2 s */
	{ 1000, 1600, 2497, true },
	{ 1000, 1498, 2600, false },  /* faster by the same */
	{ 1000, 1497, 2600, true },
	{ 1000, 3600, 12, true },     /* switched off and on */
	{ 4294967295u, 0, 4294967295u, false },
	{ 4294967295u, 10, 0, true },
};

START_TEST(a_clock_that_does_not_go_like_ours_is_a_restart)
{
	const struct epoch_row *r = &epoch_rows[_i];
	const usec_t then = 50 * USEC_S;

	ck_assert_int_eq(pcp_has_restarted(r->then_s, then, r->now_s,
	    then + r->gone_s * USEC_S), r->has_restarted);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("pcp");
	TCase *tc = tcase_create("formats");

	tcase_add_test(tc, a_map_over_ipv4_has_the_bytes_of_the_rfc);
	tcase_add_test(tc, a_map_over_ipv6_has_the_bytes_of_the_rfc);
	tcase_add_test(tc, an_announce_is_a_header);
	tcase_add_test(tc, a_mapping_is_read);
	tcase_add_test(tc, an_opened_ipv6_firewall_is_read);
	tcase_add_test(tc, an_answer_to_announce_is_read);
	tcase_add_test(tc,
	    a_refusal_says_what_was_refused_and_for_how_long);
	tcase_add_test(tc, a_server_of_another_version_says_so);
	tcase_add_test(tc, options_are_passed_over);
	tcase_add_test(tc, what_is_no_answer_is_not_read);
	tcase_add_test(tc, no_answer_is_longer_than_the_rfc_permits);
	suite_add_tcase(s, tc);
	tc = tcase_create("epoch");
	tcase_add_loop_test(tc,
	    a_clock_that_does_not_go_like_ours_is_a_restart, 0,
	    sizeof epoch_rows / sizeof epoch_rows[0]);
	suite_add_tcase(s, tc);
	return s;
}
