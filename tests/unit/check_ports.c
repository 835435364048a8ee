#include "ports.h"
#include "runner.h"

#include <string.h>

/* Samples as a NAT would give them that draws from all of these. */
static struct ports
inferred(struct rng *rng, const uint16_t *of, uint32_t n)
{
	uint16_t samples[PORTS_SAMPLES];

	for (int i = 0; i < PORTS_SAMPLES; i++)
		samples[i] = of[rng_below(rng, n)];
	return ports_infer(samples, PORTS_SAMPLES);
}

static bool
has(const struct ports *p, uint16_t port)
{
	return port >= p->lo && port <= p->hi && (port & p->mask) == p->value;
}

static bool
has_all(const struct ports *p, const uint16_t *of, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!has(p, of[i]))
			return false;
	return true;
}

START_TEST(a_block_is_found_nearly_whole)
{
	uint16_t block[1024];
	uint32_t whole = 0;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "block");
	for (int round = 0; round < 200; round++) {
		uint16_t lo = (uint16_t)rng_range(&rng, 1024, 64511);
		struct ports p;

		for (uint16_t i = 0; i < 1024; i++)
			block[i] = lo + i;
		p = inferred(&rng, block, 1024);
		ck_assert_uint_le(ports_count(&p), 1024 + 1024 / 4 + 2);
		for (int i = 0; i < 1024; i++)
			whole += has(&p, block[i]);
	}
	/* 95 of a hundred ports. */
	ck_assert_uint_ge(whole, 200 * 1024 / 100 * 95);
}
END_TEST

START_TEST(a_set_of_blocks_is_found_whole)
{
	uint16_t set[15 * 16];
	struct rng rng;
	int whole = 0;

	rng_init_test(&rng, test_seed(), "set");
	for (int round = 0; round < 200; round++) {
		uint16_t id = (uint16_t)rng_below(&rng, 256);
		struct ports p;

		for (uint16_t i = 0; i < 15 * 16; i++)
			set[i] = (uint16_t)((i / 16 + 1) << 12 | id << 4 |
			    i % 16);
		p = inferred(&rng, set, 15 * 16);
		whole += has_all(&p, set, 15 * 16);
		ck_assert_uint_le(ports_count(&p), 256);
	}
	/* What 16 samples leave out is a matter of luck. */
	ck_assert_int_ge(whole, 190);
}
END_TEST

START_TEST(a_nat_without_order_may_choose_any_port)
{
	static uint16_t all[65536 - PORTS_MIN];
	struct rng rng;
	int any = 0;

	rng_init_test(&rng, test_seed(), "all");
	for (uint32_t i = 0; i < sizeof all / sizeof *all; i++)
		all[i] = (uint16_t)(PORTS_MIN + i);
	for (int round = 0; round < 1000; round++) {
		struct ports p = inferred(&rng, all,
		    sizeof all / sizeof *all);

		any += memcmp(&p, &ports_all, sizeof p) == 0;
	}
	ck_assert_int_ge(any, 995);
}
END_TEST

START_TEST(few_samples_show_nothing)
{
	uint16_t one[PORTS_SAMPLES] = { 5000 };
	struct ports p = ports_infer(one, PORTS_SAMPLES_MIN - 1);

	ck_assert_mem_eq(&p, &ports_all, sizeof p);
}
END_TEST

START_TEST(steps_show_a_nat_that_counts)
{
	uint16_t up[PORTS_SAMPLES], down[PORTS_SAMPLES];

	for (uint16_t i = 0; i < PORTS_SAMPLES; i++) {
		up[i] = (uint16_t)(65520 + 2 * i);
		down[i] = (uint16_t)(2000 - i);
	}
	/* Strangers and packets out of order. */
	up[5] = 100;
	down[7] = 3000;
	ck_assert_int_eq(ports_step(up, PORTS_SAMPLES, 20), 2);
	ck_assert_int_eq(ports_step(down, PORTS_SAMPLES, 20), -1);
	ck_assert_int_eq(ports_step(up, PORTS_SAMPLES_MIN - 1, 20), 0);
}
END_TEST

START_TEST(ports_of_a_small_block_have_no_order)
{
	uint16_t samples[PORTS_SAMPLES];
	struct rng rng;

	rng_init_test(&rng, test_seed(), "block");
	for (int n = 0; n < 10000; n++) {
		for (size_t i = 0; i < PORTS_SAMPLES; i++)
			samples[i] = (uint16_t)(5000 + rng_below(&rng, 256));
		must(ports_step(samples, PORTS_SAMPLES, 20) == 0, "%d", n);
	}
}
END_TEST

START_TEST(a_row_has_every_port_once)
{
	static const struct ports all[] = { { 1024, 65535, 0, 0 },
		{ 3000, 4023, 0, 0 }, { 1024, 65535, 0x0ff0, 0x0230 },
		{ 50000, 50000, 0xffff, 50000 } };
	static uint8_t seen[65536];
	struct port_row row;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "row");
	for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
		uint32_t count = ports_count(&all[k]);

		memset(seen, 0, sizeof seen);
		port_row_begin(&row, &all[k], &rng);
		for (uint32_t i = 0; i < 2 * count; i++) {
			uint16_t port = port_row_next(&row);

			must(has(&all[k], port), "%u is none", port);
			must(seen[port] == i / count, "%u is early", port);
			seen[port]++;
		}
	}
}
END_TEST

START_TEST(nonsense_is_refused)
{
	static const struct ports bad[] = { { 80, 65535, 0, 0 },
		{ 5000, 4999, 0, 0 }, { 1024, 65535, 0xf0, 0x100 },
		{ 5000, 5001, 0xffff, 6000 } };

	ck_assert(ports_are_valid(&ports_all));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!ports_are_valid(&bad[i]), "%zu", i);
}
END_TEST

/* Of a peer come as many as he likes: a look at each port would take minutes
 * here. */
START_TEST(what_a_peer_says_is_judged_at_once)
{
	struct rng rng;
	uint32_t n, valid = 0;

	rng_init_test(&rng, test_seed(), "ports");
	for (n = 0; n < 400000; n++) {
		struct ports p = { .lo = (uint16_t)rng_u32(&rng),
			.hi = (uint16_t)rng_u32(&rng),
			.mask = (uint16_t)(rng_u32(&rng) & rng_u32(&rng)) };
		bool is_valid;

		p.value = p.mask & (uint16_t)rng_u32(&rng);
		if (n % 2 == 0)
			p.hi = (uint16_t)(p.lo + n % 64);
		is_valid = ports_are_valid(&p);
		valid += is_valid;
		if (n < 1000)
			ck_assert_msg(is_valid == (p.lo >= PORTS_MIN &&
			    p.lo <= p.hi && ports_count(&p) > 0),
			    "%u to %u, %x under %x", p.lo, p.hi, p.value,
			    p.mask);
	}
	ck_assert_uint_gt(valid, 1000);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("ports");
	TCase *tc = tcase_create("inference");

	tcase_add_test(tc, a_block_is_found_nearly_whole);
	tcase_add_test(tc, a_set_of_blocks_is_found_whole);
	tcase_add_test(tc, a_nat_without_order_may_choose_any_port);
	tcase_add_test(tc, few_samples_show_nothing);
	tcase_add_test(tc, steps_show_a_nat_that_counts);
	tcase_add_test(tc, ports_of_a_small_block_have_no_order);
	suite_add_tcase(s, tc);
	tc = tcase_create("row");
	tcase_add_test(tc, a_row_has_every_port_once);
	tcase_add_test(tc, nonsense_is_refused);
	tcase_add_test(tc, what_a_peer_says_is_judged_at_once);
	suite_add_tcase(s, tc);
	return s;
}
