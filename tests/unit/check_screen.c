/* What the screen sends; the budgets are those of a slow line. */
#include "meter.h"
#include "runner.h"

enum { BUDGET = 80 };

START_TEST(a_change_of_the_status_line_takes_few_bytes)
{
	ck_assert(meter_open());
	for (size_t i = 0; i < METER_STEPS; i++) {
		const struct meter_step *step = &meter_steps[i];
		size_t count = meter_change(step->from, step->to,
		    (enum theme)_i);

		ck_assert_msg(count <= BUDGET, "%s to %s takes %zu bytes",
		    step->from, step->to, count);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("screen");
	TCase *tc = tcase_create("bytes");

	tcase_add_loop_test(tc, a_change_of_the_status_line_takes_few_bytes,
	    0, THEME_COUNT);
	suite_add_tcase(suite, tc);
	return suite;
}
