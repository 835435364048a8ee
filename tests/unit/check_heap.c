#include "heap.h"
#include "rng.h"
#include "runner.h"

enum { SLOTS = 300 };

START_TEST(empty_heap_never_comes_due)
{
	struct heap h;
	uint32_t slot = 9;

	ck_assert(heap_init(&h, 0));
	ck_assert_uint_eq(heap_next(&h), USEC_NEVER);
	ck_assert(!heap_pop(&h, USEC_NEVER, &slot));
	ck_assert_uint_eq(slot, 9);
	heap_fini(&h);
}
END_TEST

START_TEST(deadlines_come_in_order_and_not_early)
{
	struct heap h;
	uint32_t slot;

	ck_assert(heap_init(&h, 3));
	heap_set(&h, 0, 300);
	heap_set(&h, 1, 100);
	heap_set(&h, 2, 200);
	ck_assert_uint_eq(heap_next(&h), 100);
	ck_assert(!heap_pop(&h, 99, &slot));
	ck_assert(heap_pop(&h, 100, &slot));
	ck_assert_uint_eq(slot, 1);
	ck_assert(heap_pop(&h, 500, &slot));
	ck_assert_uint_eq(slot, 2);
	ck_assert(heap_pop(&h, 500, &slot));
	ck_assert_uint_eq(slot, 0);
	ck_assert(!heap_pop(&h, 500, &slot));
	heap_fini(&h);
}
END_TEST

START_TEST(equal_deadlines_come_in_slot_order)
{
	struct heap h;
	uint32_t slot;

	ck_assert(heap_init(&h, SLOTS));
	for (uint32_t i = SLOTS; i > 0; i--)
		heap_set(&h, i - 1, 42);
	for (uint32_t i = 0; i < SLOTS; i++) {
		ck_assert(heap_pop(&h, 42, &slot));
		ck_assert_uint_eq(slot, i);
	}
	heap_fini(&h);
}
END_TEST

START_TEST(deadlines_move_and_go)
{
	struct heap h;
	uint32_t slot;

	ck_assert(heap_init(&h, 3));
	heap_set(&h, 0, 100);
	heap_set(&h, 1, 200);
	heap_set(&h, 0, 300);
	ck_assert_uint_eq(heap_next(&h), 200);
	heap_set(&h, 2, USEC_NEVER);
	heap_set(&h, 1, USEC_NEVER);
	ck_assert_uint_eq(h.count, 1);
	ck_assert(heap_pop(&h, 300, &slot));
	ck_assert_uint_eq(slot, 0);
	ck_assert_uint_eq(heap_next(&h), USEC_NEVER);
	heap_fini(&h);
}
END_TEST

/* The earliest of the model, the lower slot first; SLOTS if there is none. */
static uint32_t
earliest(const usec_t at[static SLOTS])
{
	uint32_t best = SLOTS;

	for (uint32_t i = 0; i < SLOTS; i++)
		if (at[i] != USEC_NEVER && (best == SLOTS || at[i] < at[best]))
			best = i;
	return best;
}

START_TEST(random_operations_agree_with_a_search)
{
	usec_t model[SLOTS];
	struct rng rng;
	struct heap h;

	rng_init_test(&rng, test_seed(), "heap");
	ck_assert(heap_init(&h, SLOTS));
	for (uint32_t i = 0; i < SLOTS; i++)
		model[i] = USEC_NEVER;
	for (int i = 0; i < 20000; i++) {
		uint32_t slot = rng_below(&rng, SLOTS), got, best;

		if (rng_below(&rng, 3) > 0) {
			model[slot] = rng_below(&rng, 5) > 0 ?
			    rng_below(&rng, 200) : USEC_NEVER;
			heap_set(&h, slot, model[slot]);
		}
		best = earliest(model);
		ck_assert_uint_eq(heap_next(&h),
		    best == SLOTS ? USEC_NEVER : model[best]);
		if (rng_below(&rng, 4) > 0)
			continue;
		ck_assert(heap_pop(&h, 200, &got) == (best != SLOTS));
		if (best == SLOTS)
			continue;
		ck_assert_uint_eq(got, best);
		model[best] = USEC_NEVER;
	}
	heap_fini(&h);
}
END_TEST

START_TEST(slot_beyond_capacity_aborts)
{
	struct heap h;

	ck_assert(heap_init(&h, 3));
	heap_set(&h, 3, 1);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("heap");
	TCase *tc = tcase_create("heap");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, empty_heap_never_comes_due);
	tcase_add_test(tc, deadlines_come_in_order_and_not_early);
	tcase_add_test(tc, equal_deadlines_come_in_slot_order);
	tcase_add_test(tc, deadlines_move_and_go);
	tcase_add_test(tc, random_operations_agree_with_a_search);
	tcase_add_test_raise_signal(tc, slot_beyond_capacity_aborts, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
