#include "runner.h"

#include "cookie.h"

#include <string.h>

static const uint8_t nonce[NONCE_LEN] = "0123456789abcde";

struct jar {
	struct cookie c;
	struct rng rng;
	usec_t now;
};

/* now is the first instant of a slot. */
static void
start(struct jar *jar)
{
	rng_init_test(&jar->rng, test_seed(), "cookie");
	jar->now = 1200 * USEC_S;
	memset(&jar->c, 0, sizeof jar->c);
	cookie_init(&jar->c, &jar->rng, jar->now);
}

static void
make(struct jar *jar, const struct addr *from, uint8_t out[static COOKIE_LEN])
{
	cookie_make(&jar->c, &jar->rng, jar->now, from, nonce, out);
}

static bool
check(struct jar *jar, const struct addr *from,
    const uint8_t cookie[static COOKIE_LEN])
{
	return cookie_check(&jar->c, &jar->rng, jar->now, from, nonce, cookie);
}

START_TEST(cookie_comes_back_from_its_address)
{
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	start(&jar);
	make(&jar, &from, cookie);
	ck_assert(check(&jar, &from, cookie));
	/* Stateless: as often as he likes. */
	ck_assert(check(&jar, &from, cookie));
}
END_TEST

START_TEST(cookie_is_refused_from_any_other_address)
{
	static const uint8_t ip[16] = { 192, 0, 2, 1 };
	struct addr from = addr_v4(192, 0, 2, 1, 9001), other[5];
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	other[0] = addr_v4(192, 0, 2, 2, 9001);
	other[1] = addr_v4(192, 0, 2, 1, 9002);
	other[2] = addr_v6(ip, 9001); /* the same bytes */
	other[3] = from;
	other[3].scope = 2;
	other[4] = addr_v4(192, 0, 2, 1, 9001 ^ 0x100);
	start(&jar);
	make(&jar, &from, cookie);
	for (int i = 0; i < 5; i++)
		ck_assert_msg(!check(&jar, &other[i], cookie), "%d", i);
}
END_TEST

START_TEST(cookie_is_refused_with_any_other_nonce)
{
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN], other[NONCE_LEN];
	struct jar jar;

	start(&jar);
	make(&jar, &from, cookie);
	for (int bit = 0; bit < 8 * NONCE_LEN; bit++) {
		memcpy(other, nonce, sizeof other);
		other[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert(!cookie_check(&jar.c, &jar.rng, jar.now, &from,
		    other, cookie));
	}
}
END_TEST

START_TEST(every_changed_bit_is_refused)
{
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	start(&jar);
	make(&jar, &from, cookie);
	for (int bit = 0; bit < 8 * COOKIE_LEN; bit++) {
		cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert(!check(&jar, &from, cookie));
		cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert(check(&jar, &from, cookie));
}
END_TEST

/* Made at the first and at the last instant of a slot; good until the last
 * instant of the next one. */
START_TEST(cookie_lives_one_to_two_slots)
{
	static const usec_t made[] = { 0, 120 * USEC_S - 1 };
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	start(&jar);
	jar.now += made[_i];
	make(&jar, &from, cookie);
	ck_assert(check(&jar, &from, cookie));
	jar.now = 1200 * USEC_S + 120 * USEC_S;
	ck_assert(check(&jar, &from, cookie));
	jar.now = 1200 * USEC_S + 240 * USEC_S - 1;
	ck_assert(check(&jar, &from, cookie));
	jar.now += 1;
	ck_assert(!check(&jar, &from, cookie));
	jar.now += 120 * USEC_S;
	ck_assert(!check(&jar, &from, cookie));
}
END_TEST

START_TEST(cookie_dies_while_nobody_asks)
{
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	for (int slots = 2; slots < 6; slots++) {
		start(&jar);
		make(&jar, &from, cookie);
		jar.now += (usec_t)slots * 120 * USEC_S;
		ck_assert(!check(&jar, &from, cookie));
	}
}
END_TEST

START_TEST(secrets_are_drawn_anew)
{
	static const uint8_t zero[COOKIE_SECRET_LEN];
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct cookie before;
	struct jar jar;

	start(&jar);
	before = jar.c;
	ck_assert_mem_ne(before.secrets[0], zero, sizeof zero);
	ck_assert_mem_ne(before.secrets[1], zero, sizeof zero);
	ck_assert_mem_ne(before.secrets[0], before.secrets[1],
	    COOKIE_SECRET_LEN);
	jar.now += 120 * USEC_S;
	make(&jar, &from, cookie);
	ck_assert(check(&jar, &from, cookie));
	/* 1200 s is slot 10: the secret of the odd slots was replaced. */
	ck_assert_mem_eq(jar.c.secrets[0], before.secrets[0],
	    COOKIE_SECRET_LEN);
	ck_assert_mem_ne(jar.c.secrets[1], before.secrets[1],
	    COOKIE_SECRET_LEN);
	jar.now += 240 * USEC_S;
	before = jar.c;
	make(&jar, &from, cookie);
	ck_assert_mem_ne(jar.c.secrets[0], before.secrets[0],
	    COOKIE_SECRET_LEN);
	ck_assert_mem_ne(jar.c.secrets[1], before.secrets[1],
	    COOKIE_SECRET_LEN);
}
END_TEST

START_TEST(time_that_steps_back_draws_nothing)
{
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct cookie before;
	struct jar jar;

	start(&jar);
	make(&jar, &from, cookie);
	before = jar.c;
	jar.now = 0;
	ck_assert(check(&jar, &from, cookie));
	ck_assert_mem_eq(&jar.c, &before, sizeof before);
}
END_TEST

START_TEST(cookie_of_another_boot_is_refused)
{
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	start(&jar);
	make(&jar, &from, cookie);
	cookie_init(&jar.c, &jar.rng, jar.now);
	ck_assert(!check(&jar, &from, cookie));
}
END_TEST

START_TEST(nobody_gets_in_before_the_first_slot)
{
	static const uint8_t zero[COOKIE_LEN];
	struct addr from = addr_v4(192, 0, 2, 1, 9001);
	uint8_t cookie[COOKIE_LEN];
	struct jar jar;

	start(&jar);
	jar.now = 0;
	cookie_init(&jar.c, &jar.rng, jar.now);
	ck_assert(!check(&jar, &from, zero));
	make(&jar, &from, cookie);
	ck_assert(check(&jar, &from, cookie));
}
END_TEST

START_TEST(fini_leaves_no_secret)
{
	static const struct cookie zero;
	struct jar jar;

	start(&jar);
	cookie_fini(&jar.c);
	cookie_fini(&jar.c);
	ck_assert_mem_eq(&jar.c, &zero, sizeof zero);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("cookie");
	TCase *tcase = tcase_create("cookie");

	tcase_add_test(tcase, cookie_comes_back_from_its_address);
	tcase_add_test(tcase, cookie_is_refused_from_any_other_address);
	tcase_add_test(tcase, cookie_is_refused_with_any_other_nonce);
	tcase_add_test(tcase, every_changed_bit_is_refused);
	tcase_add_loop_test(tcase, cookie_lives_one_to_two_slots, 0, 2);
	tcase_add_test(tcase, cookie_dies_while_nobody_asks);
	tcase_add_test(tcase, secrets_are_drawn_anew);
	tcase_add_test(tcase, time_that_steps_back_draws_nothing);
	tcase_add_test(tcase, cookie_of_another_boot_is_refused);
	tcase_add_test(tcase, nobody_gets_in_before_the_first_slot);
	tcase_add_test(tcase, fini_leaves_no_secret);
	suite_add_tcase(suite, tcase);
	return suite;
}
