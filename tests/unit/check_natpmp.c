#include "natpmp.h"
#include "runner.h"

#include <string.h>

static bool
read_hex(const char *hex, struct natpmp_answer *out)
{
	uint8_t buf[64];

	return natpmp_read(buf, unhex(hex, buf, sizeof buf), out);
}

static void
is_bytes(const void *got, size_t len, const char *hex)
{
	uint8_t want[64];

	ck_assert_uint_eq(len, unhex(hex, want, sizeof want));
	ck_assert_mem_eq(got, want, len);
}

/* ---- what we ask ---- */

START_TEST(requests_have_the_bytes_of_the_rfc)
{
	uint8_t ask[NATPMP_ADDRESS_LEN], map[NATPMP_MAP_LEN];

	natpmp_ask_address(ask);
	is_bytes(ask, sizeof ask, "00 00");
	natpmp_ask_map(NATPMP_MAP_UDP, 9001, 9002, 7200, map);
	is_bytes(map, sizeof map, "00 01 0000 2329 232a 00001c20");
	natpmp_ask_map(NATPMP_MAP_TCP, 9001, 0, 0, map);
	is_bytes(map, sizeof map, "00 02 0000 2329 0000 00000000");
}
END_TEST

/* ---- what it answers ---- */

START_TEST(an_external_address_is_read)
{
	struct natpmp_answer a;

	ck_assert(read_hex("00 80 0000 00000e10 cb007107", &a));
	ck_assert_int_eq(a.op, NATPMP_ADDRESS);
	ck_assert_uint_eq(a.result, NATPMP_OK);
	ck_assert_uint_eq(a.epoch_s, 3600);
	ck_assert(addr_eq(&a.external,
	    &(struct addr){ .family = ADDR_V4, .ip = { 203, 0, 113, 7 } }));
}
END_TEST

START_TEST(mappings_are_read)
{
	struct natpmp_answer a;

	ck_assert(read_hex("00 81 0000 00000001 2329 fffe 00001c20", &a));
	ck_assert_int_eq(a.op, NATPMP_MAP_UDP);
	ck_assert_uint_eq(a.epoch_s, 1);
	ck_assert_uint_eq(a.internal_port, 9001);
	ck_assert_uint_eq(a.external_port, 65534);
	ck_assert_uint_eq(a.lifetime_s, 7200);
	ck_assert(read_hex("00 82 0000 ffffffff 2329 2329 ffffffff", &a));
	ck_assert_int_eq(a.op, NATPMP_MAP_TCP);
	ck_assert_uint_eq(a.epoch_s, 4294967295u);
	ck_assert_uint_eq(a.lifetime_s, 4294967295u);
}
END_TEST

START_TEST(a_refusal_may_be_long_or_short)
{
	struct natpmp_answer a;

	ck_assert(read_hex("00 81 0002 00000005", &a));
	ck_assert_int_eq(a.op, NATPMP_MAP_UDP);
	ck_assert_uint_eq(a.result, NATPMP_REFUSED);
	ck_assert_uint_eq(a.epoch_s, 5);
	ck_assert_uint_eq(a.external_port, 0);
	ck_assert(read_hex("00 81 0004 00000005 2329 2329 00001c20", &a));
	ck_assert_uint_eq(a.result, NATPMP_FULL);
	ck_assert_uint_eq(a.lifetime_s, 0);
	ck_assert(read_hex("00 80 0003 00000005 00000000", &a));
	ck_assert_uint_eq(a.result, NATPMP_NO_NETWORK);
	ck_assert(!addr_is_set(&a.external));
}
END_TEST

START_TEST(who_is_asked_in_another_version_says_so)
{
	struct natpmp_answer a;

	/* RFC 6886 section 3.5, to the MAP of PCP. */
	ck_assert(read_hex("00 81 0001 0000000a", &a));
	ck_assert_uint_eq(a.result, NATPMP_VERSION);
}
END_TEST

START_TEST(what_is_no_answer_is_not_read)
{
	static const char *const wrong[] = {
		"", "00", "00 00", "00 80", "00 80 0000",
		"01 80 0000 00000e10 cb007107",             /* version */
		"02 80 0000 00000e10 cb007107",
		"00 00 0000 00000e10 cb007107",             /* a request */
		"00 01 0000 2329 2329 00001c20",
		"00 83 0000 00000e10 2329 2329 00001c20",   /* opcode */
		"00 ff 0000 00000e10 2329 2329 00001c20",
		"00 80 0000 00000e10 cb0071",               /* cut */
		"00 81 0000 00000e10 2329 2329 00001c",
		"00 81 0002 000000",
	};
	struct natpmp_answer a, before;
	size_t i;

	memset(&a, 0xa5, sizeof a);
	before = a;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ck_assert_msg(!read_hex(wrong[i], &a), "%s", wrong[i]);
	ck_assert_mem_eq(&a, &before, sizeof a);
}
END_TEST

START_TEST(bytes_behind_an_answer_do_no_harm)
{
	struct natpmp_answer a;

	ck_assert(read_hex("00 80 0000 00000e10 cb007107 ffff", &a));
	ck_assert_uint_eq(a.external.ip[3], 7);
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
	{ 1000, 800, 1800, false },
	{ 1000, 800, 1700, false },   /* slower by an eighth ... */
	{ 1000, 800, 1698, false },   /* ... and two seconds */
	{ 1000, 800, 1697, true },
	{ 1000, 800, 9999, false },   /* faster: nothing was forgotten */
	{ 1000, 0, 999, false },
	{ 1000, 0, 997, true },
	{ 1000, 3600, 12, true },     /* switched off and on */
	{ 0, 100, 0, true },
	{ 4294967295u, 0, 4294967295u, false },
	{ 4294967295u, 100, 90, true },
};

START_TEST(a_clock_that_went_back_is_a_restart)
{
	const struct epoch_row *r = &epoch_rows[_i];
	const usec_t then = 50 * USEC_S;

	ck_assert_int_eq(natpmp_has_restarted(r->then_s, then, r->now_s,
	    then + r->gone_s * USEC_S), r->has_restarted);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("natpmp");
	TCase *tc = tcase_create("formats");

	tcase_add_test(tc, requests_have_the_bytes_of_the_rfc);
	tcase_add_test(tc, an_external_address_is_read);
	tcase_add_test(tc, mappings_are_read);
	tcase_add_test(tc, a_refusal_may_be_long_or_short);
	tcase_add_test(tc, who_is_asked_in_another_version_says_so);
	tcase_add_test(tc, what_is_no_answer_is_not_read);
	tcase_add_test(tc, bytes_behind_an_answer_do_no_harm);
	suite_add_tcase(s, tc);
	tc = tcase_create("epoch");
	tcase_add_loop_test(tc, a_clock_that_went_back_is_a_restart, 0,
	    sizeof epoch_rows / sizeof epoch_rows[0]);
	suite_add_tcase(s, tc);
	return s;
}
