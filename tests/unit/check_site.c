#include "runner.h"
#include "site.h"

#include <string.h>

static struct sites sites;
static struct rng rng;

static void
setup(void)
{
	rng_init_test(&rng, test_seed(), "sites");
	ck_assert(sites_init(&sites, 1024, &rng));
}

static void
teardown(void)
{
	sites_fini(&sites);
}

static struct addr
host(uint32_t n)
{
	return addr_v4(10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n,
	    9001);
}

START_TEST(site_may_have_up_to_the_limit)
{
	struct addr a = host(1), b = host(2);

	for (int i = 0; i < 8; i++)
		ck_assert(site_join(&sites, &a, SITE_HALF_CLIENTS, 8));
	ck_assert(!site_join(&sites, &a, SITE_HALF_CLIENTS, 8));
	ck_assert(site_join(&sites, &b, SITE_HALF_CLIENTS, 8));
	ck_assert_uint_eq(site_count(&sites, &a, SITE_HALF_CLIENTS), 8);
	site_leave(&sites, &a, SITE_HALF_CLIENTS);
	ck_assert(site_join(&sites, &a, SITE_HALF_CLIENTS, 8));
}
END_TEST

START_TEST(kinds_are_counted_apart)
{
	struct addr a = host(1);

	ck_assert(site_join(&sites, &a, SITE_CLIENTS, 1));
	ck_assert(site_join(&sites, &a, SITE_STREAMS, 1));
	ck_assert(!site_join(&sites, &a, SITE_CLIENTS, 1));
	ck_assert_uint_eq(site_count(&sites, &a, SITE_HALF_STREAMS), 0);
}
END_TEST

START_TEST(ports_of_one_address_are_one_site)
{
	struct addr a = host(1), b = host(1);

	b.port = 1234;
	ck_assert(site_join(&sites, &a, SITE_CLIENTS, 1));
	ck_assert(!site_join(&sites, &b, SITE_CLIENTS, 1));
}
END_TEST

START_TEST(an_ipv6_56_is_one_site)
{
	uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4 };
	struct addr a, b, c;

	a = addr_v6(ip, 1);
	ip[7] = 0xff;
	ip[15] = 9;
	b = addr_v6(ip, 1);
	ip[6] = 4;
	c = addr_v6(ip, 1);
	ck_assert(site_join(&sites, &a, SITE_CLIENTS, 1));
	ck_assert(!site_join(&sites, &b, SITE_CLIENTS, 1));
	ck_assert(site_join(&sites, &c, SITE_CLIENTS, 1));
}
END_TEST

static struct addr
in_area(uint8_t area, uint8_t site)
{
	const uint8_t ip[16] = { 0x20, 1, 0xd, 0xb8, 1, area, site };

	return addr_v6(ip, 1);
}

START_TEST(an_ipv6_48_is_worth_16_sites)
{
	const struct bucket_rate rate = { 1, 2 };
	struct addr a, other = in_area(2, 0);
	int joined = 0, taken = 0;

	for (int i = 0; i < 256; i++) {
		a = in_area(1, (uint8_t)i);
		joined += site_join(&sites, &a, SITE_CLIENTS, 1);
		taken += site_take(&sites, &a, USEC_S, SITE_KEYS, &rate, 1);
	}
	ck_assert_int_eq(joined, 16);
	ck_assert_int_eq(taken, 32);
	ck_assert(site_join(&sites, &other, SITE_CLIENTS, 1));
	ck_assert(site_take(&sites, &other, USEC_S, SITE_KEYS, &rate, 1));
	a = in_area(1, 0);
	site_leave(&sites, &a, SITE_CLIENTS);
	a = in_area(1, 200);
	ck_assert(site_join(&sites, &a, SITE_CLIENTS, 1));
}
END_TEST

START_TEST(buckets_are_per_site)
{
	const struct bucket_rate rate = { 1, 2 };
	struct addr a = host(1), b = host(2);
	usec_t now = USEC_S;

	ck_assert(site_take(&sites, &a, now, SITE_KEYS, &rate, 1));
	ck_assert(site_take(&sites, &a, now, SITE_KEYS, &rate, 1));
	ck_assert(!site_take(&sites, &a, now, SITE_KEYS, &rate, 1));
	ck_assert(site_take(&sites, &a, now, SITE_HANDSHAKES, &rate, 1));
	ck_assert(site_take(&sites, &b, now, SITE_KEYS, &rate, 1));
	now += USEC_S;
	ck_assert(site_take(&sites, &a, now, SITE_KEYS, &rate, 1));
	ck_assert(!site_take(&sites, &a, now, SITE_KEYS, &rate, 1));
}
END_TEST

START_TEST(busy_sites_do_not_disturb_others)
{
	int refused = 0;

	for (uint32_t n = 0; n < 10; n++) {
		struct addr busy = host(n);

		for (int i = 0; i < 256; i++)
			ck_assert(site_join(&sites, &busy, SITE_CLIENTS,
			    UINT32_MAX));
	}
	for (uint32_t n = 100; n < 1100; n++) {
		struct addr a = host(n);

		refused += site_count(&sites, &a, SITE_CLIENTS) >= 256;
	}
	/* One in (1024/10)^2 is expected to share both counters. */
	ck_assert_int_le(refused, 3);
}
END_TEST

/* Whatever happens, a count is never below the truth. */
START_TEST(counts_are_never_too_low)
{
	static uint32_t truth[512];

	for (int step = 0; step < 200000; step++) {
		uint32_t n = rng_below(&rng, 512);
		struct addr a = host(n);

		if (truth[n] > 0 && rng_below(&rng, 2) == 0) {
			site_leave(&sites, &a, SITE_CLIENTS);
			truth[n]--;
		} else if (site_join(&sites, &a, SITE_CLIENTS, 20)) {
			truth[n]++;
		}
		ck_assert_uint_ge(site_count(&sites, &a, SITE_CLIENTS),
		    truth[n]);
		ck_assert_uint_le(truth[n], 20);
	}
	for (uint32_t n = 0; n < 512; n++) {
		struct addr a = host(n);

		for (; truth[n] > 0; truth[n]--)
			site_leave(&sites, &a, SITE_CLIENTS);
	}
	for (uint32_t n = 0; n < 512; n++) {
		struct addr a = host(n);

		ck_assert_uint_eq(site_count(&sites, &a, SITE_CLIENTS), 0);
	}
}
END_TEST

/* Which counter of a row an address uses: the one that moves. */
static uint32_t
cell_of(struct sites *s, const struct addr *a)
{
	uint32_t at = 0;

	site_join(s, a, SITE_CLIENTS, UINT32_MAX);
	while (s->rows[0][at].count[SITE_CLIENTS] == 0)
		at++;
	site_leave(s, a, SITE_CLIENTS);
	return at;
}

/* Security.md S5. */
START_TEST(addresses_chosen_to_collide_spread_under_another_key)
{
	struct sites known, other;
	uint32_t hits[16] = { 0 }, found = 0;

	ck_assert(sites_init(&known, 16, &rng));
	ck_assert(sites_init(&other, 16, &rng));
	for (uint32_t n = 0; found < 10000; n++) {
		struct addr a = host(n);

		if (cell_of(&known, &a) != 0)
			continue;
		hits[cell_of(&other, &a)]++;
		found++;
	}
	for (int i = 0; i < 16; i++)
		ck_assert_uint_le(hits[i], 3 * 10000 / 16);
	sites_fini(&known);
	sites_fini(&other);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("site");
	TCase *tc = tcase_create("site");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, site_may_have_up_to_the_limit);
	tcase_add_test(tc, kinds_are_counted_apart);
	tcase_add_test(tc, ports_of_one_address_are_one_site);
	tcase_add_test(tc, an_ipv6_56_is_one_site);
	tcase_add_test(tc, an_ipv6_48_is_worth_16_sites);
	tcase_add_test(tc, buckets_are_per_site);
	tcase_add_test(tc, busy_sites_do_not_disturb_others);
	tcase_add_test(tc, counts_are_never_too_low);
	tcase_add_test(tc,
	    addresses_chosen_to_collide_spread_under_another_key);
	suite_add_tcase(suite, tc);
	return suite;
}
